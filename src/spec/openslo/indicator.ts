import { explain } from '../explain.ts';
import { isMapping } from '../mapping.ts';
import type { Kinds } from '../service.ts';
import type { Plugged } from '../types.ts';
import { durationText } from '../unit-text.ts';
import { ownRequests } from './annotations.ts';
import { wholeOf } from './decimal.ts';
import { counterOf, counterProblem, histogramOf, onOneLine } from './query.ts';
import { below, type Library, type Report, type Spot } from './report.ts';
import type { MetricSource, SliSpec, SloObjective } from './schema.ts';

/** What an objective counts, as documents of ours write it, and where it is said. */
export type Indicator = {
  readonly source: Plugged | null;
  /** Left out: requests as the router counts them. */
  readonly events?: Readonly<Record<string, string>>;
  /** An event is good when it took less; left out: when it did not fail. */
  readonly below?: string;
  /** Where each key of `events` is said. */
  readonly spots: Readonly<Record<string, Spot>>;
};

/** What a metric source is asked for. */
type Asked =
  | { readonly source: Plugged | null; readonly requests: string; readonly unit: unknown }
  | { readonly source: Plugged | null; readonly query: string; readonly histogram: unknown; readonly unit: unknown };

const queryMax = 2_000;

/** What the metrics of a document are read with. */
export type Reading = { readonly sources: Kinds['sources']; readonly library: Library; readonly report: Report };

/**
 * What an SLI counts for an objective; null: it was refused.
 *
 * @param at - Of the SLI's `spec`.
 * @param objectiveAt - Of the objective.
 */
export function indicatorOf(
  sli: SliSpec,
  at: Spot,
  objective: SloObjective,
  objectiveAt: Spot,
  reading: Reading,
): Indicator | null {
  const { report } = reading;
  const { ratioMetric: ratio, thresholdMetric: threshold } = sli;
  if (threshold)
    return thresholdOf(threshold.metricSource, below(at, 'thresholdMetric', 'metricSource'), objective, objectiveAt, reading);
  if (!ratio) return null;
  const ratioAt = below(at, 'ratioMetric');
  if (ratio.raw)
    return report.refuse(
      below(ratioAt, 'raw'),
      'expected counters of good or bad and of total events: of a ratio that is worked out elsewhere it is not known how many events were bad',
    );
  if (objective.op === 'lt' || objective.op === 'lte')
    return report.refuse(
      below(objectiveAt, 'op'),
      `expected no ${objective.op} beside ratioMetric: an objective is kept from its target on`,
    );
  if (ratio.counter !== true)
    return report.refuse(
      ratio.counter === undefined ? ratioAt : below(ratioAt, 'counter'),
      'expected counter: true and queries that are counters: what goes up and down does not count events',
    );
  const key = ratio.good ? 'good' : 'bad';
  const one = ratio[key] && asked(ratio[key].metricSource, below(ratioAt, key, 'metricSource'), reading);
  const all = ratio.total && asked(ratio.total.metricSource, below(ratioAt, 'total', 'metricSource'), reading);
  if (!one || !all) return null;
  return ratioOf(key, one, all, ratioAt, reading);
}

function ratioOf(key: 'good' | 'bad', one: Asked, all: Asked, at: Spot, reading: Reading): Indicator | null {
  const { report } = reading;
  const spots = {
    [key]: below(at, key, 'metricSource', 'spec', 'query'),
    total: below(at, 'total', 'metricSource', 'spec', 'query'),
  };
  if (JSON.stringify(one.source) !== JSON.stringify(all.source) || 'query' in one !== 'query' in all)
    return report.refuse(below(at, 'total'), `expected ${key} and total from one source`);
  for (const [name, part] of [[key, one] as const, ['total', all] as const]) {
    const partAt = below(at, name, 'metricSource', 'spec');
    if ('requests' in part) {
      const expected = name === 'total' ? 'all' : name;
      if (part.requests !== expected)
        return report.refuse(below(partAt, 'requests'), `expected requests: ${expected} here, found ${part.requests}`);
      if (part.unit !== undefined) return report.refuse(below(partAt, 'unit'), 'expected no unit beside a count');
      continue;
    }
    if (part.histogram !== undefined || part.unit !== undefined)
      return report.refuse(partAt, 'expected no histogram and no unit beside a counter; they belong to a thresholdMetric');
    const problem = problemOf(part, reading);
    if (problem !== null) return report.refuse(below(partAt, 'query'), problem);
  }
  if ('requests' in one || 'requests' in all) return { source: one.source, spots };
  return { source: one.source, events: { [key]: counterOf(one.query), total: counterOf(all.query) }, spots };
}

/** A threshold is kept exactly where each event is compared with it: requests of the router, and histograms. */
function thresholdOf(
  source: MetricSource,
  at: Spot,
  objective: SloObjective,
  objectiveAt: Spot,
  reading: Reading,
): Indicator | null {
  const { report } = reading;
  const given = asked(source, at, reading);
  if (!given) return null;
  const specAt = below(at, 'spec');
  const { op, value } = objective;
  if (op === undefined || value === undefined)
    return report.problem(objectiveAt, 'expected op and value beside a thresholdMetric, such as op: lte and value: 0.5');
  const isRequests = 'requests' in given;
  if (isRequests && given.requests !== 'duration')
    return report.refuse(below(specAt, 'requests'), `expected requests: duration here, found ${given.requests}`);
  const buckets = isRequests || given.histogram !== undefined ? null : histogramOf(given.query);
  const kind = isRequests ? null : (given.histogram ?? (buckets ? 'classic' : undefined));
  if (kind !== null && kind !== 'classic' && kind !== 'native')
    return report.refuse(
      below(specAt, kind === undefined ? 'query' : 'histogram'),
      'expected the buckets of a histogram (…_bucket), or histogram: classic or native beside its name: of any other value it is not known how many events were above the threshold',
    );
  const fitting = kind === null ? 'lt' : 'lte';
  if (op !== fitting && (op === 'lt' || op === 'lte'))
    return report.refuse(
      below(objectiveAt, 'op'),
      `expected ${fitting}, found ${op}: ${kind === null ? 'a request is good when it took less' : 'a bucket counts what is up to its bound'}`,
    );
  if (op !== fitting)
    return report.refuse(below(objectiveAt, 'op'), `expected ${fitting}, found ${op}: a good event is a fast one here`);
  const unit = given.unit ?? buckets?.unit ?? null;
  if (unit !== 's' && unit !== 'ms')
    return report.refuse(
      specAt,
      'expected unit: s or ms beside the query, because its name does not say in which unit it counts',
    );
  const ms = wholeOf(value, unit === 's' ? 1_000n : 1n);
  if (ms === null || ms < 1)
    return report.refuse(below(objectiveAt, 'value'), `expected whole milliseconds of at least 1, found ${value} ${unit}`);
  const spot = below(specAt, 'query');
  const problem = isRequests ? null : problemOf({ ...given, query: buckets?.name ?? given.query }, reading);
  if (problem !== null) return report.refuse(spot, problem);
  if (kind === null || isRequests) return { source: given.source, below: durationText(ms), spots: {} };
  const key = kind === 'classic' ? 'histogram' : 'native';
  const name = buckets ? buckets.name : given.query;
  return { source: given.source, events: { [key]: name, unit }, below: durationText(ms), spots: { [key]: spot } };
}

/** What is wrong with a query of events: as its source understands it, where that is known. */
function problemOf({ source, query }: Extract<Asked, { readonly query: string }>, { sources }: Reading): string | null {
  return (
    counterProblem(query) ?? (source && (sources[source.kind]?.queryProblem(source.config, 'events', counterOf(query)) ?? null))
  );
}

/** What a metric source is asked, and where it is; null: it was refused. */
function asked({ metricSourceRef, type, spec }: MetricSource, at: Spot, reading: Reading): Asked | null {
  const { report } = reading;
  const source = sourceOf(metricSourceRef, type, at, reading);
  if (source === null) return null;
  const specAt = below(at, 'spec');
  const known = ['query', 'requests', 'unit', 'histogram'];
  for (const key of Object.keys(spec))
    if (!known.includes(key))
      return report.refuse(
        { ...below(specAt, key), at: 'key' },
        `nothing is known of ${JSON.stringify(key)} in what this source is asked. Known here: ${known.join(', ')}`,
      );
  const { query, requests, unit, histogram } = spec;
  if (typeof requests === 'string' && query === undefined && histogram === undefined)
    return { source: source.plugged, requests, unit };
  if (typeof query !== 'string' || requests !== undefined)
    return report.refuse(specAt, 'expected query: with the text that the source is asked');
  if (source.isOwn)
    return report.refuse(
      below(specAt, 'query'),
      `expected requests: good, bad, all or duration of ${ownRequests}, which has no queries`,
    );
  if (query.length > queryMax)
    return report.refuse(below(specAt, 'query'), `expected at most ${queryMax} characters, found ${query.length}`);
  const text = onOneLine(query);
  if (text === null) return report.refuse(below(specAt, 'query'), 'expected a query without comments: it is kept on one line');
  return { source: source.plugged, query: text, histogram, unit };
}

type Source = { readonly plugged: Plugged | null; readonly isOwn: boolean };

function sourceOf(ref: string | undefined, type: string | undefined, at: Spot, reading: Reading): Source | null {
  const { library, report, sources } = reading;
  const refAt = below(at, 'metricSourceRef');
  const entry = ref === undefined ? null : library.find('DataSource', ref, refAt, report);
  if (ref !== undefined && !entry) return null;
  const given = type ?? entry?.document.spec.type;
  if (given === undefined) return report.problem(at, 'expected a type, such as Prometheus, or a metricSourceRef');
  if (entry && type !== undefined && !isSame(type, entry.document.spec.type))
    return report.problem(
      below(at, 'type'),
      `expected ${entry.document.spec.type} as DataSource ${JSON.stringify(ref)} says, found ${JSON.stringify(type)}`,
    );
  if (isSame(given, ownRequests) && !entry) return { plugged: null, isOwn: true };
  const kind = Object.keys(sources).find((one) => isSame(one, given));
  if (kind === undefined) {
    const known = [...Object.keys(sources), ownRequests].map((one) => one.charAt(0).toUpperCase() + one.slice(1));
    return report.refuse(
      type === undefined ? refAt : below(at, 'type'),
      `expected a metric source that can be asked from here, found ${JSON.stringify(given)}. Known here: ${known.join(', ')}`,
    );
  }
  if (!entry) return { plugged: null, isOwn: false };
  const spot: Spot = { entry, path: ['spec', 'connectionDetails'] };
  const config = pluggedOf(kind, entry.document.spec.connectionDetails, spot, reading);
  return config && { plugged: config, isOwn: false };
}

/** The configuration of a source, whose schema is that of our own documents. A list of mappings is one of all their keys. */
function pluggedOf(kind: string, details: unknown, at: Spot, { sources, report }: Reading): Plugged | null {
  const isList = Array.isArray(details) && details.length > 0 && details.every(isMapping);
  const merged: unknown = isList
    ? Object.fromEntries((details as readonly object[]).flatMap((one) => Object.entries(one)))
    : details;
  const schema = sources[kind]?.schema;
  const result = schema && explain(schema, merged);
  if (!result) return null;
  if (result.ok) return { kind, config: result.value };
  for (const { path, at: kindOfPlace, message, fix } of result.findings) {
    const index = isList ? (details as readonly object[]).findIndex((one) => Object.hasOwn(one, path[0] ?? '')) : -1;
    report.refuse({ ...below(at, ...(index < 0 ? [] : [index]), ...path), at: kindOfPlace }, message, fix);
  }
  return null;
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
