import type { Origin } from '../../access/types.ts';
import { messageOf } from '../../errors.ts';
import type { AccessKeeper } from './keeper.ts';

/** Refusals of one kind (same user, same address, same reason) that are recorded one by one in a minute; and of all kinds. */
const eachMax = 5;
const allMax = 60;
const minuteMs = 60_000;
/** Kinds that are counted apart in a minute; the others are counted together. */
const kindsMax = 500;

export type Refusal = { readonly subject: string; readonly address: string; readonly reason: string };

/**
 * Puts refused sign-ins on record. Somebody who tries all day must not fill the log: after a few in a minute the others are counted,
 * and one record at the end of the minute says how many they were.
 */
export class RefusedSignIns {
  readonly #keeper: AccessKeeper;
  readonly #warn: (text: string) => void;
  readonly #more = new Map<string, { readonly refusal: Refusal; count: number }>();
  #counts = new Map<string, number>();
  #recorded = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(keeper: AccessKeeper, warn: (text: string) => void) {
    this.#keeper = keeper;
    this.#warn = warn;
  }

  /** Records or counts a refusal. Never rejects: a sign-in is refused also while the log cannot be written. */
  async take(refusal: Refusal): Promise<void> {
    this.#timer ??= setTimeout(() => void this.flush(), minuteMs).unref();
    const key = JSON.stringify(refusal);
    const count = (this.#counts.get(key) ?? 0) + 1;
    if (this.#recorded < allMax && count <= eachMax) {
      this.#counts.set(key, count);
      this.#recorded += 1;
      return await this.#record(refusal, 1);
    }
    const isKnown = this.#more.has(key) || this.#more.size < kindsMax;
    const counted = isKnown ? refusal : { subject: 'unknown', address: 'several', reason: 'too many to tell apart' };
    const place = isKnown ? key : '';
    const more = this.#more.get(place) ?? { refusal: counted, count: 0 };
    more.count += 1;
    this.#more.set(place, more);
  }

  /** Ends the minute: records how many more there were. */
  async flush(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const more = [...this.#more.values()];
    this.#more.clear();
    this.#counts = new Map();
    this.#recorded = 0;
    for (const { refusal, count } of more) await this.#record(refusal, count);
  }

  async #record({ subject, address, reason }: Refusal, count: number): Promise<void> {
    const from: Origin = { address, via: 'session', credential: null };
    const data = { subject, from, why: reason, before: null, after: { reason, count } };
    try {
      await this.#keeper.change(() => [{ kind: 'sign-in-refused', actor: 'anonymous', data }]);
    } catch (error) {
      this.#warn(`a refused sign-in is not on record: ${messageOf(error)}`);
    }
  }
}
