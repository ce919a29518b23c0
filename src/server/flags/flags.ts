import type { EvaluationContext } from '@openfeature/core';
import type { Origin } from '../../access/types.ts';
import { UserError } from '../../errors.ts';
import { type Evaluation, Evaluator } from '../../flags/evaluation.ts';
import { type ExposureCounts, Exposures, type Outcomes } from '../../flags/exposures.ts';
import { isSameLevel, noFlags, takeFlags } from '../../flags/fold.ts';
import { applyRefusal, levelRefusal, removeRefusal } from '../../flags/refusal.ts';
import type { Flag, FlagLevel, FlagsState } from '../../flags/types.ts';
import { onVariant } from '../../flags/variants.ts';
import { RecordedState } from '../../runtime/recorded-state.ts';
import type { FlagSetSpec } from '../../spec/flag-set.ts';
import type { EventLog } from '../../stores/log.ts';
import { AheadOfRecord } from './ahead-of-record.ts';
import { type Entry, type FlagsRecorded, recording } from './recording.ts';
import { FlagRouting } from './routing.ts';

/** Who asks for a change, for the record. */
export type By = { readonly actor: string; readonly from: Origin; readonly why: string };

/** What applying a set has changed, by keys of flags. */
export type SetChanges = {
  readonly name: string;
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
};

/** The feature flags of one controller: what they are, every change, every evaluation. */
export class Flags {
  readonly #recorded: FlagsRecorded;
  readonly #now: () => number;
  readonly #ahead = new AheadOfRecord();
  readonly #exposures = new Exposures();
  /** How releases give flags out. */
  readonly routing: FlagRouting;
  #evaluator = new Evaluator(noFlags);
  #evaluated = noFlags;

  private constructor(recorded: FlagsRecorded, now: () => number) {
    this.#recorded = recorded;
    this.#now = now;
    this.routing = new FlagRouting(recorded, this.#ahead, now);
  }

  /**
   * Folds the stream.
   *
   * @param token - The controller's token of the log.
   * @param now - Unix milliseconds.
   */
  static async open(log: EventLog, token: number, now: () => number): Promise<Flags> {
    return new Flags(await RecordedState.caughtUp(recording, log, token, now), now);
  }

  /** What is in force. */
  get state(): FlagsState {
    return this.#ahead.over(this.#recorded.state);
  }

  /** How often the flag's variants were given out. */
  exposures({ key, spec }: Flag): ExposureCounts {
    return this.#exposures.of(key, Object.keys(spec.variants));
  }

  /** What evaluations came to since the controller started, also of flags that are no more. */
  get outcomes(): Outcomes {
    return this.#exposures.outcomes;
  }

  /** @throws UserError `E_UNKNOWN_FLAG`. */
  flag(key: string): Flag {
    return known(this.state, key);
  }

  /** What a flag is for somebody. Counted. */
  evaluate(key: string, context: EvaluationContext): Evaluation {
    const evaluation = this.#current().evaluate(key, context);
    if (evaluation.kind === 'value') this.#exposures.counted(key, evaluation.variant, 'single');
    else this.#exposures.failed(this.state.flags.has(key) ? key : null, evaluation.code);
    return evaluation;
  }

  /** What every flag that is not DISABLED is for somebody, by key. Not counted before `gaveOut`. */
  evaluateAll(context: EvaluationContext): ReadonlyMap<string, Evaluation> {
    const evaluator = this.#current();
    return new Map(evaluator.keys.map((key) => [key, evaluator.evaluate(key, context)]));
  }

  /** Counts what `evaluateAll` answered and somebody got. */
  gaveOut(all: ReadonlyMap<string, Evaluation>): void {
    for (const [key, evaluation] of all) {
      if (evaluation.kind === 'value') this.#exposures.counted(key, evaluation.variant, 'bulk');
      else this.#exposures.failed(key, evaluation.code);
    }
  }

  /**
   * Puts sets into force, all of them or none. Where flags were switched they stay switched. Safe to repeat.
   *
   * @param dryRun - Only says what would change.
   */
  async apply(by: By, sets: readonly FlagSetSpec[], dryRun: boolean): Promise<readonly SetChanges[]> {
    let changes: readonly SetChanges[] = [];
    await this.#recorded.change((state, at) => {
      changes = sets.map((set) => changesOf(state, set));
      const entries: Entry[] = [];
      let next = state;
      for (const set of sets) {
        refuse(applyRefusal(next, set));
        const before = next.sets.get(set.name) ?? null;
        const entry: Entry = {
          kind: 'flag-set-applied',
          actor: by.actor,
          data: { subject: set.name, from: by.from, why: by.why, before, after: set },
        };
        next = takeFlags(next, { ...entry, at });
        if (JSON.stringify(before) !== JSON.stringify(set)) entries.push(entry);
      }
      return dryRun ? [] : entries;
    });
    return changes;
  }

  /** Takes a set out of force, with all of its flags. */
  async remove(by: By, name: string): Promise<void> {
    await this.#recorded.change((state) => {
      const before = state.sets.get(name);
      if (!before)
        throw new UserError('E_UNKNOWN_FLAG_SET', `there is no set of flags ${name.slice(0, 100)}`, {
          where: 'set',
          fix: 'see `rampart flag list` for the sets there are',
        });
      refuse(removeRefusal(state, name));
      return [
        { kind: 'flag-set-removed', actor: by.actor, data: { subject: name, from: by.from, why: by.why, before, after: null } },
      ];
    });
  }

  /**
   * Gives everybody the off variant, at once: before it is on record, and also when it cannot be. Safe to repeat.
   *
   * @throws UserError `E_LOG_FAILING`: it is off, and not on record.
   */
  async off(by: By, key: string): Promise<Flag> {
    const { level } = this.flag(key);
    const data = { subject: key, from: by.from, why: by.why, before: level?.level ?? null, after: { kind: 'off' } as const };
    this.#ahead.add({ kind: 'flag-off', at: this.#now(), actor: by.actor, data });
    try {
      const flag = await this.#put(by, key, () => ({ kind: 'off' }), true);
      this.#ahead.remove('flag-off', key);
      return flag;
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'E_LOG_FAILING') {
        this.#ahead.remove('flag-off', key);
        throw error;
      }
      this.#ahead.failed('flag-off', key);
      throw new UserError('E_LOG_FAILING', `${key} is off, but not on record: it is on again when the controller ends`, {
        where: error.where,
        fix: `${error.fix}, then switch it off again`,
        cause: error,
      });
    }
  }

  /**
   * Gives a share of the users a variant, and the others the off variant.
   *
   * @param variant - undefined: the one that is on, where that is clear.
   */
  async share(by: By, key: string, sharePpm: number, variant: string | undefined): Promise<Flag> {
    return await this.#put(by, key, ({ spec }) => {
      const one = variant ?? onVariant(spec);
      if (one !== null) return { kind: 'share', variant: one, sharePpm };
      throw new UserError('E_INPUT', `say which variant: ${key} has ${Object.keys(spec.variants).join(', ')}`, {
        where: 'variant',
        fix: 'name it with --variant, or `variant` in the request',
      });
    });
  }

  /** Lets the document say again what the flag is. Safe to repeat. */
  async reset(by: By, key: string): Promise<Flag> {
    return await this.#put(by, key, () => null);
  }

  async #put(by: By, key: string, levelOf: (flag: Flag) => FlagLevel | null, isUrgent = false): Promise<Flag> {
    await this.#recorded.change(
      (state) => {
        const flag = known(state, key);
        const after = levelOf(flag);
        const before = flag.level?.level ?? null;
        const about = { subject: key, from: by.from, why: by.why, before };
        if (after) refuse(levelRefusal(flag, after));
        if (isSameLevel(before, after)) return [];
        if (!after) return [{ kind: 'flag-reset', actor: by.actor, data: { ...about, after } }];
        return [{ kind: `flag-${after.kind}`, actor: by.actor, data: { ...about, after } }];
      },
      () => this.#ahead.overtaken('flag-off', key),
      isUrgent,
    );
    return this.flag(key);
  }

  #current(): Evaluator {
    const { state } = this;
    if (this.#evaluated === state) return this.#evaluator;
    this.#evaluator = new Evaluator(state, this.#evaluator);
    this.#evaluated = state;
    this.#exposures.keep(state);
    return this.#evaluator;
  }
}

function changesOf({ sets }: FlagsState, { name, flags }: FlagSetSpec): SetChanges {
  const before = sets.get(name)?.flags ?? {};
  const isSame = (key: string): boolean => JSON.stringify(before[key]) === JSON.stringify(flags[key]);
  return {
    name,
    added: Object.keys(flags).filter((key) => !Object.hasOwn(before, key)),
    changed: Object.keys(flags).filter((key) => Object.hasOwn(before, key) && !isSame(key)),
    removed: Object.keys(before).filter((key) => !Object.hasOwn(flags, key)),
  };
}

function known(state: FlagsState, key: string): Flag {
  const flag = state.flags.get(key);
  if (flag) return flag;
  throw new UserError('E_UNKNOWN_FLAG', `there is no flag ${key.slice(0, 100)}`, {
    where: 'flag',
    fix: 'see `rampart flag list` for the flags there are',
  });
}

function refuse(why: string | null): void {
  if (why !== null) throw new UserError('E_REFUSED', why, { where: 'flags', fix: 'docs/guides/flags.md says what is possible' });
}
