import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { isPortFree, portRange, releasePort, takeFreePort } from './free-port.ts';

test('ports are looked for below those of outgoing connections', () => {
  assert.deepEqual(portRange(32_768), { first: 20_000, last: 32_767 });
  assert.deepEqual(portRange(49_152), { first: 20_000, last: 49_151 });
  assert.deepEqual(portRange(1_024), { first: 20_000, last: 65_535 }, 'where nothing is below, anything has to do');
});

test('ports that are chosen at the same time differ, and are free', async (t) => {
  const ports = await Promise.all(Array.from({ length: 200 }, takeFreePort));
  t.after(() => ports.forEach(releasePort));
  assert.equal(new Set(ports).size, 200);
  const port = ports[0] ?? 0;
  assert(await isPortFree(port));
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  t.after(() => server.close());
  assert.equal(await isPortFree(port), false);
});
