import { bucketCount, type Counts, type ErrorClass, noCounts, type Sample } from '../analysis/sample.ts';
import { errorClasses, type Slot } from './counters.ts';
import type { SampleQuery } from './router.ts';

/** How far back samples are answered. */
export const memoryS = 900;

/** Running totals of one version since the router started, for Prometheus. */
export type Totals = {
  codes: number[];
  classes: number[];
  histogram: number[];
  /** By threshold in milliseconds, how many took longer since it is one. */
  readonly slower: Map<number, number>;
  sumMs: number;
  n: number;
  aborted: number;
};

/** Before the first request. */
export function noTotals(): Totals {
  const histogram = Array<number>(bucketCount).fill(0);
  return { codes: [0, 0, 0, 0, 0], classes: [0, 0, 0, 0], histogram, slower: new Map(), sumMs: 0, n: 0, aborted: 0 };
}

/** Documents have few thresholds, and seldom other ones. */
const thresholdsMax = 100;

/** The complete seconds of all workers together, and the totals since the start. */
export class Ledger {
  readonly totals = new Map<string, Totals>();
  private readonly seconds = new Map<number, Map<string, Slot>>();
  private readonly edges = new Map<number, readonly number[]>();
  private edgesMs: readonly number[];
  private firstSecond: number;
  private through: number;

  /** @param firstSecond - The first second of which nothing is missing. */
  constructor(firstSecond: number, edgesMs: readonly number[]) {
    this.firstSecond = firstSecond;
    this.through = this.firstSecond - 1;
    this.edgesMs = edgesMs;
  }

  setEdges(edgesMs: readonly number[]): void {
    this.edgesMs = edgesMs;
  }

  /** Adds what workers handed out. `through`: the last second that all of them have completed. */
  add(slots: readonly Slot[], through: number): void {
    for (const slot of slots) {
      this.total(slot);
      let second = this.seconds.get(slot.second);
      if (!second) {
        second = new Map();
        this.seconds.set(slot.second, second);
      }
      const before = second.get(slot.version);
      second.set(slot.version, before ? sum(before, slot) : slot);
      this.edges.set(slot.second, slot.edgesMs);
    }
    if (through < this.through - 5) this.firstSecond = through + 1; // The clock was put back: what came before is another time.
    this.through = through < this.through - 5 ? through : Math.max(this.through, through);
    for (const second of this.seconds.keys()) {
      if (second <= this.through - memoryS || second > this.through + memoryS) {
        this.seconds.delete(second);
        this.edges.delete(second);
      }
    }
  }

  /** The complete seconds after `afterSecond`, oldest first. `weightAt` gives the candidate's share of a second in percent. */
  samples(query: SampleQuery, weightAt: (second: number) => number): Sample[] {
    const from = Math.max(query.afterSecond + 1, this.firstSecond, this.through - memoryS + 1);
    const samples: Sample[] = [];
    for (let second = from; second <= this.through && samples.length < query.limit; second++) {
      const edgesMs = this.edges.get(second) ?? this.edgesMs;
      samples.push({
        second,
        edgesMs,
        weight: weightAt(second),
        stable: this.counts(second, query.stable, edgesMs),
        candidate: this.counts(second, query.candidate, edgesMs),
      });
    }
    return samples;
  }

  private counts(second: number, version: string | null, edgesMs: readonly number[]): Counts | null {
    if (version === null) return null;
    const slot = this.seconds.get(second)?.get(version);
    if (!slot || slot.n === 0) return { ...noCounts, slower: edgesMs.map(() => 0) };
    const classes: Partial<Record<ErrorClass, number>> = {};
    let errors = 0;
    errorClasses.forEach((name, i) => {
      const count = slot.classes[i] as number;
      if (count > 0) classes[name] = count;
      errors += count;
    });
    return {
      n: slot.n,
      errors,
      classes,
      histogram: slot.histogram,
      slower: slot.slower,
      ...(slot.firstErrorAtMs > 0 ? { firstErrorAtMs: slot.firstErrorAtMs } : {}),
    };
  }

  private total(slot: Slot): void {
    let totals = this.totals.get(slot.version);
    if (!totals) {
      totals = noTotals();
      this.totals.set(slot.version, totals);
      // Bounded: a service has few versions at a time, and Prometheus forgets a series that is gone.
      if (this.totals.size > 64) this.totals.delete(this.totals.keys().next().value as string);
    }
    addTo(totals.codes, slot.codes);
    addTo(totals.classes, slot.classes);
    for (let i = 0; i < slot.histogram.length; i += 2)
      totals.histogram[slot.histogram[i] as number] =
        (totals.histogram[slot.histogram[i] as number] as number) + (slot.histogram[i + 1] as number);
    for (const [i, edgeMs] of slot.edgesMs.entries())
      if (totals.slower.has(edgeMs) || totals.slower.size < thresholdsMax)
        totals.slower.set(edgeMs, (totals.slower.get(edgeMs) ?? 0) + (slot.slower[i] as number));
    totals.sumMs += slot.sumMs;
    totals.n += slot.n;
    totals.aborted += slot.aborted;
  }
}

function addTo(into: number[], from: readonly number[]): void {
  from.forEach((count, i) => {
    into[i] = (into[i] as number) + count;
  });
}

function sum(a: Slot, b: Slot): Slot {
  const dense = Array<number>(bucketCount).fill(0);
  for (const { histogram } of [a, b])
    for (let i = 0; i < histogram.length; i += 2)
      dense[histogram[i] as number] = (dense[histogram[i] as number] as number) + (histogram[i + 1] as number);
  const plus = (left: readonly number[], right: readonly number[]) => left.map((count, i) => count + (right[i] ?? 0));
  const firsts = [a.firstErrorAtMs, b.firstErrorAtMs].filter((at) => at > 0);
  return {
    ...a,
    n: a.n + b.n,
    classes: plus(a.classes, b.classes),
    codes: plus(a.codes, b.codes),
    histogram: dense.flatMap((count, bucket) => (count > 0 ? [bucket, count] : [])),
    slower: plus(a.slower, b.slower),
    firstErrorAtMs: firsts.length > 0 ? Math.min(...firsts) : 0,
    aborted: a.aborted + b.aborted,
    sumMs: a.sumMs + b.sumMs,
  };
}
