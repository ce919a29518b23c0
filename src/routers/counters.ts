import { bucketCount, bucketOf, type ErrorClass } from '../analysis/sample.ts';

/** The error classes in the order of `Slot.classes`. */
export const errorClasses = ['status', 'connect', 'timeout', 'broken'] as const satisfies readonly ErrorClass[];

/** What one worker counted for one version in one second, as it goes over the wire. Integers but for `sumMs`. */
export type Slot = {
  readonly version: string;
  /** Unix seconds. */
  readonly second: number;
  readonly edgesMs: readonly number[];
  readonly n: number;
  /** One count per `errorClasses`. */
  readonly classes: readonly number[];
  /** Of `n`, by first digit of the status the client was given: 1xx … 5xx. */
  readonly codes: readonly number[];
  /** Pairs of bucket and count, buckets rising. */
  readonly histogram: readonly number[];
  readonly slower: readonly number[];
  /** Unix milliseconds of the first failure, 0 when none failed. */
  readonly firstErrorAtMs: number;
  /** Requests that the client gave up; not in `n`. */
  readonly aborted: number;
  readonly sumMs: number;
};

/** A second in the making. */
class OpenSlot {
  readonly second: number;
  readonly edgesMs: readonly number[];
  n = 0;
  classes = [0, 0, 0, 0];
  codes = [0, 0, 0, 0, 0];
  histogram = new Uint32Array(bucketCount);
  slower: number[];
  firstErrorAtMs = 0;
  aborted = 0;
  sumMs = 0;

  constructor(second: number, edgesMs: readonly number[]) {
    this.second = second;
    this.edgesMs = edgesMs;
    this.slower = edgesMs.map(() => 0);
  }
}

/** Thresholds that count from `fromSecond` on, so that all workers change over in the same second. */
export type Edges = { readonly edgesMs: readonly number[]; readonly fromSecond: number };

/** Counts of one worker. Every request is counted once, in the second it ended. */
export class Counters {
  private readonly versions = new Map<string, VersionCounters>();
  private readonly edges: Edges[];
  private closedThrough = 0;

  constructor(edgesMs: readonly number[]) {
    this.edges = [{ edgesMs, fromSecond: 0 }];
  }

  of(version: string): VersionCounters {
    let counters = this.versions.get(version);
    if (!counters) {
      counters = new VersionCounters(this);
      this.versions.set(version, counters);
    }
    return counters;
  }

  setEdges(edges: Edges): void {
    this.edges.push(edges);
    if (this.edges.length > 8) this.edges.shift();
  }

  /** The second that counts go to at `nowMs`. A second that was handed out never gets another count, even if the clock is put back. */
  secondAt(nowMs: number): number {
    return Math.max(Math.floor(nowMs / 1_000), this.closedThrough + 1);
  }

  edgesAt(second: number): readonly number[] {
    let found = (this.edges[0] as Edges).edgesMs;
    for (const edges of this.edges) if (edges.fromSecond <= second) found = edges.edgesMs;
    return found;
  }

  /** Hands out every second before the current one, once. Forgets versions that have nothing under way and are not `inRoute`. */
  flush(nowMs: number, inRoute: ReadonlySet<string>): { readonly through: number; readonly slots: readonly Slot[] } {
    // A clock that was put back by more than a moment starts the count anew: waiting for it to catch up would hide hours.
    const now = Math.floor(nowMs / 1_000);
    if (now < this.closedThrough - 5) this.closedThrough = now - 1;
    this.closedThrough = Math.max(this.closedThrough, now - 1);
    const slots: Slot[] = [];
    for (const [version, counters] of this.versions) {
      for (const slot of counters.take(this.closedThrough)) slots.push(closed(version, slot));
      if (counters.isIdle && !inRoute.has(version)) this.versions.delete(version);
    }
    return { through: this.closedThrough, slots };
  }
}

/** Counts of one version in one worker. */
export class VersionCounters {
  private readonly counters: Counters;
  private open: OpenSlot | null = null;
  private done: OpenSlot[] = [];
  /** Requests under way, so that a version that is leaving is not forgotten. */
  inFlight = 0;

  constructor(counters: Counters) {
    this.counters = counters;
  }

  /**
   * Counts a request that has ended.
   *
   * @param errorClass - Index in `errorClasses`, -1 for none.
   * @param status - Status the client was given, or would have been.
   */
  record(nowMs: number, latencyMs: number, errorClass: number, status: number): void {
    const slot = this.slot(nowMs);
    slot.n++;
    slot.sumMs += latencyMs;
    increment(slot.codes, ((status / 100) | 0) - 1);
    increment(slot.histogram, bucketOf(latencyMs));
    const edges = slot.edgesMs;
    for (let i = 0; i < edges.length; i++) if (latencyMs > (edges[i] as number)) increment(slot.slower, i);
    if (errorClass >= 0) {
      increment(slot.classes, errorClass);
      if (slot.firstErrorAtMs === 0) slot.firstErrorAtMs = nowMs;
    }
  }

  /** Counts a request that the client gave up. */
  recordAborted(nowMs: number): void {
    this.slot(nowMs).aborted++;
  }

  take(throughSecond: number): readonly OpenSlot[] {
    if (this.open && this.open.second <= throughSecond) {
      this.done.push(this.open);
      this.open = null;
    }
    const done = this.done;
    this.done = [];
    return done;
  }

  get isIdle(): boolean {
    return this.inFlight === 0 && this.open === null;
  }

  private slot(nowMs: number): OpenSlot {
    const second = this.counters.secondAt(nowMs);
    let slot = this.open;
    if (slot === null || slot.second !== second) {
      if (slot !== null) this.done.push(slot);
      slot = new OpenSlot(second, this.counters.edgesAt(second));
      this.open = slot;
    }
    return slot;
  }
}

function increment(counts: number[] | Uint32Array, index: number): void {
  counts[index] = (counts[index] as number) + 1;
}

function closed(version: string, slot: OpenSlot): Slot {
  const { second, edgesMs, n, classes, codes, slower, firstErrorAtMs, aborted, sumMs } = slot;
  const histogram: number[] = [];
  slot.histogram.forEach((count, bucket) => {
    if (count > 0) histogram.push(bucket, count);
  });
  return { version, second, edgesMs, n, classes, codes, histogram, slower, firstErrorAtMs, aborted, sumMs };
}
