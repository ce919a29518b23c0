import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { UserError } from '../../errors.ts';
import { anEvent, temporaryFolder, userError } from '../conformance.ts';
import type { LoggedEvent } from '../log.ts';
import { openSqliteLog } from './index.ts';

const streams = ['service/a', 'service/b', 'service/c'];
const count = 300;

/** A closed log of 300 events whose data names their seq: `event-150-`. */
async function writtenLog(t: TestContext): Promise<{ file: string; events: readonly LoggedEvent[] }> {
  const file = join(temporaryFolder(t), 'log.db');
  const log = await openSqliteLog(file);
  const token = await log.claim('one');
  for (let seq = 1; seq <= count; seq++) {
    const event = anEvent({ release: seq % 2 === 0 ? `r${seq % 7}` : null, data: { text: `event-${seq}-`.padEnd(120, 'x') } });
    await log.append(token, [
      { stream: streams[seq % 3] ?? '', expectedVersion: Math.floor((seq - (seq % 3 || 3)) / 3), events: [event] },
    ]);
  }
  const events = await log.readAll(0, count);
  assert.equal(events.length, count);
  await log.close();
  return { file, events };
}

function edit(file: string, sql: string): void {
  const db = new DatabaseSync(file);
  db.exec('DROP TRIGGER events_are_never_changed; DROP TRIGGER events_are_never_deleted');
  db.exec(sql);
  db.close();
}

function flip(file: string, offset: number, mask = 1): void {
  const bytes = readFileSync(file);
  bytes[offset] = (bytes[offset] ?? 0) ^ mask;
  writeFileSync(file, bytes);
}

const edits: readonly [name: string, sql: string, seq: number, reason: RegExp][] = [
  ['edited data', `UPDATE events SET data = replace(data, 'xx', 'xy') WHERE seq = 150`, 150, /hash of event 150/],
  ['an edited actor', `UPDATE events SET actor = 'Eve' WHERE seq = 299`, 299, /hash of event 299/],
  ['an edited first event', 'UPDATE events SET at = at + 1 WHERE seq = 1', 1, /hash of event 1 /],
  ['an edited hash', `UPDATE events SET hash = '${'0'.repeat(64)}' WHERE seq = 200`, 200, /hash of event 200/],
  ['a deleted last event', 'DELETE FROM events WHERE seq = 300', 300, /the end of the log is missing/],
  ['a deleted event', 'DELETE FROM events WHERE seq = 77', 77, /event 77 is missing/],
  ['a deleted first event', 'DELETE FROM events WHERE seq = 1', 1, /event 1 is missing/],
  [
    'a deleted last event with the head moved back',
    'DELETE FROM events WHERE seq = 300; UPDATE head SET seq = 299, count = 299, hash = (SELECT hash FROM events WHERE seq = 299)',
    300,
    /event 300 was acknowledged/,
  ],
  ['a deleted log', 'DELETE FROM events; UPDATE head SET seq = 0, count = 0', 1, /event 300 was acknowledged/],
  [
    'an event slipped in',
    `INSERT INTO events SELECT 301, stream, 999, at, kind, release, actor, data, hash FROM events WHERE seq = 300`,
    301,
    /up to 301/,
  ],
  ['a changed head', `UPDATE head SET hash = '${'0'.repeat(64)}'`, 300, /the head was recorded/],
  ['a changed count', 'UPDATE head SET count = 299', 300, /counts 299/],
  ['a missing head', 'DELETE FROM head', 1, /head is missing/],
  ['a missing epoch', 'DELETE FROM epoch', 1, /who holds the log/],
  ['a missing table', 'DROP TABLE head', 1, /no such table/],
];

test('every edit of the record is found when the log opens, with the first event that is wrong', async (t) => {
  const { file } = await writtenLog(t);
  for (const [name, sql, seq, reason] of edits) {
    const copy = copyOf(file, t);
    edit(copy, sql);
    await assert.rejects(openSqliteLog(copy), (error) => {
      userError('E_LOG_CORRUPT', reason)(error);
      assert(error instanceof UserError);
      assert.match(error.where, new RegExp(`event ${seq}$`), name);
      assert.match(error.fix, /Keep Rampart stopped.*restore a copy.*new data folder/);
      return true;
    });
  }
  edit(file, 'DROP TABLE snapshots');
  await assert.rejects(openSqliteLog(file), userError('E_LOG_CORRUPT', /no such table: snapshots/));
});

test('damage before the end of the log that is looked at when it opens is found by verify', async (t) => {
  const { file } = await writtenLog(t);
  const bytes = readFileSync(file);
  flip(file, bytes.indexOf('event-150-'));
  await assert.rejects(openSqliteLog(file), userError('E_LOG_CORRUPT', /from event 150 on/));
  const log = await openSqliteLog(file, { verifyTail: 100 });
  t.after(() => log.close());
  const report = await log.verify();
  assert(report.kind === 'broken');
  assert.equal(report.seq, 150);
  assert.equal((await log.verify(100)).kind, 'intact');
});

test('a flipped byte in the last event is found', async (t) => {
  const { file } = await writtenLog(t);
  flip(file, readFileSync(file).lastIndexOf('event-300-'));
  await assert.rejects(openSqliteLog(file), userError('E_LOG_CORRUPT', /from event 300 on/));
});

test('any flipped bit is either found or changes nothing that is read', async (t) => {
  const { file, events } = await writtenLog(t);
  const size = readFileSync(file).length;
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: size - 1 }), fc.nat({ max: 7 }), async (offset, bit) => {
      const copy = copyOf(file, t);
      flip(copy, offset, 1 << bit);
      try {
        const log = await openSqliteLog(copy);
        try {
          if ((await log.verify()).kind === 'broken') return;
          assert.deepEqual(await log.readAll(0, 1_000), events);
          assert.deepEqual(await log.streams(), streams);
          for (const stream of streams) {
            assert.deepEqual(
              await log.read(stream, 0, 1_000),
              events.filter((event) => event.stream === stream),
            );
          }
          for (const release of ['r0', 'r1', 'r6']) {
            assert.deepEqual(
              await log.readRelease(release, 0, 1_000),
              events.filter((event) => event.release === release),
            );
          }
        } finally {
          await log.close();
        }
      } catch (error) {
        if (!(error instanceof UserError) || !error.code.startsWith('E_LOG_')) throw error;
      }
    }),
    { numRuns: 400 },
  );
});

test('a truncated file is found, also when nothing is left of it', async (t) => {
  const { file } = await writtenLog(t);
  const size = readFileSync(file).length;
  for (const left of [size - 4096, size - 1, Math.floor(size / 2), 4096, 100, 0]) {
    const copy = copyOf(file, t);
    truncateSync(copy, left);
    await assert.rejects(openSqliteLog(copy), userError('E_LOG_CORRUPT'), `${left} of ${size} bytes left`);
  }
});

test('acknowledged events whose WAL was deleted or damaged after a crash are missed', async (t) => {
  const { file } = await writtenLog(t);
  const log = await openSqliteLog(file);
  const token = await log.claim('one');
  await log.append(token, [{ stream: 'new', expectedVersion: 0, events: [anEvent()] }]);
  await log.append(token, [{ stream: 'new', expectedVersion: 1, events: [anEvent()] }]);
  // Copies of the files as a killed process leaves them.
  const [kept, deleted, damaged] = [copyOf(file, t), copyOf(file, t), copyOf(file, t)];
  await log.close();
  rmSync(`${deleted}-wal`);
  // A frame is a page and 24 bytes of header; SQLite drops the last transaction when one of its frames has a wrong checksum.
  flip(`${damaged}-wal`, readFileSync(`${damaged}-wal`).length - 2_000);
  await (await openSqliteLog(kept)).close();
  await assert.rejects(
    openSqliteLog(deleted),
    userError('E_LOG_CORRUPT', /event 302 was acknowledged, but the log ends at event 300/),
  );
  await assert.rejects(
    openSqliteLog(damaged),
    userError('E_LOG_CORRUPT', /event 302 was acknowledged, but the log ends at event 301/),
  );
});

test('a log whose witness is missing or garbage is as good as its chain', async (t) => {
  const { file } = await writtenLog(t);
  for (const text of ['', 'garbage', '0000000000000301 zz']) {
    writeFileSync(`${file}-tip`, text);
    await (await openSqliteLog(file)).close();
  }
  rmSync(`${file}-tip`);
  await (await openSqliteLog(file)).close();
});

function copyOf(file: string, t: TestContext): string {
  const copy = join(temporaryFolder(t), 'log.db');
  for (const end of ['', '-wal', '-tip']) {
    try {
      copyFileSync(file + end, copy + end);
    } catch {
      // A log that was closed has no WAL.
    }
  }
  return copy;
}
