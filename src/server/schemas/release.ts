import { z } from 'zod';
import { livePhases, type PhaseName } from '../../release/phase-name.ts';
import type { ReleaseSummary } from '../../release/summary.ts';
import { type Finding, outcomes, stepKinds, type Totals } from '../../release/types.ts';
import { type ReleaseView, type StepView, type VerbView, verbs } from '../../views/service-view.ts';
import { answer } from './answer.ts';
import { VerdictAnswer } from './verdict.ts';

export const Outcome = z.enum(outcomes);

export const PhaseAnswer = answer<PhaseName>()(z.enum([...livePhases, ...outcomes]));

export const SummaryAnswer = answer<ReleaseSummary>()(
  z
    .object({
      release: z.string(),
      service: z.string(),
      version: z.string(),
      outcome: Outcome,
      reason: z.string(),
      secondsToSafety: z.number().nullable(),
      failedRequests: z.number(),
      candidateRequests: z.number(),
      steps: z.number(),
      startedAtMs: z.number(),
      endedAtMs: z.number(),
    })
    .meta({ id: 'ReleaseSummary', description: 'How a release ended. Times are unix milliseconds.' }),
);

const TotalsAnswer = answer<Totals>()(z.object({ requests: z.number(), errors: z.number() }).meta({ id: 'Totals' }));
const FindingAnswer = answer<Finding>()(
  z.object({ what: z.string(), ok: z.boolean(), detail: z.string() }).meta({ id: 'Finding' }),
);

const StepAnswer = answer<StepView>()(
  z
    .object({
      text: z.string(),
      state: z.enum(['done', 'now', 'next', 'stopped']),
      kind: z.enum(stepKinds),
      weight: z.number().nullable(),
      minMs: z.number().nullable(),
      maxMs: z.number().nullable(),
    })
    .meta({ id: 'Step', description: 'A step of the plan. Spans are milliseconds.' }),
);

export const ReleaseAnswer = answer<ReleaseView>()(
  z
    .object({
      id: z.string(),
      service: z.string(),
      version: z.string(),
      stable: z.string().nullable(),
      strategy: z.string(),
      by: z.string(),
      why: z.string(),
      group: z.object({ name: z.string(), id: z.string() }).nullable(),
      startedAtMs: z.number(),
      state: PhaseAnswer,
      doing: z.string(),
      untilMs: z.number().nullable(),
      steps: z.array(StepAnswer),
      weight: z.number(),
      verbs: z.array(
        answer<VerbView>()(
          z
            .object({
              verb: z.enum(verbs),
              refusal: z.string().nullable(),
              refusalToStarter: z.string().nullable().describe('The same where whoever started it (`by`) gives the verb.'),
            })
            .meta({ id: 'VerbNow' }),
        ),
      ),
      verdict: VerdictAnswer.nullable(),
      totals: z.object({ candidate: TotalsAnswer, stable: TotalsAnswer }),
      findings: z.array(FindingAnswer),
      summary: SummaryAnswer.nullable(),
    })
    .meta({ id: 'Release', description: 'A release as it is now. Times are unix milliseconds.' }),
);

export const TimelineAnswer = z
  .object({
    events: z.array(
      z
        .object({
          seq: z.number(),
          at: z.number(),
          kind: z.string(),
          actor: z.string(),
          hash: z.string(),
          said: z.string().nullable(),
          state: z.string().nullable(),
        })
        .meta({ id: 'TimelineEvent' }),
    ),
  })
  .meta({ id: 'Timeline', description: 'Records of a release, oldest first.' });
