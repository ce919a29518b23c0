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
