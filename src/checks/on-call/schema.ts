import { z } from 'zod';
import { scheduleName } from '../../spec/person.ts';
import { serviceName } from '../../spec/service.ts';

/** Somebody is on call and can be reached. */
export const OnCallConfig = z
  .strictObject({
    days: z.int().min(1).max(92).default(7).describe('How many days from now on are looked at.'),
    schedules: z.array(scheduleName).max(100).optional().describe('Schedules that are looked at; [] none; default: all.'),
    policies: z
      .array(serviceName.meta({ description: 'Name of an EscalationPolicy document.', examples: ['payments'] }))
      .max(100)
      .optional()
      .describe('Escalation policies that are looked at; [] none; default: all, and one at least.'),
  })
  .describe('Somebody is on call and can be reached at any time.');
export type OnCallConfig = z.output<typeof OnCallConfig>;
