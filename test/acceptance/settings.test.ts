import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { Stage } from './stage.ts';

type Reach = { readonly what: string; readonly ok: boolean; readonly detail: string };

test('settings say what of a service answers, and a source that never does keeps nobody waiting', async (t) => {
  const open = new Set<Socket>();
  const silent = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as { port: number };
  const stage = new Stage();
  t.after(async () => {
    for (const socket of open) socket.destroy();
    silent.close();
    await stage.close();
  });
  await stage.up();
  const shop = await stage.place('shop', {
    source: `{ prometheus: { url: "http://127.0.0.1:${port}", timeout: 500ms } }`,
    release: {
      guard: `
      errors: { worseBy: 10%, max: 12% }
      metrics:
        - name: declined
          ratio: { bad: 'payments_total{job="shop",result="declined"}', of: 'payments_total{job="shop"}' }
          worseBy: 5%
          max: 30%`,
    },
  });
  await stage.install(shop, '1.0.0');
  const reach = async (): Promise<Readonly<Record<string, Reach>>> => {
    const { status, body } = await stage.ask('GET', '/api/v1/settings');
    assert.equal(status, 200, JSON.stringify(body));
    return Object.fromEntries((body as { reach: readonly Reach[] }).reach.map((one) => [one.what, one]));
  };
  const began = performance.now();
  const found = await reach();
  assert(performance.now() - began < 8_000);
  assert.deepEqual(
    ['router of shop', 'target of shop'].map((what) => found[what]?.detail),
    ['answers; all traffic on stable', 'answers; 1 of 1 instances ready'],
  );
  assert.equal(found['source of shop']?.ok, false, JSON.stringify(found));
  assert.equal(found['source of shop']?.detail, 'Prometheus cannot be asked: no answer in time');
});
