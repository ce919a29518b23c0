import type { Telling } from '../../sources/prometheus/exporters/exporter.ts';
import { defaultLevels, type LeveledSignal, type Levels, levelsInForce, saturationSignals } from '../../spec/signal-levels.ts';
import type { SignalQuery } from '../../spec/signal-policy.ts';
import type { ServiceSpec } from '../../spec/types.ts';
import { durationText, percentText } from '../../spec/unit-text.ts';
import { ownerLabel } from './burn-rules.ts';
import { badIn, type RequestQueries, requestQueries } from './events.ts';
import { exactly, share } from './exact.ts';
import { leveledAlerts } from './leveled-alert.ts';
import { increased, labelled, partOfHistogram } from './promql-text.ts';
import type { Rule, RuleGroup } from './rule-file.ts';

/** Fewer failed requests than this in five minutes are no error rate. */
export const failedMin = 5;
const window = '5m';
const windowS = 300;
const quantiles = [
  ['latencyP50', 'p50', 500_000],
  ['latencyP95', 'p95', 950_000],
  ['latencyP99', 'p99', 990_000],
] as const;

/** The golden signals of a service, held against the levels of its document. */
export function signalGroup(spec: ServiceSpec): RuleGroup {
  const found = requestQueries(spec);
  const rules = [...requestRules(spec, found), ...saturationRules(spec)];
  return {
    name: `${spec.name} signals`,
    interval: '30s',
    says: [
      ...found.says,
      ...(found.latency
        ? [
            'Quantiles of latency are estimated within the bucket that they lie in; above the highest bound of a classic histogram nothing is known, so a level has to be lower than that.',
          ]
        : []),
    ],
    rules,
  };
}

/** The levels of a signal in the document, or the usual ones. */
export function levelsOf(spec: ServiceSpec, signal: LeveledSignal): Levels {
  const { unit: _, ...defaults } = defaultLevels[signal];
  return levelsInForce(defaults, spec.signals?.levels[signal]);
}

function requestRules(spec: ServiceSpec, { requests, errors, latency }: RequestQueries): readonly Rule[] {
  const own = { service: spec.name };
  const selected = labelled(own);
  const rules: Rule[] = [];
  if (requests) {
    rules.push({ record: 'service:requests:increase5m', expr: increased(requests, window), labels: own });
    rules.push({ record: 'service:requests:rate5m', expr: `service:requests:increase5m{${selected}} / ${windowS}`, labels: own });
  }
  if (requests && errors) {
    const events = { kind: 'ratio', count: 'bad', part: errors, total: requests } as const;
    const total = `service:requests:increase5m{${selected}}`;
    rules.push({ record: 'service:errors:increase5m', expr: badIn(events, window, total), labels: own });
    rules.push({
      record: 'service:errors:ratio5m',
      expr: `service:errors:increase5m{${selected}} / (${total} > 0)`,
      labels: own,
    });
    rules.push(
      ...leveledAlerts({
        alert: 'ErrorRateHigh',
        value: `service:errors:ratio5m{${selected}}`,
        levels: levelsOf(spec, 'errors'),
        level: share,
        levelText: percentText,
        valueText: '{{ $value | humanizePercentage }} of the requests of the last 5m failed',
        what: spec.name,
        labels: { ...own, ...ownerLabel(spec) },
        each: ['service'],
        for: { warning: '5m', critical: '1m' },
        and: `round(service:errors:increase5m{${selected}}) >= ${failedMin}`,
      }),
    );
  }
  if (latency) for (const quantile of quantiles) rules.push(...latencyRules(spec, latency, quantile));
  return rules;
}

function latencyRules(
  spec: ServiceSpec,
  latency: NonNullable<RequestQueries['latency']>,
  [signal, name, ppm]: (typeof quantiles)[number],
): readonly Rule[] {
  const own = { service: spec.name };
  const observed = quantileOf(latency, ppm, window);
  if (observed === null) return [];
  const record = `service:latency_${name}:ms5m`;
  return [
    { record, expr: observed, labels: own },
    ...leveledAlerts({
      alert: `Latency${name.toUpperCase()}High`,
      value: `${record}{${labelled(own)}}`,
      levels: levelsOf(spec, signal),
      level: String,
      levelText: durationText,
      valueText: `${name} of latency in the last 5m is {{ printf "%.0f" $value }}ms`,
      what: spec.name,
      labels: { ...own, ...ownerLabel(spec) },
      each: ['service'],
      for: { warning: '5m', critical: '2m' },
    }),
  ];
}

/**
 * A quantile in milliseconds; null where its buckets cannot be named.
 *
 * @param tells - What tells versions apart, for one of each; absent: of all together.
 */
export function quantileOf(
  { kind, histogram, unitMs }: NonNullable<RequestQueries['latency']>,
  ppm: number,
  within: string,
  tells?: readonly Telling[],
): string | null {
  const by = tells ? ['version'] : [];
  if (kind === 'native') return inMs(`histogram_quantile(${share(ppm)}, ${increased(histogram, within, by, tells)})`, unitMs);
  if (histogram.kind === 'other') return null;
  const buckets = { ...histogram, series: histogram.series.map((one) => partOfHistogram(one, '_bucket')) };
  return inMs(`histogram_quantile(${share(ppm)}, ${increased(buckets, within, [...by, 'le'], tells)})`, unitMs);
}

function inMs(expression: string, unitMs: number): string {
  return unitMs === 1 ? expression : `${expression} * ${unitMs}`;
}

/** What the document asks its source for. */
function saturationRules(spec: ServiceSpec): readonly Rule[] {
  if (spec.source?.kind !== 'prometheus' || !spec.signals) return [];
  const { queries, more } = spec.signals;
  const rules: Rule[] = [];
  const add = (signal: string, query: SignalQuery, levels: Levels, isShare: boolean, unit: string | null): void => {
    const own = { service: spec.name, signal };
    rules.push({ record: 'service:saturation', expr: saturation(query), labels: own });
    rules.push(
      ...leveledAlerts({
        alert: 'SaturationHigh',
        value: `service:saturation{${labelled(own)}}`,
        levels,
        level: isShare ? share : String,
        levelText: isShare ? percentText : (level) => `${level}${unit === null ? '' : ` ${unit}`}`,
        valueText: `${signal} is at {{ $value${isShare ? ' | humanizePercentage' : ''} }}${unit === null ? '' : ` ${unit}`}`,
        what: spec.name,
        labels: { ...own, ...ownerLabel(spec) },
        each: ['service', 'signal'],
        for: { warning: '5m', critical: '2m' },
      }),
    );
  };
  for (const signal of saturationSignals) {
    const query = queries[signal];
    if (query) add(signal, query, levelsOf(spec, signal), defaultLevels[signal].unit === 'ppm', null);
  }
  for (const { name, query, levels, unit } of more) add(name, query, levels, query.limit !== null, unit);
  return rules;
}

function saturation({ gauge, limit }: SignalQuery): string {
  if (limit === null) return `max(${gauge})`;
  return `max(${gauge}) / ${typeof limit === 'number' ? exactNumber(limit) : `max(${limit})`}`;
}

function exactNumber(value: number): string {
  return Number.isInteger(value) ? exactly({ n: BigInt(value), d: 1n }) : String(value);
}
