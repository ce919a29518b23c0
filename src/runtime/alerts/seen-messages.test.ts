import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openSeenMessages } from './seen-messages.ts';

function fileIn(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-seen-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'alert-messages.db');
}

test('a message is known until its time is over, by its source alone, and after a restart', (t) => {
  const file = fileIn(t);
  let seen = openSeenMessages(file);
  seen.add(
    'bot',
    [
      { digest: 'once:a', untilMs: 100 },
      { digest: 'id:a', untilMs: 200 },
    ],
    0,
  );
  const known = (atMs: number) => ['once:a', 'id:a', 'once:b'].map((digest) => seen.has('bot', digest, atMs));
  assert.deepEqual(
    [known(99), known(100), known(200)],
    [
      [true, true, false],
      [false, true, false],
      [false, false, false],
    ],
  );
  assert.equal(seen.has('other', 'once:a', 0), false);
  seen.close();
  seen = openSeenMessages(file);
  assert.deepEqual(known(99), [true, true, false]);
  seen.close();
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('a file that is no database is begun anew, and says so', (t) => {
  const file = fileIn(t);
  writeFileSync(file, 'nothing of the kind'.repeat(1_000));
  const warnings: string[] = [];
  const seen = openSeenMessages(file, (text) => warnings.push(text));
  seen.add('bot', [{ digest: 'once:a', untilMs: 100 }], 0);
  assert.equal(seen.has('bot', 'once:a', 0), true);
  assert.match(warnings.join(), /is made anew, so messages of before may come once more/);
  seen.close();
});

test('what may be forgotten is bounded, the oldest first; what was signed with its time is not', () => {
  const seen = openSeenMessages(':memory:');
  for (let at = 0; at < 400; at += 1) {
    const marks = Array.from({ length: 500 }, (_, index) => ({ digest: `id:${at}-${index}`, untilMs: 1_000_000 + at }));
    seen.add('bot', at === 0 ? [{ digest: 'once:a', untilMs: 1_000_000 }, ...marks] : marks, 0);
  }
  assert.deepEqual(
    [seen.has('bot', 'once:a', 0), seen.has('bot', 'id:0-0', 0), seen.has('bot', 'id:399-499', 0)],
    [true, false, true],
  );
  seen.close();
});
