import { compare, minus, type Rational, rational, toNumber } from '../../slo/rational.ts';
import { wholeValue } from '../../sources/prometheus/exporters/exporter.ts';
import type { ServiceSpec } from '../../spec/types.ts';
import type { Expected, UnitTest } from './burn-tests.ts';
import { weightOf } from './canary-rules.ts';
import { type Driven, drivenBy } from './driven.ts';
import { requestQueries } from './events.ts';
import { labelled, partOfHistogram } from './promql-text.ts';
import { labelsFor } from './sample-labels.ts';
import { levelsOf } from './signal-rules.ts';
import { counted, type InputSeries, type Phase } from './timeline.ts';

const minuteMs = 60_000;
/** Longer than the longest `for`, and than the windows. */
const ticks = 12;

/** Errors and latency on both sides of their levels. */
export function signalTests(spec: ServiceSpec): readonly UnitTest[] {
  return [...errorTests(spec), ...latencyTests(spec)];
}

function errorTests(spec: ServiceSpec): readonly UnitTest[] {
  const driven = drivenRequests(spec);
  if (!driven) return [];
  const { warning, critical } = levelsOf(spec, 'errors');
  const expected = (severity: string, value: number | null): Expected => ({
    expr: `count(ALERTS{alertname="ErrorRateHigh",alertstate="firing",service="${spec.name}",severity="${severity}"})`,
    tick: ticks,
    value,
  });
  const test = (what: string, ratio: Rational, warns: number | null, isCritical: number | null): UnitTest => ({
    name: `errors of ${spec.name} ${what}`,
    intervalMs: minuteMs,
    input: counted(driven, [failing(driven, ratio)]),
    expected: [
      ...(warning === null ? [] : [expected('warning', warns)]),
      ...(critical === null ? [] : [expected('critical', isCritical)]),
    ],
  });
  const at = (ppm: number) => rational(ppm, 1_000_000);
  const between = warning !== null && critical !== null && critical - warning > 1;
  return [
    ...(warning === null ? [] : [test('at the level of a warning', at(warning), null, null)]),
    ...(between ? [test('between warning and critical', at(Math.floor((warning + critical) / 2)), 1, null)] : []),
    ...(critical === null || critical >= 1_000_000
      ? []
      : [test('above critical: one alert, not two', at(critical + 1), null, 1)]),
  ];
}

/** All requests as slow as the lowest level allows, and all slower than the highest. */
function latencyTests(spec: ServiceSpec): readonly UnitTest[] {
  const latency = requestQueries(spec).latency;
  const [first] = latency?.histogram.kind === 'any' && latency.kind === 'classic' ? latency.histogram.series : [];
  const labels = first && labelsFor(first.matchers);
  const quantiles = (['P50', 'P95', 'P99'] as const).map((name) => ({ name, ...levelsOf(spec, `latency${name}`) }));
  const levels = quantiles.flatMap(({ warning, critical }) => [warning, critical]).filter((level) => level !== null);
  if (!latency || !first || !labels || levels.length === 0) return [];
  const highest = Math.max(...levels);
  const bounds = [...new Set([...levels, 2 * highest])].map((ms) => [ms, String(ms / latency.unitMs)] as const);
  const test = (what: string, fasterThanMs: number, isSlow: boolean): UnitTest => ({
    name: `latency of ${spec.name}: ${what}`,
    intervalMs: minuteMs,
    input: [...bounds, [Number.POSITIVE_INFINITY, '+Inf'] as const].map(([ms, le]) => ({
      series: `${partOfHistogram(first, '_bucket').name}{${labelled({ ...labels, le })}}`,
      values: `0+${ms >= fasterThanMs ? 100 : 0}x${ticks}`,
    })),
    expected: quantiles.flatMap(({ name, warning, critical }) =>
      (['warning', 'critical'] as const).map((severity) => ({
        expr: `count(ALERTS{alertname="Latency${name}High",alertstate="firing",service="${spec.name}",severity="${severity}"})`,
        tick: ticks,
        value: isSlow && (severity === 'critical' ? critical !== null : critical === null && warning !== null) ? 1 : null,
      })),
    ),
  });
  return [
    test('all within the lowest level', Math.min(...levels), false),
    test('all slower than the highest level', 2 * highest, true),
  ];
}

/** A candidate that fails while stable does not, the same way round, and no candidate at all. */
export function canaryTests(spec: ServiceSpec): readonly UnitTest[] {
  const driven = drivenRequests(spec);
  const [telling, second] = requestQueries(spec).tells;
  // What is only a part of a label could be anything around it.
  if (!driven || telling?.pattern !== wholeValue || second) return [];
  const { maxPpm } = spec.release.guard.errors;
  if (maxPpm >= 1_000_000) return [];
  const bad = failing(driven, rational(maxPpm + 1, 1_000_000));
  const good = failing(driven, rational(0));
  const of = (version: string, phase: Phase): readonly InputSeries[] =>
    counted(
      driven.map((one) => ({ ...one, series: withLabel(one.series, telling.label, version) })),
      [phase],
    );
  const route = (version: string, side: 'stable' | 'candidate'): InputSeries => ({
    series: withLabel(weightOf(spec, side), 'version', version),
    values: `1x${ticks}`,
  });
  const routed = [route('1.0.0', 'stable'), route('2.0.0', 'candidate')];
  const expected = (version: string, value: number | null): Expected => ({
    expr: `count(ALERTS{alertname="CanaryErrorRateHigh",alertstate="firing",severity="critical",service="${spec.name}",version="${version}"})`,
    tick: ticks,
    value,
  });
  const test = (what: string, input: readonly InputSeries[], told: readonly Expected[]): UnitTest => ({
    name: `${spec.name}: ${what}`,
    intervalMs: minuteMs,
    input,
    expected: told,
  });
  return [
    test(
      'the candidate fails',
      [...of('1.0.0', good), ...of('2.0.0', bad), ...routed],
      [expected('2.0.0', 1), expected('1.0.0', null)],
    ),
    test(
      'stable fails',
      [...of('1.0.0', bad), ...of('2.0.0', good), ...routed],
      [expected('2.0.0', null), expected('1.0.0', null)],
    ),
  ];
}

function drivenRequests(spec: ServiceSpec): readonly Driven[] | null {
  const found = requestQueries(spec);
  return found.requests && found.errors
    ? drivenBy({ kind: 'ratio', count: 'bad', part: found.errors, total: found.requests })
    : null;
}

/** Enough requests that a part per million is a whole one. */
function failing(driven: readonly Driven[], ratio: Rational): Phase {
  const parts = Math.max(...driven.map(({ of }) => of));
  const total = 1_000_000 * parts;
  const bad = Math.round(toNumber(ratio) * total);
  if (compare(ratio, rational(bad, total)) !== 0)
    throw new RangeError(`no part per million: ${toNumber(minus(ratio, rational(bad, total)))}`);
  return { ticks, events: { good: total - bad, bad } };
}

function withLabel(series: string, label: string, value: string): string {
  const matcher = `${label}="${value}"`;
  return series.endsWith('}') ? `${series.slice(0, -1)},${matcher}}` : `${series}{${matcher}}`;
}
