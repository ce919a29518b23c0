import type { GuardPolicy } from '../guard.ts';
import { bucketCount, bucketEdgeMs, type Counts } from '../sample.ts';
import { uniform } from '../simulated-traffic.fixture.ts';
import { openGuard, watch } from '../watch.ts';
import { normalBelow } from './passage.ts';

/** A fault that is there from the candidate's first request on, at one weight. Shares are 0–1. */
export type Fault = {
  /** Of both versions together. */
  readonly requestsPerSecond: number;
  /** In percent; 100 leaves no concurrent stable. */
  readonly weight: number;
  readonly errorsS: number;
  readonly errorsC: number;
  /** Share of each version's requests per latency bucket; absent where the policy looks at no latency. */
  readonly latencyS?: readonly number[];
  readonly latencyC?: readonly number[];
  /** Seconds that one reading covers; absent: 1. */
  readonly everyS?: number;
  /** No stable version at all. */
  readonly first?: boolean;
  /** Steps before, on which the candidate is as good as stable; weights in percent. */
  readonly before?: readonly { readonly weight: number; readonly seconds: number }[];
};

const historyS = 300;
const startSecond = 1_800_000_000;

/**
 * Seconds from the beginning of the fault to the guard's `fail`, with the guard itself looking at drawn counts each second; Infinity
 * when it has not failed after `forS`, and 0 when it failed before. Counts are drawn per bucket and not per request, so that a
 * thousand requests a second cost no more than ten.
 */
export function secondsToFail(policy: GuardPolicy, fault: Fault, forS: number, seed: number): number {
  const random = uniform(seed);
  let state = openGuard(policy, { candidate: 'b', stable: fault.first ? null : 'a' });
  let second = startSecond;
  const everyS = fault.everyS ?? 1;
  const looks = (step: number, weight: number, seconds: number, errorsC: number, latencyC: Fault['latencyC']): number | null => {
    const all = fault.requestsPerSecond * everyS;
    for (let passed = everyS; passed <= seconds; passed += everyS) {
      second += everyS;
      const stable = fault.first ? null : drawn(all * (1 - weight / 100), fault.errorsS, fault.latencyS, random);
      const candidate = drawn((all * weight) / 100, errorsC, latencyC, random);
      const sample = { second, seconds: everyS, edgesMs: [], weight, stable, candidate };
      const next = watch(state, { sample, step });
      state = next.state;
      if (next.verdict.kind === 'fail') return passed;
    }
    return null;
  };
  if (!fault.first) looks(0, 0, historyS, fault.errorsS, fault.latencyS);
  const before = fault.before ?? [];
  for (const [step, { weight, seconds }] of before.entries())
    if (looks(step, weight, seconds, fault.errorsS, fault.latencyS) !== null) return 0;
  return looks(before.length, fault.weight, forS, fault.errorsC, fault.latencyC) ?? Number.POSITIVE_INFINITY;
}

/** Share of requests per bucket of a lognormal latency. */
export function lognormal(medianMs: number, sigma: number): number[] {
  const below = (bucket: number) =>
    bucket >= bucketCount - 1 ? 1 : normalBelow(Math.log(bucketEdgeMs(bucket) / medianMs) / sigma);
  return Array.from({ length: bucketCount }, (_, bucket) => below(bucket) - (bucket === 0 ? 0 : below(bucket - 1)));
}

/** The sparse histogram that `n` requests with these shares would have, in whole requests. */
export function histogramOf(shares: readonly number[], n: number): number[] {
  return shares.flatMap((share, bucket) => (Math.round(share * n) > 0 ? [bucket, Math.round(share * n)] : []));
}

/** Two distributions as one: `share` of the requests follow `b`. */
export function mixed(a: readonly number[], b: readonly number[], share: number): number[] {
  return a.map((part, bucket) => part * (1 - share) + (b[bucket] ?? 0) * share);
}

function drawn(mean: number, errorShare: number, latency: readonly number[] | undefined, random: () => number): Counts {
  const errors = poisson(mean * errorShare, random);
  const good = poisson(mean * (1 - errorShare), random);
  const histogram: number[] = [];
  let n = errors + good;
  if (latency) {
    n = 0;
    latency.forEach((share, bucket) => {
      const count = share * mean > 1e-9 ? poisson(mean * share, random) : 0;
      if (count === 0) return;
      histogram.push(bucket, count);
      n += count;
    });
  }
  return {
    n: Math.max(n, errors),
    errors,
    classes: errors > 0 ? { status: errors } : {},
    histogram,
    slower: [],
  };
}

/** Exact for small means (Knuth); above 30 a normal with the skew put right (Cornish and Fisher 1938), which errs by less than a count. */
function poisson(mean: number, random: () => number): number {
  if (mean > 30) {
    const z = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * z + (z * z - 1) / 6));
  }
  const floor = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > floor; product *= random()) count++;
  return count;
}
