import { z } from 'zod';
import { duration, percent } from '../../spec/units.ts';

export const CandidateConfig = z
  .strictObject({
    for: duration({ minMs: 0, maxMs: 7 * 86_400_000, example: '30m' })
      .prefault('0s')
      .describe('How long the candidate has had traffic, at least.'),
    errors: percent({ maxPpm: 1_000_000, example: '0.5%' })
      .optional()
      .describe('Part of its requests that may have failed since its first one.'),
    requests: z.int().min(0).max(1e9).default(1).describe('How many requests it has answered, at least.'),
    guard: z.boolean().default(true).describe('Whether the guard must have found nothing wrong with it: its verdict is pass.'),
  })
  .describe('How the candidate of the release that is under way has done so far.');
