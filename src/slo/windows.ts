import type { Events } from './types.ts';

/**
 * Sums of the last `slots` slots, in time and memory that do not depend on how long they are in time: a slot that comes takes the place of
 * the one that leaves. Exact integers. A window is half open: the slot that is just being filled is not in it.
 */
export class SlidingSum {
  readonly #slots: number;
  readonly #bad: Float64Array;
  readonly #total: Float64Array;
  /** Index of the last slot that is in the window; −1: none has been. */
  #last = -1;
  #first = 0;
  #sumBad = 0;
  #sumTotal = 0;

  constructor(slots: number) {
    this.#slots = slots;
    this.#bad = new Float64Array(slots);
    this.#total = new Float64Array(slots);
  }

  /**
   * Takes in a complete slot. Those between it and the last one had no events; one that is not newer is refused, because its window has
   * been judged already.
   *
   * @param slot - Number of the slot since the beginning of time: unix time divided by its length.
   * @returns Whether it was taken.
   */
  add(slot: number, { bad, total }: Events): boolean {
    if (this.#last >= 0 && slot <= this.#last) return false;
    this.#advance(slot);
    const at = slot % this.#slots;
    this.#bad[at] = bad;
    this.#total[at] = total;
    this.#sumBad += bad;
    this.#sumTotal += total;
    return true;
  }

  /** What the window that ends with this slot holds. It never goes back. */
  through(slot: number): Events {
    if (this.#last >= 0 && slot > this.#last) this.#advance(slot);
    return { bad: this.#sumBad, total: this.#sumTotal };
  }

  /** Slots since the first one, the window's length at most: less means that its past is not known. */
  get known(): number {
    return this.#last < 0 ? 0 : Math.min(this.#slots, this.#last - this.#first + 1);
  }

  #advance(slot: number): void {
    if (this.#last < 0) this.#first = slot;
    // A pause of a whole window leaves nothing in it, and costs no more than one window.
    const from = this.#last < 0 ? slot : Math.max(this.#last + 1, slot - this.#slots + 1);
    if (this.#last >= 0 && from > this.#last + 1) {
      this.#bad.fill(0);
      this.#total.fill(0);
      this.#sumBad = 0;
      this.#sumTotal = 0;
    } else
      for (let one = from; one <= slot; one += 1) {
        const at = one % this.#slots;
        this.#sumBad -= this.#bad[at] ?? 0;
        this.#sumTotal -= this.#total[at] ?? 0;
        this.#bad[at] = 0;
        this.#total[at] = 0;
      }
    this.#last = slot;
  }
}
