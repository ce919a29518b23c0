import assert from 'node:assert/strict';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import Fastify from 'fastify';
import { knowPrincipals } from '../principal.ts';
import { problemOf } from '../problem.ts';
import { openAnswers } from './answers.ts';
import { idempotencyKeys } from './hook.ts';

test('a client that hangs up and asks again while its first request is under way does not have it done twice', async () => {
  const app = Fastify();
  const answers = openAnswers(':memory:');
  knowPrincipals(app);
  app.setErrorHandler((error, _request, reply) => reply.code(problemOf(error).status).send(problemOf(error)));
  idempotencyKeys(app, answers, () => {});
  let begun = 0;
  let goOn = (): void => {};
  const slow = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  app.post('/slow', { config: { idempotent: true } }, async () => {
    begun += 1;
    await slow;
    return { begun };
  });
  try {
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const first = request({ port, path: '/slow', method: 'POST', headers: { 'idempotency-key': 'k' } });
    const hungUp = new Promise((resolve) => first.on('error', resolve));
    first.end();
    await until(() => begun === 1);
    first.destroy();
    await hungUp;
    // The server has heard of it once it closed the connection.
    await until(
      () => app.server.listening && openConnections === 0,
      () => app.server.getConnections((_error, count) => (openConnections = count)),
    );
    const again = () => fetch(`http://127.0.0.1:${port}/slow`, { method: 'POST', headers: { 'idempotency-key': 'k' } });
    const second = await Promise.race([again(), delay(500).then(() => null)]);
    assert.equal(begun, 1);
    assert.equal(second?.status, 409);
    goOn();
    await until(() => answers.read('token nobody', 'k') !== null);
    const third = await again();
    assert.deepEqual([third.status, third.headers.get('idempotency-replayed'), await third.json()], [200, 'true', { begun: 1 }]);
    // One that is over leaves its key, also where nobody took the answer.
    assert.equal(begun, 1);
  } finally {
    goOn();
    await app.close();
    answers.close();
  }
});

let openConnections = -1;

async function until(isSo: () => boolean, ask: () => void = () => {}): Promise<void> {
  const end = performance.now() + 5_000;
  for (ask(); !isSo(); ask()) {
    assert(performance.now() < end, 'it did not come to that in 5 s');
    await delay(5);
  }
}
