import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import { get, serve, until, versions } from '../users.fixture.ts';
import { deadEndpoint, makeEngine, rawVersion, sendRaw } from './testbed.test.ts';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

test('requests that can be read in two ways are answered 400 and reach no version', async (t) => {
  let reached = 0;
  const stable = await rawVersion(t, '1.0.0', (socket) => {
    reached++;
    socket.write(ok);
  });
  const { where, refused } = await makeEngine(t, { stable });
  const probes: readonly [name: string, request: string][] = [
    [
      'Content-Length and Transfer-Encoding',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd'],
    ['signed length', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc'],
    ['unknown coding', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
    ['two codings', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
    ['coding in HTTP/1.0', 'POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['folded header', 'GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n  y\r\n\r\n'],
    ['space before colon', 'GET / HTTP/1.1\r\nHost : a\r\n\r\n'],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n'],
    ['two Hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
    ['list as Host', 'GET / HTTP/1.1\r\nHost: a, b\r\n\r\n'],
    ['path in Host', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n'],
    ['bare LF', 'GET / HTTP/1.1\nHost: a\n\n'],
    ['bare LF in a value', 'GET / HTTP/1.1\r\nHost: a\r\nX: a\nY: b\r\n\r\n'],
    ['bare CR in a value', 'GET / HTTP/1.1\r\nHost: a\r\nX: a\rY: b\r\n\r\n'],
    ['NUL', 'GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n'],
    ['target without a slash', 'GET x HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['not HTTP', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ];
  for (const [name, request] of probes) {
    const answer = await sendRaw(where, Buffer.from(request, 'latin1'));
    assert.match(answer, /^HTTP\/1\.1 400 /, name);
    assert.equal(answer.match(/HTTP\/1\.1/g)?.length, 1, `${name}: one answer`);
  }
  assert.equal(reached, 0);
  assert.equal(refused()[400], probes.length);
});

test('a chunk that is none ends the request with 400, and the version sees it broken off', async (t) => {
  let open = 0;
  const { server, endpoint } = await serve(t, (request) => request.resume());
  server.on('connection', (socket) => {
    open++;
    socket.on('close', () => open--);
  });
  const { where, counted } = await makeEngine(t, { stable: { version: '1.0.0', endpoints: [endpoint] } });
  for (const chunk of ['zz\r\n', '3\r\nabcd\r\n0\r\n\r\n', '1;\nxx\r\na\r\n0\r\n\r\n']) {
    const answer = await sendRaw(where, `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`);
    assert.match(answer, /^HTTP\/1\.1 400 /, JSON.stringify(chunk));
  }
  await until(() => open === 0);
  assert.deepEqual(await counted('1.0.0', 3), { n: 0, aborted: 3, classes: {} });
});

test('headers of the connection stay on it, and who asks is told by the router alone', async (t) => {
  let seen: http.IncomingMessage | undefined;
  const { endpoint } = await serve(t, (request, response) => {
    seen = request;
    response.writeHead(200, { 'keep-alive': 'timeout=3', 'x-hop': '1', connection: 'x-hop', 'x-kept': 'yes' }).end('ok');
  });
  const stable = { version: '1.0.0', endpoints: [endpoint] };
  const spoofed = {
    connection: 'keep-alive, X-Secret, X-Forwarded-For, Host',
    'x-secret': '1',
    te: 'trailers',
    'proxy-authorization': 'x',
    'x-forwarded-for': '6.6.6.6',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'evil',
    forwarded: 'for=6.6.6.6',
    'x-kept': 'é',
  };
  const strict = await makeEngine(t, { stable });
  const answer = await get(t, strict.where, spoofed);
  const host = `127.0.0.1:${strict.where.port}`;
  assert.deepEqual(
    { ...seen?.headers },
    { host, 'x-kept': 'é', 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http', 'x-forwarded-host': host },
  );
  assert.equal(answer.headers['x-hop'], undefined);
  assert.equal(answer.headers['x-kept'], 'yes');
  const trusting = await makeEngine(t, { stable }, { trustForwarded: true });
  await get(t, trusting.where, spoofed);
  assert.equal(seen?.headers['x-forwarded-for'], '6.6.6.6, 127.0.0.1');
  assert.equal(seen?.headers['x-forwarded-proto'], 'https');
  assert.equal(seen?.headers['x-forwarded-host'], 'evil');
  assert.equal(seen?.headers.forwarded, 'for=6.6.6.6');
});

test('a target in absolute form is served by its own host', async (t) => {
  const { endpoint } = await serve(t, (request, response) => response.end(`${request.headers.host} ${request.url}`));
  const { where } = await makeEngine(t, { stable: { version: '1.0.0', endpoints: [endpoint] } });
  const answer = await sendRaw(where, 'GET http://b.example/x?y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  assert.match(answer, /b\.example \/x\?y$/);
});

test('too large a body is 413, too large a head is 431, too slow a head is 408', async (t) => {
  const { stable } = await versions(t);
  const { where, refused } = await makeEngine(
    t,
    { stable },
    { maxBody: '10B', maxHeader: '1KiB', timeouts: { headers: '200ms' } },
  );
  assert.equal((await get(t, where, {}, { method: 'POST', body: 'x'.repeat(10) })).status, 200);
  assert.equal((await get(t, where, {}, { method: 'POST', body: 'x'.repeat(11) })).status, 413);
  const chunked = { 'transfer-encoding': 'chunked' };
  assert.equal((await get(t, where, chunked, { method: 'POST', body: 'x'.repeat(11) })).status, 413);
  assert.match(await sendRaw(where, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(2_000)}\r\n\r\n`), /^HTTP\/1\.1 431 /);
  assert.match(await sendRaw(where, 'GET / HTTP/1.1\r\nHost: a\r\n'), /^HTTP\/1\.1 408 /);
  assert.deepEqual(refused(), { 408: 1, 413: 2, 431: 1 });
});

test('a version that does not answer in time is a timeout: 504', async (t) => {
  const stable = await rawVersion(t, '1.0.0', () => {});
  const { where, counted } = await makeEngine(t, { stable }, { timeouts: { response: '100ms' } });
  assert.equal((await get(t, where)).status, 504);
  assert.deepEqual(await counted('1.0.0', 1), { n: 1, aborted: 0, classes: { timeout: 1 } });
});

test('a version that falls silent in the middle of its answer is a timeout, and the client sees it cut', async (t) => {
  const stable = await rawVersion(t, '1.0.0', (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'));
  const { where, counted } = await makeEngine(t, { stable }, { timeouts: { idle: '150ms' } });
  await assert.rejects(get(t, where), { code: 'ECONNRESET' });
  assert.deepEqual(await counted('1.0.0', 1), { n: 1, aborted: 0, classes: { timeout: 1 } });
});

test('an answer that ends early is broken, and the client sees it cut', async (t) => {
  const halves = [
    'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf',
  ];
  const stable = await rawVersion(t, '1.0.0', (socket, request) => socket.end(halves[request.includes('/1') ? 1 : 0] ?? ''));
  const { where, counted } = await makeEngine(t, { stable });
  for (const path of ['/0', '/1']) await assert.rejects(get(t, where, {}, { path }), { code: 'ECONNRESET' });
  assert.deepEqual(await counted('1.0.0', 2), { n: 2, aborted: 0, classes: { broken: 2 } });
});

test('an answer that is not HTTP/1.1, strictly, is broken: 502', async (t) => {
  const answers = [
    'hello\r\n\r\n',
    'HTTP/2 200 OK\r\n\r\n',
    'HTTP/1.1 200 OK\nContent-Length: 2\n\nok\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n',
    'HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nX : a\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nX: a\0\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
    `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`,
    '',
  ];
  const stable = await rawVersion(t, '1.0.0', (socket, request) =>
    socket.end(answers[Number(/\/(\d+) /.exec(request)?.[1])] ?? ''),
  );
  const { where, counted } = await makeEngine(t, { stable });
  for (const i of answers.keys()) assert.equal((await get(t, where, {}, { path: `/${i}` })).status, 502, answers[i]);
  const n = answers.length;
  assert.deepEqual(await counted('1.0.0', n), { n, aborted: 0, classes: { broken: n } });
});

test('more than the answer on a connection is never taken for the next answer', async (t) => {
  const stable = await rawVersion(t, '1.0.0', (socket, request) =>
    socket.write(request.includes('/first') ? `${ok}HTTP/1.1 500 Planted\r\nContent-Length: 0\r\n\r\n` : ok),
  );
  const { where } = await makeEngine(t, { stable });
  assert.equal((await get(t, where, {}, { path: '/first' })).status, 200);
  for (let i = 0; i < 5; i++) assert.equal((await get(t, where)).status, 200);
});

test('a connection that the version closed while it was idle is replaced, without the client noticing', async (t) => {
  // Every connection answers one request and is reset by the second, as if the version had closed it at that moment.
  const served = new Set<number>();
  const stable = await rawVersion(t, '1.0.0', (socket, _request, connection) => {
    if (served.has(connection)) socket.resetAndDestroy();
    else socket.write(ok);
    served.add(connection);
  });
  const { where, counted } = await makeEngine(t, { stable });
  for (let i = 0; i < 5; i++) assert.equal((await get(t, where)).status, 200);
  assert.deepEqual(await counted('1.0.0', 5), { n: 5, aborted: 0, classes: {} });
  // A POST may have been carried out: it is not repeated. One that comes a second after the last request has a new connection.
  await until(async () => {
    const sentMs = performance.now();
    await get(t, where);
    const { status } = await get(t, where, {}, { method: 'POST', body: 'x' });
    if (performance.now() - sentMs >= 1_000) return false;
    assert.equal(status, 502);
    return true;
  });
});

test('when one instance takes no connections the other serves, and the user notices nothing', async (t) => {
  const { stable } = await versions(t);
  const { where, counted } = await makeEngine(t, {
    stable: { ...stable, endpoints: [await deadEndpoint(), ...stable.endpoints] },
  });
  for (let i = 0; i < 10; i++) assert.equal((await get(t, where, {}, { method: 'POST', body: 'x' })).status, 200);
  assert.deepEqual(await counted(stable.version, 10), { n: 10, aborted: 0, classes: {} });
});

test('when no instance of the candidate takes connections stable serves, and the failure is counted', async (t) => {
  const { stable } = await versions(t);
  const candidate = { version: '1.1.0', endpoints: [await deadEndpoint(), await deadEndpoint()] };
  const { where, counted, engine } = await makeEngine(t, { stable, candidate, weight: 100 });
  for (let i = 0; i < 10; i++) {
    const answer = await get(t, where, {}, { method: 'POST', body: 'x'.repeat(1_000) });
    assert.equal(answer.version, stable.version);
  }
  assert.deepEqual(await counted('1.1.0', 10), { n: 10, aborted: 0, classes: { connect: 10 } });
  assert.deepEqual(await counted(stable.version, 10), { n: 10, aborted: 0, classes: {} });
  assert.equal(engine.report().down.length, 2);
});

test('without anybody who takes connections the answer is 502, without a version 503', async (t) => {
  const stable = { version: '1.0.0', endpoints: [await deadEndpoint()] };
  const { where, engine, counted, refused } = await makeEngine(t, { stable });
  assert.equal((await get(t, where)).status, 502);
  assert.deepEqual(await counted('1.0.0', 1), { n: 1, aborted: 0, classes: { connect: 1 } });
  engine.apply({ route: { stable: null, candidate: null, weight: 0, match: [] }, leaseLeftMs: null });
  assert.equal((await get(t, where)).status, 503);
  assert.deepEqual(refused(), { 503: 1 });
});

test('a request whose client has gone is counted apart, and the version hears of it', async (t) => {
  let closed = false;
  const { server, endpoint } = await serve(t, () => {});
  const arrived = new Promise<void>((resolve) => server.on('request', () => resolve()));
  server.on('connection', (socket) => socket.on('close', () => (closed = true)));
  const { where, counted } = await makeEngine(t, { stable: { version: '1.0.0', endpoints: [endpoint] } });
  const request = http.get({ ...where, agent: false }).on('error', () => {});
  await arrived;
  request.destroy();
  await until(() => closed);
  assert.deepEqual(await counted('1.0.0', 1), { n: 0, aborted: 1, classes: {} });
});

test('a new user is given a cookie once, while traffic is split, and a page cannot read it', async (t) => {
  const { stable, candidate } = await versions(t);
  const { where, engine } = await makeEngine(t, { stable, candidate, weight: 50 });
  const cookie = (await get(t, where, { cookie: 'other=1' })).headers['set-cookie'];
  assert.equal(cookie?.length, 1);
  assert.match(cookie?.[0] ?? '', /^rampart=[0-9a-z-]{37,41}; Path=\/; HttpOnly; SameSite=Lax$/);
  const known = (cookie?.[0] ?? '').split(';')[0];
  assert.equal((await get(t, where, { cookie: `other=1; ${known}` })).headers['set-cookie'], undefined);
  for (const weight of [0, 100]) {
    engine.apply({ route: { stable, candidate, weight, match: [] }, leaseLeftMs: null });
    assert.equal((await get(t, where)).headers['set-cookie'], undefined, `at ${weight} %`);
  }
});

test('users can be told apart by a header; requests without it are dealt out evenly', async (t) => {
  const { stable, candidate } = await versions(t);
  const { where } = await makeEngine(t, { stable, candidate, weight: 25 }, { bucket: { header: 'X-User' } });
  for (const user of ['ann', 'bob', 'cid', 'dan', 'eve']) {
    const { version } = await get(t, where, { 'x-user': user });
    for (let i = 0; i < 4; i++) assert.equal((await get(t, where, { 'x-user': user })).version, version);
  }
  let candidates = 0;
  for (let i = 0; i < 40; i++) {
    const answer = await get(t, where);
    assert.equal(answer.headers['set-cookie'], undefined);
    if (answer.version === candidate.version) candidates++;
  }
  assert.equal(candidates, 10);
});

test('the lease also ends in an engine that hears nothing any more', async (t) => {
  const { stable, candidate } = await versions(t);
  const { where, engine } = await makeEngine(t, {});
  const leaseLeftMs = 100;
  const match = [{ header: 'x-canary', equals: '1' }] as const;
  engine.apply({ route: { stable, candidate, weight: 100, match }, leaseLeftMs });
  const endMs = performance.now() + leaseLeftMs;
  assert.equal((await get(t, where)).version, candidate.version);
  await until(() => performance.now() > endMs);
  assert.equal((await get(t, where, { 'x-canary': '1' })).version, stable.version);
});

test('a version that left the route finishes what it has begun', async (t) => {
  let finish = () => {};
  const { server, endpoint } = await serve(t, (_request, response) => {
    finish = () => response.end('late');
  });
  const arrived = new Promise<void>((resolve) => server.on('request', () => resolve()));
  const { stable } = await versions(t);
  const { where, engine, counted } = await makeEngine(t, { stable: { version: 'old', endpoints: [endpoint] } });
  const running = get(t, where);
  await arrived;
  engine.apply({ route: { stable, candidate: null, weight: 0, match: [] }, leaseLeftMs: null });
  assert.equal((await get(t, where)).version, stable.version);
  finish();
  assert.equal((await running).body, 'late');
  assert.equal((await counted('old', 1)).n, 1);
});

test('ending waits for running requests, and takes no new ones', async (t) => {
  let finish = () => {};
  const { server, endpoint } = await serve(t, (_request, response) => {
    finish = () => response.end('late');
  });
  const arrived = new Promise<void>((resolve) => server.on('request', () => resolve()));
  const { where, engine } = await makeEngine(t, { stable: { version: '1.0.0', endpoints: [endpoint] } });
  const running = get(t, where);
  await arrived;
  const drained = engine.drain(5_000);
  await assert.rejects(get(t, where), { code: 'ECONNREFUSED' });
  finish();
  const answer = await running;
  assert.equal(answer.body, 'late');
  assert.equal(answer.headers.connection, 'close');
  await drained;
});
