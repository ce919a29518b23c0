import { z } from 'zod';
import { namedSecret } from '../../spec/secret.ts';
import { duration } from '../../spec/units.ts';
import { apiBase } from '../address.ts';

/** A service of PagerDuty with an integration of the Events API v2. */
export const PagerDutyConfig = z
  .strictObject({
    routingKey: namedSecret.describe('Integration key of the service: 32 signs.'),
    api: apiBase('https://events.pagerduty.com'),
    within: duration({ minMs: 1, maxMs: 60_000 }).prefault('10s').describe('Longest that an answer may take.'),
  })
  .describe('PagerDuty by its Events API v2: whoever is on call there is paged; steps of releases are change events.');
export type PagerDutyConfig = z.output<typeof PagerDutyConfig>;
