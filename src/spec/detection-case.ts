import { z } from 'zod';

const second = z.int().min(0);
const count = z.int().min(0);

/** A test of a policy, as `rampart incidents learn --save` writes it and `rampart incidents replay` reads it. */
export const detectionCaseFile = z.strictObject({
  kind: z.literal('rampart-detection-case'),
  version: z.literal(1),
  incident: z.string().max(300),
  objective: z.string().max(300),
  targetPpm: z.int().min(1).max(999_999),
  windowMs: z.int().min(1),
  tier: z.string().max(20),
  startedAtMs: z.int().min(0),
  withinMs: z.int().min(0),
  counts: z
    .array(z.tuple([second, second, count, count]))
    .min(1)
    .max(100_000)
    .refine(
      (all) => all.every(([from, to, bad, total], index) => from < to && bad <= total && from >= (all[index - 1]?.[1] ?? 0)),
      'expected counts as [from, to, bad, total], oldest first, without overlaps',
    ),
});

/** An incident that has to be noticed as soon as it would be now, for ever: a test of a policy. */
export type DetectionCase = {
  readonly kind: 'rampart-detection-case';
  readonly version: 1;
  readonly incident: string;
  readonly objective: string;
  readonly targetPpm: number;
  readonly windowMs: number;
  /** Name of the tier that has to fire, or any that is more urgent. */
  readonly tier: string;
  readonly startedAtMs: number;
  /** It has to fire so soon after the beginning. */
  readonly withinMs: number;
  /** `[from, to, bad, total]`, unix seconds. */
  readonly counts: readonly (readonly [number, number, number, number])[];
};
