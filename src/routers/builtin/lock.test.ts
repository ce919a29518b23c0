import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { takeLock } from './lock.ts';

test('one at a time has the lock, and the next one after it', (t) => {
  const file = lockFile(t);
  const first = takeLock(file);
  assert(first);
  assert.equal(takeLock(file), null);
  first.close();
  const second = takeLock(file);
  assert(second);
  second.close();
});

/** Takes the lock, counts who has it, and removes it, over and over. */
const rival = `
  import { rmSync } from 'node:fs';
  import { parentPort, workerData } from 'node:worker_threads';
  import { takeLock } from ${JSON.stringify(new URL('./lock.ts', import.meta.url).href)};
  const { file, holders, rounds } = workerData;
  let taken = 0;
  let together = 0;
  for (let round = 0; round < rounds; round++) {
    const lock = takeLock(file);
    if (!lock) continue;
    taken += 1;
    if (Atomics.add(holders, 0, 1) > 0) together += 1;
    Atomics.sub(holders, 0, 1);
    rmSync(file, { force: true });
    lock.close();
  }
  parentPort.postMessage({ taken, together });
`;

test('nobody has the lock together with another, also while its file is removed and made again', async (t) => {
  const file = lockFile(t);
  const holders = new Int32Array(new SharedArrayBuffer(4));
  const workers = Array.from(
    { length: 3 },
    () =>
      new Worker(new URL(`data:text/javascript,${encodeURIComponent(rival)}`), { workerData: { file, holders, rounds: 2_000 } }),
  );
  t.after(() => Promise.all(workers.map((worker) => worker.terminate())));
  const counts = await Promise.all(
    workers.map(
      (worker) =>
        new Promise<{ taken: number; together: number }>((resolve, reject) => {
          worker.once('message', resolve);
          worker.once('error', reject);
        }),
    ),
  );
  assert.deepEqual(
    counts.map(({ together }) => together),
    [0, 0, 0],
  );
  assert(counts.every(({ taken }) => taken > 0));
});

function lockFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-lock-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'lock');
}
