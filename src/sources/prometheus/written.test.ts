import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PrometheusConfig } from './schema.ts';
import { writtenConfig } from './written.ts';

const url = 'http://prometheus:9090';
const configurations: Readonly<Record<string, unknown>> = {
  'an address': { url },
  'everything about times': { url, interval: '1m', timeout: '250ms', delay: '0s', versionLabel: 'release' },
  'named secrets': { url, headers: { Authorization: { env: 'TOKEN', prefix: 'Bearer ' }, 'X-Key': { file: '/run/key' } } },
  'counters and a histogram': {
    url,
    requests: 'http_requests_total',
    errors: { where: 'code=~"5.."' },
    latency: { classic: 'http_seconds', unit: 's' },
  },
  'a native histogram': { url, requests: 'a', errors: 'b', latency: { native: 'c', unit: 'ms' } },
  haproxy: { url, exporter: { haproxy: { proxy: 'shop', servers: 's{{version}}-{{n}}' } } },
  nginx: { url, exporter: { nginx: { log: 'edge' } } },
  istio: { url, exporter: { istio: { namespace: 'default', versionsOf: 'shop' } } },
  'ingress-nginx': { url, exporter: { 'ingress-nginx': { namespace: 'a', ingress: 'shop', service: 'shop-{{version}}' } } },
};
for (const [name, given] of Object.entries(configurations))
  test(`what is written of ${name} is read as the same`, () => {
    const config = PrometheusConfig.parse(given);
    assert.deepEqual(PrometheusConfig.parse(writtenConfig(config)), config);
  });
