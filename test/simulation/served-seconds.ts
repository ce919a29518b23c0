import type { Counts, Sample } from '../../src/analysis/sample.ts';
import type { SampleQuery } from '../../src/routers/router.ts';
import type { SourceQuery } from '../../src/sources/source.ts';

/** One second of the users of a simulated service, with the exact counts of each version. */
export type ServedSecond = { readonly second: number; readonly weight: number; readonly counts: ReadonlyMap<string, Counts> };

/** More than any history asks for. */
const secondsMax = 900;

/** What users have met, as a router or a source tells of it. */
export class ServedSeconds {
  readonly #seconds: ServedSecond[] = [];

  add(second: ServedSecond): void {
    this.#seconds.push(second);
    if (this.#seconds.length > secondsMax) this.#seconds.shift();
  }

  /** Exact counts of a version up to and with a second. */
  of(version: string, untilSecond: number): { readonly requests: number; readonly errors: number } {
    let requests = 0;
    let errors = 0;
    for (const { second, counts } of this.#seconds) {
      const count = second <= untilSecond ? counts.get(version) : undefined;
      requests += count?.n ?? 0;
      errors += count?.errors ?? 0;
    }
    return { requests, errors };
  }

  /** Second by second, as the router has it. */
  samples({ stable, candidate, afterSecond, limit }: SampleQuery): readonly Sample[] {
    const zero: Counts = { n: 0, errors: 0, classes: {}, histogram: [], slower: [0] };
    return this.#seconds
      .filter(({ second }) => second > afterSecond)
      .slice(0, limit)
      .map(({ second, weight, counts }) => ({
        second,
        edgesMs: [500],
        weight,
        stable: stable === null ? null : (counts.get(stable) ?? zero),
        candidate: candidate === null ? null : (counts.get(candidate) ?? zero),
      }));
  }

  /** Several seconds at once, from multiples of the interval to the next, as a source has it. */
  readings({ stable, candidate, afterSecond, limit }: SourceQuery, everyS: number): readonly Sample[] {
    const windows = new Map<number, ServedSecond[]>();
    for (const second of this.#seconds) {
      const window = Math.floor(second.second / everyS);
      windows.set(window, [...(windows.get(window) ?? []), second]);
    }
    return [...windows]
      .map(([window, seconds]) => ({ second: (window + 1) * everyS - 1, seconds }))
      .filter(({ second, seconds }) => seconds.length === everyS && second > afterSecond)
      .slice(0, limit)
      .map(({ second, seconds }) => ({
        second,
        seconds: everyS,
        edgesMs: [500],
        weight: 0,
        stable: sum(stable, seconds),
        candidate: sum(candidate, seconds),
      }));
  }
}

function sum(version: string | null, seconds: readonly ServedSecond[]): Counts | null {
  if (version === null) return null;
  const all = seconds.flatMap(({ counts }) => counts.get(version) ?? []);
  const total = (of: (counts: Counts) => number): number => all.reduce((whole, counts) => whole + of(counts), 0);
  const errors = total((counts) => counts.errors);
  const buckets = new Map<number, number>();
  for (const { histogram } of all)
    for (let i = 0; i < histogram.length; i += 2)
      buckets.set(histogram[i] ?? 0, (buckets.get(histogram[i] ?? 0) ?? 0) + (histogram[i + 1] ?? 0));
  return {
    n: total((counts) => counts.n),
    errors,
    classes: errors > 0 ? { status: errors } : {},
    histogram: [...buckets].sort(([a], [b]) => a - b).flat(),
    slower: [total((counts) => counts.slower[0] ?? 0)],
  };
}
