import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newestAnswers, retentionAnswer } from './age.ts';
import { BackupConfig } from './schema.ts';

const now = Date.UTC(2026, 5, 30, 12);
const day = 86_400_000;
const hour = 3_600_000;
const daily = (days: number, without: readonly number[] = []) =>
  Array.from({ length: days }, (_, index) => index)
    .filter((index) => !without.includes(index))
    .map((index) => now - 10 * hour - index * day - (index % 3) * 600_000);

for (const [name, times, status, found] of [
  ['a month of backups', daily(31), 'pass', '30 backups of the last 30d'],
  ['a hole', daily(31, [5]), 'fail', 'none between 2026-06-24 02:00 and 2026-06-26 01:50 UTC'],
  ['they were made for a week alone', daily(7), 'fail', 'none between 2026-05-31 12:00 and 2026-06-24 02:00 UTC'],
  ['none of late', daily(31, [0, 1]), 'fail', 'none between 2026-06-28 01:40 and 2026-06-30 12:00 UTC'],
  ['none at all', [], 'fail', 'none between 2026-05-31 12:00 and 2026-06-30 12:00 UTC'],
] as const)
  test(`retention: ${name}`, () => {
    const answer = retentionAnswer(times, { for: 30 * day, every: day }, now);
    assert.equal(answer.status, status, JSON.stringify(answer));
    assert.equal(typeof answer.found === 'object' && answer.found.en, found);
  });

test('a backup from the future says that a clock is wrong', () => {
  const config = BackupConfig.parse({ file: '*.dump', maxAge: '24h' });
  const statuses = (writtenMs: number) => newestAnswers({ bytes: 10, writtenMs }, config, now).map(({ status }) => status);
  assert.deepEqual(statuses(now - hour), ['pass', 'pass']);
  assert.deepEqual(statuses(now - 2 * day), ['pass', 'fail']);
  assert.deepEqual(statuses(now + 60_000), ['pass', 'pass']);
  assert.deepEqual(statuses(now + day), ['pass', 'unproven']);
});
