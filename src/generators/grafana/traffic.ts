import type { ServiceSpec } from '../../spec/types.ts';
import { durationText } from '../../spec/unit-text.ts';
import type { Query } from './board.ts';
import { type Counter, summed } from './counter.ts';
import { prometheusOf, type Requests } from './requests.ts';

/** Labels by which programs and exporters tell methods, endpoints and statuses; a metric has one of each kind, and is summed by it. */
const usual = {
  method: ['method', 'http_request_method', 'request_method', 'verb'],
  endpoint: ['route', 'http_route', 'handler', 'path', 'uri', 'endpoint'],
  status: ['code', 'status', 'status_code', 'http_response_status_code', 'response_code', 'code_class', 'class'],
} as const;

/** Requests per second by method and endpoint, the busiest. */
export function byMethod(spec: ServiceSpec, requests: Requests): Query {
  const told = trafficOf(spec);
  if (told) {
    const labels = [told.method, told.endpoint].filter((label) => label !== null);
    return { expr: `topk(15, ${rate(told.counter, labels)})`, legend: legendOf(labels) };
  }
  const labels = [...usual.method, ...usual.endpoint];
  return first([`topk(15, ${known(spec, 'endpoint_requests_per_second')})`, `topk(15, ${rate(requests.all, labels)})`], labels);
}

/** Requests per second by status. */
export function byStatus(spec: ServiceSpec, requests: Requests): Query {
  const told = trafficOf(spec);
  if (told?.status != null) return { expr: rate(told.counter, [told.status]), legend: legendOf([told.status]) };
  const counted = rate(told?.counter ?? statusCounter(spec, requests), usual.status);
  return first([known(spec, 'answers_per_second'), counted], usual.status);
}

/** Failed requests per second by endpoint, else by kind of failure: the most. */
export function failedByEndpoint(spec: ServiceSpec, requests: Requests): Query {
  const labels = [...usual.method, ...usual.endpoint, ...usual.status];
  const failed = `${known(spec, 'endpoint_requests_per_second')} * ${known(spec, 'endpoint_failed_ratio')}`;
  return first([`topk(10, ${failed})`, `topk(10, ${rate(requests.failed, labels)})`], labels);
}

/** The endpoints that are slowest, where somebody tells them apart. */
export function slowestEndpoints(spec: ServiceSpec): Query {
  const expr = `topk(10, rampart_endpoint_latency_seconds{service="${spec.name}",quantile="0.95"})`;
  return { expr, legend: '{{method}} {{endpoint}}' };
}

/** What the controller knows of the last minute, where its router or source tells requests apart. */
function known({ name }: ServiceSpec, metric: string): string {
  return `rampart_${metric}{service="${name}"}`;
}

function first(queries: readonly string[], labels: readonly string[]): Query {
  return { expr: queries.map((query) => `(${query})`).join(' or on () '), legend: legendOf(labels) };
}

function rate(counter: Counter, labels: readonly string[]): string {
  return summed('rate', counter, labels, '$__rate_interval');
}

function legendOf(labels: readonly string[]): string {
  return labels.map((label) => `{{${label}}}`).join(' ');
}

/** The built-in router counts answers by the first digit of their status. */
function statusCounter(spec: ServiceSpec, requests: Requests): Counter {
  const isRouter = requests.all.expression.startsWith('rampart_router_');
  return isRouter ? { ...requests.all, expression: `rampart_router_requests_total{service="${spec.name}"}` } : requests.all;
}

function trafficOf(spec: ServiceSpec) {
  const traffic = spec.signals?.traffic;
  if (!traffic) return null;
  const { requests, ...labels } = traffic;
  const config = prometheusOf(spec);
  return { ...labels, counter: { expression: requests, every: config ? durationText(config.interval) : '15s', tells: [] } };
}
