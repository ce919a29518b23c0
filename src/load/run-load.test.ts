import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTls } from 'node:https';
import { type AddressInfo, createServer as createPlain, type Server as PlainServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Authority, opensslProgram } from '../../test/programs/certificates.ts';
import type { LoadPlan, LoadTarget } from './plan.ts';
import { runLoad } from './run-load.ts';

const answered: RequestListener = (_, response) => response.end('hello');

async function listening(t: TestContext, server: Server | PlainServer): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

function target(url: string, more: Partial<LoadTarget> = {}): LoadTarget {
  return { url, weight: 1, method: 'GET', headers: {}, body: null, ...more };
}

function plan(targets: readonly LoadTarget[], more: Partial<LoadPlan> = {}): LoadPlan {
  return {
    targets,
    shape: { kind: 'rate', perSecond: 200, arrivals: 'constant' },
    rampUpMs: 0,
    warmUpMs: 0,
    forMs: 200,
    timeoutMs: 10_000,
    connectionsMax: 16,
    insecure: false,
    seed: 1,
    ...more,
  };
}

const run = (given: LoadPlan) => runLoad(given, AbortSignal.timeout(60_000));

test('a rate is a number of requests, all of which are told, and those of ramp and warm-up are not measured', async (t) => {
  let came = 0;
  const url = await listening(
    t,
    createServer((request, response) => {
      came += 1;
      answered(request, response);
    }),
  );
  const result = await run(plan([target(url)], { rampUpMs: 100, warmUpMs: 100 }));
  assert.equal(result.requests, 40);
  assert.equal(result.answers, 40);
  assert.equal(came, 40 + 20 + 10);
  assert.deepEqual([result.statuses['2xx'], result.errors, result.askedPerSecond], [40, {}, 200]);
  assert.ok(result.connections <= 16 && result.bytes > 40 * 5);
  assert.ok(result.latency.p50 > 0 && result.latency.p99 <= result.latency.max);
});

test('a place whose connections are all taken by another one is served, too', async (t) => {
  const slow = await listening(
    t,
    createServer((_, response) => void setTimeout(() => response.end(), 15)),
  );
  const other = await listening(t, createServer(answered));
  const result = await run(plan([target(slow), target(other)], { connectionsMax: 1 }));
  assert.deepEqual([result.answers, result.errors], [40, {}]);
});

test('what a server that stands still makes users wait is in the latency, and not only in that of those it had', async (t) => {
  let beganMs = 0;
  const url = await listening(
    t,
    createServer((_, response) => {
      beganMs ||= performance.now();
      const sinceMs = performance.now() - beganMs;
      // For 0.4 s nobody gets an answer.
      setTimeout(() => response.end(), sinceMs > 100 && sinceMs < 500 ? 500 - sinceMs : 0);
    }),
  );
  const result = await run(plan([target(url)], { forMs: 800, connectionsMax: 2 }));
  assert.equal(result.answers, 160);
  // Two connections had the wait in them. The other 80 requests of that time waited at the door.
  assert.ok(result.latency.p90 > 250, JSON.stringify(result.latency));
  assert.ok(result.latency.p90 - result.service.p90 > 100, JSON.stringify(result.service));
  assert.ok(result.latency.p50 >= result.service.p50);
});

test('users send one request each at a time, and wait in between', async (t) => {
  let open = 0;
  let most = 0;
  const url = await listening(
    t,
    createServer((_, response) => {
      most = Math.max(most, (open += 1));
      setTimeout(() => {
        open -= 1;
        response.end();
      }, 20);
    }),
  );
  const shape = { kind: 'users' as const, users: 5, thinkMs: 10 };
  const result = await run(plan([target(url)], { shape, connectionsMax: 5 }));
  assert.equal(most, 5);
  assert.ok(result.answers >= 5 && result.answers <= 5 * 8, `${result.answers}`);
  assert.ok(result.latency.p50 >= 19, 'they see what the server takes');
  assert.equal(result.askedPerSecond, null);
});

test('errors are told by kind and statuses by class, over several addresses by their weights', async (t) => {
  const ok = await listening(t, createServer(answered));
  const failing = await listening(
    t,
    createServer((_, response) => {
      response.statusCode = 503;
      response.end();
    }),
  );
  const closing = await listening(
    t,
    createPlain((socket) => socket.once('data', () => socket.end())),
  );
  const wrong = await listening(
    t,
    createPlain((socket) => socket.once('data', () => socket.end('hello\r\n\r\n'))),
  );
  const silent = await listening(
    t,
    createPlain((socket) => socket.resume().on('error', () => {})),
  );
  const gone = createPlain().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const nobody = `http://127.0.0.1:${(gone.address() as AddressInfo).port}/`;
  gone.close();
  const targets = [target(ok, { weight: 3 }), ...[failing, closing, wrong, silent, nobody].map((url) => target(url))];
  const result = await run(plan(targets, { timeoutMs: 1_000 }));
  assert.equal(result.requests, 40);
  assert.deepEqual(result.statuses, { '1xx': 0, '2xx': 15, '3xx': 0, '4xx': 0, '5xx': 5 });
  assert.deepEqual(result.errors, { closed: 5, unreadable: 5, timeout: 5, refused: 5 });
  assert.ok(result.latency.max >= 1_000, 'what was given up took at least so long');
  assert.ok(result.examples.some((line) => /ECONNREFUSED/.test(line)));
});

test('an idle connection that is closed just as it is used again is no error, and a POST is not sent twice', async (t) => {
  let bodies = 0;
  const url = await listening(
    t,
    createPlain((socket) => {
      let turns = 0;
      socket.on('error', () => {});
      socket.on('data', (part) => {
        if (/\r\n\r\nsold$/.test(part.toString())) bodies += 1;
        turns += 1;
        if (turns > 1) socket.destroy();
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      });
    }),
  );
  const get = await run(plan([target(url)], { connectionsMax: 1 }));
  assert.deepEqual([get.answers, get.errors], [40, {}]);
  assert.ok(get.again >= 15, `${get.again}`);
  const post = await run(plan([target(url, { method: 'POST', body: 'sold' })], { connectionsMax: 1 }));
  assert.deepEqual([post.again, post.requests, bodies], [0, 40, 40]);
  assert.equal(post.answers + (post.errors.closed ?? 0) + (post.errors.reset ?? 0), 40);
});

test('https is spoken, and a certificate that nobody vouches for is refused unless that is wanted', async (t) => {
  const openssl = await opensslProgram();
  if ('missing' in openssl) return t.skip(openssl.missing);
  const authority = await Authority.found(openssl.path);
  t.after(() => authority.close());
  const [key, cert] = [authority.text('ca.key'), authority.text('ca.pem')];
  const url = (await listening(t, createTls({ key, cert }, answered) as unknown as Server)).replace('http:', 'https:');
  const insecure = await run(plan([target(url)], { insecure: true }));
  assert.deepEqual([insecure.answers, insecure.errors], [40, {}]);
  const strict = await run(plan([target(url)]));
  assert.deepEqual([strict.answers, strict.errors], [0, { tls: 40 }]);
});

test('it ends when nobody wants it any more', async (t) => {
  const url = await listening(t, createServer(answered));
  const stop = new AbortController();
  const told: number[] = [];
  const given = plan([target(url)], { forMs: 600_000 });
  const running = runLoad(given, stop.signal, ({ answers }) => {
    told.push(answers);
    stop.abort();
  });
  await assert.rejects(running, { name: 'AbortError' });
  assert.ok(told[0] !== undefined && told[0] > 0);
  await assert.rejects(runLoad(given, stop.signal), { name: 'AbortError' });
});
