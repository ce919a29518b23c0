import { z } from 'zod';
import { byKey } from './choice.ts';
import { found } from './issue-text.ts';
import { isMapping } from './mapping.ts';
import { orOff } from './or-off.ts';
import { evenIfBroken } from './strategy.ts';
import type { MetricPolicy, MetricQuery } from './types.ts';
import { uniqueNames } from './unique-names.ts';
import { duration, percent } from './units.ts';

/** More metrics than this watch nothing better: each of them takes its part of the false alarms that the guard allows itself. */
export const metricsMax = 20;

/** One of the user's metrics: what the guard keeps to, and what the source is asked. */
export type Metric = { readonly policy: MetricPolicy; readonly query: MetricQuery };

const name = z
  .string()
  .superRefine((text, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', message: `${message}, found ${found(text)}` });
    if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text))
      refuse('expected a name of at most 63 small letters, digits and dashes, such as payments-declined');
    else if (/^(errors(-.*)?|latency(-.*)?|p\d+|samples|traffic|share)$/.test(text))
      refuse('expected another name, because the guard has one of its own called so');
  })
  .meta({
    description: 'Name of the metric, unique in the document.',
    examples: ['payments-declined'],
    pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$',
  });

/** A query in the source's own language; the source knows whether it is a good one. */
const query = z
  .string()
  .min(1)
  .max(10_000)
  .refine((text) => text.trim() !== '', { error: 'expected a query' });

const share = percent({ minPpm: 1, example: '10%' });

const ratio = z
  .strictObject({
    name,
    ratio: z
      .strictObject({
        bad: query.meta({ description: 'Counts what is bad.', examples: ['payments_total{result="declined"}'] }),
        of: query.meta({ description: 'Counts everything, bad or not.', examples: ['payments_total'] }),
      })
      .describe('A share of counted things.'),
    worseBy: orOff(percent({ maxPpm: 999_999, example: '1%' }))
      .prefault('off')
      .meta({ description: 'Absolute rise over the stable version that is still accepted, or `off`.', examples: ['1%'] }),
    max: orOff(share)
      .prefault('off')
      .meta({ description: 'Highest share whatever the stable version does, or `off`.', examples: ['10%'] }),
    warn: orOff(share)
      .prefault('off')
      .meta({ description: 'Share above which people decide before the release goes on, or `off`.', examples: ['5%'] }),
  })
  .superRefine(checkLimits)
  .transform(({ name, ratio: { bad, of }, worseBy, max, warn }): Metric => {
    const policy = { worseByPpm: orNull(worseBy), maxPpm: orNull(max), warnPpm: orNull(warn) };
    return { policy: { kind: 'ratio', name, ...policy }, query: { kind: 'ratio', name, bad, of } };
  })
  .meta({ title: 'ratio' });

const gauge = z
  .strictObject({
    name,
    gauge: query.meta({ description: 'Reads a level; higher is worse.', examples: ['process_resident_memory_bytes'] }),
    worseBy: orOff(percent({ maxPpm: 100_000_000, example: '20%' }))
      .prefault('off')
      .meta({ description: 'Relative rise over the stable version that is still accepted, or `off`.', examples: ['20%'] }),
    max: orOff(z.number())
      .prefault('off')
      .meta({
        description: "Highest value whatever the stable version does, in the metric's own unit, or `off`.",
        examples: [95],
      }),
    warn: orOff(z.number())
      .prefault('off')
      .meta({ description: 'Value above which people decide before the release goes on, or `off`.', examples: [80] }),
    for: duration({ maxMs: 3_600_000 })
      .prefault('30s')
      .describe('How long a limit must be exceeded without a break before it counts; whole seconds.'),
  })
  .superRefine(checkLimits)
  .transform(({ name, gauge, worseBy, max, warn, for: forMs }): Metric => {
    const policy = { worseByPpm: orNull(worseBy), max: orNull(max), warn: orNull(warn), forS: Math.ceil(forMs / 1_000) };
    return { policy: { kind: 'gauge', name, ...policy }, query: { kind: 'gauge', name, query: gauge } };
  })
  .meta({ title: 'gauge' });

/** `release.guard.metrics` of a document. */
export const guardMetrics = z
  .array(byKey('a metric', { ratio, gauge }))
  .max(metricsMax)
  .superRefine(
    uniqueNames('metric', (metric) => (isMapping(metric.policy) ? metric.policy : metric)),
    { when: evenIfBroken },
  )
  .describe("The service's own metrics, from `spec.source`.");

function orNull<Value>(value: Value | 'off'): Value | null {
  return value === 'off' ? null : value;
}

function checkLimits(
  { worseBy, max, warn }: { worseBy: number | 'off'; max: number | 'off'; warn: number | 'off' },
  context: z.core.$RefinementCtx<unknown>,
): void {
  if (worseBy === 'off' && max === 'off' && warn === 'off')
    context.addIssue({ code: 'custom', message: 'expected worseBy, max or warn: without them this metric is not watched' });
  if (warn !== 'off' && max !== 'off' && warn >= max)
    context.addIssue({
      code: 'custom',
      message: 'expected less than max, above which the release goes back anyway',
      path: ['warn'],
    });
}
