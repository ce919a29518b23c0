import type { ItemState } from '../../readiness/types.ts';
import { escaped } from '../report-text/escaped.ts';
import type { ItemOutline, PhaseOutline, ReportOutline } from './outline.ts';
import { outlineOf } from './outline.ts';
import type { ReportInput, ReportLanguage } from './report-input.ts';

/** What JUnit calls an item. */
type Outcome = 'passed' | 'failure' | 'error' | 'skipped';

/**
 * A report in JUnit's XML, a test suite for each phase and a test case for each item. A pipeline that reads it is red exactly where the
 * verdict is `not-ready`: a blocker that failed is a failure, one that is unproven an error (JUnit's word for what could not be told).
 * Whatever else is not as it should be, or does not apply, is skipped with its sentence; a warning of a check passes with it as output.
 *
 * @see https://github.com/jenkinsci/xunit-plugin junit-10.xsd, which it is valid against.
 */
export function junitReport(input: ReportInput, language: ReportLanguage): string {
  const outline = outlineOf(input, language);
  const states = new Map(input.report.phases.flatMap(({ items }) => items.map((item) => [item.id, item])));
  const all = outline.phases.flatMap(({ items }) => items);
  const name = `${outline.subject}: ${outline.title}`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name, ...countsOf(all), time: secondsOf(all, states) })}>`,
    ...outline.phases.flatMap((phase) => suite(phase, outline, input.report.atMs, states)),
    '</testsuites>',
    '',
  ].join('\n');
}

type States = ReadonlyMap<string, ItemState>;

function suite(phase: PhaseOutline, outline: ReportOutline, atMs: number, states: States): readonly string[] {
  const skipped = phase.items.filter((item) => outcomeOf(item) === 'skipped').length;
  const properties = { verdict: phase.verdict.kind, score: phase.score, hash: outline.hash };
  return [
    `  <testsuite${attributes({
      name: phase.title,
      id: phase.id,
      ...countsOf(phase.items),
      skipped: String(skipped),
      time: secondsOf(phase.items, states),
      timestamp: new Date(atMs).toISOString().slice(0, 19),
    })}>`,
    '    <properties>',
    ...Object.entries(properties).map(([name, value]) => `      <property${attributes({ name, value })}/>`),
    '    </properties>',
    ...phase.items.flatMap((item) => testCase(item, outline, phase.id, states)),
    '  </testsuite>',
  ];
}

function testCase(item: ItemOutline, { service, words }: ReportOutline, phase: string, states: States): readonly string[] {
  const outcome = outcomeOf(item);
  const head = `    <testcase${attributes({
    name: `${item.id} ${item.title}`,
    classname: `${service}.${phase}`,
    time: secondsOf([item], states),
  })}>`;
  const told = escaped(
    [
      item.why,
      ...(item.fix === null ? [] : [`${words.fix}: ${item.fix}`]),
      ...item.facts.map(({ label, text }) => `${label}: ${text}`),
      ...item.evidence,
    ].join('\n'),
  );
  // The sentence of what does not apply says so itself.
  const message =
    item.status.kind === 'skipped'
      ? `${item.severity.text}: ${item.why}`
      : `${item.severity.text}, ${item.status.text}: ${item.why}`;
  const body =
    outcome === 'passed'
      ? `      <system-out>${told}</system-out>`
      : `      <${outcome}${attributes({ type: item.status.kind, message })}>${told}</${outcome}>`;
  return [head, body, '    </testcase>'];
}

function outcomeOf({ status, severity }: ItemOutline): Outcome {
  switch (status.kind) {
    case 'pass':
    case 'warn':
      return 'passed';
    case 'fail':
      return severity.kind === 'blocker' ? 'failure' : 'skipped';
    case 'unproven':
      return severity.kind === 'blocker' ? 'error' : 'skipped';
    case 'exempt':
    case 'skipped':
      return 'skipped';
  }
}

function countsOf(items: readonly ItemOutline[]) {
  const count = (wanted: Outcome) => String(items.filter((item) => outcomeOf(item) === wanted).length);
  return { tests: String(items.length), failures: count('failure'), errors: count('error') };
}

function secondsOf(items: readonly ItemOutline[], states: States): string {
  const ms = items.reduce((sum, { id }) => sum + (states.get(id)?.result?.tookMs ?? 0), 0);
  return (ms / 1_000).toFixed(3);
}

function attributes(given: Readonly<Record<string, string>>): string {
  return Object.entries(given)
    .map(([name, value]) => ` ${name}="${escaped(value)}"`)
    .join('');
}
