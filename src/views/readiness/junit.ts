import type { Language } from '../../analysis/sentence.ts';
import type { ItemState } from '../../readiness/types.ts';
import { textIn } from '../../spec/text.ts';
import { type ReportInput, subjectOf } from './input.ts';
import { words } from './words.ts';

/**
 * A report as JUnit XML, as test runners of build servers read it: a suite for each phase, a test for each item. A blocker that is not
 * there is a failure; what does not apply, is exempt or is a mere risk is skipped, with its reason.
 */
export function reportAsJUnit({ report }: ReportInput, language: Language): string {
  const suites = report.phases.map(({ title, items }) => {
    const took = items.reduce((sum, { result }) => sum + (result?.tookMs ?? 0), 0);
    const tests = items.map((item) => testOf(item, report.checklist, language));
    return {
      took,
      failures: items.filter(isFailure).length,
      skipped: items.filter(isSkipped).length,
      count: items.length,
      name: textIn(title, language),
      tests,
    };
  });
  const sum = (of: (suite: (typeof suites)[number]) => number) => suites.reduce((total, suite) => total + of(suite), 0);
  const at = new Date(report.atMs).toISOString().slice(0, 19);
  const head = `name="${escaped(subjectOf(report))}" tests="${sum(({ count }) => count)}" failures="${sum(({ failures }) => failures)}" errors="0" skipped="${sum(({ skipped }) => skipped)}" time="${seconds(sum(({ took }) => took))}"`;
  const bodies = suites.map(
    ({ name, count, failures, skipped, took, tests }) =>
      `  <testsuite name="${escaped(name)}" tests="${count}" failures="${failures}" errors="0" skipped="${skipped}" time="${seconds(took)}" timestamp="${at}">\n${tests.join('\n')}\n  </testsuite>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${head}>\n${bodies.join('\n')}\n</testsuites>\n`;
}

function isFailure({ severity, status }: ItemState): boolean {
  return severity === 'blocker' && (status === 'fail' || status === 'unproven');
}

function isSkipped(item: ItemState): boolean {
  return item.status !== 'pass' && !isFailure(item);
}

function testOf(item: ItemState, checklist: string, language: Language): string {
  const { id, title, status, why, fix, result } = item;
  const [phase = '', name = ''] = id.split('.');
  const label = `${textIn(title, language)} [${name}]`;
  const open = `    <testcase classname="${escaped(`${checklist}.${phase}`)}" name="${escaped(label)}" time="${seconds(result?.tookMs ?? 0)}"`;
  if (status === 'pass') return `${open}/>`;
  const message = `${words[language].status[status]}: ${textIn(why, language)}`;
  if (isSkipped(item)) return `${open}>\n      <skipped message="${escaped(message)}"/>\n    </testcase>`;
  const more = [...(fix === null ? [] : [textIn(fix, language)]), ...(result?.evidence ?? [])].join('\n');
  return `${open}>\n      <failure message="${escaped(message)}" type="${status}">${escaped(more)}</failure>\n    </testcase>`;
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}

/** Text in XML 1.0: what may not stand in it at all is left out. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign] ?? sign);
}
