import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { anEvent, eventLogConformance, temporaryFolder, userError } from '../conformance.ts';
import { openSqliteLog, sqlite } from './index.ts';

eventLogConformance('sqlite', {
  capabilities: sqlite.capabilities,
  async place(t) {
    const file = join(temporaryFolder(t), 'log.db');
    return { open: () => openSqliteLog(file) };
  },
});

test('only the owner can read the log and the files beside it', async (t) => {
  const file = join(temporaryFolder(t), 'log.db');
  const log = await openSqliteLog(file);
  t.after(() => log.close());
  await log.append(await log.claim('one'), [{ stream: 'a', expectedVersion: 0, events: [anEvent()] }]);
  for (const end of ['', '-wal', '-shm', '-tip']) assert.equal(statSync(file + end).mode & 0o777, 0o600, end);
  await log.close();
  chmodSync(file, 0o644);
  await (await openSqliteLog(file)).close();
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('a token is never below the clock, so that routers accept the controller of a new log', async (t) => {
  const file = join(temporaryFolder(t), 'log.db');
  let now = 5_000_000;
  const log = await openSqliteLog(file, { now: () => now });
  t.after(() => log.close());
  assert.equal(await log.claim('one'), 5_000);
  assert.equal(await log.claim('two'), 5_001);
  now = 1_000; // A clock that was set back must not make a token fall.
  assert.equal(await log.claim('three'), 5_002);
});

test('a path that cannot be a log is refused with the reason', async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'text'), 'not a database, but long enough to be looked at as one: '.repeat(100));
  const foreign = new DatabaseSync(join(folder, 'foreign.db'));
  foreign.exec('CREATE TABLE notes (text)');
  foreign.close();
  const before = readFileSync(join(folder, 'foreign.db'));
  const cases: readonly [path: string, code: string, message: RegExp][] = [
    ['sub', 'E_LOG_UNAVAILABLE', /is a directory/],
    ['missing/log.db', 'E_LOG_UNAVAILABLE', /folder does not exist/],
    ['text/log.db', 'E_LOG_UNAVAILABLE', /part of its path is a file/],
    ['text', 'E_LOG_CORRUPT', /not a database/],
    ['foreign.db', 'E_LOG_UNAVAILABLE', /another program/],
  ];
  for (const [path, code, message] of cases)
    await assert.rejects(openSqliteLog(join(folder, path)), userError(code, message), path);
  assert.deepEqual(readFileSync(join(folder, 'foreign.db')), before);
  assert.equal(existsSync(join(folder, 'foreign.db-wal')), false);
});

test('a file of a newer Rampart is refused and left as it was', async (t) => {
  const file = join(temporaryFolder(t), 'log.db');
  await (await openSqliteLog(file)).close();
  const db = new DatabaseSync(file);
  db.exec('PRAGMA user_version = 99');
  db.close();
  const before = readFileSync(file);
  await assert.rejects(openSqliteLog(file), userError('E_LOG_UNAVAILABLE', /schema 99/));
  assert.deepEqual(readFileSync(file), before);
});

test('while another process holds the write lock, appends say so, reads go on, and afterwards appends work', async (t) => {
  const file = join(temporaryFolder(t), 'log.db');
  const log = await openSqliteLog(file, { busyTimeoutMs: 0 });
  t.after(() => log.close());
  const token = await log.claim('one');
  const other = new DatabaseSync(file);
  t.after(() => other.close());
  other.exec('BEGIN IMMEDIATE');
  const batch = [{ stream: 'a', expectedVersion: 0, events: [anEvent()] }];
  await assert.rejects(log.append(token, batch), userError('E_LOG_UNAVAILABLE', /another process keeps it locked/));
  await assert.rejects(log.claim('one'), userError('E_LOG_UNAVAILABLE', /locked/));
  assert.deepEqual(await log.readAll(0, 1), []);
  other.exec('ROLLBACK');
  assert.equal((await log.append(token, batch))[0]?.kind, 'appended');
});

test('a snapshot that is not what was written is ignored', async (t) => {
  const file = join(temporaryFolder(t), 'log.db');
  const log = await openSqliteLog(file);
  t.after(() => log.close());
  const token = await log.claim('one');
  await log.append(token, [{ stream: 'a', expectedVersion: 0, events: [anEvent(), anEvent()] }]);
  const db = new DatabaseSync(file);
  t.after(() => db.close());
  const spoils = ["state = '{'", `state = '{"sum":3}'`, 'version = 1', 'version = 9', "seal = ''", "state = ''"];
  for (const spoil of spoils) {
    await log.writeSnapshot(token, 'a', 2, { sum: 2 });
    assert.deepEqual(await log.readSnapshot('a'), { version: 2, state: { sum: 2 } });
    db.exec(`UPDATE snapshots SET ${spoil}`);
    assert.equal(await log.readSnapshot('a'), null, spoil);
  }
  await log.writeSnapshot(token, 'a', 1, { sum: 1 });
  assert.deepEqual(await log.readSnapshot('a'), { version: 1, state: { sum: 1 } });
});

test('events cannot be changed or deleted by accident, not even with an SQLite shell', async (t) => {
  const file = join(temporaryFolder(t), 'log.db');
  const log = await openSqliteLog(file);
  t.after(() => log.close());
  await log.append(await log.claim('one'), [{ stream: 'a', expectedVersion: 0, events: [anEvent()] }]);
  const db = new DatabaseSync(file);
  t.after(() => db.close());
  for (const sql of ["UPDATE events SET actor = 'nobody'", 'DELETE FROM events'])
    assert.throws(() => db.exec(sql), /append-only/);
});
