import { z } from 'zod';
import { guardMetrics } from './guard-metrics.ts';
import { found } from './issue-text.ts';
import { judge } from './judge.ts';
import { isMapping } from './mapping.ts';
import { orOff } from './or-off.ts';
import type { GuardPolicy, LatencyPolicy, MetricQuery } from './types.ts';
import { durationText, percentText } from './unit-text.ts';
import { duration, percent } from './units.ts';

/** Ceilings that hold whatever stable does: errors 5 %, p95 2 s, p99 5 s (the rollback thresholds of the production guide). */
const defaults = { errorsMax: '5%', p95Max: '2s', p99Max: '5s' } as const;

const worseBy = percent({ maxPpm: 100_000_000, example: '20%' });
const max = duration({ minMs: 1, maxMs: 3_600_000, example: '2s' });

function quantile(given: { worseBy?: string; max?: string }) {
  const parts = z.strictObject({
    worseBy: orOff(worseBy)
      .prefault(given.worseBy ?? 'off')
      .meta({ description: 'Relative rise over the stable version that is still accepted, or `off`.', examples: ['20%'] }),
    max: orOff(max)
      .prefault(given.max ?? 'off')
      .meta({ description: 'Highest value whatever the stable version does, or `off`.', examples: ['2s'] }),
    warn: orOff(max)
      .prefault('off')
      .meta({ description: 'Value above which people decide before the release goes on, or `off`.', examples: ['1s'] }),
  });
  return parts.superRefine(({ max, warn }, context) => {
    if (warn === 'off' || max === 'off' || warn < max) return;
    const message = `expected less than max (${durationText(max)}), above which the release goes back anyway`;
    context.addIssue({ code: 'custom', message, path: ['warn'] });
  });
}

const p95 = quantile({ worseBy: '20%', max: defaults.p95Max });
const p99 = quantile({ max: defaults.p99Max });
const other = quantile({}).superRefine((parts, context) => {
  if (parts.worseBy === 'off' && parts.max === 'off' && parts.warn === 'off')
    context.addIssue({ code: 'custom', message: 'expected worseBy, max or warn: without them this quantile is not watched' });
});

const latency = z
  .object({
    p95: p95.prefault({}).describe('The slowest twentieth of the requests.'),
    p99: p99.prefault({}).describe('The slowest hundredth of the requests.'),
  })
  .catchall(other.describe('Another quantile; it needs `worseBy`, `max` or `warn`.'))
  .superRefine(checkQuantiles, { when: ({ value }) => isMapping(value) })
  .meta({ description: 'Latency by quantile: `p50`, `p95`, `p99.9` …', propertyNames: { pattern: '^p\\d{1,2}(\\.\\d{1,4})?$' } })
  .transform((given): LatencyPolicy[] =>
    Object.entries(given)
      .map(([name, parts]) => ({
        quantilePpm: quantilePpm(name),
        worseByPpm: parts.worseBy === 'off' ? null : parts.worseBy,
        maxMs: parts.max === 'off' ? null : parts.max,
        ...(parts.warn === 'off' ? {} : { warnMs: parts.warn }),
      }))
      .filter(({ worseByPpm, maxMs, warnMs }) => worseByPpm !== null || maxMs !== null || warnMs !== undefined)
      .sort((a, b) => a.quantilePpm - b.quantilePpm),
  );

/** A `guard` section: what the guard goes by, and the queries of its metrics, which are none of its business. */
export type GuardSection = { readonly policy: GuardPolicy; readonly queries: readonly MetricQuery[] };

/** What the candidate must keep to, compared with the stable version at the same time and in absolute terms. */
export const guard = z
  .strictObject({
    errors: z
      .strictObject({
        worseBy: percent({ maxPpm: 999_999 })
          .prefault('0.5%')
          .describe('Absolute rise of the error rate over the stable version that is still accepted.'),
        max: percent({ minPpm: 1 }).prefault(defaults.errorsMax).describe('Highest error rate whatever the stable version does.'),
        warn: orOff(percent({ minPpm: 1, example: '1%' }))
          .prefault('off')
          .meta({ description: 'Error rate above which people decide before the release goes on, or `off`.', examples: ['1%'] }),
      })
      .superRefine(({ max, warn }, context) => {
        if (warn === 'off' || warn < max) return;
        const message = `expected less than max (${percentText(max)}), above which the release goes back anyway`;
        context.addIssue({ code: 'custom', message, path: ['warn'] });
      })
      .prefault({})
      .describe('Share of requests that fail (answered 5xx, or not at all).'),
    latency: latency.prefault({}),
    metrics: guardMetrics.default([]),
    share: z
      .strictObject({
        within: percent({ minPpm: 10_000, maxPpm: 1_000_000, example: '10%' }).describe(
          "How far the candidate's share of the requests may be from its weight, relative to it, before people decide.",
        ),
      })
      .optional()
      .meta({
        description:
          'Whether the router sends the candidate what its weight says. Without it only a gross deviation holds a release.',
        examples: [{ within: '10%' }],
      }),
    minRequests: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(20)
      .describe('Fewest candidate requests on a step before its verdict can be that it passes.'),
    judge,
  })
  .transform(
    ({ errors, latency, metrics, share, minRequests, judge }): GuardSection => ({
      policy: {
        errors: {
          worseByPpm: errors.worseBy,
          maxPpm: errors.max,
          ...(errors.warn === 'off' ? {} : { warnPpm: errors.warn }),
        },
        latency,
        ...(metrics.length === 0 ? {} : { metrics: metrics.map(({ policy }) => policy) }),
        ...(share && { shareWithinPpm: share.within }),
        minRequests,
        ...(judge && { judge }),
      },
      queries: metrics.map(({ query }) => query),
    }),
  );

/** `p99.9` is 999_000. Worked out on the digits, because 99.9 × 10_000 is not exact in floating point. */
function quantilePpm(name: string): number {
  const [whole = '', part = ''] = name.slice(1).split('.');
  return Number(whole) * 10_000 + Number(part.padEnd(4, '0').slice(0, 4));
}

function checkQuantiles(given: Readonly<Record<string, unknown>>, context: z.core.$RefinementCtx<unknown>): void {
  const seen = new Map<number, string>();
  for (const name of Object.keys(given)) {
    const refuse = (message: string) => context.addIssue({ code: 'custom', message, path: [name], at: 'key' } as never);
    if (!/^p(?!0+(\.0+)?$)\d{1,2}(\.\d{1,4})?$/.test(name)) {
      refuse(`unknown key ${found(name)}: expected a quantile such as p50, p95 or p99.9`);
      continue;
    }
    const twin = seen.get(quantilePpm(name));
    if (twin !== undefined) refuse(`${name} is the same quantile as ${twin}`);
    seen.set(quantilePpm(name), name);
  }
  if (seen.size > 10) context.addIssue({ code: 'custom', message: `expected at most 10 quantiles, found ${seen.size}` });
}
