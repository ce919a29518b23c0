import { bucketCount, bucketEdgeMs, type Counts, type ErrorClass, type Sample } from '../../analysis/sample.ts';
import type { Versions } from '../../runtime/signal-keeper.ts';
import type { Exposition, Family } from './exposition.ts';

const classes = ['status', 'connect', 'timeout', 'broken'] as const satisfies readonly ErrorClass[];

/** Versions of a service that are told; of more, the one that was first seen longest ago is left out. */
const versionsMax = 16;
/** Of our buckets every fourth is told: five to each power of ten. */
const everyBucket = 4;

type Total = {
  n: number;
  readonly classes: Map<ErrorClass, number>;
  readonly histogram: number[];
  /** By threshold of the document, in milliseconds. */
  readonly slower: Map<number, number>;
};

/** What the controller has counted of each service and version since it was started, whatever router or source counts for it. */
export class RequestTotals {
  readonly #services = new Map<string, { lastSecond: number; readonly versions: Map<string, Total> }>();

  take(service: string, samples: readonly Sample[], { stable, candidate }: Versions): void {
    const known = this.#services.get(service) ?? { lastSecond: 0, versions: new Map() };
    this.#services.set(service, known);
    for (const sample of samples) {
      if (sample.second <= known.lastSecond) continue;
      known.lastSecond = sample.second;
      for (const [version, counts] of [[stable, sample.stable] as const, [candidate, sample.candidate] as const])
        if (version !== null && counts) add(totalOf(known.versions, version), counts, sample.edgesMs);
    }
  }

  /** What was counted of a service. */
  tell(text: Exposition, service: string): void {
    for (const [version, total] of this.#services.get(service)?.versions ?? []) {
      const labels = { service, version };
      const failed = [...total.classes.values()].reduce((sum, count) => sum + count, 0);
      text.add(requests, { ...labels, class: 'ok' }, total.n - failed);
      for (const name of classes) text.add(requests, { ...labels, class: name }, total.classes.get(name) ?? 0);
      for (const [edgeMs, count] of total.slower) text.add(slower, { ...labels, than: String(edgeMs / 1_000) }, count);
      tellDurations(text, labels, total);
    }
  }
}

const requests: Family = {
  name: 'rampart_requests_total',
  type: 'counter',
  help: 'Requests that ended, by how: ok, or the class of their failure.',
};
const slower: Family = {
  name: 'rampart_requests_slower_total',
  type: 'counter',
  help: 'Requests that took longer than a threshold of the document, in seconds.',
};
const durations: Family = {
  name: 'rampart_request_duration_seconds',
  type: 'histogram',
  help: 'How long requests took. The sum is reckoned from the buckets, each of which is 12 % wide.',
};

/** What `RequestTotals` tells. */
export const requestFamilies: readonly Family[] = [requests, slower, durations];

function tellDurations(text: Exposition, labels: Readonly<Record<string, string>>, { n, histogram }: Total): void {
  let below = 0;
  let sum = 0;
  for (let bucket = 0; bucket < bucketCount; bucket += 1) {
    const count = histogram[bucket] ?? 0;
    below += count;
    sum += (count * bucketEdgeMs(bucket - 0.5)) / 1_000;
    // The last one also holds whatever was slower.
    if (bucket % everyBucket === 0 && bucket < bucketCount - 1)
      text.add(durations, { ...labels, le: String(secondsOf(bucket)) }, below, '_bucket');
  }
  text.add(durations, { ...labels, le: '+Inf' }, n, '_bucket');
  text.add(durations, labels, Number(sum.toPrecision(9)), '_sum');
  text.add(durations, labels, n, '_count');
}

function secondsOf(bucket: number): number {
  return Number((bucketEdgeMs(bucket) / 1_000).toPrecision(6));
}

function totalOf(versions: Map<string, Total>, version: string): Total {
  const known = versions.get(version);
  if (known) return known;
  const total: Total = { n: 0, classes: new Map(), histogram: Array<number>(bucketCount).fill(0), slower: new Map() };
  versions.set(version, total);
  const [oldest] = versions.keys();
  if (versions.size > versionsMax && oldest !== undefined) versions.delete(oldest);
  return total;
}

function add(total: Total, { n, classes: failed, histogram, slower }: Counts, edgesMs: readonly number[]): void {
  total.n += n;
  for (const name of classes) total.classes.set(name, (total.classes.get(name) ?? 0) + (failed[name] ?? 0));
  for (let i = 0; i < histogram.length; i += 2) {
    const bucket = histogram[i] ?? 0;
    total.histogram[bucket] = (total.histogram[bucket] ?? 0) + (histogram[i + 1] ?? 0);
  }
  for (const [index, edgeMs] of edgesMs.entries())
    total.slower.set(edgeMs, (total.slower.get(edgeMs) ?? 0) + (slower[index] ?? 0));
}
