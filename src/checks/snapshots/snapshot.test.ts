import assert from 'node:assert/strict';
import { test } from 'node:test';
import { momentMs, ofProgram, type Snapshot, snapshotsAnswer } from './snapshot.ts';

const now = Date.UTC(2026, 5, 30, 12);
const day = 86_400_000;
const at = (days: number, more: Partial<Snapshot> = {}): Snapshot => ({
  name: 's',
  takenMs: now - days * day,
  isReady: true,
  claim: 'data',
  ...more,
});
const wanted = { maxAge: day, min: 2, for: 7 * day };

for (const [name, all, status, found] of [
  ['enough', [at(0.5), at(8)], 'pass', '2 snapshots, the newest 12h old'],
  ['none', [], 'fail', 'there is no snapshot'],
  [
    'none that is ready',
    [at(0.5, { isReady: false }), at(1, { takenMs: null })],
    'fail',
    'there is no snapshot, 2 are not ready',
  ],
  ['old ones', [at(2), at(8)], 'fail', 'the newest snapshot is 2d old'],
  ['too few', [at(0.5)], 'fail', '1 snapshots'],
  ['not for long enough', [at(0.5), at(3)], 'fail', 'the oldest snapshot is younger than 7d'],
  ['a wrong clock', [at(-1), at(8)], 'unproven', 'the newest snapshot was taken after now: a clock is wrong'],
] as const)
  test(`snapshots: ${name}`, () => {
    const answer = snapshotsAnswer(all, wanted, null, now);
    assert.deepEqual([answer.status, typeof answer.found === 'object' && answer.found.en], [status, found]);
  });

test('each claim needs its own', () => {
  const all = [at(0.5), at(8), at(0.5, { claim: 'logs' })];
  assert.equal(snapshotsAnswer(all, wanted, 'data', now).status, 'pass');
  assert.equal(snapshotsAnswer(all, wanted, 'logs', now).status, 'fail');
});

test('moments as programs of clouds write them', () => {
  const moment = Date.UTC(2026, 5, 30, 12);
  for (const text of [
    '2026-06-30T12:00:00Z',
    '2026-06-30T14:00:00.000+02:00',
    '2026-06-30 12:00:00',
    '2026-06-30T12:00',
    moment,
    moment / 1_000,
    String(moment / 1_000),
  ])
    assert.equal(momentMs(text), moment, String(text));
  for (const none of ['yesterday', '', null, -1, {}]) assert.equal(momentMs(none), null);
});

test('lists of aws and doctl', () => {
  const aws = {
    Snapshots: [
      { SnapshotId: 'snap-1', StartTime: '2026-06-30T12:00:00Z', State: 'completed' },
      { SnapshotId: 'snap-2', StartTime: '2026-06-30T13:00:00Z', State: 'pending' },
    ],
  };
  const found = ofProgram(aws, { list: '/Snapshots', time: '/StartTime', ready: { at: '/State', is: 'completed' } });
  assert.deepEqual(
    found?.map(({ name, isReady }) => [name, isReady]),
    [
      ['snap-1', true],
      ['snap-2', false],
    ],
  );
  assert.equal(ofProgram(aws, { list: '', time: '/StartTime' }), null);
  assert.equal(
    ofProgram([{ name: 'a', created_at: '2026-06-30T12:00:00Z' }], { list: '', time: '/created_at' })?.[0]?.takenMs,
    now,
  );
});
