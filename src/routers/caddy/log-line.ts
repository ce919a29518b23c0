import type { ErrorClass } from '../../analysis/sample.ts';

/** One attempt of a `reverse_proxy` at an instance, as Caddy logs it at level DEBUG. */
export type Attempt = {
  /** Unix milliseconds at which it ended. */
  readonly atMs: number;
  /** The instance, as its `dial` in the configuration. */
  readonly dial: string;
  /** From the request to the head of the answer. */
  readonly ms: number;
  /** 0 without an answer. */
  readonly status: number;
  readonly failed: ErrorClass | null;
  /** The client gave up: nobody knows what the instance would have answered. */
  readonly isAborted: boolean;
};

const attemptMark = '"upstream roundtrip"';

/** Reads one line of Caddy's JSON log (2.6). Null for every other line. */
export function attemptIn(line: string): Attempt | null {
  // Half of the lines are about the choice of an upstream: they are not worth parsing.
  if (!line.includes(attemptMark)) return null;
  let entry: Readonly<Record<string, unknown>>;
  try {
    entry = JSON.parse(line);
  } catch {
    return null;
  }
  const { msg, ts, upstream, duration, status, error } = entry;
  if (msg !== 'upstream roundtrip' || typeof ts !== 'number' || typeof upstream !== 'string' || typeof duration !== 'number')
    return null;
  const base = { atMs: ts * 1_000, dial: upstream, ms: duration * 1_000 };
  if (typeof error !== 'string') {
    if (typeof status !== 'number') return null;
    return { ...base, status, failed: status >= 500 ? 'status' : null, isAborted: false };
  }
  // The second is a request whose body was used up by an instance that took no connection: it is no failure of the next one.
  if (error.includes('context canceled') || error.includes('invalid Read on closed Body'))
    return { ...base, status: 0, failed: null, isAborted: true };
  return { ...base, status: 0, failed: failureOf(error), isAborted: false };
}

/** The texts are those of Go's net and net/http. */
function failureOf(error: string): ErrorClass {
  if (/^dial |TLS handshake/.test(error)) return 'connect';
  return /timeout|deadline exceeded/.test(error) ? 'timeout' : 'broken';
}
