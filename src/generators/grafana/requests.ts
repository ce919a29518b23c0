import { wholeValue } from '../../sources/prometheus/exporters/exporter.ts';
import { exporterQueries } from '../../sources/prometheus/exporters/registry.ts';
import { selectorOf, withMatchers, withSuffix } from '../../sources/prometheus/promql.ts';
import { type PrometheusConfig, withWhere } from '../../sources/prometheus/schema.ts';
import type { ServiceSpec } from '../../spec/types.ts';
import { durationText } from '../../spec/unit-text.ts';
import { ownCounts } from '../own-counts.ts';
import { type Counter, ofAnyVersion, summed, type Window } from './counter.ts';

/** A histogram of times; `seconds` is what one of its units is. */
export type Times = { readonly kind: 'classic' | 'native'; readonly counter: Counter; readonly seconds: number };

/** How the requests of a service are counted in Prometheus. */
export type Requests = {
  /** For people. */
  readonly by: string;
  readonly all: Counter;
  readonly failed: Counter;
  /** null: nobody measures them. */
  readonly times: Times | null;
  /** Requests that took longer than a threshold of the document, exactly; absent: only the buckets tell. */
  readonly slower?: (seconds: number) => Counter;
};

/** The Prometheus of a document; null when its source is another, or none. */
export function prometheusOf({ source }: ServiceSpec): PrometheusConfig | null {
  // The schema of this kind has made the configuration.
  return source?.kind === 'prometheus' ? (source.config as PrometheusConfig) : null;
}

/**
 * The counts of the document's source, else those of the built-in router where it is scraped by itself, else those of the controller,
 * which counts for every service.
 */
export function requestsOf(spec: ServiceSpec): Requests {
  const config = prometheusOf(spec);
  const found = config && bySource(config);
  if (found) return found;
  return ours(spec);
}

function ours(spec: ServiceSpec): Requests {
  const { by, requests, errors, histogram, slower } = ownCounts(spec);
  const counter = counterOf(spec.name);
  return {
    by: by === 'router' ? 'the built-in router' : 'the controller',
    all: counter(requests),
    failed: counter(errors.name, errors.class ? ',class!="ok"' : ''),
    times: { kind: 'classic', counter: counter(`${histogram}_bucket`), seconds: 1 },
    slower: (seconds) => counter(slower, `,than="${seconds}"`),
  };
}

function counterOf(service: string) {
  return (metric: string, more = ''): Counter => ({
    expression: `${metric}{service="${service}"${more}}`,
    every: '15s',
    tells: [{ label: 'version', pattern: wholeValue }],
  });
}

function bySource(config: PrometheusConfig): Requests | null {
  const every = durationText(config.interval);
  const { exporter, requests, errors, latency, versionLabel } = config;
  const own = (text: string): Counter => ({ ...ofAnyVersion(text, versionLabel), every });
  const times = latency ? ownTimes(latency, own) : null;
  if (exporter) {
    const queries = exporterQueries(exporter, versionLabel);
    const counter = ({ ofAny }: { readonly ofAny: string }): Counter => ({ expression: ofAny, tells: queries.tells, every });
    return {
      by: `exporter ${exporter.kind}`,
      all: counter(queries.requests),
      failed: counter(queries.errors),
      times: queries.latency
        ? { kind: 'classic', counter: counter(queries.latency), seconds: queries.latency.unit === 's' ? 1 : 0.001 }
        : times,
    };
  }
  const failed = typeof errors === 'object' ? withWhere(requests ?? '', errors.where) : errors;
  const all = requests === undefined ? times && countOf(times) : own(requests);
  if (!all || failed === undefined || failed === null) return null;
  return { by: 'the source', all, failed: own(failed), times };
}

function ownTimes(latency: NonNullable<PrometheusConfig['latency']>, own: (text: string) => Counter): Times {
  const seconds = latency.unit === 's' ? 1 : 0.001;
  if ('native' in latency) return { kind: 'native', counter: own(latency.native), seconds };
  const selector = selectorOf(latency.classic);
  const isBare = selector && !selector.name.endsWith('_bucket');
  return { kind: 'classic', counter: own(isBare ? withSuffix(latency.classic, selector, '_bucket') : latency.classic), seconds };
}

/** The observations of a histogram; null where they cannot be told from its buckets. */
function countOf({ kind, counter }: Times): Counter | null {
  const selector = selectorOf(counter.expression);
  if (kind === 'native') return { ...counter, expression: `histogram_count(${counter.expression})` };
  return selector && { ...counter, expression: withMatchers(counter.expression, selector, 'le="+Inf"') };
}

/** Requests per second, by labels. */
export function perSecond({ all }: Requests, by: readonly string[] = [], window: Window = '$__rate_interval'): string {
  return summed('rate', all, by, window);
}

/** Failed requests per second, by labels; 0 where there are requests and none has failed yet. */
export function failuresPerSecond(requests: Requests, by: readonly string[] = [], window: Window = '$__rate_interval'): string {
  return `(${summed('rate', requests.failed, by, window)} or 0 * ${perSecond(requests, by, window)})`;
}

/** Failed of all (0 to 1), by labels; nothing where there were no requests. */
export function failedShare(requests: Requests, by: readonly string[] = [], window: Window = '$__rate_interval'): string {
  return `${failuresPerSecond(requests, by, window)} / (${perSecond(requests, by, window)} > 0)`;
}

/** A quantile of latency in seconds, by labels; null where nobody measures it. */
export function latency(
  { times }: Requests,
  quantile: number,
  by: readonly string[] = [],
  window: Window = '$__rate_interval',
): string | null {
  if (!times) return null;
  const buckets = summed('rate', times.counter, times.kind === 'classic' ? ['le', ...by] : by, window);
  return `histogram_quantile(${quantile}, ${buckets})${times.seconds === 1 ? '' : ` * ${times.seconds}`}`;
}
