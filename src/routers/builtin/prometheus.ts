import { bucketEdgeMs } from '../../analysis/sample.ts';
import { errorClasses } from '../counters.ts';
import { noTotals, type Totals } from '../ledger.ts';
import type { RouteReading } from '../router.ts';
import type { Report } from './engine.ts';

/** Latency buckets that are shown, by index: 1, 2, 5, 10 … ms, as near as our own buckets come, so that they stay exact. */
const shownBuckets = [0, 6, 14, 20, 26, 34, 40, 46, 54, 60, 66, 74, 80, 86] as const;

export type MetricsInput = {
  readonly service: string;
  readonly reading: RouteReading | null;
  readonly totals: ReadonlyMap<string, Totals>;
  readonly reports: readonly Report[];
  readonly refused: ReadonlyMap<string, number>;
  readonly workers: { readonly running: number; readonly wanted: number };
};

/** Everything the router knows about itself, in Prometheus' text format 0.0.4. */
export function metricsText({ service, reading, totals: ended, reports, refused, workers }: MetricsInput): string {
  const text = new Exposition(service);
  // From 0 on: what a counter has when it first appears is lost on Prometheus.
  const totals = new Map(ended);
  for (const backend of [reading?.route.stable, reading?.route.candidate])
    if (backend && !totals.has(backend.version)) totals.set(backend.version, noTotals());
  text.family('rampart_router_requests_total', 'counter', 'Requests that ended, by version and first digit of the status.');
  for (const [version, { codes }] of totals)
    codes.forEach((count, i) => {
      if (count > 0 || i === 1) text.line({ version, code_class: `${i + 1}xx` }, count);
    });
  text.family('rampart_router_errors_total', 'counter', 'Requests that failed, by class: status is an answer of 5xx.');
  for (const [version, { classes }] of totals)
    errorClasses.forEach((name, i) => {
      text.line({ version, class: name }, classes[i] as number);
    });
  text.family('rampart_router_aborted_total', 'counter', 'Requests that the client gave up; in no other count.');
  for (const [version, { aborted }] of totals) text.line({ version }, aborted);
  text.family('rampart_router_refused_total', 'counter', 'Requests that the router refused by itself, by status.');
  for (const [status, count] of refused) text.line({ status }, count);
  text.family(
    'rampart_router_slower_total',
    'counter',
    'Requests that took longer than a threshold of the document, in seconds, since it is one; exact.',
  );
  for (const [version, { slower }] of totals)
    for (const [thanMs, count] of slower) text.line({ version, than: String(thanMs / 1_000) }, count);
  text.family('rampart_router_request_duration_seconds', 'histogram', 'From the request head to the last byte of the answer.');
  for (const [version, { histogram, sumMs, n }] of totals) {
    for (const last of shownBuckets) {
      const below = histogram.slice(0, last + 1).reduce((sum, count) => sum + count, 0);
      text.line({ version, le: String(Number((bucketEdgeMs(last) / 1_000).toPrecision(6))) }, below, '_bucket');
    }
    text.line({ version, le: '+Inf' }, n, '_bucket');
    text.line({ version }, sumMs / 1_000, '_sum');
    text.line({ version }, n, '_count');
  }
  text.family('rampart_router_weight_percent', 'gauge', 'Share of requests that the route in force gives the version.');
  const { stable, candidate, weight } = reading?.route ?? { stable: null, candidate: null, weight: 0 };
  if (stable) text.line({ version: stable.version, side: 'stable' }, 100 - weight);
  if (candidate) text.line({ version: candidate.version, side: 'candidate' }, weight);
  text.family(
    'rampart_router_lease_lapsed',
    'gauge',
    '1 when no controller renewed the lease and all traffic is back on stable.',
  );
  text.line({}, reading?.lapsed ? 1 : 0);
  text.family('rampart_router_endpoint_up', 'gauge', '0 when the instance took no connection at the last attempt.');
  const down = new Set(reports.flatMap((report) => report.down));
  for (const backend of [stable, candidate])
    for (const { host, port } of backend?.endpoints ?? []) {
      const endpoint = `${host}:${port}`;
      text.line({ version: backend?.version ?? '', endpoint }, down.has(`${backend?.version} ${endpoint}`) ? 0 : 1);
    }
  text.family('rampart_router_in_flight', 'gauge', 'Requests under way, by version.');
  const inFlight = new Map<string, number>();
  for (const report of reports)
    for (const [version, count] of Object.entries(report.inFlight)) inFlight.set(version, (inFlight.get(version) ?? 0) + count);
  for (const [version, count] of inFlight) text.line({ version }, count);
  text.family('rampart_router_client_connections', 'gauge', 'Connections of clients that are open.');
  text.line(
    {},
    reports.reduce((sum, report) => sum + report.connections, 0),
  );
  text.family('rampart_router_workers', 'gauge', 'Worker processes: those that run, and those that should.');
  text.line({ state: 'running' }, workers.running);
  text.line({ state: 'wanted' }, workers.wanted);
  return text.toString();
}

class Exposition {
  private readonly service: string;
  private readonly parts: string[] = [];
  private name = '';

  constructor(service: string) {
    this.service = service;
  }

  family(name: string, type: 'counter' | 'gauge' | 'histogram', help: string): void {
    this.name = name;
    this.parts.push(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`);
  }

  line(labels: Readonly<Record<string, string>>, value: number, suffix = ''): void {
    const all = Object.entries({ service: this.service, ...labels }).map(([name, text]) => `${name}="${escaped(text)}"`);
    this.parts.push(`${this.name}${suffix}{${all.join(',')}} ${value}\n`);
  }

  toString(): string {
    return this.parts.join('');
  }
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
