import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GuardPolicy, Look, Verdict } from './guard.ts';
import { limitThreshold } from './limit.ts';
import type { Counts } from './sample.ts';
import { simulate, simulatedStart, uniform } from './simulated-traffic.fixture.ts';
import { openGuard, watch } from './watch.ts';

const policy: GuardPolicy = {
  errors: { worseByPpm: 5_000, maxPpm: 50_000 },
  latency: [
    { quantilePpm: 950_000, worseByPpm: null, maxMs: 500 },
    { quantilePpm: 990_000, worseByPpm: null, maxMs: 5_000 },
  ],
  minRequests: 20,
};
const first = { candidate: '1.2.0', stable: null };
const both = { candidate: '1.2.0', stable: '1.1.0' };

function slow(n: number, slower: number): Counts {
  const histogram = [n > slower ? [36, n - slower] : [], slower > 0 ? [60, slower] : []].flat();
  return { n, errors: 0, classes: {}, histogram, slower: [slower, 0] };
}

function look(second: number, candidate: Counts | null, stable: Counts | null, weight = 10): Look {
  return { step: 0, sample: { second: simulatedStart + second, edgesMs: [500, 5000], weight, stable, candidate } };
}

/** Seconds until that verdict, or Infinity. */
function waitFor(
  kind: string,
  looks: readonly Look[],
  names: { candidate: string; stable: string | null },
): { seconds: number; verdict: Verdict | null } {
  let state = openGuard(policy, names);
  let verdict: Verdict | null = null;
  for (const [i, each] of looks.entries()) {
    ({ state, verdict } = watch(state, each));
    if (verdict.kind === kind) return { seconds: i + 1, verdict };
  }
  return { seconds: Number.POSITIVE_INFINITY, verdict };
}

test('all of 10 requests a second slower than the p95 limit fail within 3 seconds, with or without a stable', () => {
  const stable = slow(90, 2);
  for (const names of [first, both]) {
    const looks = Array.from({ length: 10 }, (_, i) =>
      look(i, slow(10, 10), names === both ? stable : null, names === both ? 10 : 100),
    );
    const { seconds, verdict } = waitFor('fail', looks, names);
    assert.ok(seconds >= 2 && seconds <= 3, `${seconds} s`);
    assert.match(verdict?.sentence ?? '', /^1\.2\.0 answers [23]0 of [23]0 requests slower than 500ms; p95 limit allows 5 %$/);
    assert.equal(verdict?.faultAtMs, simulatedStart * 1000);
  }
});

test('after a good half hour it takes a few seconds more', () => {
  const good = Array.from({ length: 1800 }, (_, i) => look(i, slow(10, 0), slow(90, 2)));
  const bad = Array.from({ length: 10 }, (_, i) => look(1800 + i, slow(10, 10), slow(90, 2)));
  const { seconds } = waitFor('fail', [...good, ...bad], both);
  assert.ok(seconds - 1800 <= 5, `${seconds - 1800} s`);
});

test('one bad second decides nothing, however many requests it holds', () => {
  const looks = [
    look(0, slow(500, 0), null, 100),
    look(1, slow(500, 500), null, 100),
    ...Array.from({ length: 60 }, (_, i) => look(2 + i, slow(500, 5), null, 100)),
  ];
  assert.equal(waitFor('fail', looks, first).seconds, Number.POSITIVE_INFINITY);
});

test('within the limit there is no false alarm, at the limit hardly one', () => {
  const random = uniform(42);
  const alarms = (share: number): number => {
    let count = 0;
    for (let run = 0; run < 120; run++) {
      const looks = Array.from({ length: 300 }, (_, i) => {
        let bad = 0;
        for (let k = 0; k < 10; k++) if (random() < share) bad++;
        return look(i, slow(10, bad), null, 100);
      });
      if (waitFor('fail', looks, first).seconds < Number.POSITIVE_INFINITY) count++;
    }
    return count;
  };
  assert.equal(alarms(0.04), 0);
  assert.ok(alarms(0.05) <= 1);
});

test('what stable breaks too is undecided, because a rollback cannot cure it', () => {
  const looks = Array.from({ length: 60 }, (_, i) => look(i, slow(10, 5), slow(90, 45)));
  const { seconds, verdict } = waitFor('fail', looks, both);
  assert.equal(seconds, Number.POSITIVE_INFINITY);
  assert.equal(verdict?.kind, 'undecided');
  assert.match(
    verdict?.sentence ?? '',
    /slower than 500ms; p95 limit allows 5 %; 1\.1\.0 breaks it too with .* so a rollback cannot cure it$/,
  );
});

test('a burst without a concurrent stable is shared if stable had such bursts lately, and a fault if not', () => {
  const burst = (second: number) => second % 120 >= 100 && second % 120 < 106;
  const before = (rough: boolean) =>
    Array.from({ length: 360 }, (_, i) => look(i, slow(0, 0), slow(100, rough && burst(i) ? 30 : 1), 0));
  const after = Array.from({ length: 240 }, (_, i) => look(360 + i, slow(100, burst(i) ? 30 : 1), null, 100));
  assert.equal(waitFor('fail', [...before(true), ...after], both).seconds, Number.POSITIVE_INFINITY);
  const { seconds } = waitFor('fail', [...before(false), ...after], both);
  assert.ok(seconds > 460 && seconds <= 466, `${seconds} s`);
});

test('the first release has an error limit, and nothing to compare with', () => {
  const traffic = { requestsPerSecond: 10, weight: 100, alone: true, errorsS: () => 0 };
  const bad = waitFor('fail', [...simulate({ ...traffic, errorsC: () => 0.5 }, 0, 30, uniform(1))], first);
  assert.ok(bad.seconds <= 8, `${bad.seconds} s`);
  assert.match(bad.verdict?.sentence ?? '', /^1\.2\.0 fails \d+ of \d+ requests; the limit is 5 %$/);
  const good = waitFor('fail', [...simulate({ ...traffic, errorsC: () => 0.01 }, 0, 120, uniform(1))], first);
  assert.equal(good.verdict?.kind, 'pass');
});

test('without an exact edge only whole buckets above the limit count', () => {
  // 600 ms lies in the bucket that 500 ms begins inside, 700 ms in one above it.
  const inside: Counts = { n: 10, errors: 0, classes: {}, histogram: [54, 10], slower: [] };
  const above: Counts = { n: 10, errors: 0, classes: {}, histogram: [56, 10], slower: [] };
  const looksOf = (counts: Counts) =>
    Array.from({ length: 5 }, (_, i) => ({ step: 0, sample: { ...look(i, counts, null, 100).sample, edgesMs: [] } }));
  assert.equal(waitFor('fail', looksOf(inside), first).seconds, Number.POSITIVE_INFINITY);
  assert.ok(waitFor('fail', looksOf(above), first).seconds <= 3);
});

test('the documented bound on false alarms is one in a thousand releases', () => {
  assert.equal(Math.round(Math.exp(limitThreshold)), 1000);
});

test('an outage of both that ends is not held against the candidate afterwards', () => {
  const random = uniform(9);
  const counts = (n: number, share: number) => {
    let bad = 0;
    for (let k = 0; k < n; k++) if (random() < share) bad++;
    return slow(n, bad);
  };
  // Just above the limit of 5 %, for ten minutes, and then the candidate gets everything.
  const during = Array.from({ length: 600 }, (_, i) => look(i, counts(10, 0.09), counts(90, 0.09)));
  const after = Array.from({ length: 60 }, (_, i) => look(600 + i, counts(10, 0.01), counts(90, 0.01)));
  const alone = Array.from({ length: 300 }, (_, i) => look(660 + i, counts(100, 0.01), null, 100));
  assert.equal(waitFor('fail', [...during, ...after, ...alone], both).seconds, Number.POSITIVE_INFINITY);
});

test('what only the candidate goes on to suffer when stable has recovered fails within seconds', () => {
  const during = Array.from({ length: 120 }, (_, i) => look(i, slow(10, 5), slow(90, 45)));
  const after = Array.from({ length: 30 }, (_, i) => look(120 + i, slow(10, 5), slow(90, 0)));
  const { seconds, verdict } = waitFor('fail', [...during, ...after], both);
  assert.ok(seconds > 120 && seconds <= 130, `${seconds} s`);
  assert.ok((verdict?.faultAtMs ?? 0) >= (simulatedStart + 120) * 1000, 'the fault begins where stable has recovered');
});

test('a sample of five seconds does not decide alone either', () => {
  const five = (second: number, bad: number): Look => {
    const { sample, step } = look(second, slow(500, bad), null, 100);
    return { step, sample: { ...sample, seconds: 5 } };
  };
  const good = [0, 5, 10].map((second) => five(second, 5));
  assert.equal(waitFor('fail', [...good, five(15, 400), five(20, 5), five(25, 5)], first).seconds, Number.POSITIVE_INFINITY);
  assert.equal(waitFor('fail', [...good, five(15, 400), five(20, 400)], first).seconds, 5);
});

test('with too few stable requests to tell, half a minute is waited and no longer', () => {
  // Stable has one request in ten seconds: nobody knows whether it would fail as well.
  const looks = Array.from({ length: 60 }, (_, i) => look(i, slow(99, 8), slow(i % 10 === 0 ? 1 : 0, 0), 99));
  const { seconds } = waitFor('fail', looks, both);
  assert.ok(seconds > 10 && seconds <= 45, `${seconds} s`);
  const seen = Array.from({ length: 60 }, (_, i) => look(i, slow(50, 8), slow(50, 0), 50));
  assert.ok(waitFor('fail', seen, both).seconds <= 5);
});

test('what stable once broke does not excuse for ever what lasts when stable has no traffic any more', () => {
  const good = Array.from({ length: 300 }, (_, i) => look(i, slow(10, 0), slow(90, 1)));
  const outage = Array.from({ length: 20 }, (_, i) => look(300 + i, slow(10, 8), slow(90, 70)));
  const calm = Array.from({ length: 180 }, (_, i) => look(320 + i, slow(10, 0), slow(90, 1)));
  const burst = Array.from({ length: 20 }, (_, i) => look(500 + i, slow(100, 60), null, 100));
  const fine = Array.from({ length: 120 }, (_, i) => look(520 + i, slow(100, 1), null, 100));
  assert.equal(waitFor('fail', [...good, ...outage, ...calm, ...burst, ...fine], both).seconds, Number.POSITIVE_INFINITY);
  const lasting = Array.from({ length: 300 }, (_, i) => look(500 + i, slow(100, 60), null, 100));
  const { seconds } = waitFor('fail', [...good, ...outage, ...calm, ...lasting], both);
  assert.ok(seconds > 600 && seconds <= 640, `${seconds} s`);
});
