import { z } from 'zod';

/** One threshold of a script, and whether it held; null: its metric had no sample, so it held or failed over nothing. */
export type Threshold = { readonly metric: string; readonly source: string; readonly held: boolean | null };

/** What a run of k6 came to. */
export type K6Summary = {
  readonly thresholds: readonly Threshold[];
  readonly requests: number | null;
  readonly perSecond: number | null;
  /** Of all requests (0–1). */
  readonly failedShare: number | null;
  /** `http_req_duration` in milliseconds. */
  readonly durations: Readonly<Partial<Record<'med' | 'p(90)' | 'p(95)' | 'p(99)' | 'max', number>>>;
  readonly checks: { readonly passed: number; readonly failed: number } | null;
};

// `--summary-export` has values beside `thresholds`, what `handleSummary` gets has them in `values`.
const metric = z.looseObject({
  values: z.record(z.string(), z.unknown()).optional(),
  thresholds: z.record(z.string(), z.union([z.boolean(), z.looseObject({ ok: z.boolean() })])).optional(),
});
const summary = z.looseObject({ metrics: z.record(z.string(), metric) });

/**
 * Reads the summary of a run as `k6 run --summary-export` writes it, or as a script's `handleSummary` gets it. Null: it is neither.
 *
 * @see https://grafana.com/docs/k6/latest/results-output/end-of-test/custom-summary/ for the second. In the first the value of a threshold
 * is true when it has FAILED (grafana/k6 issue 1498, kept for compatibility); in the second `ok` is true when it held.
 */
export function k6Summary(text: string): K6Summary | null {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = summary.safeParse(given);
  if (!parsed.success) return null;
  const { metrics } = parsed.data;
  const number = (name: string, key: string): number | null => {
    const found = (metrics[name]?.values ?? metrics[name])?.[key];
    return typeof found === 'number' && Number.isFinite(found) ? found : null;
  };
  const passed = number('checks', 'passes');
  const durations = (['med', 'p(90)', 'p(95)', 'p(99)', 'max'] as const).flatMap((key) => {
    const ms = number('http_req_duration', key);
    return ms === null ? [] : [[key, ms] as const];
  });
  return {
    thresholds: Object.entries(metrics).flatMap(([name, { thresholds = {}, values, ...rest }]) =>
      Object.entries(thresholds).map(([source, result]): Threshold => {
        const isHeld = typeof result === 'boolean' ? !result : result.ok;
        return { metric: name, source, held: isEmpty(values ?? rest) ? null : isHeld };
      }),
    ),
    requests: number('http_reqs', 'count'),
    perSecond: number('http_reqs', 'rate'),
    failedShare: number('http_req_failed', 'value') ?? number('http_req_failed', 'rate'),
    durations: Object.fromEntries(durations),
    checks: passed === null ? null : { passed, failed: number('checks', 'fails') ?? 0 },
  };
}

/**
 * Whether a metric had no sample: k6 makes one for every threshold, also for a tag that no request has, and judges it by zeros. A count of
 * zero is a result, such as no error.
 */
function isEmpty(values: Readonly<Record<string, unknown>>): boolean {
  if ('passes' in values || 'fails' in values) return values.passes === 0 && values.fails === 0;
  const trend = ['avg', 'min', 'med', 'max'].flatMap((key) => (key in values ? [values[key]] : []));
  return trend.length > 1 && trend.every((value) => value === 0);
}
