import { z } from 'zod';
import { amount } from './amount.ts';
import { approval } from './approval.ts';
import type { Rolling } from './types.ts';
import { checkDeadline, watch, watched } from './watched.ts';

/** How a rolling update is written; every part has a default. */
export const rolling = z
  .strictObject({
    batch: amount({ min: 1 })
      .prefault(1)
      .meta({ description: 'Instances that are replaced at once: a number, or a percentage of all.', examples: [1, '25%'] }),
    maxUnavailable: amount({ min: 0 })
      .prefault(0)
      .meta({ description: 'Instances that may be missing meanwhile; a percentage is rounded down.', examples: [1, '25%'] }),
    maxSurge: amount({ min: 0 })
      .optional()
      .meta({
        description:
          'Instances that may run beyond the usual number meanwhile; a percentage is rounded up. Default: a batch, or 0 where maxUnavailable is given.',
        examples: [1, '25%'],
      }),
    ...watched,
    for: watched.for.prefault('1m').describe('How long each batch is watched at least before the next.'),
    approve: approval.optional().describe('Asks somebody once the first batch has been watched.'),
  })
  .superRefine(checkDeadline)
  .transform(({ batch, maxUnavailable, maxSurge, approve, ...times }): Rolling => {
    const isMissingAllowed = 'count' in maxUnavailable ? maxUnavailable.count > 0 : maxUnavailable.sharePpm > 0;
    return {
      batch,
      maxUnavailable,
      maxSurge: maxSurge ?? (isMissingAllowed ? { count: 0 } : batch),
      watch: watch(times),
      approve: approve ?? null,
    };
  });
