import { z } from 'zod';
import { type Health, healthLevels } from '../../views/health.ts';
import { type Need, needKinds } from '../../views/needs.ts';
import type { Overview, OverviewRow } from '../../views/overview.ts';
import type { Signals } from '../../views/signals.ts';
import { answer } from './answer.ts';
import { PhaseAnswer } from './release.ts';

export const HealthAnswer = answer<Health>()(
  z
    .object({ level: z.enum(healthLevels), reasons: z.array(z.string()) })
    .meta({ id: 'ServiceHealth', description: 'How a service is, and why: the gravest reason first.' }),
);

const number = z.number().nullable();
export const SignalsNowAnswer = answer<Signals>()(
  z
    .object({
      requestsPerSecond: z.number(),
      errorShare: number,
      p50Ms: number,
      p95Ms: number,
      p99Ms: number,
      cpuShare: number,
      memoryBytes: number,
    })
    .meta({
      id: 'Signals',
      description:
        'The last minute of all versions. errorShare: failed of all (0–1). cpuShare: of all processors of the machine (0–1). memoryBytes: resident, of all instances.',
    }),
);

const NeedAnswer = answer<Need>()(
  z.object({ kind: z.enum(needKinds), sentence: z.string(), release: z.string().nullable() }).meta({ id: 'Need' }),
);

const RowAnswer = answer<OverviewRow>()(
  z
    .object({
      name: z.string(),
      owner: z.string().nullable(),
      stable: z.object({ version: z.string(), sinceMs: z.number() }).nullable(),
      live: z
        .object({
          id: z.string(),
          version: z.string(),
          state: PhaseAnswer,
          doing: z.string(),
          weight: z.number(),
          by: z.string(),
        })
        .nullable(),
      health: HealthAnswer,
      signals: SignalsNowAnswer.nullable(),
      needs: z.array(NeedAnswer),
    })
    .meta({ id: 'OverviewRow' }),
);

export const OverviewAnswer = answer<Overview>()(
  z
    .object({ nowMs: z.number(), services: z.array(RowAnswer) })
    .meta({ id: 'Overview', description: 'Every service in a line, what needs a person first. Times are unix milliseconds.' }),
);
