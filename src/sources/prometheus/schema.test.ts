import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from '../../spec/document.ts';
import { SpecError } from '../../spec/problem.ts';
import { serviceDocument } from '../../spec/service.ts';
import { documentWith, standIns } from '../../spec/stand-ins.fixture.ts';
import { prometheus } from './index.ts';

const kinds = { Service: serviceDocument({ ...standIns, sources: { prometheus } }) };

function configOf(source: string, release = ''): unknown {
  const [parsed] = parseDocuments(documentWith(`  source: { prometheus: ${source} }\n${release}`), 'a.yaml', kinds);
  return parsed?.value.source?.config;
}

function problemsOf(source: string, release = ''): readonly string[] {
  try {
    configOf(source, release);
    return [];
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    return error.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
  }
}

test('the common case is a metric and what makes a request fail', () => {
  const config = configOf(
    `{ url: "http://prometheus:9090", requests: 'http_requests_total{job="shop"}', errors: { where: 'code=~"5.."' }, latency: { classic: http_request_duration_seconds } }`,
  );
  assert.deepEqual(config, {
    url: 'http://prometheus:9090',
    interval: 15_000,
    timeout: 5_000,
    delay: 2_000,
    headers: {},
    versionLabel: 'version',
    requests: 'http_requests_total{job="shop"}',
    errors: { where: 'code=~"5.."' },
    latency: { classic: 'http_request_duration_seconds', unit: 's' },
  });
});

const url = 'url: "http://p:9090"';
const bad: readonly [name: string, source: string, problems: readonly string[]][] = [
  ['no address', '{}', ['7:13 spec.source.prometheus.url is missing']],
  [
    'no address of a server',
    '{ url: prometheus:9090 }',
    ['7:32 expected the address of a Prometheus API, such as http://prometheus:9090'],
  ],
  [
    'a password in the address',
    '{ url: "http://me:secret@p:9090" }',
    ['7:32 expected an address without a password, which would end up in the log; use headers: { Authorization: { env: … } }'],
  ],
  [
    'a secret in clear',
    `{ ${url}, headers: { X-Scope-OrgID: shop, Authorization: Bearer abc } }`,
    ['7:96 expected { env: NAME } or { file: PATH }, because the value of Authorization would end up in the log'],
  ],
  [
    'no name of a variable',
    `{ ${url}, headers: { Authorization: { env: "1 a" } } }`,
    ['7:82 expected the name of an environment variable, such as SHOP_TOKEN'],
  ],
  ['half a second', `{ ${url}, interval: 1500ms }`, ['7:59 expected whole seconds']],
  [
    'requests of which nobody knows whether they failed',
    `{ ${url}, requests: x }`,
    ['7:13 spec.source.prometheus.errors is missing'],
  ],
  [
    'errors of nothing',
    `{ ${url}, errors: x }`,
    ['7:57 expected requests or latency beside errors, to know of how many these are'],
  ],
  [
    'a query that cannot tell versions apart',
    `{ ${url}, requests: 'sum(http_requests_total)', errors: x }`,
    [
      '7:59 expected a query that can tell versions apart: a metric with its matchers, to which version="…" is added, or PromQL with {{version}} inside of quotes where the version belongs',
    ],
  ],
  [
    'rates where counters belong',
    `{ ${url}, requests: 'rate(x{version="{{version}}"}[1m])', errors: { where: 'code="500"' } }`,
    ['7:59 expected a counter itself and not rate(…) of it: what was counted between two readings is worked out here'],
  ],
  [
    'matchers that are none',
    `{ ${url}, requests: x, errors: { where: code } }`,
    ['7:79 expected matchers such as code=~"5..", to be added to the plain metric of `requests`'],
  ],
  [
    'both kinds of histogram',
    `{ ${url}, requests: x, errors: y, latency: { classic: a, native: b } }`,
    ['7:96 latency has one of classic or native: classic is already given, so native cannot be'],
  ],
  [
    'an exporter that nobody knows',
    `{ ${url}, exporter: { isto: { namespace: a } } }`,
    ['7:61 unknown exporter "isto"; did you mean "istio"? Known here: haproxy, ingress-nginx, istio, nginx'],
  ],
  [
    'requests beside an exporter',
    `{ ${url}, exporter: { nginx: { log: edge } }, requests: x, latency: { classic: y } }`,
    [
      '7:95 expected no requests beside exporter, which says what they are',
      '7:107 expected no latency beside exporter: nginx has it',
    ],
  ],
  [
    'servers that are now this version, now that one',
    `{ ${url}, exporter: { haproxy: { proxy: shop, servers: rampart } } }`,
    [
      '7:94 expected {{version}} in the names of the servers, such as {{version}}-{{n}}: a server that is now one version and now another cannot tell them apart. With router: haproxy leave the exporter out: that router reads the same totals itself, each second and by version',
    ],
  ],
  [
    'a number that could belong to a version',
    `{ ${url}, exporter: { haproxy: { proxy: shop, servers: "s{{version}}{{n}}" } } }`,
    [
      '7:94 expected a sign between {{version}} and {{n}}, such as {{version}}-{{n}}: otherwise one version may be read as another',
    ],
  ],
  [
    'Services that are now this version, now that one',
    `{ ${url}, exporter: { ingress-nginx: { namespace: a, ingress: shop, service: shop-canary } } }`,
    [
      '7:116 expected {{version}} in the name of the Services, such as shop-{{version}}: Services that are now one version and now another (shop-stable, shop-canary) cannot tell them apart. Give each version a Service of its own',
    ],
  ],
  [
    'both ways to name versions',
    `{ ${url}, exporter: { istio: { namespace: a, service: shop, versionsOf: shop } } }`,
    ['7:99 istio has one of versionsOf or service: service is already given, so versionsOf cannot be'],
  ],
  [
    'an nginx that has one total for all versions',
    `{ ${url}, exporter: { nginx: {} } }`,
    [
      "7:68 expected { log: … }, the namespace of an exporter that reads nginx's log with the version in a label. stub_status (nginx-prometheus-exporter) has one total for all versions, and VTS counts by the address of an instance, which is now one version and now another: neither tells them apart. With router: nginx leave the exporter out: that router counts by itself",
    ],
  ],
  [
    'an unknown key',
    `{ ${url}, intervall: 5s }`,
    [
      '7:49 unknown key "intervall"; did you mean "interval"? Known here: basic, delay, errors, exporter, headers, interval, latency, requests, timeout, tls, url, versionLabel',
    ],
  ],
];
for (const [name, source, problems] of bad)
  test(`refused with its place: ${name}`, () => assert.deepEqual(problemsOf(source), problems));

test('queries of metrics are checked with the label of the source, at their place', () => {
  const metrics = `  release: { guard: { metrics: [
    { name: a, ratio: { bad: 'x{app_version="1"}', of: 'rate(y[1m])' }, max: 5% },
    { name: b, gauge: 'max(z)', max: 5 },
    { name: c, gauge: 'max(z{app_version="{{version}}"})', max: 5 } ] } }`;
  assert.deepEqual(problemsOf(`{ ${url}, versionLabel: app_version }`, metrics), [
    '9:30 expected no matcher for app_version, because it is added for each version; write {{version}} as its value to place it yourself',
    '9:56 expected a query that can tell versions apart: a metric with its matchers, to which app_version="…" is added, or PromQL with {{version}} inside of quotes where the version belongs',
    '10:23 expected a query that can tell versions apart: a metric with its matchers, to which app_version="…" is added, or PromQL with {{version}} inside of quotes where the version belongs',
  ]);
});
