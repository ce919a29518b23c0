import { documentsIn } from '../../runtime/documents.ts';
import type { ServiceSpec } from '../../spec/types.ts';

const prometheus = (rest: string): string => `
  source:
    prometheus:
      url: http://prometheus:9090
      ${rest}`;
const own = `requests: http_requests_total{job="shop"}
      errors: { where: 'code=~"5.."' }`;

/** Parts of documents by what is special about them: what is under \`spec\` beside target, router and release. */
const parts: Readonly<Record<string, string>> = {
  plain: '',
  own: `${prometheus(`${own}
      latency: { classic: http_request_duration_seconds }`)}
  objectives:
    - { name: availability, target: 99.9%, window: 30d }
    - { name: latency, target: 99%, below: 500ms, window: 28d }
    - { name: slow-pages, target: 99%, below: 1s, window: 7d, slices: { each: 1m, target: 95% } }
    - { name: actions, target: 98%, window: { calendar: month }, events: { good: 'sum(erp_good_total)', total: erp_total } }
    - { name: cache, target: 70%, window: 1d, events: { bad: cache_misses_total, total: cache_requests_total }, alerts: off }
    - { name: jobs, target: 95%, below: 2s, window: 30d, events: { histogram: job_seconds }, alerts: [ { name: slow, budget: 5%, in: 6h } ] }
  signals:
    errors: { warning: 2%, critical: 4% }
    latency: { p95: { target: 300ms, warning: 800ms, critical: 1s } }
    databasePool: { gauge: sum(pool_used), limit: sum(pool_max) }
    queue: { gauge: sum(jobs_waiting), limit: 1000 }
    more: [ { name: workers, gauge: sum(workers_busy), limit: 8, warning: 80% }, { name: lag, gauge: max(lag_seconds), unit: s, critical: 60 } ]
    traffic: { requests: 'http_requests_total{job="shop"}', method: method, endpoint: route, status: code }`,
  native: prometheus(`${own}
      latency: { native: http_request_duration_seconds }`),
  'native-alone': prometheus(`errors: errors_total
      latency: { native: http_request_duration_seconds, unit: ms }`),
  'classic-alone': prometheus(`errors: errors_total
      latency: { classic: http_request_duration_seconds }`),
  placed: prometheus(`requests: 'sum by (pod) (http_requests_total{pod=~"placed-{{version}}-.*"})'
      errors: 'http_requests_total{code="500",pod=~"placed-{{version}}-.*"}'`),
  istio: prometheus('exporter: { istio: { namespace: default, versionsOf: istio } }'),
  'istio-label': prometheus('exporter: { istio: { namespace: default, service: shop } }'),
  ingress: prometheus('exporter: { ingress-nginx: { namespace: default, ingress: shop, versionsOf: shop } }'),
  haproxy: prometheus(`exporter: { haproxy: { proxy: shop, servers: '{{version}}-{{n}}' } }
  objectives: [ { name: fast, target: 99%, below: 1s, window: 30d } ]`),
  'nginx-log': prometheus('exporter: { nginx: { log: edge, where: \'job="edge"\' } }'),
};

const text = Object.entries(parts).map(
  ([name, spec]) => `apiVersion: rampart/v1
kind: Service
metadata: { name: ${name} }
spec:
  target: { process: { command: [node, server.js] } }
  router: { builtin: { listen: 127.0.0.1:8080 } }
  release:
    strategy: { canary: { steps: [ { weight: 10%, for: 5m } ] } }
    guard:
      latency: { p95: { worseBy: 20%, max: 2s } }${
        name === 'own'
          ? `
      metrics:
        - { name: declined, ratio: { bad: 'payments_total{result="declined"}', of: payments_total }, max: 10%, warn: 5% }
        - { name: waiting, gauge: 'jobs{version="{{version}}"}', max: 100 }`
          : ''
      }${spec}
`,
);

/** Services whose documents differ in all that dashboards follow from. */
export const services: readonly ServiceSpec[] = documentsIn(text.join('---\n'), 'services.yaml', '/');
