import { z } from 'zod';
import type { MetricVerdict, Verdict } from '../../analysis/guard.ts';
import type { Said } from '../../analysis/said.ts';
import { answer } from './answer.ts';

export const VerdictKind = z.enum(['pass', 'fail', 'undecided', 'blind']);

/**
 * What was said, as data: one of many kinds, each with its own numbers. Whoever draws or stores it reads the sentence beside it, so
 * only the kind is promised.
 */
export const SaidAnswer = z.looseObject({ kind: z.string() }).meta({
  id: 'Said',
  description: 'What was said, as data: its kind and its numbers.',
}) as unknown as z.ZodType<Said>;

const Bad = z.object({ bad: z.number(), n: z.number() });

export const MetricVerdictAnswer = answer<MetricVerdict>()(
  z
    .object({
      metric: z.string(),
      test: z.enum(['comparison', 'limit', 'data']),
      kind: VerdictKind,
      sentence: z.string(),
      said: SaidAnswer,
      candidate: Bad,
      stable: Bad.nullable(),
      logEvidence: z.number().nullable(),
      logThreshold: z.number().nullable(),
    })
    .meta({ id: 'MetricVerdict' }),
);

export const VerdictAnswer = answer<Verdict>()(
  z
    .object({
      kind: VerdictKind,
      sentence: z.string(),
      said: SaidAnswer,
      metrics: z.array(MetricVerdictAnswer),
      faultAtMs: z.number().nullable(),
      proven: z.boolean().exactOptional(),
    })
    .meta({ id: 'Verdict', description: 'What the guard says, in one sentence and with its numbers.' }),
);
