import type { ErrorClass } from '../../analysis/sample.ts';
import { errorClasses } from '../counters.ts';

/** What one request came to for one version. */
export type Outcome = {
  readonly version: string;
  /** Unix milliseconds at which it ended. */
  readonly atMs: number;
  readonly latencyMs: number;
  readonly status: number;
  /** Index in `errorClasses`; -1: it did not fail. */
  readonly errorClass: number;
};

/**
 * What a line of the log says: nothing for a request that its client gave up, two outcomes where one version could not be reached and
 * another answered. `undefined`: it is none of our lines.
 *
 * Its fields, with tabs: msec, version tried first, version that answered, status, request_time, and of each attempt
 * upstream_connect_time and upstream_header_time; request_completion; whether the answer is an event stream.
 */
export function outcomesOf(line: string): readonly Outcome[] | undefined {
  const fields = line.split('\t');
  if (fields.length !== 9) return undefined;
  const [msec = '', first = '', last = '', code = '', seconds = '', connects = '', headers = '', completion = '', open = ''] =
    fields;
  const atMs = Math.round(Number(msec) * 1_000);
  const status = Number(code);
  const takenMs = Math.round(Number(seconds) * 1_000);
  const tried = versionOf(first);
  if (!(atMs > 0) || !Number.isInteger(status) || !(takenMs >= 0) || tried === undefined) return undefined;
  // It ended on something that is none of the versions: as good as on the first.
  const answered = versionOf(last) ?? tried;
  const headerMs = timeOf(headers);
  const isGivenUp = status === 499 || (completion !== 'OK' && headerMs !== undefined && status < 500);
  const outcomes: Outcome[] = [];
  if (answered !== tried) outcomes.push({ version: tried, atMs, latencyMs: takenMs, status: 502, errorClass: classes.connect });
  if (isGivenUp && status !== 101) return outcomes;
  const errorClass = status < 500 ? -1 : classes[classOf(status, timeOf(connects), headerMs)];
  // What stays open is as fast as its head.
  const latencyMs = (status === 101 || open === '1') && headerMs !== undefined ? Math.min(headerMs, takenMs) : takenMs;
  outcomes.push({ version: answered, atMs, latencyMs, status, errorClass });
  return outcomes;
}

const classes = Object.fromEntries(errorClasses.map((name, i) => [name, i])) as Record<ErrorClass, number>;

/** Only an answer that came from the version itself has the time of its head. */
function classOf(status: number, connectMs: number | undefined, headerMs: number | undefined): ErrorClass {
  if (headerMs !== undefined) return 'status';
  if (status === 504) return 'timeout';
  return connectMs === undefined ? 'connect' : 'broken';
}

function versionOf(word: string): string | undefined {
  if (!word.startsWith('v')) return undefined;
  try {
    return decodeURIComponent(word.slice(1));
  } catch {
    return undefined;
  }
}

/** Milliseconds of the last attempt in `0.001, 0.003`; undefined for `-`. */
function timeOf(list: string): number | undefined {
  const last = /([\d.]+|-)$/.exec(list)?.[1];
  return last === undefined || last === '-' || last === '' ? undefined : Math.round(Number(last) * 1_000);
}
