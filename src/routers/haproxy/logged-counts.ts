import { bucketOf, type Counts, type ErrorClass } from '../../analysis/sample.ts';
import type { LoggedRequest } from './log-line.ts';

const memoryS = 960;

/** Requests that failed and are in no line of the log. */
export type Unlogged = { readonly moved: number; readonly lost: number };

/** What one version did in one second, by the log. */
class LoggedSecond {
  n = 0;
  readonly classes: Partial<Record<ErrorClass, number>> = {};
  readonly buckets = new Map<number, number>();
  readonly slower: number[];
  firstErrorAtMs = 0;

  constructor(edges: number) {
    this.slower = Array<number>(edges).fill(0);
  }
}

/** Counts per second and version from HAProxy's log: exact, with latency. A request counts in the second in which it ended. */
export class LoggedCounts {
  readonly #edgesMs: readonly number[];
  readonly #seconds = new Map<number, Map<string, LoggedSecond>>();

  constructor(edgesMs: readonly number[]) {
    this.#edgesMs = edgesMs;
  }

  /** Counts a request that ended just now, at unix milliseconds. */
  note(version: string, { ms, failed, isAborted }: LoggedRequest, atMs: number): void {
    if (isAborted) return;
    const second = this.#at(Math.floor(atMs / 1_000), version);
    second.n += 1;
    const bucket = bucketOf(ms);
    second.buckets.set(bucket, (second.buckets.get(bucket) ?? 0) + 1);
    this.#edgesMs.forEach((edge, i) => {
      if (ms > edge) second.slower[i] = (second.slower[i] ?? 0) + 1;
    });
    if (failed === null) return;
    second.classes[failed] = (second.classes[failed] ?? 0) + 1;
    if (second.firstErrorAtMs === 0) second.firstErrorAtMs = atMs;
  }

  /**
   * Counts of a version from one second to another, both included.
   *
   * @param unlogged - What the log does not have: requests for which no connection could be made and which another server answered
   *   (`moved`), and those that nobody answered (`lost`). They count as fast.
   */
  between(version: string, from: number, to: number, unlogged: Unlogged): Counts {
    const slower = this.#edgesMs.map(() => 0);
    const classes: Partial<Record<ErrorClass, number>> = {};
    const buckets = new Map<number, number>();
    let n = 0;
    let firstErrorAtMs = 0;
    const fail = (failed: ErrorClass, count: number): void => {
      classes[failed] = (classes[failed] ?? 0) + count;
    };
    for (let second = from; second <= to; second++) {
      const logged = this.#seconds.get(second)?.get(version);
      if (!logged) continue;
      n += logged.n;
      for (const [failed, count] of Object.entries(logged.classes)) fail(failed as ErrorClass, count);
      for (const [bucket, count] of logged.buckets) buckets.set(bucket, (buckets.get(bucket) ?? 0) + count);
      logged.slower.forEach((count, i) => {
        slower[i] = (slower[i] ?? 0) + count;
      });
      firstErrorAtMs ||= logged.firstErrorAtMs;
    }
    const { moved, lost } = unlogged;
    if (moved > 0) fail('connect', moved);
    if (lost > 0) fail('broken', lost);
    if (moved + lost > 0) {
      n += moved + lost;
      buckets.set(0, (buckets.get(0) ?? 0) + moved + lost);
      firstErrorAtMs ||= from * 1_000;
    }
    return {
      n,
      errors: Object.values(classes).reduce((sum, count) => sum + count, 0),
      classes,
      histogram: [...buckets].sort(([a], [b]) => a - b).flat(),
      slower,
      ...(firstErrorAtMs > 0 ? { firstErrorAtMs } : {}),
    };
  }

  #at(second: number, version: string): LoggedSecond {
    let versions = this.#seconds.get(second);
    if (!versions) {
      versions = new Map();
      this.#seconds.set(second, versions);
      // The clock may have been put back: then what is ahead belongs to another time.
      for (const known of this.#seconds.keys())
        if (known < second - memoryS || known > second + memoryS) this.#seconds.delete(known);
    }
    let found = versions.get(version);
    if (!found) {
      found = new LoggedSecond(this.#edgesMs.length);
      versions.set(version, found);
    }
    return found;
  }
}
