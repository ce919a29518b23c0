import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Served } from '../access/server.fixture.ts';
import { sendingLimits } from '../server.ts';

/** Everything that the server says to these bytes, the later ones after a while; it may hang up before. */
function raw(port: number, parts: readonly string[], everyMs: number): Promise<{ said: string; afterMs: number }> {
  return new Promise((resolve) => {
    const began = performance.now();
    let said = '';
    let sent = 0;
    const socket = connect(port, '127.0.0.1');
    const timer = setInterval(() => {
      const part = sent === 0 ? parts[0] : parts.at(-1);
      if (sent > 0 && parts.length === 1) return;
      sent += 1;
      if (part !== undefined && socket.writable) socket.write(part);
    }, everyMs);
    socket.on('data', (chunk) => (said += chunk.toString()));
    socket.on('error', () => {});
    socket.once('close', () => {
      clearInterval(timer);
      resolve({ said, afterMs: performance.now() - began });
    });
  });
}

describe('what every answer says to a browser', () => {
  const server = new Served();
  before(() => server.up());
  after(() => server.close());

  test('is a strict policy on pages, answers and errors alike, and no word of what serves them', async () => {
    for (const path of ['/', '/health', '/api/v1/services', '/api/v1/openapi.json', '/nothing']) {
      const { headers } = await fetch(`${server.host.url}${path}`, { headers: { accept: 'text/html' } });
      const policy = headers.get('content-security-policy') ?? '';
      for (const part of [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
      ])
        assert(policy.includes(part), `${path}: ${policy}`);
      assert.doesNotMatch(policy, /unsafe|https?:|\*/);
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.equal(headers.get('referrer-policy'), 'no-referrer');
      assert.equal(headers.get('x-frame-options'), 'DENY');
      assert.match(headers.get('permissions-policy') ?? '', /camera=\(\)/);
      assert.equal(headers.get('x-powered-by'), null);
      assert.equal(headers.get('access-control-allow-origin'), null);
      // On a laptop over plain HTTP it would lock out whatever else listens there.
      assert.equal(headers.get('strict-transport-security'), null);
    }
  });

  test('another site may not ask, and a name that was led here is not ours', async () => {
    const { url } = server.host;
    const asked = await fetch(`${url}/api/v1/services`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'GET' },
    });
    assert.equal(asked.headers.get('access-control-allow-origin'), null);
    const port = Number(new URL(url).port);
    const ask = async (host: string, more = ''): Promise<string> => {
      const { said } = await raw(port, [`GET /auth/options HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${more}\r\n`], 20);
      return said.split('\r\n')[0] ?? '';
    };
    for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1.evil.example', 'a b'])
      assert.match(await ask(host), /^HTTP\/1\.1 4(21|00)/, host);
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, '[::1]:80', '10.1.2.3', 'shop.localhost'])
      assert.match(await ask(host), /^HTTP\/1\.1 200/, host);
    // A program that brings a token knows whom it asks.
    assert.match(await ask('evil.example', 'Authorization: Bearer x\r\n'), /^HTTP\/1\.1 200/);
  });
});

describe('a controller behind a proxy', () => {
  const server = new Served({
    publicUrl: 'https://rampart.example',
    trustProxy: ['127.0.0.1'],
    cors: { origins: ['https://wall.example'] },
  });
  before(() => server.up());
  after(() => server.close());

  test('asks for https, and lets the origins of its document ask without a cookie', async () => {
    const { url } = server.host;
    const { headers } = await fetch(`${url}/health`, { headers: { origin: 'https://wall.example' } });
    assert.match(headers.get('strict-transport-security') ?? '', /max-age=31536000/);
    assert.equal(headers.get('access-control-allow-origin'), 'https://wall.example');
    assert.equal(headers.get('access-control-allow-credentials'), null);
    const other = await fetch(`${url}/health`, { headers: { origin: 'https://evil.example' } });
    assert.notEqual(other.headers.get('access-control-allow-origin'), 'https://evil.example');
  });
});

describe('people behind one proxy', () => {
  const server = new Served({ trustProxy: ['127.0.0.1'] });
  before(() => server.up());
  after(() => server.close());
  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });

  test('are not kept from signing in by somebody else who asks without end', async () => {
    for (let times = 0; times < 300; times += 1) await server.ask('GET', '/auth/options', undefined, from('203.0.113.1'));
    assert.equal((await server.ask('GET', '/auth/options', undefined, from('203.0.113.1'))).status, 429);
    assert.equal((await server.ask('GET', '/auth/options', undefined, from('198.51.100.7'))).status, 200);
    // Whoever has one address of an IPv6 network has all of it.
    for (let host = 0; host < 300; host += 1)
      await server.ask('GET', '/auth/options', undefined, from(`2001:db8:1:2::${host.toString(16)}`));
    assert.equal((await server.ask('GET', '/auth/options', undefined, from('2001:db8:1:2::ffff'))).status, 429);
    assert.equal((await server.ask('GET', '/auth/options', undefined, from('2001:db8:1:3::1'))).status, 200);
  });

  test('are on record with their own address, also when they claim another', async () => {
    await server.ask('POST', '/auth/sign-in', { name: 'nobody', password: 'x' }, from('192.0.2.66, 198.51.100.9'));
    const { entries } = await server.own<{ entries: { kind: string; from: { address: string } | null }[] }>(
      'GET',
      '/api/v1/audit?kind=sign-in-refused',
    );
    assert.deepEqual(
      entries.map(({ from: origin }) => origin?.address),
      ['198.51.100.9'],
    );
  });
});

test('an address that is only claimed is not believed without a proxy', async () => {
  const server = new Served();
  await server.up();
  try {
    const headers = { 'x-forwarded-for': '198.51.100.9', forwarded: 'for=198.51.100.9', 'x-real-ip': '198.51.100.9' };
    await server.ask('POST', '/auth/sign-in', { name: 'nobody', password: 'x' }, { headers });
    const { entries } = await server.own<{ entries: { from: { address: string } | null }[] }>(
      'GET',
      '/api/v1/audit?kind=sign-in-refused',
    );
    assert.equal(entries[0]?.from?.address, '127.0.0.1');
  } finally {
    await server.close();
  }
});

describe('who asks too often', () => {
  const server = new Served({
    rateLimits: {
      token: { perMinute: 5, perHour: 8 },
      user: { perMinute: 7 },
      anonymous: { perMinute: 6 },
      flags: { perMinute: 9 },
      alerts: { perMinute: 9 },
    },
  });
  before(() => server.up());
  after(() => server.close());

  test('with a token is told when to come back; its aborts, rollbacks and kill switches are taken all the same', async () => {
    const made = await server.token('ci', [{ role: 'operator', services: '*' }]);
    const { secret } = made;
    for (let left = 4; left >= 0; left -= 1) {
      const { status, headers } = await server.ask('GET', '/api/v1/services', undefined, { token: secret });
      assert.equal(status, 200);
      assert.equal(headers.get('ratelimit-remaining'), String(left));
    }
    const over = await server.ask('GET', '/api/v1/services', undefined, { token: secret });
    assert.equal(over.status, 429);
    assert.deepEqual((over.body as { code: string }).code, 'E_TOO_MANY');
    const wait = Number(over.headers.get('retry-after'));
    assert(wait >= 1 && wait <= 60, String(wait));
    for (let times = 0; times < 20; times += 1) {
      const abort = await server.ask('POST', '/api/v1/releases/none/verbs', { verb: 'abort' }, { token: secret });
      const rollback = await server.ask('POST', '/api/v1/services/none/rollback', {}, { token: secret });
      const off = await server.ask('POST', '/api/v1/flags/none/off', undefined, { token: secret });
      assert.deepEqual([abort.status, rollback.status, off.status], [404, 404, 404]);
    }
    const pause = await server.ask('POST', '/api/v1/releases/none/verbs', { verb: 'pause' }, { token: secret });
    assert.equal(pause.status, 429);
    // The owner of the data folder is not limited.
    for (let times = 0; times < 30; times += 1)
      assert.equal((await server.ask('GET', '/api/v1/services', undefined, { token: server.ownerToken })).status, 200);
  });

  test('with guesses is told to wait, and keeps nobody with a good credential out who is on the same machine', async () => {
    const { secret } = await server.token('night', [{ role: 'operator', services: '*' }]);
    const seen: number[] = [];
    for (let times = 0; times < 10; times += 1)
      seen.push((await server.ask('GET', '/api/v1/services', undefined, { token: `rmp_${times}` })).status);
    assert.deepEqual(seen, [401, 401, 401, 401, 401, 401, 429, 429, 429, 429]);
    const abort = await server.ask('POST', '/api/v1/releases/none/verbs', { verb: 'abort' }, { token: secret });
    const rollback = await server.ask('POST', '/api/v1/services/none/rollback', {}, { token: secret });
    assert.deepEqual([abort.status, rollback.status], [404, 404]);
    assert.equal((await server.ask('GET', '/api/v1/services', undefined, { token: server.ownerToken })).status, 200);
  });

  test('on the way in is told to wait', async () => {
    const seen: number[] = [];
    for (let times = 0; times < 8; times += 1) seen.push((await server.ask('GET', '/auth/options')).status);
    assert.deepEqual(seen, [200, 200, 200, 200, 200, 200, 429, 429]);
  });
});

test('whoever sends slowly is cut off, and everybody else is answered meanwhile', { timeout: 90_000 }, async () => {
  assert.deepEqual(sendingLimits, { requestMs: 30_000, headMs: 10_000, lookMs: 2_000 });
  // The same in less time.
  const server = new Served({}, {}, 0, { requestMs: 3_000, headMs: 1_000, lookMs: 200 });
  const { url } = await server.up();
  try {
    const port = Number(new URL(url).port);
    const several = (parts: readonly string[]) => Array.from({ length: 20 }, () => raw(port, parts, 200));
    const head = 'GET / HTTP/1.1\r\nHost: localhost\r\n';
    const body = `POST /auth/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{`;
    // Nothing at all is a head that never comes. A busy machine may be late.
    const slow: readonly (readonly [what: string, maxMs: number, answers: ReturnType<typeof several>])[] = [
      ['head', 8_000, several([head, 'x-more: 1\r\n'])],
      ['nothing', 8_000, several([''])],
      ['body', 12_000, several([body, ' '])],
    ];
    for (let times = 0; times < 10; times += 1) assert.equal((await fetch(`${url}/health`)).status, 200);
    for (const [what, maxMs, answers] of slow)
      for (const { said, afterMs } of await Promise.all(answers)) {
        assert(said === '' || /^HTTP\/1\.1 (408|400)/.test(said), `${what}: ${said.slice(0, 100)}`);
        assert(afterMs < maxMs, `${what}: ${afterMs} ms`);
      }
    assert.equal((await fetch(`${url}/health`)).status, 200);
  } finally {
    await server.close();
  }
});
