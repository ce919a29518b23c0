import type { Objective } from '../spec/types.ts';
import { rational } from './rational.ts';
import type { Events } from './types.ts';

type Slices = NonNullable<Objective['slices']>;

/** A slice that has ended, as one event. */
export type EndedSlice = { readonly fromS: number; readonly toS: number; readonly events: Events };

/**
 * Slices of time as events: each counts as one, bad when less of its own events were good than asked for. One without events is good:
 * nobody was hurt. One of which not all is known counts as what is known of it.
 */
export class SliceCounter {
  readonly #lengthS: number;
  readonly #badPpm: number;
  #fromS = -1;
  #events: Events = { bad: 0, total: 0 };

  constructor({ everyMs, targetPpm }: Slices) {
    this.#lengthS = everyMs / 1_000;
    this.#badPpm = 1_000_000 - targetPpm;
  }

  /** Takes the events of a slot, which lies in one slice; answers the slice that has ended with it or before it, if one has. */
  add(fromS: number, toS: number, { bad, total }: Events): readonly EndedSlice[] {
    const beginS = Math.floor(fromS / this.#lengthS) * this.#lengthS;
    const ended: EndedSlice[] = [];
    if (this.#fromS >= 0 && beginS !== this.#fromS) ended.push(this.#end());
    this.#fromS = beginS;
    this.#events = { bad: this.#events.bad + bad, total: this.#events.total + total };
    if (toS >= beginS + this.#lengthS) ended.push(this.#end());
    return ended;
  }

  #end(): EndedSlice {
    const { bad, total } = this.#events;
    const { n, d } = rational(this.#badPpm, 1_000_000);
    const isBad = BigInt(bad) * d > BigInt(total) * n;
    const fromS = this.#fromS;
    this.#fromS = -1;
    this.#events = { bad: 0, total: 0 };
    return { fromS, toS: fromS + this.#lengthS, events: { bad: isBad ? 1 : 0, total: 1 } };
  }
}
