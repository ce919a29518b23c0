import { z } from 'zod';
import type { Replay } from '../../views/replay.ts';
import { type Mark, resolutions, type SeriesPoint } from '../../views/series.ts';
import type { SeriesMetric } from '../../views/step-metrics.ts';
import { answer } from './answer.ts';
import { PolicyAnswer } from './policy.ts';
import { SummaryAnswer } from './release.ts';
import { VerdictKind } from './verdict.ts';

const number = z.number().nullable();

const metric = {
  metric: z.string(),
  unit: z.enum(['share', 'ms', 'own']),
  since: z.number(),
  candidate: number,
  stable: number,
  difference: number,
  low: number,
  high: number,
  margin: number,
  accepted: number,
  limit: number,
  kind: VerdictKind.nullable(),
  logEvidence: number,
  logThreshold: number,
  limitLogEvidence: number,
  limitLogThreshold: number,
};

const MetricAnswer = answer<SeriesMetric>()(z.object(metric).meta({ id: 'SeriesMetric' }));

const CountsAnswer = z
  .object({ requests: z.number(), errors: z.number(), p50: number, p95: number, p99: number })
  .meta({ id: 'PointCounts', description: 'Requests, failed ones, and latency in milliseconds.' });

export const PointAnswer = answer<SeriesPoint>()(
  z
    .object({
      from: z.number(),
      second: z.number(),
      seconds: z.number(),
      weight: z.number(),
      step: z.number(),
      candidate: CountsAnswer.nullable(),
      stable: CountsAnswer.nullable(),
      verdict: VerdictKind,
      sentence: z.string(),
      metrics: z.array(MetricAnswer),
    })
    .meta({ id: 'SeriesPoint' }),
);

const moment = { second: z.number(), weight: z.number(), step: z.number() };

export const MarkAnswer = answer<Mark>()(
  z
    .discriminatedUnion('kind', [
      z.object({ ...moment, kind: z.literal('step') }),
      z.object({ ...moment, kind: z.literal('verdict'), verdict: VerdictKind, sentence: z.string() }),
      z.object({ ...moment, kind: z.literal('abort'), sentence: z.string() }),
    ])
    .meta({ id: 'Mark' }),
);

export const SeriesAnswer = answer<Replay>()(
  z
    .object({
      release: z.string(),
      service: z.string(),
      version: z.string(),
      stable: z.string().nullable(),
      policy: PolicyAnswer,
      recorded: SummaryAnswer.nullable(),
      recordedByGuard: z.boolean(),
      abort: z
        .object({
          second: z.number(),
          atMs: z.number(),
          sentence: z.string(),
          metrics: z.array(z.string()),
          faultAtMs: number,
          secondsFromFault: number,
          failedRequests: z.number(),
          candidateRequests: z.number(),
        })
        .nullable(),
      seconds: z.number(),
      candidateRequests: z.number(),
      failedRequests: z.number(),
      differences: z.array(z.object({ ...metric, second: z.number(), weight: z.number() })),
      every: z.literal(resolutions),
      after: z.number(),
      complete: z.boolean(),
      points: z.array(PointAnswer),
      marks: z.array(MarkAnswer),
    })
    .meta({ id: 'Series', description: 'What the guard saw and said; docs/guides/series.md says how to draw it.' }),
);
