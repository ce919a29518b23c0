import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Credentials, openCredentials, sessionLimits } from './credentials.ts';

const folder = mkdtempSync(join(tmpdir(), 'rampart-credentials-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const { idleMs: sessionIdleMs, maxMs: sessionMaxMs } = sessionLimits;
let files = 0;
const newFile = (): string => join(folder, `access-${(files += 1)}.db`);
const open = (file = newFile()): Credentials => openCredentials(file).credentials;
const session = (id: string, user: string, createdAtMs: number, lastSeenMs = createdAtMs) => ({
  id,
  user,
  createdAtMs,
  lastSeenMs,
});

test('everything is still there after the file was opened again, and only its owner can read it', () => {
  const file = newFile();
  const before = open(file);
  before.setVerifier('anna', 'v');
  before.addToken('t1', 'h1');
  before.tokenUsed('t1', 5);
  before.addSession(session('s1', 'anna', 1_000), 'h2');
  before.addCode({ purpose: 'password', subject: 'anna' }, 'h3', 9_000);
  before.close();
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const { credentials, found } = openCredentials(file);
  assert.equal(found, 'whole');
  assert.deepEqual(
    [
      credentials.verifier('anna'),
      credentials.tokenId('h1'),
      credentials.tokenLastUsedMs('t1'),
      credentials.session('h2', 2_000)?.id,
    ],
    ['v', 't1', 5, 's1'],
  );
  assert.equal(credentials.code('h3', 8_999)?.subject, 'anna');
  credentials.close();
});

test('a session ends when it is not used for twelve hours, and after seven days whatever happens', () => {
  const store = open();
  store.addSession(session('s1', 'anna', 0), 'h');
  assert.equal(store.session('h', sessionIdleMs - 1)?.id, 's1');
  assert.equal(store.session('h', sessionIdleMs), null);
  let atMs = 0;
  for (; atMs < sessionMaxMs - sessionIdleMs; atMs += sessionIdleMs / 2) store.sessionSeen('s1', atMs);
  for (; atMs < sessionMaxMs; atMs += sessionIdleMs / 2) store.sessionSeen('s1', atMs);
  assert.equal(store.sessionById('s1', sessionMaxMs - 1)?.id, 's1');
  assert.equal(store.session('h', sessionMaxMs), null);
  store.close();
});

test('of many sessions of one user the one not used for longest makes room, and those that have ended are cleared away', () => {
  const store = open();
  store.addSession(session('other', 'boris', 1), 'other');
  for (let i = 0; i < 40; i += 1) store.addSession(session(`s${i}`, 'anna', 100 + i), `h${i}`);
  const left = Array.from({ length: 40 }, (_, i) => i).filter((i) => store.session(`h${i}`, 1_000) !== null);
  assert.deepEqual(
    left,
    Array.from({ length: 30 }, (_, i) => i + 10),
  );
  assert.equal(store.session('other', 1_000)?.user, 'boris');
  store.endSessions('anna', 's39');
  assert.deepEqual([store.session('h38', 1_000), store.session('h39', 1_000)?.id], [null, 's39']);
  store.close();
});

test('a code is used once, until its time, and the newest of its kind counts', () => {
  const store = open();
  const anna = { purpose: 'password', subject: 'anna' } as const;
  store.addCode(anna, 'h1', 1_000);
  store.addCode(anna, 'h2', 1_000);
  store.addCode({ purpose: 'password', subject: 'boris' }, 'h3', 1_000);
  assert.equal(store.takeCode('h1', 0), null);
  assert.equal(store.takeCode('h2', 1_000), null);
  assert.deepEqual({ ...store.takeCode('h2', 999) }, { ...anna, untilMs: 1_000 });
  assert.equal(store.takeCode('h2', 999), null);
  store.forgetUser('boris');
  assert.equal(store.code('h3', 0), null);
  store.close();
});

test('a file that cannot be used is named', () => {
  assert.throws(() => openCredentials(folder), { code: 'E_ACCESS_STORE', where: folder });
  assert.throws(() => openCredentials(join(folder, 'missing', 'access.db')), { code: 'E_ACCESS_STORE' });
});
