import { z } from 'zod';
import { percent } from '../../spec/units.ts';

/** The service's own objectives, as Rampart counts them. */
export const ObjectivesConfig = z
  .strictObject({
    names: z
      .array(z.string().min(1).max(100))
      .min(1)
      .max(100)
      .optional()
      .describe('Objectives that have to be met, by name; default: all that the document has, and one at least.'),
    budget: percent({ example: '25%' }).prefault('0%').describe('Part of the error budget that is left, at least.'),
  })
  .describe('The objectives of the service are met.');
export type ObjectivesConfig = z.output<typeof ObjectivesConfig>;
