import type { Look } from './guard.ts';
import { bucketOf, type Counts } from './sample.ts';

/** Made-up traffic for tests and forecasts: reproducible from a seed. */
export type Simulated = {
  readonly requestsPerSecond: number;
  /** Candidate's weight in percent. */
  readonly weight: number;
  /** Error probability of each version at a second since the start. */
  readonly errorsS: (second: number) => number;
  readonly errorsC: (second: number) => number;
  /** Median latency in milliseconds of each version; lognormal with sigma 0.5. Absent: 60 ms. */
  readonly medianS?: (second: number) => number;
  readonly medianC?: (second: number) => number;
  /** Without a stable version to compare with. */
  readonly alone?: boolean;
  /** Exact edges. */
  readonly edgesMs?: readonly number[];
  readonly step?: (second: number) => number;
};

/** Unix second at which simulated traffic begins. */
export const simulatedStart = 1_800_000_000;

/** A generator of uniform numbers in [0, 1) (mulberry32, Tommy Ettinger 2017). */
export function uniform(seed: number): () => number {
  let a = seed | 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** The looks of seconds `from` (inclusive) to `to` (exclusive). Each request is drawn by itself. */
export function* simulate(traffic: Simulated, from: number, to: number, random: () => number): Generator<Look> {
  for (let second = from; second < to; second++) {
    const requests = poisson(traffic.requestsPerSecond, random);
    let nC = 0;
    for (let i = 0; i < requests; i++) if (random() * 100 < traffic.weight) nC++;
    const edgesMs = traffic.edgesMs ?? [];
    const atMs = (simulatedStart + second) * 1000;
    const candidate = counts(nC, traffic.errorsC(second), traffic.medianC?.(second) ?? 60, edgesMs, atMs, random);
    const stable = counts(requests - nC, traffic.errorsS(second), traffic.medianS?.(second) ?? 60, edgesMs, atMs, random);
    yield {
      step: traffic.step?.(second) ?? 0,
      sample: {
        second: simulatedStart + second,
        edgesMs,
        weight: traffic.weight,
        stable: traffic.alone ? null : stable,
        candidate,
      },
    };
  }
}

function counts(
  n: number,
  errorShare: number,
  medianMs: number,
  edgesMs: readonly number[],
  atMs: number,
  random: () => number,
): Counts {
  let errors = 0;
  let firstErrorAtMs = Number.POSITIVE_INFINITY;
  const buckets = new Map<number, number>();
  const slower = edgesMs.map(() => 0);
  for (let i = 0; i < n; i++) {
    if (random() < errorShare) {
      errors++;
      firstErrorAtMs = Math.min(firstErrorAtMs, atMs + Math.floor(random() * 1000));
    }
    const ms = medianMs * Math.exp(0.5 * normal(random));
    const bucket = bucketOf(ms);
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
    edgesMs.forEach((edge, e) => {
      if (ms > edge) slower[e] = (slower[e] ?? 0) + 1;
    });
  }
  const histogram = [...buckets].sort(([a], [b]) => a - b).flat();
  const base = { n, errors, classes: errors > 0 ? { status: errors } : {}, histogram, slower };
  return errors > 0 ? { ...base, firstErrorAtMs } : base;
}

function poisson(mean: number, random: () => number): number {
  const floor = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > floor; product *= random()) count++;
  return count;
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
