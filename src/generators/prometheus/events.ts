import { type Telling, wholeValue } from '../../sources/prometheus/exporters/exporter.ts';
import { exporterQueries } from '../../sources/prometheus/exporters/registry.ts';
import { type PrometheusConfig, withWhere } from '../../sources/prometheus/schema.ts';
import type { Objective, ServiceSpec } from '../../spec/types.ts';
import { durationText } from '../../spec/unit-text.ts';
import { ownCounts } from '../own-counts.ts';
import {
  type Counter,
  counterOf,
  counterOfAny,
  increased,
  isOfOneVersion,
  made,
  partOfHistogram,
  present,
} from './promql-text.ts';

/** How Prometheus counts the events of an objective. */
export type Events =
  /** One counter of bad or good events, and one of all. */
  | { readonly kind: 'ratio'; readonly count: 'bad' | 'good'; readonly part: Counter; readonly total: Counter }
  /** Bucket of the threshold, and the bucket that holds everything. */
  | { readonly kind: 'classic'; readonly below: Counter; readonly total: Counter }
  | { readonly kind: 'native'; readonly histogram: Counter; readonly below: string };

/** Events, with what whoever reads the rules should know of them. Or why there are none. */
export type Counted = { readonly events: Events; readonly says: readonly string[] } | { readonly problem: string };

/** What the requests of a service are counted by, and how long they took. */
export type RequestQueries = {
  readonly requests: Counter | null;
  readonly errors: Counter | null;
  readonly latency: { readonly kind: 'classic' | 'native'; readonly histogram: Counter; readonly unitMs: number } | null;
  /** What tells the versions of the series apart. */
  readonly tells: readonly Telling[];
  /** Requests that took longer than a threshold of the document, where they are counted at their source. */
  readonly slower: ((belowMs: number) => Counter) | null;
  readonly says: readonly string[];
};

/** The counts of the document's source, else those of the built-in router where it is scraped by itself, else the controller's. */
export function requestQueries(spec: ServiceSpec): RequestQueries {
  if (spec.source?.kind === 'prometheus') {
    const found = sourceQueries(spec.source.config as PrometheusConfig);
    if (found.requests || found.latency) return found;
  }
  return ownQueries(spec);
}

/** The counters of an objective. */
export function eventsOf(spec: ServiceSpec, { events, belowMs }: Objective): Counted {
  if (events?.kind === 'ratio') {
    const versioned = [events.query, events.total].find(isOfOneVersion);
    if (versioned !== undefined)
      return { problem: `${versioned} is for one version, and an objective needs all of them together` };
    const [part, total] = [counterOf(events.query), counterOf(events.total)];
    return { events: { kind: 'ratio', count: events.count, part, total }, says: approximations(part, total) };
  }
  if (events) return histogramEvents(events.kind, counterOf(events.query), events.unitMs, belowMs ?? 0);
  const found = requestQueries(spec);
  if (belowMs === null) {
    const { requests, errors } = found;
    if (!requests || !errors)
      return { problem: 'spec.source.prometheus counts no requests of all versions together. Write events into the objective' };
    return {
      events: { kind: 'ratio', count: 'bad', part: errors, total: requests },
      says: [...found.says, ...approximations(requests, errors)],
    };
  }
  if (found.slower && found.requests)
    return { events: { kind: 'ratio', count: 'bad', part: found.slower(belowMs), total: found.requests }, says: found.says };
  if (!found.latency)
    return {
      problem:
        'spec.source.prometheus.latency is missing, which says how long requests take. Add it, or write events into the objective',
    };
  const counted = histogramEvents(found.latency.kind, found.latency.histogram, found.latency.unitMs, belowMs);
  return 'problem' in counted ? counted : { ...counted, says: [...found.says, ...counted.says] };
}

/**
 * Bad events within a window: 0 while there is no series of a failure yet, absent without any data.
 *
 * @param total - An expression for all events within it, so that a long window is looked through once.
 */
export function badIn(events: Events, window: string, total: string): string {
  switch (events.kind) {
    case 'ratio': {
      const part = `(${increased(events.part, window)} or on () 0 * ${total})`;
      return events.count === 'bad' ? part : `${total} - on () ${part}`;
    }
    case 'classic':
      // Without the bucket nothing is known: its absence must not look like an outage.
      return `${total} - on () ${increased(events.below, window)}`;
    case 'native':
      return `${total} * on () (1 - histogram_fraction(-Inf, ${events.below}, ${increased(events.histogram, window)}))`;
  }
}

/** All events within a window. */
export function totalIn(events: Events, window: string): string {
  return events.kind === 'native' ? `histogram_count(${increased(events.histogram, window)})` : increased(events.total, window);
}

/** Present while there is anything to count by. */
export function presentOf(events: Events): string {
  if (events.kind === 'ratio') return present(events.total);
  return present(events.kind === 'classic' ? events.below : events.histogram);
}

function histogramEvents(kind: 'classic' | 'native', histogram: Counter, unitMs: number, belowMs: number): Counted {
  if (isOfOneVersion(histogram.text))
    return { problem: `${histogram.text} is for one version, and an objective needs all of them together` };
  const bound = belowMs / unitMs;
  if (kind === 'native')
    return {
      events: { kind, histogram, below: String(bound) },
      says: [
        `Of a native histogram the share below ${durationText(belowMs)} is exact where that is a bound of its buckets; in between Prometheus interpolates it.`,
        'It takes a Prometheus that keeps native histograms: --enable-feature=native-histograms before 3.0.',
      ],
    };
  if (histogram.kind === 'other')
    return { problem: `${histogram.text} is no plain histogram, so no bucket of it can be named: write its name and matchers` };
  const bucket = (le: string): Counter =>
    counterOfAny(histogram.series.map((one) => partOfHistogram(one, '_bucket', [{ label: 'le', operator: '=~', value: le }])));
  // A client library writes 1 or 1.0, and both are the same bound.
  const number = String(bound).replace(/[.+]/g, '\\$&');
  const below = bucket(Number.isInteger(bound) ? `${number}|${number}\\.0` : number);
  return {
    events: { kind, below, total: bucket('\\+Inf') },
    says: [
      `Exact only if ${bound} is a bound of the buckets (le="${bound}"). Where it is none nothing is recorded, and SLONoData fires.`,
    ],
  };
}

function approximations(...counters: readonly Counter[]): readonly string[] {
  return counters
    .filter(({ kind }) => kind === 'other')
    .map(
      ({ text }) =>
        `Approximated: ${text} is no plain counter, so its increase is taken from its values at each evaluation; when one of its parts begins anew, or goes away, that looks like events.`,
    );
}

/** What the source says, of all versions together. What is only there by version is left out. */
function sourceQueries(config: PrometheusConfig): RequestQueries {
  const { requests, errors, latency, versionLabel } = config;
  const exporter = config.exporter ? exporterQueries(config.exporter, versionLabel) : null;
  const failed = typeof errors === 'object' ? withWhere(requests ?? '', errors.where) : errors;
  const all = (query: string | null | undefined): Counter | null =>
    query === null || query === undefined || isOfOneVersion(query) ? null : counterOf(query);
  const own = latency && {
    kind: 'classic' in latency ? ('classic' as const) : ('native' as const),
    text: 'classic' in latency ? latency.classic : latency.native,
    unit: latency.unit,
  };
  const times = exporter?.latency
    ? { kind: 'classic' as const, text: exporter.latency.ofService, unit: exporter.latency.unit }
    : own;
  const histogram = times ? all(times.text) : null;
  const found = histogram && times ? { kind: times.kind, histogram, unitMs: times.unit === 's' ? 1_000 : 1 } : null;
  return {
    requests: exporter ? all(exporter.requests.ofService) : (all(requests) ?? counted(found)),
    errors: exporter ? all(exporter.errors.ofService) : all(failed),
    latency: found,
    tells: exporter ? exporter.tells : [{ label: versionLabel, pattern: wholeValue }],
    slower: null,
    says: [],
  };
}

/** The number of observations, where nothing else counts requests. */
function counted(latency: RequestQueries['latency']): Counter | null {
  if (latency?.kind !== 'classic' || latency.histogram.kind === 'other') return null;
  return counterOfAny(latency.histogram.series.map((one) => partOfHistogram(one, '_count')));
}

const byVersion: readonly Telling[] = [{ label: 'version', pattern: wholeValue }];

function ownQueries(spec: ServiceSpec): RequestQueries {
  const { by, requests, errors, histogram, slower } = ownCounts(spec);
  const service = spec.name;
  const failed: Counter = errors.class
    ? counterOfAny([
        made(errors.name, [
          { label: 'service', operator: '=', value: service },
          { label: 'class', operator: '!=', value: 'ok' },
        ]),
      ])
    : counter(errors.name, { service });
  return {
    requests: counter(requests, { service }),
    errors: failed,
    latency: { kind: 'classic', histogram: counter(histogram, { service }), unitMs: 1_000 },
    tells: byVersion,
    slower: (belowMs) => counter(slower, { service, than: String(belowMs / 1_000) }),
    says: [
      by === 'router'
        ? `Counted by the router of ${service} itself.`
        : `Counted by the controller: Prometheus has to scrape its /metrics with a token that may see ${service}.`,
    ],
  };
}

function counter(name: string, labels: Readonly<Record<string, string>>): Counter {
  const matchers = Object.entries(labels).map(([label, value]) => ({ label, operator: '=' as const, value }));
  return counterOfAny([made(name, matchers)]);
}
