import { z } from 'zod';
import { LanguageQuery } from './requests.ts';

/** Topics of one stream. A page of the console needs two or three. */
const topicsMax = 20;
const topic = z.string().max(310);

export const StreamQuery = LanguageQuery.extend({
  topic: z
    .preprocess(
      (given) => (typeof given === 'string' ? [given] : given),
      z.array(topic, 'expected topics').max(topicsMax, `expected at most ${topicsMax} topics`),
    )
    .describe(
      '`overview`, `service:NAME`, `release:ID`, `incidents`, `incident:ID`, or `notifications`, `on-call`, `silences`, `status-page`; ' +
        'several are several parameters.',
    ),
  after: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .describe(
      'Tells the timeline from after this `seq` on, 0: from its beginning. Left out: from now on. `last-event-id` goes before.',
    ),
}).strict();

/** What a client that comes back has seen last; what is no number is let be, as ever. */
export const StreamHeaders = z.looseObject({
  'last-event-id': z.string().optional().describe('`id` of the last message seen: the timeline goes on after it.'),
});
