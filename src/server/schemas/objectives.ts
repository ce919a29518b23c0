import { z } from 'zod';
import type { VerifiedObjective } from '../../runtime/objectives/verify.ts';
import type { BurnTier, Objective } from '../../spec/types.ts';
import type {
  BudgetView,
  BurnDownPoint,
  BurnDownView,
  CorrectionView,
  ObjectiveView,
  TierView,
  WindowView,
} from '../../views/objective-view.ts';
import { answer } from './answer.ts';
import { ListQuery, line } from './requests.ts';

const name = z.string().max(300);
const owner = name.describe('The service of the objective; `slo`: it has none.');
const moment = z.int().min(0).max(8_640_000_000_000_000);

export const ObjectivesQuery = ListQuery.extend({ service: name.optional() });
export const ObjectiveParams = z.object({ owner, name });
export const CorrectionParams = z.object({ owner, name, id: name });

/** A correction takes events out of account, so the record has to say why. */
const asked = {
  by: line.min(1).max(100).optional().describe('Who asks. Only with the token of the data folder.'),
  why: line.refine((text) => text.trim() !== '', 'expected a reason').describe('Why, for the record.'),
};

export const CorrectionBody = z
  .strictObject({
    fromMs: moment.describe('From when on events do not count, in unix milliseconds.'),
    toMs: moment.describe('Until when, in unix milliseconds: the first moment that counts again.'),
    ...asked,
  })
  .refine(({ fromMs, toMs }) => fromMs < toMs, { message: 'expected an end after the beginning', path: ['toMs'] });
export const CorrectionAskedQuery = z.strictObject(asked);

const number = z.number().nullable();

export const BurnTierAnswer = answer<BurnTier>()(
  z
    .object({
      name: z.string(),
      sharePpm: z.number(),
      longMs: z.number(),
      shortMs: z.number(),
      minBad: z.number(),
      forMs: z.number().exactOptional(),
      tells: z.enum(['page', 'chat', 'email']),
    })
    .meta({ id: 'BurnTier', description: 'One condition of a burn-rate policy. Shares are parts per million.' }),
);

const EventsAnswer = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('ratio'), count: z.enum(['good', 'bad']), query: z.string(), total: z.string() }),
    z.object({ kind: z.enum(['classic', 'native']), query: z.string(), unitMs: z.number() }),
  ])
  .meta({ id: 'ObjectiveEvents', description: 'What an objective counts in its source.' });

const ObjectiveOfAnswer = answer<Objective>()(
  z
    .object({
      name: z.string(),
      targetPpm: z.number().describe('Share of good events in parts per million: 99.9 % is 999000.'),
      windowMs: z.number(),
      belowMs: number.describe('An event is good when it took less than this; null: when it did not fail.'),
      calendar: z
        .object({ unit: z.enum(['day', 'week', 'month', 'quarter', 'year']), zone: z.string() })
        .exactOptional()
        .describe('Absent: the window is rolling.'),
      events: EventsAnswer.exactOptional(),
      slices: z.object({ everyMs: z.number(), targetPpm: z.number() }).exactOptional(),
      alerts: z.array(BurnTierAnswer).exactOptional(),
    })
    .meta({ id: 'ObjectiveSpec', description: 'What an objective asks, as its document says it.' }),
);

const SloState = z.enum(['ok', 'breaching', 'no-traffic', 'no-data']);

const WindowAnswer = answer<WindowView>()(
  z
    .object({ ms: z.number(), bad: z.number(), total: z.number(), burn: number })
    .meta({ id: 'BurnWindow', description: 'What a window holds. `burn`: times faster than evenly; null without events.' }),
);

const BudgetAnswer = answer<BudgetView>()(
  z
    .object({
      allowedEvents: z.number().describe('Bad events that the period allows.'),
      badEvents: z.number(),
      totalEvents: z.number(),
      leftOfAllowance: number.describe('Part that is left, against the allowance (1 is all, negative is overspent): for gates.'),
      leftOfObserved: number.describe('The same against what was observed so far.'),
      leftMinutes: number.describe('What is left of the allowance, as minutes of a full outage at even traffic.'),
      leftEvents: number,
    })
    .meta({ id: 'ErrorBudget', description: 'An error budget over the period of its objective.' }),
);

const TierAnswer = answer<TierView>()(
  z
    .object({
      name: z.string(),
      tells: z.enum(['page', 'chat', 'email']),
      state: SloState,
      alert: z.enum(['quiet', 'pending', 'firing', 'recovering']),
      silencedBy: z.string().nullable(),
      factor: z.number(),
      minBad: z.number(),
      long: WindowAnswer,
      short: WindowAnswer,
    })
    .meta({ id: 'ObjectiveTier', description: 'One burn-rate alert of an objective as it is now.' }),
);

const CorrectionAnswer = answer<CorrectionView>()(
  z
    .object({
      id: z.string(),
      fromMs: z.number(),
      toMs: z.number(),
      why: z.string(),
      by: z.string(),
      bad: z.number().describe('Bad events that it takes out of the period.'),
      total: z.number(),
    })
    .meta({ id: 'Correction', description: 'Time that does not count, with its reason.' }),
);

export const ObjectiveAnswer = answer<ObjectiveView>()(
  z
    .object({
      id: z.string(),
      service: z.string().nullable(),
      objective: ObjectiveOfAnswer,
      source: z.string(),
      state: SloState,
      notes: z.array(z.string()),
      period: z.object({ fromMs: z.number(), toMs: z.number() }),
      known: z.number().describe('Part of the period that counts are known for (0–1).'),
      ratio: number.describe('Share of good events in the period (0–1).'),
      budget: BudgetAnswer,
      budgetWithoutCorrections: BudgetAnswer.nullable(),
      corrections: z.array(CorrectionAnswer),
      burn: number.describe('Over the last hour: times faster than evenly.'),
      exhaustedInMs: number.describe('When the budget is gone at that burn; null: never.'),
      tiers: z.array(TierAnswer),
      versions: z.array(z.object({ sinceMs: z.number(), targetPpm: z.number(), windowMs: z.number(), by: z.string() })),
      byVersion: z.array(z.object({ version: z.string(), bad: z.number(), total: z.number(), ofBudget: number })),
    })
    .meta({ id: 'Objective', description: 'An objective as it is now. Times are unix milliseconds.' }),
);

export const ObjectivesAnswer = z.object({ objectives: z.array(ObjectiveAnswer) }).meta({ id: 'Objectives' });

const PointAnswer = answer<BurnDownPoint>()(
  z
    .object({ fromMs: z.number(), bad: z.number(), total: z.number(), left: number })
    .meta({ id: 'BurnDownPoint', description: '`left`: of the allowance at its end (1 is all); null: not known.' }),
);

export const BurnDownAnswer = answer<BurnDownView>()(
  z
    .object({
      everyMs: z.number(),
      points: z.array(PointAnswer),
      releases: z.array(z.object({ id: z.string(), version: z.string(), atMs: z.number(), outcome: z.string().nullable() })),
      sum: z.array(z.string()).describe('The sum behind the number, in words.'),
    })
    .meta({ id: 'BurnDown', description: 'What was left of a budget over its period, and what was released in it.' }),
);

export const VerifyQuery = z.strictObject({
  windowMs: z.coerce
    .number()
    .int()
    .min(10_000)
    .max(31 * 86_400_000)
    .default(3_600_000)
    .describe('The last so much time.'),
  slo: z.string().max(2_000).optional().describe('Names of objectives, separated by commas; left out: all of the service.'),
});

const VerifiedAnswer = answer<VerifiedObjective>()(
  z
    .object({
      id: z.string(),
      ok: z.boolean(),
      state: SloState,
      bad: z.number(),
      total: z.number(),
      targetPpm: z.number(),
      said: z.string(),
    })
    .meta({
      id: 'VerifiedObjective',
      description: 'Only `ok` passes: without traffic nothing is proven, and without data nothing is known.',
    }),
);

export const VerifyAnswer = z.object({ ok: z.boolean(), results: z.array(VerifiedAnswer) }).meta({ id: 'Verified' });

export const SloParams = z.object({ name });

export const SlosBody = z.strictObject({
  document: z.string().max(1_000_000).describe('Documents of OpenSLO v1 as YAML.'),
  file: z.string().max(1_000).default('document').describe('What messages call it.'),
  by: line.min(1).max(100).optional().describe('Who asks. Only with the token of the data folder.'),
  why: line.max(1_000).default('').describe('Why, for the record.'),
});

export const SlosAnswer = z
  .object({
    applied: z.array(z.string()).describe('Ids of the objectives in force: `slo/NAME`.'),
    notes: z.array(z.string()).describe('What was not taken as it stands, and why.'),
  })
  .meta({ id: 'AppliedSlos' });
