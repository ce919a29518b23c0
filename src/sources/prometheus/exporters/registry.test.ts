import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askedOf } from '../plan.ts';
import { PrometheusConfig } from '../schema.ts';

/** What is asked for one version, by what it is for. */
function queriesOf(
  exporter: unknown,
  version: string,
  more: Readonly<Record<string, unknown>> = {},
): readonly [string, string][] {
  const config = PrometheusConfig.parse({ url: 'http://p:9090', exporter, ...more });
  return askedOf(config, []).map(({ id, queryFor }) => [id, queryFor(version)]);
}

const unanswered = 'connection_errors|response_errors|redispatch_warnings';
const mesh = 'reporter="destination",destination_workload_namespace="default",destination_workload="shop-1-1-0-3bf9bd"';
const labelled =
  'reporter="source",destination_service_namespace="default",destination_service_name="shop",destination_canonical_revision="1.1.0",cluster="a"';
const canary = 'namespace="default",ingress="shop",canary=~"default-shop-1-1-0-3bf9bd-[0-9]+"';
const main = 'namespace="default",ingress="shop",canary="",service=~"shop-1-1-0-3bf9bd"';
const requests = 'nginx_ingress_controller_requests';
const seconds = 'nginx_ingress_controller_request_duration_seconds_bucket';

const golden: readonly [name: string, exporter: unknown, queries: readonly [string, string][]][] = [
  [
    'HAProxy, by the names of servers',
    { haproxy: { proxy: 'shop', servers: '{{version}}-{{n}}' } },
    [
      [
        'requests',
        `{__name__=~"haproxy_server_(http_responses|${unanswered})_total",code!="1xx",proxy="shop",server=~"1\\\\.1\\\\.0-[0-9]+"}`,
      ],
      [
        'errors',
        `{__name__=~"haproxy_server_(http_responses|${unanswered})_total",code=~"5xx|",proxy="shop",server=~"1\\\\.1\\\\.0-[0-9]+"}`,
      ],
    ],
  ],
  [
    'Istio, by the Deployments of the Kubernetes target',
    { istio: { namespace: 'default', versionsOf: 'shop' } },
    [
      ['requests', `istio_requests_total{${mesh}}`],
      [
        'errors',
        `istio_requests_total{${mesh},response_code=~"5.."} or istio_requests_total{${mesh},response_code!~"5..",grpc_response_status=~"2|4|12|13|14|15"}`,
      ],
      ['latency', `istio_request_duration_milliseconds_bucket{${mesh}}`],
    ],
  ],
  [
    'Istio, by a label of the pods, as its callers see it',
    {
      istio: {
        namespace: 'default',
        service: 'shop',
        label: 'destination_canonical_revision',
        reporter: 'source',
        where: 'cluster="a",',
      },
    },
    [
      ['requests', `istio_requests_total{${labelled}}`],
      [
        'errors',
        `istio_requests_total{${labelled.replace(',cluster', ',response_code=~"5..",cluster')}} or istio_requests_total{${labelled.replace(',cluster', ',response_code!~"5..",grpc_response_status=~"2|4|12|13|14|15",cluster')}}`,
      ],
      ['latency', `istio_request_duration_milliseconds_bucket{${labelled}}`],
    ],
  ],
  [
    'ingress-nginx, by the Services of the Kubernetes target',
    { 'ingress-nginx': { namespace: 'default', ingress: 'shop', versionsOf: 'shop' } },
    [
      ['requests', `${requests}{${canary}} or ${requests}{${main}}`],
      ['errors', `${requests}{${canary},status=~"5.."} or ${requests}{${main},status=~"5.."}`],
      ['latency', `${seconds}{${canary}} or ${seconds}{${main}}`],
    ],
  ],
  [
    'ingress-nginx, by names of one’s own behind a Prometheus Operator',
    {
      'ingress-nginx': {
        namespace: 'default',
        ingress: 'shop',
        service: 'shop-v{{version}}',
        port: 'http',
        exported: true,
      },
    },
    [
      [
        'requests',
        `${requests}{exported_namespace="default",ingress="shop",canary=~"default-shop-v1\\\\.1\\\\.0-http"} or ${requests}{exported_namespace="default",ingress="shop",canary="",exported_service=~"shop-v1\\\\.1\\\\.0"}`,
      ],
    ],
  ],
  [
    'a log of nginx',
    { nginx: { log: 'edge', where: 'job="log"' } },
    [
      ['requests', 'edge_http_response_count_total{version="1.1.0",job="log"}'],
      ['errors', 'edge_http_response_count_total{version="1.1.0",status=~"5..",job="log"}'],
      ['latency', 'edge_http_response_time_seconds_hist_bucket{version="1.1.0",job="log"}'],
    ],
  ],
];
for (const [name, exporter, queries] of golden)
  test(`the queries of ${name}`, () => {
    const found = queriesOf(exporter, '1.1.0');
    assert.deepEqual(found.slice(0, queries.length), queries);
  });

test('names of servers belong to one version alone', () => {
  const serverOf = (version: string): RegExp => {
    const [[, query] = ['', '']] = queriesOf({ haproxy: { proxy: 'shop', servers: '{{version}}-{{n}}' } }, version);
    const [, pattern = ''] = /server=~"([^"]*)"/.exec(query) ?? [];
    // PromQL reads the escapes of the text, and matches the whole value.
    return new RegExp(`^(?:${pattern.replaceAll('\\\\', '\\')})$`);
  };
  const versions = ['1.1', '1.1.0', '1.1.0-1', '1.1.0-rc', '1x1', '11.0'];
  for (const version of versions)
    for (const server of versions)
      assert.equal(serverOf(version).test(`${server}-2`), server === version, `${version} ${server}`);
});

test('a histogram of one’s own goes with an exporter that has none', () => {
  const latency = { classic: 'app_seconds', unit: 's' };
  const exporter = { haproxy: { proxy: 'shop', servers: 'shop-{{version}}' } };
  assert.deepEqual(queriesOf(exporter, '1.1.0', { latency }).at(-1), ['latency', 'app_seconds_bucket{version="1.1.0"}']);
});
