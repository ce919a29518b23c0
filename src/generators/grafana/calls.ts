import { chart, type Panel } from './board.ts';

/**
 * Calls of a program to others, by the names that OpenTelemetry gives them.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-metrics/ …/database/database-metrics/ …/gen-ai/gen-ai-metrics/
 */
const own = 'job=~"$job"';
const kinds = {
  http: { metric: 'http_client_request_duration_seconds', by: 'server_address' },
  database: { metric: 'db_client_operation_duration_seconds', by: 'db_system_name, db_system' },
  models: { metric: 'gen_ai_client_operation_duration_seconds', by: 'gen_ai_provider_name, gen_ai_system, gen_ai_request_model' },
} as const;

function legend(by: string): string {
  return by
    .split(', ')
    .map((label) => `{{${label}}}`)
    .join(' ');
}

function quantile(q: number, { metric, by }: (typeof kinds)[keyof typeof kinds]) {
  return {
    expr: `histogram_quantile(${q}, sum by (le, ${by}) (rate(${metric}_bucket{${own}}[$__rate_interval])))`,
    legend: `P${q * 100} ${legend(by)}`,
  };
}

function calls({ metric, by }: (typeof kinds)[keyof typeof kinds], more = '') {
  return { expr: `sum by (${by}) (rate(${metric}_count{${own}${more}}[$__rate_interval]))`, legend: legend(by) };
}

const measured = 'As the program measures them (OpenTelemetry).';

export const slowCalls: Panel = chart(
  {
    title: 'Latency of dependencies, P95',
    description: `HTTP services, databases and language models that the service calls. ${measured}`,
    unit: 's',
  },
  [quantile(0.95, kinds.http), quantile(0.95, kinds.database), quantile(0.95, kinds.models)],
  { width: 12, min: 0 },
);

export const failedCalls: Panel = chart(
  {
    title: 'Failed calls to dependencies',
    description: `By HTTP service, database and language model. ${measured}`,
    unit: 'reqps',
  },
  Object.values(kinds).map((kind) => calls(kind, ',error_type!=""')),
  { width: 12, min: 0 },
);

export const databaseTime: Panel = chart(
  { title: 'Database: time of queries', description: `Half of them, and 95 of 100, were faster. ${measured}`, unit: 's' },
  [quantile(0.5, kinds.database), quantile(0.95, kinds.database)],
  { width: 24, min: 0 },
);

export const callsPerSecond: Panel = chart(
  { title: 'Language models: calls', description: `Calls by provider and model. ${measured}`, unit: 'reqps' },
  [calls(kinds.models)],
  { width: 24, min: 0 },
);

export const allCalls: Panel = chart(
  { title: 'Calls to dependencies', description: `By HTTP service, database and language model. ${measured}`, unit: 'reqps' },
  Object.values(kinds).map((kind) => calls(kind)),
  { width: 8, min: 0 },
);
