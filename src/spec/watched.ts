import { z } from 'zod';
import type { Watch } from './types.ts';
import { duration } from './units.ts';

const tenMinutesMs = 600_000;

/** The keys of everything that is watched for a time. */
export const watched = {
  for: duration().describe('How long this step is watched at least.'),
  early: duration({ minMs: 120_000, example: '2m' })
    .optional()
    .describe(
      'The step may end after this time already, once the guard has proven that the candidate is good. A proof takes two minutes of traffic at least. Default: it may not.',
    ),
  requests: z.int().min(1).max(1_000_000_000).optional().describe('Candidate requests that have to be seen on this step.'),
  atMost: duration({ minMs: 1 })
    .optional()
    .describe('Deadline for enough evidence; then the release holds. Default: twice `for`, at least ten minutes more.'),
};

type Watched = { for: number; early?: number | undefined; requests?: number | undefined; atMost?: number | undefined };

/** The same in milliseconds, with its deadline. */
export function watch(step: Watched): Watch {
  const maxMs = step.atMost ?? Math.max(2 * step.for, step.for + tenMinutesMs);
  const early = step.early === undefined ? {} : { earlyMs: step.early };
  return { minMs: step.for, maxMs, minRequests: step.requests ?? 0, ...early };
}

/** A time that ends before it can be over, or a proof that comes too late to matter. */
export function checkDeadline(step: Watched, context: z.core.$RefinementCtx<unknown>): void {
  if (step.atMost !== undefined && step.atMost < step.for)
    context.addIssue({
      code: 'custom',
      message: 'atMost is shorter than for, so this step could never end well',
      path: ['atMost'],
    });
  if (step.early !== undefined && step.early >= step.for)
    context.addIssue({
      code: 'custom',
      message: 'early is not shorter than for, so it would change nothing',
      path: ['early'],
    });
}
