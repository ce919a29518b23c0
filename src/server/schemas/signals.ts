import { z } from 'zod';
import { signalGroups, signalStates } from '../../signals/types.ts';
import { type SignalPoint, signalTracks } from '../../views/signal-track.ts';
import type { SignalAssessment } from '../../views/signal-view.ts';
import { answer } from './answer.ts';
import { HealthAnswer } from './overview.ts';
import { Outcome } from './release.ts';
import { LanguageQuery } from './requests.ts';

const resolutions = signalTracks.map(({ every }) => every);

export const SignalsQuery = LanguageQuery.extend({
  every: z.coerce
    .number()
    .pipe(z.literal(resolutions, `expected ${resolutions.join(' or ')} seconds per point`))
    .default(10)
    .describe('Seconds per point: 10 of the last hour, 60 of the last day.'),
  after: z.coerce.number().int().min(0).default(0).describe('Only points that begin after this second (unix).'),
});

const number = z.number().nullable();
const rates = z.record(z.string(), z.number());
const counts = { requests: z.number(), errors: z.number(), p50: number, p95: number, p99: number };

const SignalPointAnswer = answer<SignalPoint>()(
  z
    .object({
      from: z.number(),
      seconds: z.number(),
      ...counts,
      cpuShare: number,
      memoryBytes: number,
      gauges: rates,
      byMethod: rates.nullable(),
      byStatus: rates.nullable(),
      errorsByClass: rates,
      byVersion: z.array(z.object({ version: z.string(), ...counts })),
    })
    .meta({
      id: 'SignalPoint',
      description:
        'Requests of a span, failed ones, latency in milliseconds; processor time of all instances as a share of all processors of their machine (0–1), and their resident memory in bytes. gauges: how full things were at its end, by signal, as shares (0–1) of what has a limit. byMethod, byStatus: requests per second over the minute before its end. errorsByClass: failed requests by how they failed: status (5xx), connect, timeout, broken.',
    }),
);

const levels = z.object({ target: number, warning: number, critical: number });
const signal = z
  .object({
    name: z.string(),
    title: z.string(),
    unit: z.enum(['ms', 'share', 'number']),
    of: z.string().nullable(),
    value: number,
    used: number,
    limit: number,
    levels,
    state: z.enum(signalStates),
    sentence: z.string(),
  })
  .meta({
    id: 'GoldenSignal',
    description:
      'A signal of the last minute against its levels, in the same unit: milliseconds, a share (0–1) of `limit`, or a number of `of` (B: bytes). Nothing that is not known is ok.',
  });
const traffic = z
  .object({
    seconds: z.number(),
    byMethod: rates.nullable(),
    byStatus: rates.nullable(),
    endpoints: z
      .array(
        z.object({
          method: z.string().nullable(),
          endpoint: z.string().nullable(),
          requestsPerSecond: z.number(),
          errorShare: number,
          p50: number,
          p95: number,
          p99: number,
        }),
      )
      .nullable(),
    folded: z.object({ endpoints: z.number(), requestsPerSecond: z.number() }),
  })
  .meta({
    id: 'AskedFor',
    description:
      'Requests per second of the last seconds by method, by status and by endpoint, ids in paths replaced. null: not known. `folded`: endpoints and requests that are not told one by one.',
  });
const AssessmentAnswer = answer<SignalAssessment>()(
  z.object({
    health: HealthAnswer,
    groups: z.array(
      z.object({ group: z.enum(signalGroups), state: z.enum(signalStates), sentence: z.string(), signals: z.array(signal) }),
    ),
    traffic: traffic.nullable(),
  }),
);

export const SignalsAnswer = z
  .object({
    nowMs: z.number(),
    assessment: AssessmentAnswer,
    every: z.literal(resolutions),
    points: z.array(SignalPointAnswer),
    releases: z.array(
      z.object({
        id: z.string(),
        version: z.string(),
        fromMs: z.number(),
        toMs: z.number().nullable(),
        outcome: Outcome.nullable(),
      }),
    ),
  })
  .meta({
    id: 'ServiceSignals',
    description: 'Golden signals now against their levels, and over time, oldest first, with the releases to mark in them.',
  });

export const ConfigurationAnswer = z
  .object({
    document: z.record(z.string(), z.unknown()).describe('The document as Rampart understands it, without secrets.'),
    version: z.string(),
    release: z.string(),
  })
  .meta({ id: 'Configuration', description: 'The document in force: that of the stable version, else of the one on its way.' });

export const InstanceParams = z.object({ name: z.string().max(300), id: z.string().max(900) });
export const LinesQuery = z.object({ lines: z.coerce.number().int().min(1).max(2_000).default(200) });
export const InstanceLogAnswer = z
  .object({ lines: z.array(z.string()) })
  .meta({ id: 'InstanceLog', description: 'The last lines that an instance has written, oldest first, without secrets.' });
