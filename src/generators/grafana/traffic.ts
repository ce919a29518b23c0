import type { ServiceSpec } from '../../spec/types.ts';
import { durationText } from '../../spec/units.ts';
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
  const labels = told ? [told.method, told.endpoint].filter((label) => label !== null) : [...usual.method, ...usual.endpoint];
  return query(told?.counter ?? requests.all, labels, (expr) => `topk(15, ${expr})`);
}

/** Requests per second by status. */
export function byStatus(spec: ServiceSpec, requests: Requests): Query {
  const told = trafficOf(spec);
  const counter = told?.counter ?? statusCounter(spec, requests);
  return query(counter, told?.status == null ? usual.status : [told.status], (expr) => expr);
}

/** Failed requests per second by endpoint and kind of failure, the most. */
export function failedByEndpoint(requests: Requests): Query {
  return query(requests.failed, [...usual.method, ...usual.endpoint, ...usual.status], (expr) => `topk(10, ${expr})`);
}

function query(counter: Counter, labels: readonly string[], wrap: (expr: string) => string): Query {
  return {
    expr: wrap(summed('rate', counter, labels, '$__rate_interval')),
    legend: labels.map((label) => `{{${label}}}`).join(' '),
  };
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
