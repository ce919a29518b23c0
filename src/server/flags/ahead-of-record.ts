import { takeFlags } from '../../flags/fold.ts';
import type { FlagRecord, FlagsState } from '../../flags/types.ts';

type Off = Extract<FlagRecord, { kind: 'flag-off' }>;

/**
 * Flags that were switched off and are not on record yet: taking something back goes ahead of its record, as it does with traffic. When
 * the log takes nothing they stay off in this process, until the flag is switched on record again.
 */
export class AheadOfRecord {
  #offs: ReadonlyMap<string, Off> = new Map();
  /** Flags whose record has failed: what is recorded of them later is newer. */
  readonly #failed = new Set<string>();
  #laid: { readonly offs: ReadonlyMap<string, Off>; readonly under: FlagsState; readonly state: FlagsState } | null = null;

  add(off: Off): void {
    const key = off.data.subject;
    this.#failed.delete(key);
    this.#offs = new Map(this.#offs).set(key, off);
  }

  /** It is on record, or it was refused. */
  remove(key: string): void {
    if (!this.#offs.has(key)) return;
    const offs = new Map(this.#offs);
    offs.delete(key);
    this.#offs = offs;
    this.#failed.delete(key);
  }

  /** It could not be put on record. */
  failed(key: string): void {
    if (this.#offs.has(key)) this.#failed.add(key);
  }

  /** Something else about it is on record now. */
  overtaken(key: string): void {
    if (this.#failed.has(key)) this.remove(key);
  }

  /** The flags as they are in force: what is on record, with these switched off. The same object until one of them changes. */
  over(recorded: FlagsState): FlagsState {
    if (this.#offs.size === 0) return recorded;
    const laid = this.#laid;
    if (laid && laid.offs === this.#offs && laid.under === recorded) return laid.state;
    const state = [...this.#offs.values()].reduce<FlagsState>(takeFlags, recorded);
    this.#laid = { offs: this.#offs, under: recorded, state };
    return state;
  }
}
