import { takeFlags } from '../../flags/fold.ts';
import type { FlagRecord, FlagsState } from '../../flags/types.ts';

/** What takes a variant from users: it was switched off, or a release gives it to nobody any more. */
type TakenBack = Extract<FlagRecord, { kind: 'flag-off' | 'flag-routed' }>;

/**
 * What takes a variant from users and is not on record yet: taking something back goes ahead of its record, as it does with traffic. When
 * the log takes nothing it stays in force in this process, until the same flag is put somewhere else on record.
 */
export class AheadOfRecord {
  /** By kind and flag. */
  #taken: ReadonlyMap<string, TakenBack> = new Map();
  /** Those whose record has failed: what is recorded of their flags later is newer. */
  readonly #failed = new Set<string>();
  #laid: { readonly taken: ReadonlyMap<string, TakenBack>; readonly under: FlagsState; readonly state: FlagsState } | null = null;

  add(taken: TakenBack): void {
    const name = nameOf(taken.kind, taken.data.subject);
    this.#failed.delete(name);
    this.#taken = new Map(this.#taken).set(name, taken);
  }

  /** It is on record, or it was refused. */
  remove(kind: TakenBack['kind'], key: string): void {
    this.#remove(nameOf(kind, key));
  }

  /** It could not be put on record. */
  failed(kind: TakenBack['kind'], key: string): void {
    const name = nameOf(kind, key);
    if (this.#taken.has(name)) this.#failed.add(name);
  }

  /** Something else about it is on record now. */
  overtaken(kind: TakenBack['kind'], key: string): void {
    const name = nameOf(kind, key);
    if (this.#failed.has(name)) this.#remove(name);
  }

  /** The flags as they are in force: what is on record, without what was taken back. The same object until one of them changes. */
  over(recorded: FlagsState): FlagsState {
    if (this.#taken.size === 0) return recorded;
    const laid = this.#laid;
    if (laid && laid.taken === this.#taken && laid.under === recorded) return laid.state;
    const state = [...this.#taken.values()].reduce<FlagsState>(takeFlags, recorded);
    this.#laid = { taken: this.#taken, under: recorded, state };
    return state;
  }

  #remove(name: string): void {
    if (!this.#taken.has(name)) return;
    const taken = new Map(this.#taken);
    taken.delete(name);
    this.#taken = taken;
    this.#failed.delete(name);
  }
}

function nameOf(kind: TakenBack['kind'], key: string): string {
  return `${kind} ${key}`;
}
