import { z } from 'zod';
import { choice } from './choice.ts';

/** A limit, or `off` where the user does without it. */
export function orOff<Limit extends z.ZodType>(limit: Limit) {
  return choice([limit, z.literal('off')], (value) => (value === 'off' ? z.literal('off') : limit));
}
