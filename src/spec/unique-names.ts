import type { z } from 'zod';
import { found } from './issue-text.ts';
import { isMapping } from './mapping.ts';

/**
 * A check that no two items of a list have the same name. Items that are wrong in themselves may stand there as they were written.
 *
 * @param what - What an item is, for messages: `objective`.
 * @param holder - Where the name of an item is: itself by default.
 */
export function uniqueNames(what: string, holder: (item: Readonly<Record<string, unknown>>) => unknown = (item) => item) {
  return (given: readonly unknown[], context: z.core.$RefinementCtx<unknown>): void => {
    const seen = new Map<string, number>();
    for (const [index, item] of given.entries()) {
      const held = isMapping(item) ? holder(item) : undefined;
      if (!isMapping(held) || typeof held.name !== 'string') continue;
      const first = seen.get(held.name);
      if (first === undefined) seen.set(held.name, index);
      else
        context.addIssue({
          code: 'custom',
          message: `${what} ${first + 1} is already called ${found(held.name)}`,
          path: [index, 'name'],
        });
    }
  };
}
