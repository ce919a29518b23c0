import { z } from 'zod';
import { choice } from './choice.ts';
import { found } from './issue-text.ts';
import { isMapping } from './mapping.ts';
import type { Approval } from './types.ts';
import { duration } from './units.ts';

const expiring = z.strictObject({
  expires: duration({ minMs: 1_000 }).prefault('24h').describe('How long the question stands; then the release goes back.'),
  by: z
    .enum(['anybody', 'another'])
    .default('anybody')
    .describe('`another`: whoever has started the release cannot approve it, nor promote it past the question.'),
});

/** Somebody has to say yes; `true` is a day's time for it. */
export const approval = choice([z.literal(true), expiring], (value, refuse) => {
  if (value === true) return z.literal(true);
  if (isMapping(value)) return expiring;
  return refuse({ message: `expected true or { expires: 24h }, found ${found(value)}` });
}).transform((given): Approval => {
  if (given === true) return { expiresMs: 86_400_000 };
  return { expiresMs: given.expires, ...(given.by === 'another' ? { by: given.by } : {}) };
});
