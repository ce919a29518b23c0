import { z } from 'zod';
import type { ObjectiveSight, StepObjective } from '../../analysis/sight/objectives.ts';
import type { PlanSight } from '../../analysis/sight/plan-sight.ts';
import type { Noticed, Sight } from '../../analysis/sight/sight.ts';
import type { ServiceTraffic } from '../../analysis/sight/step.ts';
import { stepKinds } from '../../release/types.ts';
import type { PlanStepView, PlanView } from '../../views/plan-view.ts';
import { answer } from './answer.ts';

const number = z.number().nullable();

const NoticedAnswer = answer<Noticed>()(
  z
    .object({ smallestRisePpm: number, noticedAfter: z.array(z.object({ risePpm: z.number(), seconds: number })) })
    .meta({ id: 'Noticed' }),
);

const SightAnswer = answer<Sight>()(
  z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('no-traffic') }),
      z.object({
        kind: z.literal('forecast'),
        basis: z.enum(['stable', 'history', 'first', 'kayenta']),
        judgedEveryS: number,
        requestsPerSecond: z.number(),
        weight: z.number(),
        stepS: z.number(),
        errors: z.object({
          smallestRisePpm: number,
          noticedAfter: z.array(z.object({ risePpm: z.number(), seconds: number })),
          assumedPpm: number,
          limitPpm: z.number(),
        }),
        latency: z.array(z.object({ quantilePpm: z.number(), acceptedPpm: z.number(), noticed: NoticedAnswer.nullable() })),
      }),
    ])
    .meta({ id: 'Sight', description: 'What the guard will notice on a step, in parts per million and seconds.' }),
);

const unseen = z.object({ risePpm: z.number(), burn: z.number(), costPpm: z.number() });
const need = {
  name: z.string(),
  targetPpm: z.number(),
  windowMs: z.number(),
  belowMs: number,
  pagingBurn: z.number(),
  neededRisePpm: z.number(),
};
const StepObjectiveAnswer = answer<StepObjective>()(
  z.object({ ...need, seen: z.boolean().nullable(), unseen: unseen.nullable() }).meta({ id: 'StepObjective' }),
);
const remedy = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('margin') }),
  z.object({ kind: z.literal('exposure'), seconds: number, weight: number }),
]);
const where = { weight: z.number(), stepS: z.number() };
const ObjectiveSightAnswer = answer<ObjectiveSight>()(
  z
    .object({
      ...need,
      seen: z.boolean().nullable(),
      unseen: unseen.nullable(),
      exhaustedAfterS: number,
      ...where,
      remedy: remedy.nullable(),
    })
    .meta({ id: 'ObjectiveSight' }),
);
const unseenObjective = z.object({
  ...need,
  seen: z.literal(false),
  unseen,
  exhaustedAfterS: z.number(),
  ...where,
  remedy,
});
const PlanSightAnswer = answer<PlanSight>()(
  z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('objectives'), worst: unseenObjective, others: z.array(unseenObjective) }),
      z.object({ kind: z.literal('weak'), ...where, smallestRisePpm: number, usefulRisePpm: z.number() }),
    ])
    .meta({ id: 'PlanSight' }),
);

const TrafficAnswer = answer<ServiceTraffic>()(
  z
    .object({
      requestsPerSecond: z.number(),
      errorPpm: number,
      histogram: z.array(z.number()),
      everyS: z.number().exactOptional(),
    })
    .meta({ id: 'ServiceTraffic' }),
);

const StepAnswer = answer<PlanStepView>()(
  z
    .object({
      text: z.string(),
      kind: z.enum(stepKinds),
      beforeStart: z.boolean().describe('Nothing of the candidate runs yet.'),
      weight: z.number(),
      minMs: z.number(),
      maxMs: number,
      deadline: z.string().nullable(),
      sight: z
        .object({ sentences: z.array(z.string()), noticed: SightAnswer, objectives: z.array(StepObjectiveAnswer) })
        .nullable(),
    })
    .meta({ id: 'PlanStep' }),
);

export const PlanAnswer = answer<PlanView>()(
  z
    .object({
      service: z.string(),
      stable: z.string().nullable(),
      candidate: z.string(),
      strategy: z.enum(['rolling', 'canary', 'blueGreen', 'flag', 'first', 'restore']),
      steps: z.array(StepAnswer),
      shortestMs: z.number(),
      guard: z.array(z.string()),
      deadlines: z.array(z.string()),
      warnings: z.array(z.string()),
      traffic: TrafficAnswer.nullable(),
      assumed: z.array(z.string()),
      objectives: z.array(ObjectiveSightAnswer),
      unseen: PlanSightAnswer.nullable(),
    })
    .meta({ id: 'Plan', description: 'What a release would do, and what its guard would see. Times are milliseconds.' }),
);
