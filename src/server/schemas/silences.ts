import { z } from 'zod';
import { matchersIn } from '../../spec/alert-matcher.ts';
import { duration } from '../../spec/units.ts';
import type { SilencePreview, SilenceRow, SilenceView } from '../../views/silence-view.ts';
import { answer } from './answer.ts';
import { ListQuery } from './requests.ts';

const matchersMax = 50;
const comment = z.string().max(1_000);
const momentMs = z.number().int().min(0).max(8_640_000_000_000_000);

export const SilencesQuery = ListQuery.extend({
  state: z.enum(['live', 'all']).default('live').describe('`live`: those that are not over.'),
});

export const SilenceParams = z.object({ id: z.string().min(1).max(100) });

const shape = {
  id: z.string(),
  state: z.enum(['pending', 'active', 'expired']),
  matchers: z.array(z.array(z.string())).describe('One of the lists has to hold, all of it: `team="payments"`.'),
  service: z.string().nullable().describe('The service that it is about alone; null: it may be about any.'),
  startsAtMs: z.number(),
  endsAtMs: z.number(),
  untilResolved: z.string().nullable().describe('Id of the alert that it ends with, if that comes first.'),
  by: z.string(),
  comment: z.string(),
};

export const SilenceAnswer = answer<SilenceView>()(
  z.object(shape).meta({
    id: 'Silence',
    description: 'While it is active, alerts that are like it tell nobody. Times are unix milliseconds.',
  }),
);

const SilenceRowAnswer = answer<SilenceRow>()(
  z
    .object({
      ...shape,
      alerts: z.number().describe('Open alerts that it keeps still now, of the first 1,000 that the asker may see.'),
    })
    .meta({ id: 'SilenceRow', description: 'A silence in a list.' }),
);

export const SilencesAnswer = answer<{ readonly silences: readonly SilenceRow[] }>()(
  z.object({ silences: z.array(SilenceRowAnswer) }).meta({ id: 'Silences', description: 'Silences, the newest first.' }),
);

/** Matchers as documents write them, read. */
const matcherTexts = z
  .array(
    z
      .string()
      .max(5_000)
      .superRefine((text, context) => {
        const read = matchersIn(text);
        if ('problem' in read)
          context.addIssue({ code: 'custom', message: `expected a matcher such as team="payments": ${read.problem}` });
      }),
  )
  .max(matchersMax);

const untilResolved = z.string().min(1).max(1_000);

export const SilencePreviewQuery = ListQuery.extend({
  matcher: z
    .preprocess((given) => (typeof given === 'string' ? [given] : given), matcherTexts)
    .default([])
    .describe('What labels have to be like, all of it: `team="payments"`; several are several parameters.'),
  untilResolved: untilResolved
    .optional()
    .describe('Id or key of an alert that fires: without matchers, those of exactly that alert.'),
}).refine(({ matcher, untilResolved: alert }) => matcher.length > 0 || alert !== undefined, {
  error: 'expected matcher, or untilResolved',
});

const silencedAlert = z
  .object({
    id: z.string(),
    name: z.string(),
    service: z.string().nullable(),
    urgency: z.enum(['page', 'chat', 'email']),
    state: z.enum(['pending', 'firing', 'recovering', 'resolved']),
    said: z.string(),
  })
  .meta({ id: 'SilencedAlert' });

export const SilencePreviewAnswer = answer<SilencePreview>()(
  z
    .object({
      matchers: shape.matchers,
      service: shape.service,
      alerts: z
        .array(silencedAlert)
        .describe('Open alerts that are like it, of those that the asker may see, the first hundred of them.'),
      count: z.number().describe('How many there are.'),
    })
    .meta({ id: 'SilencePreview', description: 'What a silence with such matchers would be about now.' }),
);

export const SilenceBody = z
  .strictObject({
    matchers: matcherTexts
      .default([])
      .describe(
        'What labels have to be like, all of it: `team="payments"`. None, with `untilResolved`: exactly the labels of that alert.',
      ),
    for: duration({ minMs: 1_000, example: '2h' }).optional().describe('How long. Default: 7d with `untilResolved`.'),
    startsAtMs: momentMs.optional().describe('Default: now.'),
    untilResolved: untilResolved.optional().describe('Id or key of an alert that fires: it ends with that one at the latest.'),
    comment: comment.default(''),
    by: z.string().min(1).max(100).optional().describe('Who asks; for the token of the data folder alone.'),
  })
  .refine((body) => body.for !== undefined || body.untilResolved !== undefined, { error: 'expected for, or untilResolved' })
  .refine(({ matchers, untilResolved }) => matchers.length > 0 || untilResolved !== undefined, {
    error: 'expected matchers, or untilResolved',
  })
  .meta({ id: 'SilenceRequest' });

export const SilenceEndBody = z
  .strictObject({ why: z.string().max(1_000).default(''), by: z.string().min(1).max(100).optional() })
  .meta({ id: 'SilenceEndRequest' });

const wireMatcher = z.looseObject({
  name: z.string().min(1).max(200),
  value: z.string().max(4_000),
  isRegex: z.boolean(),
  isEqual: z.boolean().default(true),
});

/** A silence as `POST /api/v2/silences` of Alertmanager takes it. */
export const WireSilenceBody = z
  .looseObject({
    id: z.string().max(100).optional(),
    matchers: z.array(wireMatcher).min(1).max(matchersMax),
    startsAt: z.iso.datetime({ offset: true }),
    endsAt: z.iso.datetime({ offset: true }),
    createdBy: z.string().max(100).default(''),
    comment: z.string().max(800).default(''),
  })
  .meta({ id: 'PostableSilence', description: 'As Alertmanager has it.' });

export const WireSilenceSet = z.object({ silenceID: z.string() }).meta({ id: 'PostedSilence' });

export const WireSilence = z
  .object({
    id: z.string(),
    status: z.object({ state: z.enum(['pending', 'active', 'expired']) }),
    updatedAt: z.string(),
    matchers: z.array(z.object({ name: z.string(), value: z.string(), isRegex: z.boolean(), isEqual: z.boolean() })),
    startsAt: z.string(),
    endsAt: z.string(),
    createdBy: z.string(),
    comment: z.string(),
  })
  .meta({ id: 'GettableSilence', description: 'As Alertmanager has it.' });

export const WireSilencesQuery = z.looseObject({
  filter: z
    .union([z.string().max(5_000), z.array(z.string().max(5_000)).max(matchersMax)])
    .optional()
    .describe('Matchers that matchers of a silence of the same name have to be like: `team="payments"`.'),
});

export const WireStatus = z
  .object({
    cluster: z.object({ status: z.literal('disabled') }),
    config: z.object({ original: z.string() }),
    uptime: z.string(),
    versionInfo: z.object({
      version: z.string(),
      branch: z.string(),
      buildDate: z.string(),
      buildUser: z.string(),
      goVersion: z.string(),
      revision: z.string(),
    }),
  })
  .meta({ id: 'AlertmanagerStatus', description: 'As Alertmanager has it.' });
