import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { temporaryFolder } from '../conformance.ts';
import { openSqliteLog } from './index.ts';

/** Appends batches of 1 to 7 events as fast as it can and names the last event of each as soon as it is acknowledged. */
const script = `
  import { writeSync } from 'node:fs';
  import { openSqliteLog } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
  const log = await openSqliteLog(process.argv[1]);
  const token = await log.claim('child');
  let version = (await log.read('a', 0, 1_000_000)).length;
  for (let batch = 0; batch < 20_000; batch++) {
    const events = Array.from({ length: 1 + (batch % 7) }, (_, n) => (
      { at: 1, kind: 'noted', release: null, actor: 'child', data: { version: version + n + 1, text: 'x'.repeat(200) } }));
    const [result] = await log.append(token, [{ stream: 'a', expectedVersion: version, events }]);
    version = result.version;
    writeSync(1, version + '\\n');
  }
`;

test('a controller killed in the middle of appending loses nothing that was acknowledged, and the chain holds', async (t) => {
  const file = join(temporaryFolder(t, 'disk'), 'log.db');
  let before = 0;
  for (const acknowledgements of [1, 40, 3, 90, 17, 60]) {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script, file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => child.kill('SIGKILL'));
    const ended = once(child, 'exit');
    let acknowledged = 0;
    let answers = 0;
    for await (const line of createInterface(child.stdout)) {
      acknowledged = Number(line);
      // Goes on reading: the kill arrives at some moment of a later append, whose answer may be on its way.
      if (++answers === acknowledgements) child.kill('SIGKILL');
    }
    const [, signal] = await ended;
    assert.equal(signal, 'SIGKILL');
    assert(acknowledged > before);

    const log = await openSqliteLog(file);
    const events = await log.read('a', 0, 1_000_000);
    assert(events.length >= acknowledged, `${acknowledged} were acknowledged, ${events.length} are there`);
    assert(events.length <= acknowledged + 7, 'at most the batch that was on its way is there without an answer');
    assert.deepEqual(
      events.map(({ data }) => (data as { version: number }).version),
      events.map((_, index) => index + 1),
    );
    assert.equal((await log.verify()).kind, 'intact');
    await log.close();
    before = events.length;
  }
});
