import type { Latencies } from './plan.ts';

/** Values below 2^11 µs have a cell each; above, each doubling has 2^10 cells, so that a cell is at most 0.1 % of its values wide. */
const bits = 10;
const half = 1 << bits;
/** Half an hour: no run is longer. */
const usMax = 1_800_000_000;

/**
 * Durations, counted in cells as HdrHistogram does: any number of them in the same 90 KiB, and percentiles are values that were
 * measured, to 0.1 %. Nothing is interpolated and nothing is sampled.
 */
export class LatencyRecord {
  readonly #cells = new Uint32Array(cellOf(usMax) + 1);
  #count = 0;
  #sumUs = 0;
  #maxUs = 0;

  /** @param ms - ≥ 0. */
  add(ms: number): void {
    const us = Math.min(usMax, Math.max(0, Math.round(ms * 1_000)));
    const cell = cellOf(us);
    this.#cells[cell] = (this.#cells[cell] ?? 0) + 1;
    this.#count += 1;
    this.#sumUs += us;
    if (us > this.#maxUs) this.#maxUs = us;
  }

  get count(): number {
    return this.#count;
  }

  /** The smallest value, in milliseconds, that at least `share` of all do not exceed; 0 where there are none. */
  at(share: number): number {
    let left = Math.max(1, Math.ceil(share * this.#count));
    for (const [cell, count] of this.#cells.entries()) {
      left -= count;
      if (left <= 0) return Math.min(highest(cell), this.#maxUs) / 1_000;
    }
    return 0;
  }

  get latencies(): Latencies {
    return {
      count: this.#count,
      mean: this.#count === 0 ? 0 : this.#sumUs / this.#count / 1_000,
      p50: this.at(0.5),
      p90: this.at(0.9),
      p95: this.at(0.95),
      p99: this.at(0.99),
      p999: this.at(0.999),
      max: this.#maxUs / 1_000,
    };
  }
}

function cellOf(us: number): number {
  const shift = Math.max(0, 31 - Math.clz32(us) - bits);
  return shift * half + (us >>> shift);
}

/** The highest value of a cell: a percentile that is told is never below the one that was measured. */
function highest(cell: number): number {
  const shift = Math.max(0, Math.floor(cell / half) - 1);
  return (cell - shift * half + 1) * 2 ** shift - 1;
}
