import { z } from 'zod';
import type { InstanceView, ServiceView } from '../../views/service-view.ts';
import { answer } from './answer.ts';
import { ReleaseAnswer, SummaryAnswer } from './release.ts';

const InstanceAnswer = answer<InstanceView>()(
  z
    .object({
      id: z.string(),
      version: z.string(),
      address: z.string(),
      state: z.string(),
      restarts: z.number(),
      problem: z.string().nullable(),
    })
    .meta({ id: 'Instance' }),
);

export const ServiceAnswer = answer<ServiceView>()(
  z
    .object({
      name: z.string(),
      owner: z.string().nullable(),
      stable: z.object({ version: z.string(), release: z.string(), sinceMs: z.number() }).nullable(),
      previous: z.array(z.string()),
      route: z.object({ candidate: z.string().nullable(), weight: z.number(), inForce: z.boolean() }),
      instances: z.array(InstanceAnswer),
      restart: z
        .object({
          id: z.string(),
          version: z.string(),
          by: z.string(),
          why: z.string(),
          askedAtMs: z.number(),
          instances: z.number(),
          left: z.number(),
          outcome: z.enum(['done', 'failed', 'stopped']).nullable(),
          said: z.string().nullable(),
          endedAtMs: z.number().nullable(),
        })
        .nullable()
        .meta({ description: 'The last restart that somebody has asked for; null: none is remembered.' }),
      live: ReleaseAnswer.nullable(),
      queued: ReleaseAnswer.nullable(),
      ended: z.array(SummaryAnswer),
    })
    .meta({ id: 'Service', description: 'A service as it is now. Times are unix milliseconds.' }),
);

export const ServicesAnswer = z.object({ services: z.array(ServiceAnswer) }).meta({ id: 'Services' });

export const RollbackAnswer = z
  .object({
    dryRun: z.boolean(),
    kind: z.enum(['abort', 'restore']),
    version: z.string().nullable(),
    /** Null in a dry run that would start a release: it has no name yet. */
    release: z.string().nullable(),
    said: z.string(),
  })
  .meta({ id: 'Rollback', description: 'What a rollback does, or would do, and the release that does it.' });

export const RestartAnswer = z
  .object({
    dryRun: z.boolean(),
    version: z.string(),
    /** `one-by-one` in their place, or `rolling` by whatever runs them. */
    how: z.enum(['one-by-one', 'rolling']),
    instances: z.number(),
    /** Null in a dry run: it has no name yet. */
    restart: z.string().nullable(),
    said: z.string(),
  })
  .meta({ id: 'Restart', description: 'What a restart does, or would do.' });

export const RestartStopAnswer = z
  .object({ done: z.boolean(), said: z.string() })
  .meta({ id: 'RestartStop', description: 'Whether a restart was under way, which has ended now.' });
