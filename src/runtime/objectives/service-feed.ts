import type { Counts, Sample } from '../../analysis/sample.ts';
import { slotS } from '../../slo/windows.ts';

/** What one version did in a slot, as the router or a source counts it. */
export type VersionCounts = {
  readonly n: number;
  readonly errors: number;
  /** By threshold in milliseconds: how many took longer. Missing: that was not counted. */
  readonly slower: ReadonlyMap<number, number>;
};

/** A slot that is complete. One of which nothing is known is never told. */
export type Slot = { readonly fromS: number; readonly toS: number; readonly byVersion: ReadonlyMap<string, VersionCounts> };

type Versions = { readonly stable: string | null; readonly candidate: string | null };

type Open = { readonly fromS: number; isKnown: boolean; readonly byVersion: Map<string, VersionCounts> };

/** Makes slots of the seconds that come from one service. Seconds that come twice count once. */
export class ServiceFeed {
  #lastSecond: number;
  #open: Open | null = null;

  /** @param afterSecond - Unix second; what is not newer was taken in already. */
  constructor(afterSecond: number) {
    this.#lastSecond = afterSecond;
  }

  /** The last second that was taken in. */
  get lastSecond(): number {
    return this.#lastSecond;
  }

  /** The second up to which slots are complete: from there it is gone on after a restart. */
  get completeSecond(): number {
    return this.#open ? this.#open.fromS - 1 : this.#lastSecond;
  }

  /** Takes seconds, oldest first, and answers the slots that are complete with them. */
  take(samples: readonly Sample[], versions: Versions): readonly Slot[] {
    const slots: Slot[] = [];
    for (const sample of samples) {
      const { second } = sample;
      if (second <= this.#lastSecond) continue;
      const sides = sidesOf(sample, versions);
      // What covers several seconds covers their slots, too: they had nothing, and are known.
      const begin = sides.length === 0 ? second : Math.max(this.#lastSecond + 1, second - (sample.seconds ?? 1) + 1);
      for (let at = begin - (begin % slotS); at <= second; at += slotS) {
        if (this.#open && this.#open.fromS < at) slots.push(...this.#close());
        this.#open ??= { fromS: at, isKnown: false, byVersion: new Map() };
        if (sides.length > 0) this.#open.isKnown = true;
      }
      for (const [version, counts] of sides) this.#add(version, counts, sample.edgesMs);
      this.#lastSecond = second;
      if (this.#open && second >= this.#open.fromS + slotS - 1) slots.push(...this.#close());
    }
    return slots;
  }

  #add(version: string, counts: Counts, edgesMs: readonly number[]): void {
    const byVersion = this.#open?.byVersion;
    if (!byVersion) return;
    const before = byVersion.get(version);
    const slower = new Map<number, number>();
    for (const [index, edgeMs] of edgesMs.entries()) {
      const known = before === undefined ? 0 : before.slower.get(edgeMs);
      if (known !== undefined) slower.set(edgeMs, known + (counts.slower[index] ?? 0));
      // A second without requests has no slow ones, whatever was counted before.
      else if (before?.n === 0) slower.set(edgeMs, counts.slower[index] ?? 0);
    }
    byVersion.set(version, { n: (before?.n ?? 0) + counts.n, errors: (before?.errors ?? 0) + counts.errors, slower });
  }

  #close(): readonly Slot[] {
    const open = this.#open;
    this.#open = null;
    return open?.isKnown ? [{ fromS: open.fromS, toS: open.fromS + slotS, byVersion: open.byVersion }] : [];
  }
}

function sidesOf(sample: Sample, { stable, candidate }: Versions): readonly (readonly [string, Counts])[] {
  const sides: (readonly [string, Counts])[] = [];
  if (stable !== null && sample.stable) sides.push([stable, sample.stable]);
  if (candidate !== null && sample.candidate) sides.push([candidate, sample.candidate]);
  return sides;
}
