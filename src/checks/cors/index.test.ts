import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { checkConformance } from '../conformance.ts';
import { closedPort, serving, silent } from '../servers.fixture.ts';
import { cors } from './index.ts';

const shop = 'https://shop.example';
const preflight = { 'access-control-allow-methods': 'GET, PUT', 'access-control-allow-headers': 'Authorization, X-Trace' };

/** Answers with what `of` says of an origin. */
function server(t: TestContext, of: (origin: string) => OutgoingHttpHeaders) {
  return serving(t, (request: IncomingMessage, response: ServerResponse) => {
    const isPreflight = request.method === 'OPTIONS';
    response
      .writeHead(isPreflight ? 204 : 200, { ...of(String(request.headers.origin)), ...(isPreflight ? preflight : {}) })
      .end();
  });
}

const allow = (origin: string, more: OutgoingHttpHeaders = {}) => ({
  'access-control-allow-origin': origin,
  vary: 'Origin',
  ...more,
});
const withCookies = { 'access-control-allow-credentials': 'true' };
const asked = { allowed: [shop, 'https://admin.example'], method: 'PUT', requestHeaders: ['Authorization', 'X-Trace'] };
const listed: readonly string[] = asked.allowed;

checkConformance(
  'cors',
  cors,
  [
    {
      name: 'allowed origins may read, all others may not',
      given: async (t) => ({
        ...asked,
        url: await server(t, (origin) => (listed.includes(origin) ? allow(origin, withCookies) : {})),
        credentials: true,
      }),
      status: 'pass',
      found: /preflight of https:\/\/shop\.example is allowed/,
    },
    {
      name: 'an origin that is not let in',
      given: async (t) => ({ ...asked, url: await server(t, () => allow(shop)) }),
      status: 'fail',
      found: /preflight of https:\/\/admin\.example: Access-Control-Allow-Origin is https:\/\/shop\.example/,
    },
    {
      name: 'every origin is repeated, with cookies',
      given: async (t) => ({ ...asked, url: await server(t, (origin) => allow(origin, withCookies)) }),
      status: 'fail',
      found: /https:\/\/foreign\.example may read the answers, with cookies/,
      fix: /whole origin/,
    },
    {
      name: 'the beginning of an origin is compared only',
      given: async (t) => ({
        ...asked,
        allowed: [shop],
        url: await server(t, (origin) => (origin.startsWith(shop) ? allow(origin) : {})),
      }),
      status: 'fail',
      found: /shop\.example\.foreign\.example may read/,
    },
    {
      name: 'everybody with credentials',
      given: async (t) => ({ url: await server(t, () => allow('*', withCookies)), allowed: '*' }),
      status: 'fail',
      found: /everybody \(\*\) is allowed with credentials/,
    },
    {
      name: 'everybody without credentials',
      given: async (t) => ({ url: await server(t, () => allow('*')), allowed: '*' }),
      status: 'pass',
    },
    {
      name: 'a method and a header that are not allowed',
      given: async (t) => ({
        ...asked,
        method: 'DELETE',
        url: await server(t, (origin) => (listed.includes(origin) ? allow(origin) : {})),
      }),
      status: 'fail',
      found: /DELETE is not allowed/,
    },
    {
      name: 'the answer depends on the origin and does not say so',
      given: async (t) => ({
        ...asked,
        url: await server(t, (origin) => (listed.includes(origin) ? { 'access-control-allow-origin': origin } : {})),
      }),
      status: 'warn',
      found: /Vary: Origin/,
    },
    {
      name: 'nothing listens',
      given: async () => ({ url: `http://127.0.0.1:${await closedPort()}/`, allowed: [shop] }),
      status: 'fail',
      found: /refused/,
    },
  ],
  async (t) => ({ url: `http://127.0.0.1:${await silent(t)}/`, within: '60s', allowed: '*' }),
);
