import { z } from 'zod';

/** How the log in memory behaves. */
export const MemoryConfig = z.strictObject({
  hashing: z.boolean().default(true).describe('Whether events carry hashes. Without them `verify` has nothing to check.'),
});
export type MemoryConfig = z.output<typeof MemoryConfig>;
