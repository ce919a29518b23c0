import { bucketCount, bucketOf } from '../../analysis/sample.ts';
import { endpointName } from './endpoint-name.ts';

/** What one worker counted for one endpoint since it last told, as it goes over the wire. */
export type EndpointSlot = {
  /** null, with `endpoint`: those that have no count of their own. */
  readonly method: string | null;
  readonly endpoint: string | null;
  readonly failed: number;
  /** By first digit of the status the client was given: 1xx … 5xx. */
  readonly codes: readonly number[];
  /** Pairs of bucket and count, buckets rising. */
  readonly histogram: readonly number[];
};

/** Endpoints with a count of their own. */
const endpointsMax = 100;
/** Paths whose endpoint is remembered, and the longest of them with its method. */
const pathsMax = 2_048;
const pathMax = 256;
/** An endpoint that was not asked for in so many reports gives up its place: ten minutes. */
const idleReportsMax = 600;

class OpenEndpoint {
  readonly method: string | null;
  readonly endpoint: string | null;
  requests = 0;
  failed = 0;
  codes = [0, 0, 0, 0, 0];
  histogram = new Uint32Array(bucketCount);
  idleReports = 0;

  constructor(method: string | null, endpoint: string | null) {
    this.method = method;
    this.endpoint = endpoint;
  }
}

/** Requests by endpoint in one worker: memory and work per request are bounded, whatever paths clients think of. */
export class EndpointCounters {
  readonly #endpoints = new Map<string, OpenEndpoint>();
  readonly #byPath = new Map<string, OpenEndpoint>();
  readonly #others = new OpenEndpoint(null, null);

  /**
   * Counts a request that has ended.
   *
   * @param head - The request's head, which begins with `GET /path?query HTTP/1.1`.
   * @param status - Status the client was given.
   */
  record(head: string, isFailed: boolean, status: number, latencyMs: number): void {
    const afterMethod = head.indexOf(' ');
    const line = head.slice(0, head.indexOf(' ', afterMethod + 1));
    const query = line.indexOf('?');
    const path = query < 0 ? line : line.slice(0, query);
    const one = this.#byPath.get(path) ?? this.#endpointOf(path, afterMethod, status);
    one.requests++;
    if (isFailed) one.failed++;
    // A status beyond 5xx is a server's fault too.
    const code = Math.min(4, Math.max(0, ((status / 100) | 0) - 1));
    one.codes[code] = (one.codes[code] as number) + 1;
    const bucket = bucketOf(latencyMs);
    one.histogram[bucket] = (one.histogram[bucket] as number) + 1;
  }

  /** Hands out what was counted since the last time, once. */
  flush(): readonly EndpointSlot[] {
    const slots: EndpointSlot[] = [];
    let isForgetting = false;
    for (const [key, one] of this.#endpoints) {
      if (one.requests > 0) slots.push(closed(one));
      else if (++one.idleReports > idleReportsMax) isForgetting = this.#endpoints.delete(key);
    }
    if (isForgetting) this.#byPath.clear();
    if (this.#others.requests > 0) slots.push(closed(this.#others));
    return slots;
  }

  #endpointOf(path: string, afterMethod: number, status: number): OpenEndpoint {
    const asked = path.slice(afterMethod + 1);
    const endpoint = endpointName(asked);
    const key = `${path.slice(0, afterMethod)} ${endpoint}`;
    let one = this.#endpoints.get(key);
    if (!one) {
      // What the version does not know is no endpoint of it: a scanner would fill the places with its guesses.
      const isUnknown = status === 404 || status === 405 || status === 400 || status === 501;
      if (isUnknown || this.#endpoints.size >= endpointsMax) return this.#others;
      one = new OpenEndpoint(ownText(path.slice(0, afterMethod)), ownText(endpoint));
      this.#endpoints.set(ownText(key), one);
    }
    // A path with an id in it does not come again often enough to be worth its place.
    if (asked === endpoint && path.length <= pathMax && this.#byPath.size < pathsMax) this.#byPath.set(ownText(path), one);
    return one;
  }
}

function closed(one: OpenEndpoint): EndpointSlot {
  const { method, endpoint, failed, codes } = one;
  const histogram: number[] = [];
  one.histogram.forEach((count, bucket) => {
    if (count > 0) histogram.push(bucket, count);
  });
  one.requests = 0;
  one.failed = 0;
  one.codes = [0, 0, 0, 0, 0];
  one.histogram.fill(0);
  one.idleReports = 0;
  return { method, endpoint, failed, codes, histogram };
}

/** The same text in memory of its own: a part of a text keeps all of it, here the whole head of a request. */
function ownText(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
