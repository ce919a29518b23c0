import type { MetricQuery } from '../../spec/types.ts';
import { forVersion, selectorOf, withSuffix } from './promql.ts';
import { isAggregated } from './query-problem.ts';
import { type PrometheusConfig, withWhere } from './schema.ts';

/** One query of a reading, asked for each version by itself. `id` names what it is for: `requests`, `bad payments-declined`. */
export type Asked = {
  readonly id: string;
  /** `count` and `histogram` only ever rise and are read as differences, `level` is read as it is. */
  readonly use: 'count' | 'level' | 'histogram';
  /** Sums over several counters: when such a sum falls, what has come cannot be told. */
  readonly isAggregated: boolean;
  readonly queryFor: (version: string) => string;
};

/** Everything that one reading asks, as the document says. */
export function askedOf(config: PrometheusConfig, metrics: readonly MetricQuery[]): readonly Asked[] {
  const asked = (id: string, use: Asked['use'], text: string): Asked => ({
    id,
    use,
    isAggregated: isAggregated(text),
    queryFor: (version) => forVersion(text, version, config.versionLabel),
  });
  const { requests, errors, latency } = config;
  const failed = typeof errors === 'object' ? withWhere(requests ?? '', errors.where) : errors;
  return [
    ...(requests === undefined ? [] : [asked('requests', 'count', requests)]),
    ...(failed === undefined || failed === null ? [] : [asked('errors', 'count', failed)]),
    ...(latency === undefined ? [] : [asked('latency', 'histogram', histogramText(latency))]),
    ...metrics.flatMap((metric) =>
      metric.kind === 'gauge'
        ? [asked(`level ${metric.name}`, 'level', metric.query)]
        : [asked(`bad ${metric.name}`, 'count', metric.bad), asked(`of ${metric.name}`, 'count', metric.of)],
    ),
  ];
}

function histogramText(latency: NonNullable<PrometheusConfig['latency']>): string {
  if ('native' in latency) return latency.native;
  const selector = selectorOf(latency.classic);
  return selector && !selector.name.endsWith('_bucket') ? withSuffix(latency.classic, selector, '_bucket') : latency.classic;
}
