import type { OutgoingHttpHeaders } from 'node:http';
import type { TestContext } from 'node:test';
import { checkConformance } from '../conformance.ts';
import { closedPort, endless, serving, silent } from '../servers.fixture.ts';
import { headers } from './index.ts';

const careful: OutgoingHttpHeaders = {
  'strict-transport-security': 'max-age=31536000; includeSubDomains; preload',
  'content-security-policy':
    "default-src 'self'; script-src 'self' 'nonce-r4nd0m' 'unsafe-inline'; object-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer, strict-origin-when-cross-origin',
  'permissions-policy': 'camera=()',
  'set-cookie': ['session=1; Secure; HttpOnly; SameSite=Lax; Path=/', 'theme=dark; Secure; SameSite=Strict'],
};

/** A page with these headers, and a script that may be kept. */
async function page(t: TestContext, given: OutgoingHttpHeaders, script: OutgoingHttpHeaders = {}): Promise<string> {
  return await serving(t, (request, response) => {
    if (request.url === '/app.js') response.writeHead(200, script).end('x'.repeat(200_000));
    else response.writeHead(request.url === '/' ? 200 : 404, given).end('<h1>Shop</h1>');
  });
}

const readable = { cookies: { readable: ['theme'] } };

checkConformance(
  'headers',
  headers,
  [
    {
      name: 'a careful page',
      given: async (t) => {
        const base = await page(t, careful, { 'cache-control': 'public, max-age=31536000, immutable' });
        const strict = {
          hsts: { subDomains: true, preload: true },
          csp: { inline: 'fail', directives: ['object-src'] },
          frames: 'none',
        };
        return {
          url: base,
          ...readable,
          ...strict,
          also: { 'Permissions-Policy': 'camera' },
          static: [{ url: `${base}/app.js`, maxAge: '30d', immutable: true }],
        };
      },
      status: 'pass',
      found: /Strict-Transport-Security holds for 31536000 s/,
    },
    {
      name: 'a page that says nothing',
      given: async (t) => ({ url: await page(t, { 'x-powered-by': 'Express' }) }),
      status: 'fail',
      found:
        /Strict-Transport-Security is missing; Content-Security-Policy is missing; X-Content-Type-Options is missing; anybody may show the page in a frame; Referrer-Policy is missing; and 1 more/,
      fix: /send Strict-Transport-Security: max-age=15552000/,
    },
    {
      name: 'a careful proxy in front of a service that fails',
      given: async (t) => ({
        url: await serving(t, (_, response) => response.writeHead(502, { ...careful, 'set-cookie': [] }).end()),
        ...readable,
      }),
      status: 'unproven',
      found: /^the answer is 502/,
    },
    {
      name: 'each part can be off',
      given: async (t) => ({
        url: await page(t, {}),
        hsts: 'off',
        csp: 'off',
        nosniff: false,
        frames: 'off',
        referrer: 'off',
        cookies: 'off',
        absent: [],
      }),
      status: 'pass',
    },
    {
      name: 'what runs is told',
      given: async (t) => ({ url: await page(t, { ...careful, 'x-powered-by': 'Express' }), ...readable }),
      status: 'fail',
      found: /^X-Powered-By tells everybody "Express"$/,
    },
    {
      name: 'HSTS for too short a time',
      given: async (t) => ({ url: await page(t, { ...careful, 'strict-transport-security': 'max-age=60' }), ...readable }),
      status: 'fail',
      found: /holds for 60 s, less than 15552000 s/,
    },
    {
      name: 'a policy that lets every inline script run',
      given: async (t) => ({
        url: await page(t, {
          ...careful,
          'content-security-policy': "default-src 'self' 'unsafe-inline'; frame-ancestors 'self'",
        }),
        ...readable,
      }),
      status: 'warn',
      found: /allows scripts by 'unsafe-inline'/,
    },
    {
      name: 'a policy that says nothing about scripts',
      given: async (t) => ({
        url: await page(t, { ...careful, 'content-security-policy': "frame-ancestors 'self'" }),
        ...readable,
      }),
      status: 'fail',
      found: /says nothing about scripts/,
    },
    {
      name: 'X-Frame-Options does not help against frame-ancestors *',
      given: async (t) => ({
        url: await page(t, {
          ...careful,
          'x-frame-options': 'DENY',
          'content-security-policy': "default-src 'self'; frame-ancestors *",
        }),
        ...readable,
      }),
      status: 'fail',
      found: /frame-ancestors \* lets too many/,
    },
    {
      name: 'a cookie without care',
      given: async (t) => ({ url: await page(t, { ...careful, 'set-cookie': 'session=secret-value; SameSite=None' }) }),
      status: 'fail',
      found: /^the cookie session lacks Secure, HttpOnly, SameSite=strict\|lax$/,
      secret: 'secret-value',
    },
    {
      name: 'a file that nobody keeps, and one that is not there',
      given: async (t) => {
        const base = await page(t, careful, { 'cache-control': 'no-cache' });
        return { url: base, ...readable, static: [{ url: `${base}/app.js` }, { url: `${base}/gone.js` }] };
      },
      status: 'fail',
      found: /Cache-Control of \/app.js is "no-cache"; \/gone.js is answered with 404/,
    },
    {
      name: 'an answer without an end has headers all the same',
      given: async (t) => {
        const head = Object.entries({ ...careful, 'set-cookie': 'a=1; Secure; HttpOnly; SameSite=Lax' }).map(
          ([name, value]) => `${name}: ${value}\r\n`,
        );
        return { url: `http://127.0.0.1:${await endless(t, `HTTP/1.1 200 OK\r\n${head.join('')}\r\n`, 'x')}/` };
      },
      status: 'pass',
    },
    {
      name: 'nothing listens',
      given: async () => ({ url: `http://127.0.0.1:${await closedPort()}/` }),
      status: 'fail',
      found: /refused/,
    },
  ],
  async (t) => ({ url: `http://127.0.0.1:${await silent(t)}/`, within: '60s' }),
);
