import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CountingReceiver } from '../../../test/programs/counting-receiver.ts';
import { openSqliteLog } from '../../stores/sqlite/index.ts';
import { messagesStream } from './outbox-records.ts';

const kills = 5;
const messages = 120;
const script = fileURLToPath(new URL('storm.fixture.ts', import.meta.url));

test(`${kills} times kill -9 in a storm: nothing is lost, nothing is taken twice, and each thread is told in order`, {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-storm-'));
  const receiver = await CountingReceiver.start();
  let child: ChildProcess | null = null;
  try {
    await receiver.behave('yes', 5);
    let next = 0;
    for (let round = 0; ; round += 1) {
      const run = fork(script, [folder, receiver.url, String(next), String(messages)], {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      child = run;
      const idle = new Promise<void>((resolve) => {
        run.on('message', (told: { recorded?: number; idle?: true }) => {
          if (told.recorded !== undefined) next = told.recorded + 1;
          if (told.idle) resolve();
        });
      });
      await once(run, 'message', { signal: AbortSignal.timeout(60_000) });
      if (round >= kills) {
        await Promise.race([idle, once(run, 'exit').then(() => assert.fail('it ended by itself'))]);
        break;
      }
      // Each time a little later: in the middle of appends, of sendings, and of answers.
      await Promise.race([delay(20 + round * 37), idle]);
      run.kill('SIGKILL');
      await once(run, 'exit');
    }
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    const { queued, over } = await recordedIn(folder);
    assert.equal(queued.size, messages);
    const { known, order } = await receiver.all();
    assert(known.every(({ taken }) => taken === 1));
    const taken = new Set(order.map(([, , key]) => key));
    for (const [key, how] of over) assert.equal(how === 'message-delivered', taken.has(key), `${key}: ${how}`);
    assert.equal(over.size, messages);
    for (const [thread, seen] of Map.groupBy(order, ([name]) => name)) {
      const ranks = seen.map(([, event]) => ['trigger', 'update', 'resolve'].indexOf(event));
      assert.deepEqual(ranks, ranks.toSorted(), thread);
      if (ranks.includes(0)) assert(ranks.includes(2), `${thread} was begun and not ended`);
    }
    assert(taken.size > messages / 2, `only ${taken.size} were told`);
  } finally {
    child?.kill('SIGKILL');
    await receiver.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Keys that were queued, and the kind of the last event of each. */
async function recordedIn(folder: string) {
  const log = await openSqliteLog(join(folder, 'log.db'));
  try {
    const queued = new Set<string>();
    const keys = new Map<string, string>();
    const over = new Map<string, string>();
    for (let after = 0; ; ) {
      const page = await log.read(messagesStream, after, 500);
      for (const { kind, data } of page) {
        const { id, message, final } = data as { id: string; message?: { key: string }; final?: string | null };
        if (kind === 'message-queued' && message) {
          keys.set(id, message.key);
          queued.add(message.key);
        } else if (kind === 'message-delivered' || kind === 'message-cancelled' || final) over.set(keys.get(id) ?? id, kind);
      }
      after += page.length;
      if (page.length < 500) return { queued, over };
    }
  } finally {
    await log.close();
  }
}
