import assert from 'node:assert/strict';
import { once } from 'node:events';
import https from 'node:https';
import { after, test } from 'node:test';
import { Authority, opensslProgram } from '../../test/programs/certificates.ts';
import { isSafeAddress } from '../spec/safe-address.ts';
import { freePort } from '../system/free-port.ts';
import { isNotDelivered, post, refusalOf, retryAfterMs, said } from './post.ts';

test('when a receiver wants to be asked again is read as seconds or as a date, within an hour', () => {
  const date = 'Sun, 29 Nov 2026 01:20:00 GMT';
  const cases: readonly [given: string | undefined, wanted: number | null][] = [
    ['7', 7_000],
    ['0', 0],
    ['1.5', 1_500],
    ['Sun, 29 Nov 2026 01:20:30 GMT', 30_000],
    ['Sun, 29 Nov 2026 01:19:00 GMT', 0],
    ['86400', 3_600_000],
    ['999999999', 3_600_000],
    ['-5', null],
    ['soon', null],
    ['', null],
    [undefined, null],
  ];
  for (const [given, wanted] of cases)
    assert.equal(retryAfterMs({ date, ...(given === undefined ? {} : { 'retry-after': given }) }), wanted, given);
});

test('a status says whether it is a yes, for later, or a no', () => {
  const kind = (status: number) => refusalOf({ status, headers: {}, body: '' }, [])?.kind ?? 'yes';
  for (const status of [200, 201, 202, 204]) assert.equal(kind(status), 'yes', String(status));
  for (const status of [408, 421, 423, 425, 429, 500, 502, 503, 504]) assert.equal(kind(status), 'retry', String(status));
  for (const status of [301, 302, 307, 308, 400, 401, 403, 404, 405, 410, 413, 422])
    assert.equal(kind(status), 'refused', String(status));
});

test('it is known for certain that nothing was taken where nobody listens, and where it is said to be for later', async () => {
  const request = { url: `http://127.0.0.1:${await freePort()}/`, headers: {}, body: '', withinMs: 30_000, secrets: [] };
  const reply = await post(request, AbortSignal.timeout(30_000));
  assert(isNotDelivered(reply) && reply.kind === 'retry' && reply.untaken, JSON.stringify(reply));
  const certain = (status: number) => {
    const found = refusalOf({ status, headers: {}, body: '' }, []);
    return found?.kind === 'retry' && found.untaken === true;
  };
  assert.deepEqual([429, 423, 500, 503].map(certain), [true, true, false, false]);
});

test('what is said has no secret, also where it was cut, and stays short', () => {
  const secret = 'a-token-that-nobody-may-see';
  for (let before = 0; before < 400; before += 7) {
    const text = said(`${'x '.repeat(before / 2)}${secret} ${'y'.repeat(5_000)}`, [secret]);
    assert(text.length <= 300 && !text.includes(secret.slice(0, 8)), text);
  }
});

test('what is sent stays on the way between', () => {
  for (const url of ['https://a.example', 'http://127.0.0.1:1/x', 'http://localhost', 'http://[::1]:80/', 'http://127.9.9.9'])
    assert(isSafeAddress(url), url);
  for (const url of [
    'http://a.example',
    'http://127.0.0.1.evil.example',
    'http://localhost.evil.example',
    'http://0.0.0.0',
    'http://10.0.0.1',
    'ftp://127.0.0.1',
    'x',
    '',
  ])
    assert(!isSafeAddress(url), url);
});

const openssl = await opensslProgram();
if ('missing' in openssl) throw new Error(openssl.missing);
const authority = await Authority.found(openssl.path);
await authority.sign('hooks', 'hooks.example');
after(() => authority.close());

test('over https the certificate has to hold, by the authority and the name that are configured', async (t) => {
  const server = https.createServer({ cert: authority.text('hooks.pem'), key: authority.text('hooks.key') }, (_, response) =>
    response.end('ok'),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  assert(typeof address === 'object' && address !== null);
  const ask = async (tls: object) => {
    const request = { url: `https://127.0.0.1:${address.port}/`, headers: {}, body: '', withinMs: 30_000, tls, secrets: [] };
    const reply = await post(request, AbortSignal.timeout(30_000));
    return isNotDelivered(reply) ? `${reply.kind}: ${reply.said}` : reply.body;
  };
  const ca = authority.file('ca.pem');
  assert.equal(await ask({ ca, serverName: 'hooks.example' }), 'ok');
  assert.equal(await ask({ insecure: true }), 'ok');
  assert.match(await ask({}), /^retry: its certificate is not trusted/);
  assert.match(await ask({ ca, serverName: 'other.example' }), /^retry: its certificate is not trusted/);
  assert.match(await ask({ ca: '/nowhere/ca.pem' }), /^retry: .*ENOENT/);
});
