import { z } from 'zod';
import type { Alert, Attribution, VersionShare } from '../../alerts/types.ts';
import type { AlertsView } from '../../views/objective-view.ts';
import { answer } from './answer.ts';
import { ListQuery } from './requests.ts';

export const AlertsQuery = ListQuery.extend({
  state: z.enum(['open', 'all']).default('all').describe('`open`: those that have not ended.'),
  service: z.string().max(300).optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
});

export const VersionShareAnswer = answer<VersionShare>()(
  z
    .object({ version: z.string(), bad: z.number(), total: z.number() })
    .meta({ id: 'VersionShare', description: 'What one version did in the long window of an alert.' }),
);

export const AttributionAnswer = answer<Attribution>()(
  z
    .object({
      release: z
        .object({ id: z.string(), version: z.string(), stable: z.string().nullable() })
        .nullable()
        .describe('The release within whose reach the alert is; null: none is.'),
      step: z
        .object({ index: z.number(), text: z.string() })
        .nullable()
        .describe('Its step when the alert fired, from 0; null: it was not at a step.'),
      versions: z.array(VersionShareAnswer).describe('The most bad events first; empty: versions cannot be told apart.'),
      said: z.string(),
    })
    .meta({
      id: 'Attribution',
      description: 'Where the bad events of an alert come from, by joining them with what was released.',
    }),
);

const texts = z.record(z.string(), z.string());

export const AlertAnswer = answer<Alert>()(
  z
    .object({
      id: z.string(),
      key: z.string().describe('The condition, the same each time it comes: the id up to `@`.'),
      origin: z.enum(['objective', 'signal', 'release', 'alertmanager', 'source']),
      name: z.string(),
      service: z.string().nullable(),
      objective: z.string().nullable(),
      tier: z.string().nullable(),
      urgency: z.enum(['page', 'chat', 'email']),
      state: z.enum(['pending', 'firing', 'recovering', 'resolved']),
      pendingAtMs: z.number(),
      firedAtMs: z.number().nullable().describe('Null: it has not fired.'),
      resolvedAtMs: z.number().nullable().describe('Null: it has not ended.'),
      said: z.string().describe('Why it is in its state.'),
      silencedBy: z.string().nullable().describe('Key of the more urgent alert that speaks for it.'),
      attribution: AttributionAnswer.nullable(),
      labels: texts,
      annotations: texts,
      url: z.string().nullable(),
      repeatedWithinMs: z
        .number()
        .exactOptional()
        .describe('It counts as over when whoever told of it is silent for longer; absent: it is judged here.'),
    })
    .meta({ id: 'Alert', description: 'Something that somebody has to know of. Times are unix milliseconds.' }),
);

export const AlertsAnswer = answer<AlertsView>()(
  z
    .object({
      alerts: z.array(AlertAnswer),
      incidents: texts.describe('Of open alerts that belong to an incident, by their ids: the id of that.'),
    })
    .meta({ id: 'Alerts', description: 'Alerts, the open ones first, then the newest.' }),
);
