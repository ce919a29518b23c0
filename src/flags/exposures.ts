import type { EvaluationError } from './evaluation.ts';
import type { FlagsState } from './types.ts';

/** How often a variant was given out. */
export type Exposure = {
  readonly variant: string;
  /** Evaluations of this one flag: somebody was about to meet it. */
  readonly single: number;
  /** Evaluations of all flags at once, as a browser or an app asks for them when it starts. */
  readonly bulk: number;
};

export type ExposureCounts = { readonly variants: readonly Exposure[]; readonly errors: number };

/** How often evaluations ended with a value, or with an error. */
export type Outcomes = Readonly<Record<'value' | EvaluationError, number>>;

type Counted = { readonly variants: Map<string, { single: number; bulk: number }>; errors: number };

/**
 * Counts what evaluations came to, by flag and variant, since the controller started. Only flags and variants that there are have a
 * count, so that nobody fills the memory with keys of their own.
 */
export class Exposures {
  readonly #flags = new Map<string, Counted>();
  readonly #outcomes = { value: 0, FLAG_NOT_FOUND: 0, TARGETING_KEY_MISSING: 0, PARSE_ERROR: 0, GENERAL: 0 };

  /** @param key - Of a flag that there is. */
  counted(key: string, variant: string, how: 'single' | 'bulk'): void {
    const { variants } = this.#of(key);
    const count = variants.get(variant) ?? { single: 0, bulk: 0 };
    count[how] += 1;
    this.#outcomes.value += 1;
    variants.set(variant, count);
  }

  /** @param key - null: of a flag that there is not. */
  failed(key: string | null, code: EvaluationError): void {
    this.#outcomes[code] += 1;
    if (key !== null) this.#of(key).errors += 1;
  }

  /** How often its variants were given out, all of its variants among them. */
  of(key: string, variants: readonly string[]): ExposureCounts {
    const counted = this.#flags.get(key);
    const countOf = (variant: string): Exposure => ({ variant, ...(counted?.variants.get(variant) ?? { single: 0, bulk: 0 }) });
    return { variants: variants.map(countOf), errors: counted?.errors ?? 0 };
  }

  /** Of all flags, also of those that are no more. */
  get outcomes(): Outcomes {
    return this.#outcomes;
  }

  /** Forgets flags and variants that are no more. */
  keep({ flags }: FlagsState): void {
    for (const [key, { variants }] of this.#flags) {
      const flag = flags.get(key);
      if (!flag) this.#flags.delete(key);
      else for (const variant of variants.keys()) if (!Object.hasOwn(flag.spec.variants, variant)) variants.delete(variant);
    }
  }

  #of(key: string): Counted {
    const known = this.#flags.get(key) ?? { variants: new Map(), errors: 0 };
    this.#flags.set(key, known);
    return known;
  }
}
