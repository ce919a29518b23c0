import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type DoraRelease, dora } from './dora.ts';

const hour = 3_600_000;
const day = 24 * hour;
const now = 1_800_000_000_000;

test('without releases nothing is claimed', () => {
  assert.deepEqual(dora([], 30, now), {
    days: 30,
    deployments: 0,
    perDay: 0,
    leadTimeMs: { median: null, known: 0 },
    changeFailure: { rate: null, failed: 0, total: 0 },
    restoreMs: { median: null, count: 0 },
  });
});

test('changes that became stable are deployments; first versions, restores and live releases are none', () => {
  const figures = dora(
    [
      deployed('1.0.0', -9, { first: true }),
      deployed('1.1.0', -8),
      deployed('1.2.0', -7),
      deployed('1.1.0', -6, { restore: true }),
      { ...deployed('1.3.0', -1), endedAtMs: null, outcome: null, stableAtMs: null },
    ],
    10,
    now,
  );
  assert.equal(figures.deployments, 2);
  assert.equal(figures.perDay, 0.2);
});

test('the window takes what became stable in it, not what was cleared up in it', () => {
  const releases = [
    deployed('1.1.0', -7, { endedAtMs: now - 6 * day }),
    deployed('1.2.0', -6.9, { endedAtMs: now }),
    deployed('1.3.0', 0),
    deployed('1.4.0', 1),
  ];
  assert.equal(dora(releases, 7, now).deployments, 2);
});

test('lead time is from commit to stable version, of those whose commit is known and possible', () => {
  const lead = (hours: number, at: number) => deployed(`${at}`, at, { committedAtMs: now + at * day - hours * hour });
  assert.deepEqual(dora([lead(1, -5), lead(9, -4), lead(3, -3), deployed('x', -2)], 30, now).leadTimeMs, {
    median: 3 * hour,
    known: 3,
  });
  assert.deepEqual(dora([lead(1, -5), lead(4, -4), lead(-1, -3)], 30, now).leadTimeMs, { median: 2.5 * hour, known: 2 });
});

test('a release that went back with users on it is a failed change; one that no user saw is no change', () => {
  const { deployments, changeFailure, restoreMs } = dora(
    [
      deployed('1.1.0', -5),
      rolledBack('1.2.0', -4, { secondsToSafety: 2 }),
      rolledBack('1.2.1', -3, { secondsToSafety: 4 }),
      rolledBack('1.2.2', -2),
      rolledBack('1.2.3', -1, { exposed: false }),
      { ...rolledBack('1.2.4', -1), outcome: 'rejected' },
    ],
    30,
    now,
  );
  assert.equal(deployments, 1);
  assert.deepEqual(changeFailure, { rate: 0.75, failed: 3, total: 4 });
  assert.deepEqual(restoreMs, { median: 3_000, count: 2 }, 'aborted by hand with nobody hurt: nothing had to be restored');
});

test('a deployment that a restore takes back has failed, and recovery is counted from when it was asked for', () => {
  const { changeFailure, restoreMs } = dora([deployed('1.1.0', -5), deployed('1.2.0', -4), restored('1.1.0', -3)], 30, now);
  assert.deepEqual(changeFailure, { rate: 0.5, failed: 1, total: 2 });
  assert.deepEqual(restoreMs, { median: 60_000, count: 1 });
});

test('going back twice fails both, and bringing the newer one back again blames nobody', () => {
  const shipped = [deployed('1.1.0', -9), deployed('1.2.0', -8), deployed('1.3.0', -7)];
  const back = [restored('1.2.0', -6), restored('1.1.0', -5)];
  assert.equal(dora([...shipped, ...back], 30, now).changeFailure.failed, 2);
  const forth = dora([...shipped, ...back, restored('1.3.0', -4)], 30, now);
  assert.equal(forth.changeFailure.failed, 2);
  assert.equal(forth.restoreMs.count, 2);
});

test('a change fails once, however often it is taken back', () => {
  const { changeFailure, restoreMs } = dora(
    [deployed('1.1.0', -9), deployed('1.2.0', -8), restored('1.1.0', -7), restored('1.2.0', -6), restored('1.1.0', -5)],
    30,
    now,
  );
  assert.equal(changeFailure.failed, 1);
  assert.equal(restoreMs.count, 1);
});

test('a restore that did not come through takes nothing back', () => {
  const failed = { ...restored('1.1.0', -3), outcome: 'rolled-back', stableAtMs: null } as const;
  assert.equal(dora([deployed('1.1.0', -5), deployed('1.2.0', -4), failed], 30, now).changeFailure.failed, 0);
});

test('a restore to a version that is not among the releases goes back before all of them', () => {
  const { changeFailure } = dora([deployed('1.1.0', -5), deployed('1.2.0', -4), restored('0.9.0', -3)], 30, now);
  assert.deepEqual(changeFailure, { rate: 0.5, failed: 1, total: 2 });
});

test('a change of before the window that is taken back in it counts as a recovery, and not among the changes', () => {
  const { changeFailure, restoreMs } = dora([deployed('1.1.0', -40), restored('1.0.0', -3)], 30, now);
  assert.deepEqual(changeFailure, { rate: null, failed: 0, total: 0 });
  assert.equal(restoreMs.count, 1);
});

test('no number of days is refused', () => {
  for (const days of [0, -1, Number.NaN]) assert.throws(() => dora([], days, now), RangeError);
});

test('whatever was released, the figures hang together and do not depend on the order', () => {
  const anyRelease = fc
    .record({
      version: fc.constantFrom('1', '2', '3'),
      atDay: fc.double({ min: -60, max: 1, noNaN: true }),
      outcome: fc.constantFrom('succeeded', 'rolled-back', 'rejected', 'cancelled', 'superseded', null),
      restore: fc.boolean(),
      first: fc.boolean(),
      exposed: fc.boolean(),
      hurt: fc.option(fc.nat(600)),
      lead: fc.option(fc.integer({ min: -5, max: 100 })),
    })
    .map(({ version, atDay, outcome, restore, first, exposed, hurt, lead }): DoraRelease => {
      const atMs = Math.round(now + atDay * day);
      return {
        ...deployed(version, atDay, { restore, first, exposed, outcome }),
        endedAtMs: outcome === null ? null : atMs,
        stableAtMs: outcome === 'succeeded' ? atMs : null,
        secondsToSafety: hurt,
        committedAtMs: lead === null ? null : atMs - lead * hour,
      };
    });
  fc.assert(
    fc.property(
      fc.uniqueArray(anyRelease, { maxLength: 40, selector: ({ requestedAtMs }) => requestedAtMs }),
      fc.integer({ min: 1, max: 90 }),
      (releases, days) => {
        const figures = dora(releases, days, now);
        const { deployments, leadTimeMs, changeFailure, restoreMs } = figures;
        assert.ok(changeFailure.failed <= changeFailure.total && deployments <= changeFailure.total);
        assert.ok(leadTimeMs.known <= deployments && (leadTimeMs.median ?? 0) >= 0 && (restoreMs.median ?? 0) >= 0);
        assert.equal(changeFailure.rate === null, changeFailure.total === 0);
        assert.equal(restoreMs.median === null, restoreMs.count === 0);
        assert.deepEqual(dora(releases.toReversed(), days, now), figures);
      },
    ),
  );
});

function deployed(version: string, atDay: number, more: Partial<DoraRelease> = {}): DoraRelease {
  const atMs = Math.round(now + atDay * day);
  return {
    version,
    requestedAtMs: atMs - 60_000,
    endedAtMs: atMs,
    outcome: 'succeeded',
    stableAtMs: atMs,
    committedAtMs: null,
    secondsToSafety: null,
    restore: false,
    first: false,
    exposed: true,
    ...more,
  };
}

function restored(version: string, atDay: number): DoraRelease {
  return deployed(version, atDay, { restore: true });
}

function rolledBack(version: string, atDay: number, more: Partial<DoraRelease> = {}): DoraRelease {
  return deployed(version, atDay, { outcome: 'rolled-back', stableAtMs: null, ...more });
}
