import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, type TestContext, test } from 'node:test';
import { Authority, opensslProgram } from '../../../test/programs/certificates.ts';
import { checkConformance } from '../conformance.ts';
import { closedPort, endless, serving, silent, talking } from '../servers.fixture.ts';
import { http } from './index.ts';

const openssl = await opensslProgram();
if ('missing' in openssl) throw new Error(openssl.missing);
const authority = await Authority.found(openssl.path);
const host = 'shop.example';
await Promise.all([authority.sign('shop', host), authority.sign('other', 'other.example'), authority.selfSign('own', host)]);
await authority.sign('expired', host, { fromMs: Date.now() - 90 * 86_400_000, toMs: Date.now() - 86_400_000 });
after(() => authority.close());

const password = 'correct-horse-battery';
const environment = { SMOKE_PASSWORD: password, SHOP_TOKEN: 'token-of-the-shop' };

/** A shop: health, a page to sign in with an anti-forgery token, orders for whoever is signed in. */
async function shop(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? '', 'http://shop');
  const say = (status: number, body: unknown, headers = {}) =>
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
  const isSignedIn = request.headers.cookie?.includes('session=s-12345') === true;
  if (pathname === '/health')
    return void say(200, { status: 'ok', parts: [{ name: 'db', ready: true }] }, { 'content-type': 'application/json' });
  if (pathname === '/login' && request.method === 'GET')
    return void say(200, '<form><input type="hidden" name="csrf" value="a&amp;b+c/d"></form>', {
      'set-cookie': 'seen=1; Path=/',
    });
  if (pathname === '/login') {
    const given = new URLSearchParams(await text(request));
    const isRight = given.get('csrf') === 'a&b+c/d' && given.get('password') === password && request.headers.cookie === 'seen=1';
    if (!isRight) return void say(403, `no entry with ${given.get('password')}`);
    return void say(302, '', { location: '/welcome', 'set-cookie': 'session=s-12345; HttpOnly' });
  }
  if (pathname === '/welcome') return void say(isSignedIn ? 200 : 401, 'Welcome');
  if (pathname === '/orders' && request.method === 'POST') {
    const order = JSON.parse(await text(request));
    return void say(isSignedIn ? 201 : 401, { id: 'order/7', lines: order.lines }, { etag: '"1"' });
  }
  if (pathname === '/orders/order%2F7') return void say(isSignedIn ? 200 : 401, { id: 'order/7', state: 'new' });
  if (pathname === '/echo') return void say(200, request.headers.authorization ?? 'nobody', { 'x-token': 't-abc' });
  if (pathname === '/away') return void say(307, '', { location: String(request.headers['x-to']) });
  if (pathname === '/round') return void say(302, '', { location: '/round' });
  say(404, 'nothing here');
}

const signIn = (base: string, given: object) => ({
  secrets: { password: { env: 'SMOKE_PASSWORD' } },
  requests: [
    { url: `${base}/login`, take: { csrf: { field: 'csrf' } } },
    { url: `${base}/login`, form: { user: 'smoke', password: '{{password}}', csrf: '{{csrf}}' }, status: 302, ...given },
    { url: `${base}/welcome`, contains: 'Welcome' },
    {
      name: 'place an order',
      url: `${base}/orders`,
      body: { lines: ['{{csrf}}'] },
      status: 201,
      json: { '/lines/0': '{{csrf}}' },
      has: { ETag: '"1"' },
      take: { order: { json: '/id' } },
    },
    { url: `${base}/orders/{{order}}`, json: { '/state': 'new', '/id': '{{order}}' } },
  ],
});

checkConformance(
  'http',
  http,
  [
    {
      name: 'health is as it should be',
      given: async (t) => ({
        url: `${await serving(t, shop)}/health`,
        status: 200,
        contains: 'db',
        lacks: 'Traceback',
        json: { '/status': 'ok', '/parts/0/ready': true },
      }),
      status: 'pass',
      found: /^answered as expected after \d+ ms$/,
    },
    {
      name: 'health says something else',
      given: async (t) => ({ url: `${await serving(t, shop)}/health`, json: { '/status': 'up', '/version': '1' } }),
      status: 'fail',
      found: /^\/status is "ok" instead of "up"; \/version is not there instead of "1"$/,
      fix: /GET http:.*\/health/,
    },
    {
      name: 'another status than expected',
      given: async (t) => ({ url: `${await serving(t, shop)}/nowhere` }),
      status: 'fail',
      found: /^the status is 404 instead of 2xx$/,
    },
    {
      name: 'a redirect is the answer, unless it may be followed',
      given: async (t) => ({ url: `${await serving(t, shop)}/round` }),
      status: 'fail',
      found: /302 \(\/round\) instead of 2xx/,
    },
    {
      name: 'redirects without an end',
      given: async (t) => ({ url: `${await serving(t, shop)}/round`, redirects: 5 }),
      status: 'fail',
      found: /302/,
    },
    {
      name: 'a user signs in and orders, each request with what an answer before it gave',
      given: async (t) => signIn(await serving(t, shop), {}),
      status: 'pass',
      found: /^all 5 answered as expected/,
      context: { environment },
      secret: password,
    },
    {
      name: 'a redirect after signing in is followed with the cookies that it brings',
      given: async (t) => signIn(await serving(t, shop), { redirects: 3, status: 200 }),
      status: 'pass',
      context: { environment },
    },
    {
      name: 'a wrong password is told without the password, which the server repeats',
      given: async (t) => signIn(await serving(t, shop), { contains: 'welcome', has: { 'X-None': 'no' }, status: 403 }),
      status: 'fail',
      found: /^POST \/login: it does not contain "welcome"/,
      context: { environment: { SMOKE_PASSWORD: 'wrong-password-1' } },
      secret: 'wrong-password-1',
    },
    {
      name: 'a named secret in a header is sent and not shown',
      given: async (t) => ({
        url: `${await serving(t, shop)}/echo`,
        headers: { Authorization: { env: 'SHOP_TOKEN', prefix: 'Bearer ' } },
        contains: 'Bearer token-of-the-shop',
        json: { '/no': 'json' },
      }),
      status: 'fail',
      found: /^it is no JSON$/,
      context: { environment },
      secret: 'token-of-the-shop',
    },
    {
      name: 'a token of one answer is sent in a header of the next, name and password to their server alone',
      given: async (t) => {
        const base = await serving(t, shop);
        return {
          basic: { user: 'smoke', password: { env: 'SMOKE_PASSWORD' } },
          requests: [
            { url: `${base}/echo`, contains: 'Basic ', take: { token: { header: 'x-token' } } },
            { url: `${await serving(t, shop)}/echo`, headers: { Authorization: 'Bearer {{token}}' }, contains: 'Bearer t-abc' },
            { url: `${base}/echo`, headers: { Authorization: 'Bearer {{token}}' }, contains: 'Bearer t-abc' },
            { url: `${await serving(t, shop)}/echo`, contains: 'nobody' },
          ],
        };
      },
      status: 'pass',
      context: { environment },
    },
    {
      name: 'a header is not told to another server that a redirect leads to',
      given: async (t) => {
        const other = await serving(t, shop);
        return {
          url: `${await serving(t, shop)}/away`,
          headers: { Authorization: { env: 'SHOP_TOKEN' }, 'X-To': `${other}/echo` },
          redirects: 1,
          contains: 'nobody',
        };
      },
      status: 'pass',
      context: { environment },
    },
    {
      name: 'a secret that is not there proves nothing',
      given: async (t) => ({ url: `${await serving(t, shop)}/echo`, headers: { Authorization: { env: 'NOT_SET' } } }),
      status: 'unproven',
      found: /NOT_SET is not set/,
      context: { environment },
    },
    {
      name: 'a value that no answer gave',
      given: async (t) => ({ url: `${await serving(t, shop)}/orders/{{order}}` }),
      status: 'fail',
      found: /nothing is known of \{\{order\}\}/,
    },
    {
      name: 'nothing listens',
      given: async () => ({ url: `http://127.0.0.1:${await closedPort()}/health` }),
      status: 'fail',
      found: /refused: nothing listens/,
    },
    {
      name: 'a name that has no address',
      given: () => ({ url: 'http://nowhere.invalid/health' }),
      status: 'fail',
      found: /name/,
    },
    ...(
      [
        ['a certificate that is trusted', 'shop', 'pass', /^answered as expected/],
        ['an expired certificate', 'expired', 'fail', /^the certificate has expired$/],
        ['a self-signed certificate', 'own', 'fail', /^the certificate is self-signed$/],
        ['a certificate of another name', 'other', 'fail', /^the certificate is for another name$/],
      ] as const
    ).map(([name, certificate, status, found]) => ({
      name,
      given: async (t: TestContext) => {
        const secure = { cert: authority.text(`${certificate}.pem`), key: authority.text(`${certificate}.key`) };
        const tls = { ca: authority.file('ca.pem'), serverName: host };
        return { url: `${await serving(t, shop, secure)}/health`, tls };
      },
      status,
      found,
    })),
    {
      name: 'a certificate of an authority that nobody knows',
      given: async (t) => {
        const secure = { cert: authority.text('shop.pem'), key: authority.text('shop.key') };
        return { url: `${await serving(t, shop, secure)}/health`, tls: { serverName: host } };
      },
      status: 'fail',
      found: /^the certificate is not signed by an authority that is trusted$/,
      fix: /: ca$/,
    },
    {
      name: 'a server that accepts and never answers',
      given: async (t) => ({ url: `http://127.0.0.1:${await silent(t)}/health`, within: '100ms' }),
      status: 'fail',
      found: /^no answer within 100 ms$/,
    },
    {
      name: 'a peer that answers a letter at a time',
      given: async (t) => {
        const port = await talking(t, (socket) => {
          socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n');
          const timer = setInterval(() => socket.write('x'), 10);
          socket.once('close', () => clearInterval(timer));
        });
        return { url: `http://127.0.0.1:${port}/health`, within: '150ms' };
      },
      status: 'fail',
      found: /^no answer within 150 ms$/,
    },
    {
      name: 'an answer without an end',
      given: async (t) => ({ url: `http://127.0.0.1:${await endless(t, 'HTTP/1.1 200 OK\r\n\r\n', 'x')}/health` }),
      status: 'fail',
      found: /more than 4 MiB/,
    },
    {
      name: 'headers without an end',
      given: async (t) => ({ url: `http://127.0.0.1:${await endless(t, 'HTTP/1.1 200 OK\r\n', 'X-A: b\r\n')}/health` }),
      status: 'fail',
      found: /head of the answer is too long/,
    },
    {
      name: 'something that speaks no HTTP',
      given: async (t) => ({
        url: `http://127.0.0.1:${await talking(t, (socket) => socket.end('220 mail.example ESMTP\r\n'))}/`,
      }),
      status: 'fail',
      found: /./,
    },
  ],
  async (t) => ({ url: `http://127.0.0.1:${await silent(t)}/`, within: '60s' }),
);

test('http: mistakes in a document are told', () => {
  const refused: readonly [object, RegExp][] = [
    [{ url: 'http://shop/?token=abc' }, /without token/],
    [{ url: 'http://shop/', headers: { Authorization: 'Bearer abc' } }, /expected \{ env: NAME \}/],
    [{ url: 'http://shop/', form: { password: 'abc' } }, /expected \{ env: NAME \}/],
    [{ url: 'http://shop/', method: 'GET', body: 'x' }, /no body with GET/],
    [{ url: 'http://shop/', body: 'x', form: { a: 'b' } }, /no form beside body/],
    [{ url: 'http://shop/', json: { status: 'ok' } }, /JSON Pointer/],
    [{ url: 'ftp://shop/' }, /http or https URL/],
    [{ requests: [] }, /./],
    [{ url: 'http://shop/', requests: [{ url: 'http://shop/' }] }, /already given/],
  ];
  for (const [config, message] of refused) {
    const { error } = http.schema.safeParse(config);
    assert.match(JSON.stringify(error?.issues), message, JSON.stringify(config));
  }
  // And one that is right, so that the table above does not pass because everything is refused.
  assert.ok(http.schema.safeParse({ url: 'http://shop/' }).success);
});
