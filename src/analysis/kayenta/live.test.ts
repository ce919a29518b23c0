import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GuardPolicy, Look } from '../guard.ts';
import { bucketOf, type Counts, type MetricReading } from '../sample.ts';
import { simulate, simulatedStart, uniform } from '../simulated-traffic.fixture.ts';
import { kayentaJudge } from './judge.ts';
import { addToKayenta, judgeKayenta, type KayentaState, openKayenta } from './live.ts';
import { kayentaEnglish } from './said-english.ts';

const names = { candidate: '1.1.0', stable: '1.0.0' };
const judge = { kind: 'kayenta', valueS: 60, everyS: 300, passMin: 95, marginalMin: 75 } as const;
const errorsAlone: GuardPolicy = { errors: { worseByPpm: 0, maxPpm: 50_000 }, latency: [], minRequests: 20, judge };
const p95 = { quantilePpm: 950_000, worseByPpm: 0, maxMs: null };
const withLatency: GuardPolicy = { ...errorsAlone, latency: [p95] };

function opened(policy: GuardPolicy): KayentaState {
  const state = openKayenta(policy, names);
  assert(state);
  return state;
}

/** `n` requests of which `errors` fail, all answered in `ms`. */
function counts(n: number, errors: number, ms = 50, metrics?: Record<string, MetricReading>): Counts {
  const histogram = n > 0 ? [bucketOf(ms), n] : [];
  return { n, errors, classes: { status: errors }, histogram, slower: [], ...(metrics && { metrics }) };
}

type Both = readonly [candidate: Counts | null, stable: Counts | null];
type Around = { readonly weight?: number; readonly step?: number; readonly matched?: boolean; readonly tickS?: number };

/** Adds so many seconds in ticks; `of` says what both answered in a tick that begins at a second of these. */
function fed(state: KayentaState, seconds: number, of: (second: number) => Both, around: Around = {}): KayentaState {
  const { weight = 10, step = 0, matched = false, tickS = 1 } = around;
  const from = state.second === null ? simulatedStart : state.second + 1;
  for (let at = 0; at < seconds; at += tickS) {
    const [candidate, stable] = of(at);
    const sample = { second: from + at + tickS - 1, edgesMs: [], weight, candidate, stable };
    state = addToKayenta(state, { sample, step, matched }, tickS);
  }
  return state;
}

/** Values that no judgement finds all tied: the minutes differ a little. */
const healthy = (second: number): Both => {
  const more = Math.floor(second / 60) % 3;
  return [counts(100, second % 60 === 0 ? more : 0, 50 + more), counts(900, second % 60 === 0 ? 9 * more : 0, 50 + more)];
};
const failing = (second: number): Both => [counts(100, 2 + (Math.floor(second / 60) % 2)), counts(900, second % 2)];

test('without the option, and without a stable version, there is no such judge', () => {
  const { judge: _, ...without } = errorsAlone;
  assert.equal(openKayenta(without, names), null);
  assert.equal(openKayenta(errorsAlone, { ...names, stable: null }), null);
});

test('each span of time gives one value of each metric that is compared, in percent, milliseconds or its own unit', () => {
  const policy: GuardPolicy = {
    ...withLatency,
    latency: [p95, { quantilePpm: 990_000, worseByPpm: null, maxMs: 5_000 }],
    metrics: [
      { kind: 'ratio', name: 'declined', worseByPpm: 0, maxPpm: null, warnPpm: null },
      { kind: 'gauge', name: 'heap', worseByPpm: 0, max: null, warn: null, forS: 0 },
      { kind: 'gauge', name: 'queue', worseByPpm: null, max: 9, warn: null, forS: 0 },
    ],
  };
  const read = (bad: number, value: number) => ({ declined: { bad, n: 10 }, heap: { value }, queue: { value } });
  const state = fed(opened(policy), 119, (at) => [counts(10, 1, 100, read(2, at < 30 ? 1 : 3)), counts(0, 0)]);
  const [errors, latency, declined, heap] = state.series;
  assert.equal(state.series.length, 4);
  assert.deepEqual([errors?.candidate, errors?.stable], [[10], [null]]);
  const [value] = latency?.candidate ?? [];
  assert(latency?.candidate.length === 1 && value && bucketOf(value) === bucketOf(100), `${value}`);
  assert.deepEqual([declined?.candidate, heap?.candidate], [[20], [2]]);
});

test('how long a tick is changes no value, and one that straddles two belongs to the one in which it ends', () => {
  const [byOne, byFive, byFifteen] = [1, 5, 15].map(
    (tickS) =>
      fed(
        opened(withLatency),
        300,
        (at) => {
          const minute = Math.floor(at / 60);
          return [counts(20 * tickS, minute * tickS, 50 + minute), counts(200 * tickS, tickS, 50 + minute)];
        },
        { tickS },
      ).series,
  );
  assert.deepEqual(byFive, byOne);
  assert.deepEqual(byFifteen, byOne);
  const straddling = fed(opened(errorsAlone), 70, (at) => [counts(7, at < 56 ? 0 : 7), counts(7, 0)], { tickS: 7 });
  assert.deepEqual(straddling.series[0]?.candidate, [0]);
  assert.deepEqual(straddling.open.candidate.sums, [14, 14]);
});

test('until the first judgement it is undecided and says when it comes', () => {
  const state = fed(opened(errorsAlone), 299, healthy);
  const said = judgeKayenta(state);
  assert.equal(said.kind, 'undecided');
  assert.deepEqual(
    said.metrics.map(({ kind }) => kind),
    ['undecided'],
  );
  assert.equal(
    kayentaEnglish(said.said),
    "Kayenta's judge has not judged 1.1.0 yet: its first judgement is after 1 s more of traffic",
  );
  assert.equal(judgeKayenta(fed(state, 1, healthy)).kind, 'pass');
});

test('a judgement is that of the judge on the same values, each time on all of them', () => {
  const random = uniform(7);
  const traffic = {
    requestsPerSecond: 30,
    weight: 30,
    errorsS: () => 0.02,
    errorsC: () => 0.05,
    medianC: (second: number) => (second < 300 ? 60 : 75),
  };
  let state = opened({ ...withLatency, judge: { ...judge, marginalMin: 0 } });
  const looks = [...simulate(traffic, 0, 900, random)];
  for (const [index, look] of looks.entries()) {
    state = addToKayenta(state, look, 1);
    if ((index + 1) % 300 !== 0) continue;
    const minutes = Array.from({ length: (index + 1) / 60 }, (_, i) => looks.slice(60 * i, 60 * i + 60));
    const errorsOf = (side: 'candidate' | 'stable') =>
      minutes.map((seconds) => {
        const sum = (of: (c: Counts) => number) => seconds.reduce((all, { sample }) => all + of(sample[side] as Counts), 0);
        return Number(((100 * sum(({ errors }) => errors)) / sum(({ n }) => n)).toPrecision(6));
      });
    const [errors, latency] = state.series;
    assert.deepEqual([errors?.candidate, errors?.stable], [errorsOf('candidate'), errorsOf('stable')]);
    const rule = { direction: 'increase' } as const;
    const alone = kayentaJudge(
      [errors, latency].map((series, i) => ({
        name: String(i),
        groups: [String(i)],
        candidate: (series?.candidate ?? []).map(Number),
        stable: (series?.stable ?? []).map(Number),
        rule,
      })),
      { weights: {}, thresholds: judge },
    );
    assert.equal(state.last?.score, alone.score);
    assert.deepEqual(
      state.last?.metrics.map(({ label }) => label),
      alone.metrics.map(({ label }) => label),
    );
    assert.equal(state.last?.number, (index + 1) / 300);
    if (alone.score === 0) return;
  }
});

test('a score up to the marginal one fails at once, with the metric to blame and its means', () => {
  const state = fed(opened(withLatency), 300, failing);
  const said = judgeKayenta(state);
  assert.equal(said.kind, 'fail');
  assert.deepEqual(
    said.metrics.map(({ name, kind }) => [name, kind]),
    [
      ['errors', 'fail'],
      ['latency-p95', 'pass'],
    ],
  );
  assert.equal(
    kayentaEnglish(said.said),
    "Kayenta's judge gives 1.1.0 50 of 100 at its 1st judgement: errors High (2.4 % against 0.0556 %)",
  );
  // Every value was above stable's mean, so the fault is as old as the run.
  assert.deepEqual(
    said.metrics.map(({ sinceMs }) => sinceMs),
    [simulatedStart * 1000, null],
  );
  // The run is over: what comes later changes nothing.
  assert.equal(fed(state, 600, healthy), state);
});

test('a fault is dated from where its values exceed those of stable by most in sum', () => {
  const mixed = fed(opened(errorsAlone), 1200, (at) => (at < 120 ? healthy(at) : failing(at)));
  assert.equal(mixed.last?.outcome, 'failed');
  const [errors] = judgeKayenta(mixed).metrics;
  assert.equal(errors?.sinceMs, (simulatedStart + 120) * 1000);
});

test('between the thresholds it is undecided, and from the pass threshold on it passes', () => {
  const slower = (second: number): Both => {
    const [candidate, stable] = healthy(second);
    return [candidate && { ...candidate, histogram: [bucketOf(100), candidate.n] }, stable];
  };
  const at = (marginalMin: number, passMin: number) =>
    judgeKayenta(fed(opened({ ...withLatency, judge: { ...judge, marginalMin, passMin } }), 300, slower));
  const marginal = at(49, 95);
  assert.equal(marginal.kind, 'undecided');
  assert.deepEqual(
    marginal.metrics.map(({ kind }) => kind),
    ['pass', 'undecided'],
  );
  assert.match(kayentaEnglish(marginal.said), /50 of 100 at its 1st judgement, where 95 passes: latency p95 High \(9\d.* ms/);
  assert.equal(at(50, 95).kind, 'fail');
  const passing = at(49, 50);
  assert.equal(passing.kind, 'pass');
  assert.deepEqual(
    passing.metrics.map(({ kind }) => kind),
    ['pass', 'pass'],
  );
});

test('errors, latency and metrics of the user are a third of the score each, however many there are', () => {
  const metrics = ['a', 'b', 'c'].map(
    (name) => ({ kind: 'gauge', name, worseByPpm: 0, max: null, warn: null, forS: 0 }) as const,
  );
  const policy = {
    ...withLatency,
    latency: [p95, { ...p95, quantilePpm: 990_000 }],
    metrics,
    judge: { ...judge, marginalMin: 0 },
  };
  const state = fed(opened(policy), 300, (at) => {
    const minute = Math.floor(at / 60);
    const levels = (a: number) => ({ a: { value: a + minute }, b: { value: minute }, c: { value: minute } });
    const [candidate, stable] = healthy(at);
    return [candidate && { ...candidate, metrics: levels(100) }, stable && { ...stable, metrics: levels(1) }];
  });
  assert.equal(state.last?.score, 88.89);
});

test('a margin is an effect size: what stays within it passes', () => {
  const slowerBy = (worseByPpm: number, ms: number) => {
    const policy = { ...withLatency, latency: [{ ...p95, worseByPpm }] };
    const state = fed(opened(policy), 300, (at) => {
      const [candidate, stable] = healthy(at);
      return [candidate && { ...candidate, histogram: [bucketOf(ms), candidate.n] }, stable];
    });
    return judgeKayenta(state).metrics[1]?.kind;
  };
  // A bucket is 12.2 % wide.
  assert.equal(slowerBy(0, 57), 'fail');
  assert.equal(slowerBy(200_000, 57), 'pass');
  assert.equal(slowerBy(200_000, 71), 'fail');
  const failingMore = (worseByPpm: number) =>
    fed(opened({ ...errorsAlone, errors: { worseByPpm, maxPpm: 50_000 } }), 300, failing).last?.outcome;
  assert.equal(failingMore(20_000), 'failed');
  assert.equal(failingMore(30_000), 'passed');
});

test('only time counts in which both versions can be met', () => {
  const state = opened(errorsAlone);
  assert.equal(fed(state, 400, failing, { weight: 0 }).countedS, 0);
  assert.equal(fed(state, 400, failing, { weight: 100 }).countedS, 0);
  assert.equal(fed(state, 100, failing, { weight: 0, matched: true }).countedS, 100);
  const before = fed(fed(state, 100, healthy), 500, failing, { weight: 0 });
  assert.equal(judgeKayenta(before).kind, 'undecided');
  assert.equal(judgeKayenta(fed(before, 200, (at) => healthy(at + 100))).kind, 'pass');
});

test('a step passes with a judgement of its own, whose newest value lies on it', () => {
  const first = fed(opened(errorsAlone), 310, healthy);
  assert.equal(judgeKayenta(first).kind, 'pass');
  const second = fed(first, 1, healthy, { step: 1 });
  assert.equal(judgeKayenta(second).kind, 'undecided');
  assert.match(kayentaEnglish(judgeKayenta(second).said), /gave 1\.1\.0 100 of 100 at its 1st judgement, before this step began/);
  assert.equal(judgeKayenta(fed(second, 288, healthy, { step: 1 })).kind, 'undecided');
  assert.equal(judgeKayenta(fed(second, 289, healthy, { step: 1 })).kind, 'pass');
  // 10 s of this step are no value of it.
  const late = fed(fed(opened(errorsAlone), 590, healthy), 10, healthy, { step: 1 });
  assert.equal(late.last?.number, 2);
  assert.equal(judgeKayenta(late).kind, 'undecided');
});

test('with all of the traffic on the candidate the last judgement stands, and without any nothing is known', () => {
  const judged = fed(fed(opened(errorsAlone), 300, healthy), 900, failing, { weight: 100, step: 1 });
  assert.equal(judgeKayenta(judged).kind, 'pass');
  assert.match(
    kayentaEnglish(judgeKayenta(judged).said),
    /nothing to compare it with; its 1st and last judgement was 100 of 100/,
  );
  const never = fed(opened(errorsAlone), 900, failing, { weight: 100 });
  assert.equal(judgeKayenta(never).kind, 'undecided');
  assert.match(kayentaEnglish(judgeKayenta(never).said), /has never judged it/);
});

const nothing: readonly [name: string, of: (second: number) => Both][] = [
  ['a candidate without traffic', (at) => [counts(0, 0), healthy(at)[1]]],
  ['a stable version without traffic', (at) => [healthy(at)[0], counts(0, 0)]],
  ['a silent source', () => [null, null]],
  ['counts that are no numbers', (at) => [counts(Number.NaN, Number.NaN), healthy(at)[1]]],
];
for (const [name, of] of nothing)
  test(`${name} is Nodata with a score of 0, which holds a release and does not take it back`, () => {
    const state = fed(opened(withLatency), 600, of);
    assert.deepEqual(
      state.last?.metrics.map(({ label }) => label),
      ['Nodata', 'Nodata'],
    );
    assert.equal(state.last?.score, 0);
    assert.equal(judgeKayenta(state).kind, 'undecided');
    assert.match(kayentaEnglish(judgeKayenta(state).said), /0 of 100 at its 2nd judgement: errors Nodata \(.*no data/);
    // It is not over: data may come yet.
    assert.equal(judgeKayenta(fed(state, 300, healthy)).kind, 'pass');
  });

test('both sides alike pass, also where nothing ever fails', () => {
  const state = fed(opened(withLatency), 300, () => [counts(10, 0), counts(10, 0)]);
  assert.deepEqual(
    state.last?.metrics.map(({ label }) => label),
    ['Pass', 'Pass'],
  );
  assert.equal(judgeKayenta(state).kind, 'pass');
});

test('some values without requests are left out', () => {
  const state = fed(opened(errorsAlone), 600, (at) => (at % 180 < 60 ? [counts(0, 0), null] : healthy(at)));
  assert.deepEqual(
    state.series[0]?.candidate.map((value) => value === null),
    [true, false, false, true, false, false, true, false, false, true],
  );
  assert.equal(judgeKayenta(state).kind, 'pass');
});

test('a repeated or late second changes nothing', () => {
  const state = fed(opened(errorsAlone), 100, healthy);
  const look: Look = {
    step: 5,
    sample: { second: simulatedStart + 99, edgesMs: [], weight: 10, candidate: counts(9, 9), stable: null },
  };
  assert.equal(addToKayenta(state, look, 1), state);
  assert.equal(addToKayenta(state, { ...look, sample: { ...look.sample, second: simulatedStart } }, 1), state);
  assert.equal(addToKayenta(state, { ...look, sample: { ...look.sample, second: Number.NaN } }, 1), state);
});

test('time without samples gives missing values, and one judgement however many were due', () => {
  const before = fed(opened(errorsAlone), 90, healthy);
  const sample = { second: simulatedStart + 1000, edgesMs: [], weight: 10, candidate: counts(50, 1), stable: counts(50, 1) };
  const after = addToKayenta(before, { sample, step: 0 }, 911);
  assert.equal(after.countedS, 1001);
  assert.deepEqual(
    after.series[0]?.candidate.map((value) => value === null),
    [false, false, ...new Array(14).fill(true)],
  );
  assert.deepEqual(after.open.candidate.sums, [1, 50]);
  assert.equal(after.last?.number, 3);
  const endless = addToKayenta(before, { sample, step: 0 }, 1e12);
  assert.equal(endless.series[0]?.candidate.length, 480);
});

test('a release of a day stays below 16 KiB per metric, whatever its numbers are', () => {
  const gauge = { kind: 'gauge', name: 'g', worseByPpm: 0, max: null, warn: null, forS: 0 } as const;
  let state = opened({ ...withLatency, metrics: [gauge], judge: { ...judge, marginalMin: 0, passMin: 0 } });
  const random = uniform(3);
  for (let minute = 0; minute < 1440; minute++) {
    const side = (): Counts => {
      const n = 1e9 + Math.floor(1e6 * random());
      const histogram = Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? i / 2 : n));
      const g = { value: -(1 + random()) * 10 ** -(100 + Math.floor(150 * random())) };
      return { n, errors: Math.floor(random() * n), classes: {}, histogram, slower: [], metrics: { g } };
    };
    const sample = { second: simulatedStart + 60 * minute + 59, edgesMs: [], weight: 10, candidate: side(), stable: side() };
    // Half a minute at a time, so that a value is open when the state is measured.
    state = addToKayenta(state, { sample: { ...sample, second: sample.second - 30 }, step: 0 }, 30);
    if (minute < 1439) state = addToKayenta(state, { sample, step: 0 }, 30);
  }
  for (const series of state.series) assert.equal(series.candidate.length, 480);
  const sizes = state.series.map((series) => JSON.stringify(series).length);
  assert(Math.max(...sizes) < 16_384 - 1_024, `${sizes}`);
  const { series: _, ...rest } = state;
  assert(JSON.stringify(rest).length < 8_192, `${JSON.stringify(rest).length}`);
});
