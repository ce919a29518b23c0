import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, type TestContext, test } from 'node:test';
import fastifyRateLimit from '@fastify/rate-limit';
import Fastify from 'fastify';
import { Nginx, nginxProgram } from '../../../test/programs/nginx.ts';
import { checkConformance, contextFor } from '../conformance.ts';
import { closedPort, serving, silent } from '../servers.fixture.ts';
import { rateLimit } from './index.ts';
import { burstPoints, mostOf } from './judge.ts';

/** What Rampart's own server counts with: 10 requests of one key in a minute. */
async function ownLimit(t: TestContext): Promise<string> {
  const server = Fastify();
  await server.register(fastifyRateLimit, {
    max: 10,
    timeWindow: 60_000,
    keyGenerator: ({ headers }) => String(headers['x-client']),
  });
  server.post('/orders', async () => ({ ok: true }));
  server.get('/health', { config: { rateLimit: false } }, async () => ({ ok: true }));
  t.after(() => server.close());
  return await server.listen({ host: '127.0.0.1', port: 0 });
}

const order = { method: 'POST', body: { sku: 'test' }, requests: 10, headers: { 'X-Client': 'one' } };

checkConformance(
  'rate-limit',
  rateLimit,
  [
    {
      name: 'the eleventh request of a key is refused, another key is served',
      given: async (t) => ({ ...order, url: `${await ownLimit(t)}/orders`, other: { headers: { 'X-Client': 'two' } } }),
      status: 'pass',
      found: /^the refusal came after 10 requests in \d+ ms; Retry-After: 60; another one is answered with 200$/,
    },
    {
      name: 'everybody shares one limit',
      given: async (t) => ({ ...order, url: `${await ownLimit(t)}/orders`, other: { headers: { 'X-Client-Of': 'two' } } }),
      status: 'fail',
      found: /another one is answered with 429/,
      fix: /each client by itself/,
    },
    {
      name: 'the limit is less than what is promised',
      given: async (t) => ({ ...order, url: `${await ownLimit(t)}/orders`, requests: 60 }),
      status: 'warn',
      found: /after 10 requests in \d+ ms, though 60\/1m are allowed/,
    },
    {
      name: 'there is no limit',
      given: async (t) => ({ url: `${await ownLimit(t)}/health`, requests: 60 }),
      status: 'fail',
      found: /^no refusal after 80 requests in \d+ ms$/,
      fix: /60\/1m/,
    },
    {
      name: 'the first request is refused, which proves nothing',
      given: async (t) => ({ url: await serving(t, (_, response) => response.writeHead(429).end()), requests: 60 }),
      status: 'unproven',
      found: /first request is refused already/,
    },
    {
      name: 'a service that breaks is no limit',
      given: async (t) => {
        let seen = 0;
        return {
          url: await serving(t, (_, response) => response.writeHead(++seen > 5 ? 503 : 200).end()),
          requests: 60,
          atOnce: 1,
        };
      },
      status: 'fail',
      found: /^after 5 requests: 503$/,
    },
    {
      name: 'a refusal that does not say when to come again',
      given: async (t) => {
        let seen = 0;
        return { url: await serving(t, (_, response) => response.writeHead(++seen > 20 ? 429 : 200).end()), requests: 20 };
      },
      status: 'warn',
      found: /does not say when to come again/,
    },
    {
      name: 'nothing listens',
      given: async () => ({ url: `http://127.0.0.1:${await closedPort()}/`, requests: 5 }),
      status: 'fail',
      found: /after 0 requests: the connection is refused/,
    },
    {
      name: 'a server that accepts and never answers',
      given: async (t) => ({ url: `http://127.0.0.1:${await silent(t)}/`, requests: 5, within: '100ms' }),
      status: 'fail',
      found: /no answer within 100 ms/,
    },
  ],
  async (t) => ({ url: `http://127.0.0.1:${await silent(t)}/`, requests: 5, within: '60s' }),
);

const program = await nginxProgram();

test(
  'rate-limit: nginx limits each address to 60 requests a minute',
  'missing' in program ? { skip: program.missing } : {},
  async (t) => {
    assert('path' in program);
    let seen = 0;
    const backend = createServer((_, response) => {
      seen++;
      response.end('ok');
    });
    await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
    after(() => backend.close());
    const address = backend.address();
    assert(typeof address === 'object' && address !== null);
    const nginx = await Nginx.make(program.path, 'shop');
    t.after(() => nginx.close());
    nginx.configure({
      lua: false,
      http: 'limit_req_zone $binary_remote_addr zone=each:1m rate=60r/m; limit_req_status 429;',
      location: 'limit_req zone=each burst=59 nodelay; add_header Retry-After 1 always;',
    });
    writeFileSync(nginx.include, `map $host $shop { default 127.0.0.1:${address.port}; }\n`);
    await nginx.up();
    const config = rateLimit.schema.parse({
      url: `http://127.0.0.1:${nginx.port}/`,
      requests: 60,
      from: '127.0.0.2',
      other: { from: '127.0.0.3' },
    });
    const result = await rateLimit.run(config, await contextFor(t));
    assert.equal(result.status, 'pass', JSON.stringify(result));
    // One more for each second that it took, and the one of the other address.
    assert.ok(seen >= 61 && seen < 80, `${seen} requests reached the service`);
    assert.equal(result.figures.served, seen - 1);
    assert.ok(result.evidence.includes('retry-after: 1'), JSON.stringify(result.evidence));
  },
);

test('rate-limit: when a refusal is late', () => {
  const limit = { requests: 60, per: 60_000, tolerance: 200_000, retryAfter: false };
  const at = (served: number, tookMs: number) => burstPoints(limit, { served, tookMs, refusal: {} })[0]?.status;
  assert.equal(at(60, 100), 'pass');
  assert.equal(at(72, 0), 'pass');
  assert.equal(at(73, 0), 'fail');
  // Thirty more are allowed after half a minute.
  assert.equal(at(102, 30_000), 'pass');
  assert.equal(at(47, 0), 'warn');
  const without = (served: number, tookMs: number) => burstPoints(limit, { served, tookMs, refusal: null })[0]?.status;
  assert.equal(without(80, 1_000), 'fail');
  assert.equal(without(80, 30_000), 'unproven');
  assert.equal(mostOf({ ...limit, atOnce: 8, most: undefined }), 80);
  assert.equal(mostOf({ ...limit, atOnce: 8, most: 500 }), 500);
});
