import type { EvaluationContext, Logger } from '@openfeature/core';
import { FeatureFlag } from '@openfeature/flagd-core';
import type { FlagSpec, FlagValue } from '../spec/flag-set.ts';
import type { Flag, FlagsState } from './types.ts';
import { offVariant } from './variants.ts';

/** What a flag is for somebody. */
export type Evaluation =
  | {
      readonly kind: 'value';
      readonly value: FlagValue;
      readonly variant: string;
      /** Why, in the words of OpenFeature; DISABLED: it was switched off. */
      readonly reason: 'STATIC' | 'DEFAULT' | 'TARGETING_MATCH' | 'SPLIT' | 'DISABLED';
      readonly metadata: FlagSpec['metadata'];
    }
  | { readonly kind: 'error'; readonly code: EvaluationError; readonly details: string };

/** The error codes of OpenFeature that an evaluation ends with. */
export type EvaluationError = 'FLAG_NOT_FOUND' | 'TARGETING_KEY_MISSING' | 'PARSE_ERROR' | 'GENERAL';

type Compiled = { readonly flag: Flag; readonly isKeyed: boolean; readonly evaluated: FeatureFlag };

const wholePpm = 1_000_000;

/** Evaluates the flags of one state. Quick: everything that does not depend on who asks is done before. */
export class Evaluator {
  readonly #compiled = new Map<string, Compiled>();

  /** @param before - What it knows of flags that have not changed is taken over. */
  constructor(state: FlagsState, before?: Evaluator) {
    for (const [key, flag] of state.flags) {
      const known = before ? before.#compiled.get(key) : undefined;
      this.#compiled.set(key, known?.flag === flag ? known : compiled(flag));
    }
  }

  /** Keys of the flags that can have a value: all but those that are DISABLED. */
  get keys(): readonly string[] {
    return [...this.#compiled].filter(([, one]) => !isDisabled(one.flag)).map(([key]) => key);
  }

  /** @param context - Who asks: attributes, with `targetingKey` as that which stays with one user. */
  evaluate(key: string, context: EvaluationContext): Evaluation {
    const one = this.#compiled.get(key);
    if (!one) return failed('FLAG_NOT_FOUND', `there is no flag ${key.slice(0, 100)}`);
    const { flag, isKeyed, evaluated } = one;
    // The program's own default counts, which is what OpenFeature does with a flag that is not found.
    if (isDisabled(flag)) return failed('FLAG_NOT_FOUND', `the flag ${key} is DISABLED in its document`);
    const { value, variant, reason, errorCode, errorMessage } = evaluated.evaluate(context, silent);
    if (reason === 'DEFAULT' && isKeyed && !hasKey(context))
      return failed('TARGETING_KEY_MISSING', `${key} is given to a share of the users, told apart by targetingKey`);
    if (value === undefined || variant === undefined)
      return failed(errorCode === 'PARSE_ERROR' ? 'PARSE_ERROR' : 'GENERAL', errorMessage ?? `${key} has no value`);
    return { kind: 'value', value: value as FlagValue, variant, reason: reasonOf(flag, reason), metadata: flag.spec.metadata };
  }
}

/** The flag as flagd's evaluator takes it, with its level put into its rule. */
function compiled(flag: Flag): Compiled {
  const { key, spec, level } = flag;
  const { targeting, defaultVariant } = inForce(flag);
  const { state, variants, metadata } = spec;
  const rule = { state: level?.level.kind === 'off' ? 'ENABLED' : state, variants, defaultVariant, metadata };
  const evaluated = new FeatureFlag(key, { ...rule, ...(targeting === null ? {} : { targeting }) } as never, silent, {
    // Documents come over the network: none of them becomes code of the controller.
    disableDynamicCodeGeneration: true,
  });
  return { flag, isKeyed: targeting !== null && isKeyed(targeting), evaluated };
}

function inForce({ spec, level }: Flag): Pick<FlagSpec, 'targeting' | 'defaultVariant'> {
  const off = offVariant(spec);
  if (!level) return spec;
  if (level.level.kind === 'off') return { targeting: null, defaultVariant: off };
  const { variant, sharePpm } = level.level;
  // The variant comes first, so that whoever has it keeps it while the share grows.
  const shares = [
    [variant, sharePpm],
    [off, wholePpm - sharePpm],
  ];
  return { targeting: { fractional: shares }, defaultVariant: off };
}

function isDisabled({ spec, level }: Flag): boolean {
  return spec.state === 'DISABLED' && level?.level.kind !== 'off';
}

function reasonOf({ level }: Flag, reason: string) {
  if (level?.level.kind === 'off') return 'DISABLED';
  if (level) return 'SPLIT';
  return reason === 'STATIC' || reason === 'DEFAULT' ? reason : 'TARGETING_MATCH';
}

/** Whether a part of the rule tells users apart by the targeting key: shares without a rule of their own for that. */
function isKeyed(rule: unknown): boolean {
  if (typeof rule !== 'object' || rule === null) return false;
  if ('fractional' in rule && Array.isArray(rule.fractional) && Array.isArray(rule.fractional[0])) return true;
  return Object.values(rule).some(isKeyed);
}

function hasKey({ targetingKey }: EvaluationContext): boolean {
  return typeof targetingKey === 'string' && targetingKey !== '';
}

function failed(code: EvaluationError, details: string): Evaluation {
  return { kind: 'error', code, details };
}

const nothing = (): void => {};
/** What the evaluator would write: each of it comes back as an error, or is told by the document's own checks. */
const silent: Logger = { error: nothing, warn: nothing, info: nothing, debug: nothing };
