import { z } from 'zod';
import { duration, listenAddress } from '../../spec/units.ts';
import { checkPath } from '../definition-parts.ts';

/** A program that somebody else runs, as users write it under `target: { external: … }`. Times are in ms. */
export const ExternalDefinition = z.strictObject({
  address: listenAddress()
    .refine(({ port }) => port > 0, { error: 'expected the port that the program listens on' })
    .describe('Where the program answers, whatever version of it is asked for.'),
  health: z
    .strictObject({
      path: checkPath.default('/health').describe('Answers 2xx when the program can work.'),
      timeout: duration({ minMs: 10, maxMs: 2_000 }).prefault('1s').describe('A slower answer counts as a failure.'),
      unhealthyAfter: z.int().min(1).max(100).default(3).describe('Failed checks in a row after which it is not ready any more.'),
    })
    .prefault({})
    .describe('How Rampart finds out whether it is well.'),
});
export type ExternalDefinition = z.output<typeof ExternalDefinition>;
