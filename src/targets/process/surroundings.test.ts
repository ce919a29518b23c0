import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { totalmem } from 'node:os';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connectionsTo, diskOf, establishedPorts, memoryLimitOf } from './surroundings.ts';

const skip = process.platform !== 'linux';

test('established connections are told from listeners and from those that are ending', () => {
  const text = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0000000000000000 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0000000000000000 20 4 30 10 -1
  12: 00000000000000000000000001000000:1F90 00000000000000000000000001000000:C352 01 00000000:00000000 00:00000000 00000000     0
   3: 0100007F:1F90 0100007F:C354 06 00000000:00000000 03:00000000 00000000     0        0 0 3 0000000000000000
`;
  assert.deepEqual(establishedPorts(text), [8_080, 8_080]);
});

test('open connections to a port are counted', { skip }, async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const clients = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  t.after(() => {
    for (const client of clients) client.destroy();
    server.close();
  });
  await Promise.all(clients.map((client) => once(client, 'connect')));
  const deadline = performance.now() + 15_000;
  // The table is shared for some seconds; nobody else has read it in this process before the first try.
  for (let count = await connectionsTo(port); count !== 2; count = await connectionsTo(port)) {
    assert(performance.now() < deadline, `${count} connections`);
    await delay(100);
  }
});

test('a disk is as full as df says', { skip }, async () => {
  const disk = await diskOf(process.pid);
  assert(disk);
  const [, line = ''] = execFileSync('df', ['--output=pcent', '.'], { encoding: 'utf8' }).split('\n');
  const share = (100 * disk.usedBytes) / disk.totalBytes;
  assert(Math.abs(share - Number.parseInt(line, 10)) < 2, `${share} and ${line}`);
  assert.equal(await diskOf(2 ** 22 + 1), null);
});

test('memory is limited by the machine, or by a control group below it', { skip }, async () => {
  const limit = await memoryLimitOf(process.pid);
  assert(limit > 0 && limit <= totalmem(), `${limit}`);
  assert.equal(await memoryLimitOf(2 ** 22 + 1), totalmem());
});
