import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before } from 'node:test';
import { Counter, Histogram, Registry } from 'prom-client';
import { checkConformance } from '../conformance.ts';
import { silentAddress } from '../servers.fixture.ts';
import { metrics } from './index.ts';

/** Metrics as the usual library of Node writes them, in either format. */
function registryOf(contentType: typeof Registry.PROMETHEUS_CONTENT_TYPE | typeof Registry.OPENMETRICS_CONTENT_TYPE): Registry {
  const registry = new Registry();
  registry.setContentType(contentType as typeof Registry.PROMETHEUS_CONTENT_TYPE);
  const registers = [registry];
  new Counter({ name: 'http_requests_total', help: 'Requests.', labelNames: ['code'], registers }).inc({ code: '200' }, 3);
  new Histogram({ name: 'http_request_duration_seconds', help: 'Time that requests took.', registers }).observe(0.2);
  return registry;
}

const pages: Readonly<Record<string, readonly [type: string, body: () => Promise<string> | string]>> = {
  '/metrics': [Registry.PROMETHEUS_CONTENT_TYPE, () => registryOf(Registry.PROMETHEUS_CONTENT_TYPE).metrics()],
  '/open': [Registry.OPENMETRICS_CONTENT_TYPE, () => registryOf(Registry.OPENMETRICS_CONTENT_TYPE).metrics()],
  '/html': ['text/html; charset=utf-8', () => '<html></html>'],
  '/broken': ['text/plain', () => 'ok 1\nrequests{code=200} 1\nlatency fast\n'],
  '/careless': ['text/plain; version=0.0.4', () => '# TYPE requests counter\nrequests 1\n'],
  '/untyped': ['', () => '# HELP a A.\n# TYPE a gauge\na 1\n'],
  '/empty': ['text/plain', () => '# nothing yet\n'],
};
const server = createServer(async (request, response) => {
  const page = pages[request.url ?? ''];
  if (!page) return void response.writeHead(404).end('no such page');
  const [type, body] = page;
  if (type !== '') response.setHeader('content-type', type);
  response.end(await body());
});
let url = '';
before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => server.close());
const at = (path: string, more = {}) => ({ url: `${url}${path}`, ...more });
const names = ['http_requests_total', 'http_request_duration_seconds'];

checkConformance(
  'metrics',
  metrics,
  [
    {
      name: 'valid ones with the names that are asked for',
      given: () => at('/metrics', { names }),
      status: 'pass',
      found: /^2 metrics with \d+ samples, valid$/,
    },
    { name: 'OpenMetrics', given: () => at('/open', { names, format: 'openmetrics' }), status: 'pass' },
    {
      name: 'a name that is not there',
      given: () => at('/metrics', { names: ['http_requests_total', 'cache_hits_total'] }),
      status: 'fail',
      found: /^cache_hits_total is not there$/,
      fix: /expose cache_hits_total/,
    },
    {
      name: 'lines that are not valid',
      given: () => at('/broken'),
      status: 'fail',
      found: /^2 problems: no quote before a value: "200} 1" \(2\), "fast" is no number \(3\)/,
      fix: /client library/,
    },
    {
      name: 'against the usual rules',
      given: () => at('/careless'),
      status: 'warn',
      found: /^against the usual rules: requests has no HELP \(1\), requests is a counter and does not end in _total \(1\)$/,
    },
    { name: 'the same where the rules do not count', given: () => at('/careless', { lint: false }), status: 'pass' },
    { name: 'a page for people', given: () => at('/html'), status: 'fail', found: /^the content type is text\/html/ },
    {
      name: 'another format than asked for',
      given: () => at('/metrics', { format: 'openmetrics' }),
      status: 'fail',
      found: /text\/plain.* and not application\/openmetrics-text/,
    },
    { name: 'no content type', given: () => at('/untyped'), status: 'warn', found: /no content type/ },
    { name: 'nothing in it', given: () => at('/empty'), status: 'fail', found: /no metric in it/ },
    { name: 'no such page', given: () => at('/nothing'), status: 'fail', found: /^\/ is answered with 404: no such page$/ },
    { name: 'nothing listens', given: () => ({ url: 'http://127.0.0.1:1/metrics' }), status: 'fail', found: /refused/ },
  ],
  async (t) => ({ url: await silentAddress(t) }),
);
