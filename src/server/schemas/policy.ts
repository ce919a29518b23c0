import { z } from 'zod';
import type { GuardPolicy } from '../../analysis/guard.ts';
import { answer } from './answer.ts';

const ppm = z.number().nullable();

/** The guard's part of a document as it is used: parts per million and milliseconds. */
export const PolicyAnswer = answer<GuardPolicy>()(
  z
    .object({
      errors: z.object({ worseByPpm: z.number(), maxPpm: z.number(), warnPpm: ppm.exactOptional() }),
      latency: z.array(
        z.object({ quantilePpm: z.number(), worseByPpm: ppm, maxMs: z.number().nullable(), warnMs: ppm.exactOptional() }),
      ),
      metrics: z
        .array(
          z.discriminatedUnion('kind', [
            z.object({ kind: z.literal('ratio'), name: z.string(), worseByPpm: ppm, maxPpm: ppm, warnPpm: ppm }),
            z.object({
              kind: z.literal('gauge'),
              name: z.string(),
              worseByPpm: ppm,
              max: z.number().nullable(),
              warn: z.number().nullable(),
              forS: z.number(),
            }),
          ]),
        )
        .exactOptional(),
      judge: z
        .object({
          kind: z.literal('kayenta'),
          valueS: z.number(),
          everyS: z.number(),
          passMin: z.number(),
          marginalMin: z.number(),
        })
        .exactOptional(),
      shareWithinPpm: z.number().exactOptional(),
      minRequests: z.number(),
    })
    .meta({ id: 'GuardPolicy' }),
);
