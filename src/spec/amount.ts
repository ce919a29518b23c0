import { z } from 'zod';
import { choice } from './choice.ts';
import { found } from './issue-text.ts';
import type { Amount } from './types.ts';
import { percent } from './units.ts';

/** A number of instances, or a percentage of all that a version has: `2`, `25%`. */
export function amount({ min }: { readonly min: 0 | 1 }) {
  const count = z
    .int()
    .min(min)
    .max(1_000)
    .transform((given): Amount => ({ count: given }));
  const share = percent({ minPpm: min, example: '25%' }).transform((given): Amount => ({ sharePpm: given }));
  return choice([count, share], (value, refuse) => {
    if (typeof value === 'number') return count;
    if (typeof value === 'string') return share;
    return refuse({ message: `expected a number of instances, or a percentage such as 25%, found ${found(value)}` });
  });
}
