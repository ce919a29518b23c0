import type { Objective } from '../spec/types.ts';
import { sumOf } from './events.ts';
import { allowedRatio, isAbove } from './policy.ts';
import type { Rational } from './rational.ts';
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
  readonly #allowed: Rational;
  #fromS = -1;
  #events: Events = { bad: 0, total: 0 };

  constructor({ everyMs, targetPpm }: Slices) {
    this.#lengthS = everyMs / 1_000;
    this.#allowed = allowedRatio({ targetPpm });
  }

  /** Takes the events of a slot, which lies in one slice; answers the slice that has ended with it or before it, if one has. */
  add(fromS: number, toS: number, events: Events): readonly EndedSlice[] {
    const beginS = Math.floor(fromS / this.#lengthS) * this.#lengthS;
    const ended: EndedSlice[] = [];
    if (this.#fromS >= 0 && beginS !== this.#fromS) ended.push(this.#end());
    this.#fromS = beginS;
    this.#events = sumOf([this.#events, events]);
    if (toS >= beginS + this.#lengthS) ended.push(this.#end());
    return ended;
  }

  #end(): EndedSlice {
    const isBad = isAbove(this.#events, this.#allowed);
    const fromS = this.#fromS;
    this.#fromS = -1;
    this.#events = { bad: 0, total: 0 };
    return { fromS, toS: fromS + this.#lengthS, events: { bad: isBad ? 1 : 0, total: 1 } };
  }
}
