import { messageOf, UserError } from '../../errors.ts';
import { type EndpointTraffic, type Traffic, toldEndpoints } from '../../signals/traffic.ts';
import type { TrafficQuery } from '../../spec/signal-policy.ts';
import type { LevelReading } from '../source.ts';
import type { Api } from './api.ts';

/** Shortest time that traffic is a mean of; of a service that is scraped seldom it is four readings. Seconds. */
const windowMinS = 60;

/** What a query of the whole service reads at a moment: one number, or why there is none. */
export async function levelAt(api: Api, query: string, atS: number, signal: AbortSignal): Promise<LevelReading> {
  try {
    const values = (await api.instant(query, atS, signal)).flatMap((series) => series.values.slice(-1));
    const [value] = values;
    if (value === undefined) return { problem: `no series: ${query}` };
    if (values.length > 1)
      return { problem: `${values.length} series where one is expected, such as max(…) or sum(…) of them: ${query}` };
    return { value: value[1] };
  } catch (error) {
    // Where nothing can be reached, no query is at fault.
    if (error instanceof UserError && error.code === 'E_SOURCE_UNREACHABLE') throw error;
    return { problem: messageOf(error) };
  }
}

/** Requests of the last minute by the labels that are named. What Prometheus extrapolates is a mean for people, and no count. */
export async function trafficAt(
  api: Api,
  query: TrafficQuery,
  atS: number,
  everyS: number,
  signal: AbortSignal,
): Promise<Traffic> {
  const seconds = Math.max(windowMinS, 4 * everyS);
  const { method, endpoint, status } = query;
  const labels = [method, endpoint, status].filter((label) => label !== null);
  const series = await api.instant(`sum by (${labels.join(', ')}) (rate(${query.requests}[${seconds}s]))`, atS, signal);
  const rows = series.flatMap(({ labels: of, values }) => {
    const perSecond = values.at(-1)?.[1] ?? 0;
    const named = (label: string | null): string | null => (label === null ? null : (of[label] ?? ''));
    return perSecond > 0 ? [{ perSecond, method: named(method), endpoint: named(endpoint), status: named(status) }] : [];
  });
  const { told, rest } = toldEndpoints(endpointsOf(rows));
  const total = rest.reduce((sum, { requests }) => sum + requests, 0);
  return {
    seconds,
    byMethod: method === null ? null : sums(rows, (row) => row.method ?? ''),
    byStatus: status === null ? null : sums(rows, (row) => row.status ?? ''),
    endpoints:
      endpoint === null
        ? null
        : told.map((one): EndpointTraffic => {
            const errorShare = status === null ? null : Number((one.failed / one.requests).toPrecision(6));
            const nothing = { p50: null, p95: null, p99: null };
            return { method: one.method, endpoint: one.endpoint, requestsPerSecond: short(one.requests), errorShare, ...nothing };
          }),
    folded:
      endpoint === null ? { endpoints: 0, requestsPerSecond: 0 } : { endpoints: rest.length, requestsPerSecond: short(total) },
  };
}

type Row = {
  readonly perSecond: number;
  readonly method: string | null;
  readonly endpoint: string | null;
  readonly status: string | null;
};

function endpointsOf(rows: readonly Row[]) {
  const found = new Map<string, { method: string | null; endpoint: string | null; requests: number; failed: number }>();
  for (const { perSecond, method, endpoint, status } of rows) {
    const key = `${method} ${endpoint}`;
    const one = found.get(key) ?? { method, endpoint, requests: 0, failed: 0 };
    found.set(key, one);
    one.requests += perSecond;
    if (status?.startsWith('5')) one.failed += perSecond;
  }
  return [...found.values()];
}

/** Labels whose sums are told one by one; more of them are no methods and no statuses. */
const keysMax = 20;

function sums(rows: readonly Row[], keyOf: (row: Row) => string): Readonly<Record<string, number>> {
  const found = new Map<string, number>();
  for (const row of rows) {
    const key = keyOf(row) || 'none';
    const at = found.has(key) || found.size < keysMax ? key : 'other';
    found.set(at, (found.get(at) ?? 0) + row.perSecond);
  }
  return Object.fromEntries([...found].map(([key, perSecond]) => [key, short(perSecond)]));
}

function short(perSecond: number): number {
  return Number(perSecond.toPrecision(6));
}
