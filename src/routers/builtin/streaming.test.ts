import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type WebSocket, WebSocketServer, WebSocket as WsClient } from 'ws';
import type { Backend } from '../router.ts';
import { get, serve, soon, until } from '../users.fixture.ts';
import { makeEngine, rawVersion, sendRaw } from './testbed.test.ts';

test('bodies arrive as they were sent, with a length and in chunks, both ways', async (t) => {
  const { endpoint } = await serve(t, (request, response) => {
    const hash = createHash('sha256');
    request.on('data', (part) => hash.update(part));
    request.on('end', () => response.setHeader('x-hash', hash.digest('hex')).end('done'));
  });
  const echo = await serve(t, (request, response) => {
    if (request.headers['content-length']) response.setHeader('content-length', request.headers['content-length']);
    request.pipe(response);
  });
  const upload = await makeEngine(t, { stable: { version: '1.0.0', endpoints: [endpoint] } });
  const both = await makeEngine(t, { stable: { version: '1.0.0', endpoints: [echo.endpoint] } });
  const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  for (const size of [0, 1, 5_000, 65_536, 3_000_000])
    for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
      const body = randomBytes(size);
      assert.equal((await get(t, upload.where, headers, { method: 'POST', body })).headers['x-hash'], hashOf(body));
      const returned = await fetch(`http://127.0.0.1:${both.where.port}/`, {
        method: 'POST',
        body: 'transfer-encoding' in headers ? new Blob([body]).stream() : body,
        duplex: 'half',
        signal: soon(),
      } as RequestInit);
      assert.equal(hashOf(Buffer.from(await returned.arrayBuffer())), hashOf(body));
    }
});

test('events reach the client one by one, while the answer is still running', async (t) => {
  let send: (event: string) => void = () => {};
  const { endpoint } = await serve(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    send = (event) => response.write(`data: ${event}\n\n`);
  });
  const { where } = await makeEngine(t, { stable: { version: '1.0.0', endpoints: [endpoint] } });
  const response = await fetch(`http://127.0.0.1:${where.port}/`, { signal: soon() });
  const reader = response.body?.getReader();
  for (const event of ['one', 'two', 'three']) {
    send(event);
    assert.equal(Buffer.from((await reader?.read())?.value ?? []).toString(), `data: ${event}\n\n`);
  }
  await reader?.cancel();
});

test('a client that does not read stops the version, not the memory', async (t) => {
  let written = 0;
  let isBlocked = false;
  const total = 64 * 1_048_576;
  const { endpoint } = await serve(t, (_request, response) => {
    const part = Buffer.alloc(65_536);
    const more = () => {
      while (written < total) {
        written += part.length;
        if (!response.write(part)) {
          isBlocked = true;
          response.once('drain', () => {
            isBlocked = false;
            more();
          });
          return;
        }
      }
      response.end();
    };
    more();
  });
  const { where, counted } = await makeEngine(t, { stable: { version: '1.0.0', endpoints: [endpoint] } });
  let received = 0;
  const response = await new Promise<http.IncomingMessage>((resolve) => http.get({ ...where, agent: false }, resolve));
  let last = -1;
  await until(() => {
    const still = isBlocked && written === last;
    last = written;
    return still;
  });
  assert.ok(written < total / 2, `${written} bytes were taken from the version before anybody read`);
  for await (const part of response) received += (part as Buffer).length;
  assert.equal(received, total);
  assert.deepEqual(await counted('1.0.0', 1), { n: 1, aborted: 0, classes: {} });
});

test('a version that does not read stops the client, not the memory', async (t) => {
  let start = () => {};
  let isThere = false;
  let seen = 0;
  const { endpoint } = await serve(t, (request, response) => {
    isThere = true;
    start = () => request.on('data', (part: Buffer) => (seen += part.length)).on('end', () => response.end('done'));
  });
  const { where } = await makeEngine(t, { stable: { version: '1.0.0', endpoints: [endpoint] } });
  const total = 64 * 1_048_576;
  const request = http.request({ ...where, agent: false, method: 'POST', headers: { 'content-length': total } });
  const answered = new Promise<http.IncomingMessage>((resolve) => request.on('response', resolve));
  const part = Buffer.alloc(65_536);
  let written = 0;
  const fill = () => {
    while (written < total) {
      written += part.length;
      if (!request.write(part)) return;
    }
    request.end();
  };
  request.on('drain', fill);
  fill();
  let last = -1;
  await until(() => {
    const still = isThere && written === last && request.writableNeedDrain;
    last = written;
    return still;
  });
  assert.ok(written < total / 2, `${written} bytes were taken from the client before the version read`);
  start();
  assert.equal((await answered).resume().statusCode, 200);
  assert.equal(seen, total);
});

test('HEAD, 204 and 304 have no body, and the connection stays usable', async (t) => {
  const { endpoint } = await serve(t, (request, response) => {
    if (request.url === '/204') response.writeHead(204).end();
    else if (request.url === '/304') response.writeHead(304, { etag: '"x"' }).end();
    else if (request.url === '/chunked') {
      response.write('part ');
      response.end('whole');
    } else response.end('whole');
  });
  const { where } = await makeEngine(t, { stable: { version: '1.0.0', endpoints: [endpoint] } });
  const line = (method: string, path: string) => `${method} ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
  const requests =
    line('HEAD', '/') + line('HEAD', '/chunked') + line('GET', '/204') + line('GET', '/304') + line('GET', '/last');
  const answer = await sendRaw(where, requests, (text) => text.endsWith('whole'));
  assert.deepEqual(
    [...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status),
    ['200', '200', '204', '304', '200'],
  );
  assert.equal(answer.match(/whole/g)?.length, 1);
});

test('pipelined requests are answered in their order', async (t) => {
  const { endpoint } = await serve(t, (request, response) => {
    if (request.url === '/0') setTimeout(() => response.end('[0]'), 30);
    else response.end(`[${request.url?.slice(1)}]`);
  });
  const { where } = await makeEngine(t, { stable: { version: '1.0.0', endpoints: [endpoint] } });
  const requests = [0, 1, 2, 3].map((i) => `GET /${i} HTTP/1.1\r\nHost: a\r\n\r\n`).join('');
  const answer = await sendRaw(where, requests, (text) => text.endsWith('[3]'));
  assert.deepEqual(answer.match(/\[\d\]/g), ['[0]', '[1]', '[2]', '[3]']);
});

test('an answer that ends with its connection reaches old and new clients whole', async (t) => {
  const stable = await rawVersion(t, '1.0.0', (socket) => socket.end('HTTP/1.0 200 Fine\r\nX: 1\r\n\r\nall of it'));
  const { where, counted } = await makeEngine(t, { stable });
  assert.equal((await get(t, where)).body, 'all of it');
  const old = await sendRaw(where, 'GET / HTTP/1.0\r\n\r\n');
  assert.match(old, /^HTTP\/1\.1 200 Fine\r\n/);
  assert.match(old, /\r\n\r\nall of it$/);
  assert.deepEqual(await counted('1.0.0', 2), { n: 2, aborted: 0, classes: {} });
});

test('trailers and chunk extensions do not disturb what follows', async (t) => {
  const stable = await rawVersion(t, '1.0.0', (socket) => {
    const answer =
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n3;a="b"\r\none\r\n2\r\n+1\r\n0\r\nX-T: 1\r\n\r\n';
    // One byte at a time: nothing may depend on how the bytes are cut.
    for (const byte of answer) socket.write(byte);
  });
  const { where } = await makeEngine(t, { stable });
  for (let i = 0; i < 3; i++) {
    const answer = await get(t, where);
    assert.equal(answer.body, 'one+1');
    assert.equal(answer.headers.trailer, undefined);
  }
  const sent = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;x=y\r\na\r\n0\r\nX-T: 1\r\n\r\n';
  assert.match(await sendRaw(where, sent, (text) => text.includes('+1')), /^HTTP\/1\.1 200 /);
});

test('100-continue is asked of the version: it may refuse before the body was sent', async (t) => {
  const { server, endpoint } = await serve(t, (request, response) => request.resume().on('end', () => response.end('got it')));
  server.on('checkContinue', (request: http.IncomingMessage, response: http.ServerResponse) => {
    if (request.url === '/no') response.writeHead(403, { 'content-length': '0' }).end();
    else {
      response.writeContinue();
      server.emit('request', request, response);
    }
  });
  const { where } = await makeEngine(t, { stable: { version: '1.0.0', endpoints: [endpoint] } });
  const ask = async (path: string) =>
    await new Promise<{ status: number; continued: boolean }>((resolve, reject) => {
      let continued = false;
      const request = http.request({
        ...where,
        path,
        method: 'POST',
        agent: false,
        headers: { expect: '100-continue', 'content-length': 3 },
      });
      request.on('continue', () => {
        continued = true;
        request.end('abc');
      });
      request.on('response', (response) => {
        response.resume();
        resolve({ status: response.statusCode ?? 0, continued });
        request.destroy();
      });
      request.on('error', reject);
      request.flushHeaders();
    });
  assert.deepEqual(await ask('/yes'), { status: 200, continued: true });
  assert.deepEqual(await ask('/no'), { status: 403, continued: false });
});

test('early hints are handed on before the answer', async (t) => {
  const { endpoint } = await serve(t, (_request, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' });
    response.end('ok');
  });
  const { where } = await makeEngine(t, { stable: { version: '1.0.0', endpoints: [endpoint] } });
  const answer = await sendRaw(where, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', (text) => text.endsWith('ok'));
  assert.match(answer, /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/style\.css>; rel=preload; as=style\r\n\r\nHTTP\/1\.1 200 OK/i);
});

test('a WebSocket passes both ways, follows the split, and is counted as one request', async (t) => {
  const stable = await socketVersion(t, '1.0.0');
  const candidate = await socketVersion(t, '1.1.0');
  const { where, counted, engine } = await makeEngine(t, {
    stable,
    candidate,
    weight: 0,
    match: [{ header: 'x-canary', equals: '1' }],
  });
  for (const [headers, version] of [
    [{}, '1.0.0'],
    [{ 'x-canary': '1' }, '1.1.0'],
  ] as const) {
    const client = new WsClient(`ws://127.0.0.1:${where.port}/`, { headers });
    t.after(() => client.terminate());
    assert.equal(String(await next(client)), version);
    const big = randomBytes(1_000_000);
    client.send(big);
    assert.ok(big.equals(await next(client)));
    // An open socket survives a change of the route.
    engine.apply({ route: { stable, candidate, weight: 0, match: [{ header: 'x-canary', equals: '1' }] }, leaseLeftMs: null });
    client.send('still here');
    assert.equal(String(await next(client)), 'still here');
    const closed = new Promise((resolve) => client.once('close', resolve));
    client.close(1_000);
    assert.equal(await closed, 1_000);
    assert.deepEqual(await counted(version, 1), { n: 1, aborted: 0, classes: {} });
  }
});

test('a WebSocket that the version declines or that nobody serves is answered, and ends', async (t) => {
  const { endpoint } = await serve(t, (_request, response) => response.writeHead(418).end('teapot'));
  const { where, counted, engine } = await makeEngine(t, { stable: { version: '1.0.0', endpoints: [endpoint] } });
  const handshake =
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n';
  const declined = await sendRaw(where, handshake);
  assert.match(declined, /^HTTP\/1\.1 418 /);
  assert.match(declined, /teapot/);
  assert.equal((await counted('1.0.0', 1)).n, 1);
  engine.apply({ route: { stable: null, candidate: null, weight: 0, match: [] }, leaseLeftMs: null });
  assert.match(await sendRaw(where, handshake), /^HTTP\/1\.1 503 /);
});

test('an upgrade to HTTP/2 without TLS is not passed through: requests inside it would be seen by nobody', async (t) => {
  const { endpoint } = await serve(t, (request, response) => response.end(String(request.headers.upgrade)));
  const { where } = await makeEngine(t, { stable: { version: '1.0.0', endpoints: [endpoint] } });
  const answer = await sendRaw(
    where,
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n',
    (text) => text.endsWith('undefined'),
  );
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
});

async function socketVersion(t: TestContext, version: string): Promise<Backend> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  t.after(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  server.on('connection', (socket: WebSocket) => {
    socket.send(version);
    socket.on('message', (bytes, binary) => socket.send(bytes, { binary }));
  });
  await until(() => server.address() !== null);
  return { version, endpoints: [{ host: '127.0.0.1', port: (server.address() as AddressInfo).port }] };
}

const waiting = new WeakMap<WsClient, Buffer[]>();

/** The next message, also one that came before anybody asked. */
async function next(client: WsClient): Promise<Buffer> {
  let messages = waiting.get(client);
  if (!messages) {
    messages = [];
    waiting.set(client, messages);
    client.on('message', (bytes) => messages?.push(bytes as Buffer));
  }
  await until(() => (messages?.length ?? 0) > 0);
  return messages.shift() as Buffer;
}
