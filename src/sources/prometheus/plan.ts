import type { MetricQuery } from '../../spec/types.ts';
import type { ExporterQueries, ScopedQuery } from './exporters/exporter.ts';
import { exporterQueries } from './exporters/registry.ts';
import { forVersion, hasPlaceholder, selectorOf, tokensOf, withMatchers, withSuffix } from './promql.ts';
import { isAggregated } from './query-problem.ts';
import { type PrometheusConfig, withWhere } from './schema.ts';

/** One query of a reading, asked for each version by itself. `id` names what it is for: `requests`, `bad payments-declined`. */
export type Asked = {
  readonly id: string;
  /** `count` and `histogram` only ever rise and are read as differences, `level` is read as it is. */
  readonly use: 'count' | 'level' | 'histogram';
  /** Sums over several counters: when such a sum falls, what has come cannot be told. */
  readonly isAggregated: boolean;
  /** Milliseconds per unit of a histogram's edges. */
  readonly unitMs: number;
  readonly queryFor: (version: string) => string;
  /** How to see whether its series tell versions apart; null where the query is the user's own. */
  readonly told: Told | null;
};

/** The series of every version that can be told, and those of the service whatever their labels say. */
export type Told = {
  readonly ofAny: string;
  readonly ofService: string;
  /** Where in the document, and what to do when only the latter exist. */
  readonly where: string;
  readonly fix: string;
};

/** Everything that one reading asks, as the document says. */
export function askedOf(config: PrometheusConfig, metrics: readonly MetricQuery[]): readonly Asked[] {
  const own = (id: string, use: Asked['use'], text: string, where: string): Asked => ({
    id,
    use,
    isAggregated: isAggregated(text),
    unitMs: config.latency?.unit === 'ms' ? 1 : 1_000,
    queryFor: (version) => forVersion(text, version, config.versionLabel),
    told: toldByLabel(text, config.versionLabel, where),
  });
  const source = 'spec.source.prometheus';
  const { requests, errors, latency } = config;
  const failed = typeof errors === 'object' ? withWhere(requests ?? '', errors.where) : errors;
  return [
    ...(config.exporter ? byExporter(exporterQueries(config.exporter, config.versionLabel), config.exporter.kind) : []),
    ...(requests === undefined ? [] : [own('requests', 'count', requests, `${source}.requests`)]),
    ...(failed === undefined || failed === null ? [] : [own('errors', 'count', failed, `${source}.errors`)]),
    ...(latency === undefined ? [] : [own('latency', 'histogram', histogramText(latency), `${source}.latency`)]),
    ...metrics.flatMap((metric) => {
      const where = `spec.release.guard.metrics ${metric.name}`;
      return metric.kind === 'gauge'
        ? [own(`level ${metric.name}`, 'level', metric.query, where)]
        : [own(`bad ${metric.name}`, 'count', metric.bad, where), own(`of ${metric.name}`, 'count', metric.of, where)];
    }),
  ];
}

function byExporter({ requests, errors, latency, fix }: ExporterQueries, kind: string): readonly Asked[] {
  const where = `spec.source.prometheus.exporter.${kind}`;
  const asked = (id: string, use: Asked['use'], query: ScopedQuery, unitMs = 1): Asked => ({
    id,
    use,
    isAggregated: false,
    unitMs,
    queryFor: query.forVersion,
    told: { ofAny: query.ofAny, ofService: query.ofService, where, fix },
  });
  return [
    asked('requests', 'count', requests),
    asked('errors', 'count', errors),
    ...(latency ? [asked('latency', 'histogram', latency, latency.unit === 's' ? 1_000 : 1)] : []),
  ];
}

/** A plain metric is scoped by a matcher that is added, which chooses nothing when no series has the label. */
function toldByLabel(text: string, versionLabel: string, where: string): Told | null {
  const selector = selectorOf(text);
  if (!selector || hasPlaceholder(tokensOf(text) ?? [])) return null;
  return {
    ofAny: withMatchers(text, selector, `${versionLabel}!=""`),
    ofService: text,
    where,
    fix: `give its series the label ${versionLabel} where they are scraped, or name the label that holds the version: spec.source.prometheus.versionLabel`,
  };
}

function histogramText(latency: NonNullable<PrometheusConfig['latency']>): string {
  return 'native' in latency ? latency.native : bucketsText(latency.classic);
}

/** Of a classic histogram the metric that holds its buckets, with or without `_bucket` at the end of its name. */
export function bucketsText(classic: string): string {
  const selector = selectorOf(classic);
  return selector && !selector.name.endsWith('_bucket') ? withSuffix(classic, selector, '_bucket') : classic;
}
