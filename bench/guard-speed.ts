import { kindOf } from '../src/analysis/judge.ts';
import { bucketCount, bucketOf, type Counts, type Sample } from '../src/analysis/sample.ts';
import { copyGuard, type GuardState, openGuard, take, watch } from '../src/analysis/watch.ts';
import type { GuardPolicy } from '../src/spec/types.ts';
import type { Bench } from './parts/figure.ts';
import { rounded } from './parts/spread.ts';

/** What a document without a `guard` section asks for: errors and p95 compared, three limits. */
const policy: GuardPolicy = {
  errors: { worseByPpm: 5_000, maxPpm: 50_000 },
  latency: [
    { quantilePpm: 950_000, worseByPpm: 200_000, maxMs: 2_000 },
    { quantilePpm: 990_000, worseByPpm: null, maxMs: 5_000 },
  ],
  minRequests: 20,
};
/** Compared metrics of that policy; its limits are not counted as metrics. */
const metrics = 2;
const names = { candidate: '1.1.0', stable: '1.0.0' };
const seconds = 3_000;
const pre = 600;

/**
 * How many ticks of a metric the guard decides in a second of one core, and how large its state is. Releases take turns second by
 * second, as in a controller, so that no state stays in the processor's nearest memory.
 */
export const bench: Bench = async ({ quick, say }) => {
  const releases = quick ? 20 : 100;
  const rounds = quick ? 2 : 5;
  const samples = Array.from({ length: seconds }, (_, second) => sample(second));
  const perS: number[] = [];
  let bytes = 0;
  for (let round = 0; round < rounds; round++) {
    const guards = Array.from({ length: releases }, () => openGuard(policy, names));
    const from = process.hrtime.bigint();
    let looks = 0;
    for (const each of samples) {
      for (const guard of guards) {
        if (kindOf(take(guard, { sample: each, step: each.weight > 0 ? 0 : -1 })) === 'fail')
          throw new Error('a good candidate failed');
        looks += 1;
      }
    }
    perS.push((metrics * looks) / (Number(process.hrtime.bigint() - from) / 1e9));
    bytes = Math.max(bytes, ...guards.map((guard) => JSON.stringify(guard).length));
    say(`round ${round + 1} of ${rounds}: ${Math.round(perS.at(-1) ?? 0)} metric ticks/s`);
  }
  perS.sort((a, b) => a - b);
  const pure = watchesPerS(samples);
  const measured = {
    metricTicksPerS: Math.round(perS[Math.floor(perS.length / 2)] ?? 0),
    metricTicksPerSMin: Math.round(perS[0] ?? 0),
    metricTicksPerSMax: Math.round(perS.at(-1) ?? 0),
    stateKiBPerMetric: rounded(bytes / metrics / 1_024),
    copyingLooksPerS: Math.round(pure),
    restoredIsSame: isRestoredSame(samples) ? 1 : 0,
  };
  return [
    {
      figure: 'guard-speed',
      limit: { metricTicksPerS: { atLeast: 200_000 }, stateKiBPerMetric: { atMost: 16 }, restoredIsSame: { atLeast: 1 } },
      measured,
      text:
        `${measured.metricTicksPerS} metric ticks/s on one core (≥ 200,000; ${measured.metricTicksPerSMin} to ${measured.metricTicksPerSMax} in ` +
        `${rounds} rounds of ${releases} releases), ${measured.stateKiBPerMetric} KiB of state per metric (≤ 16); with a copy and all sentences ` +
        `for each look ${measured.copyingLooksPerS} looks/s; a restored state ${measured.restoredIsSame ? 'goes on with the same evidence' : 'DIFFERS'}`,
    },
  ];
};

/** As the controller does: the state before stays as it is, and every verdict has its words. */
function watchesPerS(samples: readonly Sample[]): number {
  let state: GuardState = openGuard(policy, names);
  const from = process.hrtime.bigint();
  for (const each of samples) ({ state } = watch(state, { sample: each, step: each.weight > 0 ? 0 : -1 }));
  return samples.length / (Number(process.hrtime.bigint() - from) / 1e9);
}

/** A guard that is written and read back in the middle says the same as one that was not. */
function isRestoredSame(samples: readonly Sample[]): boolean {
  const half = samples.length / 2;
  const whole = openGuard(policy, names);
  for (const each of samples.slice(0, half)) take(whole, { sample: each, step: each.weight > 0 ? 0 : -1 });
  const restored: GuardState = JSON.parse(JSON.stringify(copyGuard(whole)));
  return samples.slice(half).every((each) => {
    const look = { sample: each, step: each.weight > 0 ? 0 : -1 };
    return JSON.stringify(take(whole, look)) === JSON.stringify(take(restored, look));
  });
}

/** A second of 100 requests, a tenth of them to the candidate, over some 30 buckets of latency; the same in every run. */
function sample(second: number): Sample {
  const weight = second < pre ? 0 : 10;
  return {
    second: 1_800_000_000 + second,
    edgesMs: [2_000, 5_000],
    weight,
    stable: counts(second, 0, weight > 0 ? 90 : 100),
    candidate: counts(second, 1, weight > 0 ? 10 : 0),
  };
}

function counts(second: number, side: number, n: number): Counts {
  const dense = new Array<number>(bucketCount).fill(0);
  let errors = 0;
  for (let i = 0; i < n; i++) {
    const u = fraction((second * 127 + i) * 2 + side);
    // Log-normal about 60 ms with a sigma of 0.45, by Box and Muller.
    const latency =
      60 * Math.exp(0.45 * Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * fraction(second * 31 + i * 7 + side)));
    const bucket = bucketOf(latency);
    dense[bucket] = (dense[bucket] ?? 0) + 1;
    if (fraction(second * 17 + i * 3 + side + 0.5) < 0.001) errors += 1;
  }
  const histogram = dense.flatMap((count, bucket) => (count > 0 ? [bucket, count] : []));
  return { n, errors, classes: errors > 0 ? { status: errors } : {}, histogram, slower: [0, 0] };
}

/** In (0, 1), spread evenly over whole and half numbers (a hash of sines). */
function fraction(x: number): number {
  const y = Math.sin(x * 12.9898 + 78.233) * 43_758.5453;
  return Math.min(1 - 1e-9, Math.max(1e-9, y - Math.floor(y)));
}
