import { addHistogram, noRequests, quantileMs } from '../../analysis/quantile.ts';
import { type EndpointTraffic, type Traffic, toldEndpoints } from '../../signals/traffic.ts';
import type { EndpointSlot } from './endpoint-counters.ts';

/** What `traffic` looks back at. Seconds. */
const windowS = 60;

type Sum = {
  readonly method: string | null;
  readonly endpoint: string | null;
  requests: number;
  failed: number;
  readonly codes: number[];
  readonly histogram: number[];
};

/** Requests by endpoint of all workers, over the last minute. Moments are milliseconds of one clock that never goes back. */
export class EndpointLedger {
  readonly #startedMs: number;
  #reports: { readonly atMs: number; readonly slots: readonly EndpointSlot[] }[] = [];

  constructor(startedMs: number) {
    this.#startedMs = startedMs;
  }

  add(slots: readonly EndpointSlot[], atMs: number): void {
    if (slots.length > 0) this.#reports.push({ atMs, slots });
    this.#reports = this.#reports.filter((report) => report.atMs > atMs - windowS * 1_000);
  }

  /** The last minute at a moment. */
  traffic(atMs: number): Traffic {
    const seconds = Math.min(windowS, Math.max(1, Math.round((atMs - this.#startedMs) / 1_000)));
    const sums = new Map<string, Sum>();
    for (const report of this.#reports) {
      if (report.atMs <= atMs - windowS * 1_000) continue;
      for (const slot of report.slots) addTo(sums, slot);
    }
    const rate = (requests: number): number => Number((requests / seconds).toPrecision(6));
    const byMethod: Record<string, number> = {};
    const codes = [0, 0, 0, 0, 0];
    for (const sum of sums.values()) {
      const method = sum.method ?? 'other';
      byMethod[method] = (byMethod[method] ?? 0) + sum.requests;
      sum.codes.forEach((count, code) => {
        codes[code] = (codes[code] ?? 0) + count;
      });
    }
    const named = [...sums.values()].filter(({ endpoint }) => endpoint !== null);
    const { told, rest } = toldEndpoints(named);
    const unnamed = [...sums.values()].filter(({ endpoint }) => endpoint === null);
    const folded = [...rest, ...unnamed].reduce((total, { requests }) => total + requests, 0);
    return {
      seconds,
      byMethod: Object.fromEntries(Object.entries(byMethod).map(([method, requests]) => [method, rate(requests)])),
      byStatus: Object.fromEntries(codes.flatMap((count, code) => (count > 0 ? [[`${code + 1}xx`, rate(count)]] : []))),
      endpoints: told.map(
        (sum): EndpointTraffic => ({
          method: sum.method,
          endpoint: sum.endpoint,
          requestsPerSecond: rate(sum.requests),
          errorShare: Number((sum.failed / sum.requests).toPrecision(6)),
          p50: quantile(sum, 500_000),
          p95: quantile(sum, 950_000),
          p99: quantile(sum, 990_000),
        }),
      ),
      folded: { endpoints: rest.length, requestsPerSecond: rate(folded) },
    };
  }
}

function addTo(sums: Map<string, Sum>, { method, endpoint, failed, codes, histogram }: EndpointSlot): void {
  const key = `${method} ${endpoint}`;
  const sum = sums.get(key) ?? { method, endpoint, requests: 0, failed: 0, codes: [0, 0, 0, 0, 0], histogram: noRequests() };
  sums.set(key, sum);
  sum.failed += failed;
  codes.forEach((count, code) => {
    sum.codes[code] = (sum.codes[code] ?? 0) + count;
    sum.requests += count;
  });
  addHistogram(sum.histogram, histogram);
}

function quantile({ histogram }: Sum, ppm: number): number | null {
  const ms = quantileMs(histogram, ppm);
  return ms === null ? null : Number(ms.toPrecision(4));
}
