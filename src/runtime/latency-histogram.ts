/** How long something took, as Prometheus has it. */
export type Latency = {
  readonly count: number;
  readonly sumSeconds: number;
  /** How many took at most `seconds`, ascending; all of them are in `count`. Cumulative, as `le` is in Prometheus. */
  readonly buckets: readonly { readonly seconds: number; readonly count: number }[];
};

/** From a write into the page cache to a disk that hangs. */
const bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] as const;

/** Counts durations in buckets of fixed bounds: adding one is cheap enough for every call. */
export class LatencyHistogram implements Latency {
  #count = 0;
  #sumSeconds = 0;
  readonly #counts: number[] = bounds.map(() => 0);

  add(seconds: number): void {
    this.#count += 1;
    this.#sumSeconds += seconds;
    const index = bounds.findIndex((bound) => seconds <= bound);
    if (index >= 0) this.#counts[index] = (this.#counts[index] ?? 0) + 1;
  }

  get count(): number {
    return this.#count;
  }

  get sumSeconds(): number {
    return this.#sumSeconds;
  }

  get buckets(): Latency['buckets'] {
    let count = 0;
    return bounds.map((seconds, index) => {
      count += this.#counts[index] ?? 0;
      return { seconds, count };
    });
  }
}
