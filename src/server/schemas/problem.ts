import { z } from 'zod';
import type { ProblemDetails } from '../problem.ts';
import { answer } from './answer.ts';

/** Every error, of every path. */
export const ProblemAnswer = answer<ProblemDetails>()(
  z
    .object({
      type: z.string(),
      title: z.string().describe('What happened, in one sentence.'),
      status: z.number(),
      code: z.string().describe('For programs: it does not change.'),
      where: z.string(),
      fix: z.string().describe('What to do.'),
      problems: z.array(z.unknown()).exactOptional().describe('Every mistake in a document, with its line and column.'),
    })
    .meta({ id: 'Problem', description: 'An error (RFC 9457).' }),
);
