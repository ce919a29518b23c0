import { z } from 'zod';
import { type SignalPoint, signalTracks } from '../../views/signal-track.ts';
import { answer } from './answer.ts';
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
const counts = { requests: z.number(), errors: z.number(), p50: number, p95: number, p99: number };

const SignalPointAnswer = answer<SignalPoint>()(
  z
    .object({
      from: z.number(),
      seconds: z.number(),
      ...counts,
      cpuShare: number,
      memoryBytes: number,
      byVersion: z.array(z.object({ version: z.string(), ...counts })),
    })
    .meta({
      id: 'SignalPoint',
      description:
        'Requests of a span, failed ones, latency in milliseconds; processor time of all instances as a share of all processors of their machine (0–1), and their resident memory in bytes.',
    }),
);

export const SignalsAnswer = z
  .object({
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
  .meta({ id: 'ServiceSignals', description: 'Golden signals over time, oldest first, and the releases to mark in them.' });

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
