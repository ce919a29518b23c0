import type { Text } from '../spec/text.ts';

/** What may have done it. `no-release`: nothing was released that could have, which is an answer too. */
export type CauseKind = 'release' | 'no-release' | 'dependency' | 'instances' | 'saturation' | 'similar';

/**
 * How much speaks for a cause. `strong`: a difference that chance does not explain. `some`: it fits in time and place. `weak`: it is worth
 * a look. `against`: it was looked at, and the numbers speak against it.
 */
export type Strength = 'strong' | 'some' | 'weak' | 'against';

/** A fact that speaks for or against a cause. `seq`: its event in the log, where it is one. */
export type Evidence = { readonly text: Text; readonly seq: number | null };

/** A possible cause: evidence, never a judgement. What it really was is for people to say. */
export type Cause = {
  /** Unique in its incident: `release/checkout-7`, `dependency/infrastructure.database`. */
  readonly id: string;
  readonly kind: CauseKind;
  readonly strength: Strength;
  /** In one sentence. */
  readonly said: Text;
  readonly evidence: readonly Evidence[];
  /** What one would have to see for it not to be the cause. */
  readonly refutedBy: Text;
};
