import { z } from 'zod';
import { duration, percent } from '../../spec/units.ts';

export const RollbackDrillConfig = z
  .strictObject({
    share: percent({ minPpm: 1, maxPpm: 50_000, example: '1%' })
      .prefault('1%')
      .describe('Part of the traffic that goes to the candidate and comes back.'),
    within: duration({ minMs: 1, maxMs: 120_000 })
      .prefault('10s')
      .describe('Longest until the router says that it is in force, each way.'),
    errors: percent({ example: '0%' }).prefault('0%').describe('Most of the requests meanwhile that may fail on the candidate.'),
  })
  .describe('Some traffic goes to the candidate of the release under way and comes back, on the real router.');
export type RollbackDrillConfig = z.output<typeof RollbackDrillConfig>;
