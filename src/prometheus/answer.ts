import { z } from 'zod';

/** One series of an answer: its labels, and its values by unix time in seconds. Values that are no finite numbers are left out. */
export type Series = {
  readonly labels: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [atS: number, value: number])[];
  /** Of a native histogram. Edges in the metric's own unit; empty buckets are left out by Prometheus. */
  readonly histograms: readonly (readonly [atS: number, buckets: readonly RawBucket[], count: number])[];
  /** Moments at which its value was no finite number; absent when there are none. */
  readonly unusable?: readonly number[];
};

export type RawBucket = { readonly low: number; readonly high: number; readonly count: number };

/** What the API said: series, or its own error, or why this is no answer. */
export type Answer =
  | { readonly kind: 'series'; readonly series: readonly Series[] }
  | { readonly kind: 'error'; readonly type: string; readonly message: string }
  | { readonly kind: 'partial'; readonly message: string }
  | { readonly kind: 'foreign'; readonly message: string };

const number = z.string().transform(Number);
const point = z.tuple([z.number(), number]);
const histogram = z.object({
  count: number.default(0),
  buckets: z.array(z.tuple([z.number(), number, number, number])).default([]),
});
const matrix = z.array(
  z.object({
    metric: z.record(z.string(), z.string()),
    values: z.array(point).default([]),
    histograms: z.array(z.tuple([z.number(), histogram])).default([]),
  }),
);
const vector = z.array(
  z.object({
    metric: z.record(z.string(), z.string()),
    value: point.optional(),
    histogram: z.tuple([z.number(), histogram]).optional(),
  }),
);
const success = z.object({
  status: z.literal('success'),
  // `infos` beside them are remarks on the query, not on its answer.
  warnings: z.array(z.string()).nullish(),
  data: z.discriminatedUnion('resultType', [
    z.object({ resultType: z.literal('matrix'), result: matrix }),
    z.object({ resultType: z.literal('vector'), result: vector }),
    z.object({ resultType: z.literal('scalar'), result: point }),
    z.object({ resultType: z.literal('string'), result: z.unknown() }),
  ]),
});
const failure = z.object({ status: z.literal('error'), errorType: z.string().default(''), error: z.string().default('') });

/** Reads the body of an answer of `/api/v1/query` or `/api/v1/query_range`. Never throws. */
export function readAnswer(body: string): Answer {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { kind: 'foreign', message: `no JSON: ${JSON.stringify(body.slice(0, 60))}` };
  }
  const failed = failure.safeParse(json);
  if (failed.success) return { kind: 'error', type: failed.data.errorType, message: failed.data.error };
  const parsed = success.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { kind: 'foreign', message: `not an answer of Prometheus: ${issue?.path.join('.')}: ${issue?.message}` };
  }
  const { warnings, data } = parsed.data;
  if (warnings && warnings.length > 0) return { kind: 'partial', message: warnings.slice(0, 3).join('; ') };
  switch (data.resultType) {
    case 'matrix':
      return { kind: 'series', series: data.result.map((one) => seriesOf(one.metric, one.values, one.histograms)) };
    case 'vector':
      return {
        kind: 'series',
        series: data.result.map(({ metric, value, histogram }) =>
          seriesOf(metric, value ? [value] : [], histogram ? [histogram] : []),
        ),
      };
    case 'scalar':
      return { kind: 'series', series: [seriesOf({}, [data.result], [])] };
    case 'string':
      return { kind: 'error', type: 'bad_data', message: 'the query answers with a text' };
  }
}

function seriesOf(
  labels: Record<string, string>,
  values: readonly z.output<typeof point>[],
  histograms: readonly [number, z.output<typeof histogram>][],
): Series {
  const unusable = values.filter(([, value]) => !Number.isFinite(value)).map(([atS]) => atS);
  return {
    labels,
    values: values.filter(([, value]) => Number.isFinite(value)),
    histograms: histograms.map(([atS, { buckets, count }]) => [
      atS,
      buckets.filter(([, , , count]) => Number.isFinite(count)).map(([, low, high, count]) => ({ low, high, count })),
      count,
    ]),
    ...(unusable.length > 0 ? { unusable } : {}),
  };
}
