import { z } from 'zod';

/** Where the log is, and how long to wait for another process that is writing to it. */
export const SqliteConfig = z.strictObject({
  file: z.string().min(1).describe('Path of the log file. Made when it is missing; its folder must exist.'),
  busyTimeoutMs: z
    .int()
    .min(0)
    .max(60_000)
    .default(1_000)
    .describe(
      'How long to wait (milliseconds) while another process writes. The process that waits does nothing else meanwhile.',
    ),
});
export type SqliteConfig = z.output<typeof SqliteConfig>;
