import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { ensureUntil, never } from '../conformance.ts';
import { external } from './index.ts';

test('a program of somebody else is as ready as it answers, for every version, and is neither started nor ended', async (t) => {
  let status = 503;
  const program = createServer((_request, response) => response.writeHead(status).end());
  await new Promise<void>((listening) => program.listen(0, '127.0.0.1', listening));
  t.after(() => program.close());
  const { port } = program.address() as AddressInfo;
  const target = external.create({ folder: '/nowhere', environment: {} });
  t.after(() => target.close());
  const work = (version: string, replicas = 1) => ({
    service: 'shop',
    version,
    replicas,
    definition: external.schema.parse({ address: `127.0.0.1:${port}`, health: { path: '/up' } }),
  });
  const [starting] = await target.ensure(work('on'), never());
  assert.deepEqual(starting, {
    id: 'shop/on/0',
    version: 'on',
    endpoint: { host: '127.0.0.1', port },
    state: 'starting',
    restarts: 0,
    problem: 'not ready: GET /up answered 503',
  });
  status = 204;
  for (const version of ['on', 'off']) await ensureUntil(target, work(version), 'ready');
  status = 500;
  assert.equal((await target.ensure(work('on'), never()))[0]?.state, 'ready', 'one failed check is none');
  await ensureUntil(target, work('on'), 'unready');
  assert.deepEqual(await target.ensure(work('on', 0), never()), []);
  assert.deepEqual(await target.list('shop', never()), []);
  await target.retire('shop', 'on', never());
  assert.equal((await target.ensure(work('on'), never()))[0]?.state, 'starting');
  await assert.rejects(target.ensure(work('on'), AbortSignal.abort()));
});
