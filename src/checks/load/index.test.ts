import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createPlain } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type CheckCase, checkConformance } from '../conformance.ts';
import { load } from './index.ts';

async function served(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/cart?key=hush`;
}

const quick = { rate: '100/s', for: '200ms' };
const after =
  (ms: number): RequestListener =>
  (_, response) =>
    void setTimeout(() => response.end(), ms);

const cases: readonly CheckCase[] = [
  {
    name: 'a service that is quick enough at a rate',
    given: async (t) => ({ url: await served(t, after(0)), ...quick, expect: { p95: '10s' } }),
    status: 'pass',
    found: /^20 requests, .* answers\/s \(asked 100\/s\): p50 .* max .* ms; 0 failed \(0%\)$/,
    secret: 'hush',
  },
  {
    name: 'a service that is quick enough for users',
    given: async (t) => ({ url: await served(t, after(5)), users: 3, for: '200ms', expect: { p95: '10s', rate: '1/s' } }),
    status: 'pass',
    found: /^\d+ requests, .* answers\/s: p50/,
  },
  {
    name: 'a service that is too slow',
    given: async (t) => ({ url: await served(t, after(150)), ...quick, expect: { p50: '20ms' } }),
    status: 'fail',
    found: /^p50 \d+ ms > 20ms; /,
    fix: /more instances/,
  },
  {
    name: 'a service that fails too often',
    given: async (t) => {
      let n = 0;
      const url = await served(t, (_, response) => {
        response.statusCode = (n += 1) % 2 === 0 ? 500 : 200;
        response.end();
      });
      return { url, ...quick };
    },
    status: 'fail',
    found: /^50% failed > 1%; .* 10 failed/,
    fix: /logs/,
  },
  {
    name: 'nobody listens',
    async given() {
      const gone = createPlain().listen(0, '127.0.0.1');
      await once(gone, 'listening');
      const { port } = gone.address() as AddressInfo;
      gone.close();
      return { url: `http://127.0.0.1:${port}/`, ...quick };
    },
    status: 'fail',
    found: /^100% failed > 1%/,
    fix: /can be reached/,
  },
  {
    name: 'a secret goes into a header and nowhere else',
    given: async (t) => {
      const url = await served(t, ({ headers }, response) => {
        response.statusCode = headers.authorization === 'Bearer s3cr3t' ? 200 : 401;
        response.end();
      });
      return { urls: [{ url, headers: { Authorization: { env: 'LOAD_TOKEN', prefix: 'Bearer ' } } }], ...quick };
    },
    context: { environment: { LOAD_TOKEN: 's3cr3t' } },
    status: 'pass',
    secret: 's3cr3t',
  },
  {
    name: 'a secret that is not there',
    given: () => ({ url: 'http://127.0.0.1:9/', headers: { Authorization: { env: 'LOAD_TOKEN' } }, ...quick }),
    context: { environment: {} },
    status: 'unproven',
    found: /LOAD_TOKEN/,
  },
];

checkConformance('load', load, cases, async (t) => ({ url: await served(t, () => {}), rate: '10/s', for: '10m' }));

const refused: readonly [given: unknown, message: RegExp][] = [
  [{ rate: '1/s' }, /either url or urls/],
  [{ url: 'http://a/', urls: [{ url: 'http://b/' }], rate: '1/s' }, /either url or urls/],
  [{ url: 'http://a/' }, /either rate or users/],
  [{ url: 'http://a/', rate: '1/s', users: 1 }, /either rate or users/],
  [{ url: 'http://a/', rate: '1000' }, /expected a rate such as 1000\/s, found "?1000/],
  [{ url: 'http://a/', rate: '50000/s' }, /from 0.1\/s to 20000\/s/],
  [{ url: 'http://a/', rate: '1/s', think: '1s' }, /knows no pause/],
  [{ url: 'http://a/', users: 1, arrivals: 'poisson' }, /users do not arrive/],
  [{ url: 'http://a/', rate: '1/s', for: '20m', rampUp: '9m', warmUp: '9m' }, /at most 30m/],
  [{ url: 'ftp://a/', rate: '1/s' }, /http or https/],
  [{ url: 'http://a/', rate: '1/s', headers: { Authorization: 'x' } }, /would end up in the log/],
];

test('what makes no sense is refused before anything is sent', () => {
  for (const [given, message] of refused) {
    const { error } = load.schema.safeParse(given);
    assert.match(error?.issues.map((issue) => issue.message).join('; ') ?? '', message, JSON.stringify(given));
  }
});
