import type { StreamCounts, StreamMessage } from './stream.ts';

/** A line of the stream as a message, or one sentence that says what is wrong with it. */
export type ReadLine =
  | { readonly message: StreamMessage; readonly problem: null }
  | { readonly message: null; readonly problem: string };

/**
 * Reads a line of the stream protocol. Unknown keys are let be: a scorer may tell more than a decider needs.
 * Checked by hand, because a scorer sends many thousand lines a second.
 */
export function readLine(line: string): ReadLine {
  let given: unknown;
  try {
    given = JSON.parse(line);
  } catch {
    return wrong('no JSON');
  }
  if (!isRecord(given)) return wrong('expected a JSON object');
  const { op, run } = given;
  if (typeof run !== 'string' || run === '' || run.length > 200) return wrong('run: expected a text of 1 to 200 characters');
  switch (op) {
    case 'close':
      return { message: { op, run }, problem: null };
    case 'open': {
      const problem = policyProblem(given.policy);
      return problem === null ? { message: given as StreamMessage, problem: null } : wrong(problem);
    }
    case 'tick': {
      const problem = tickProblem(given);
      return problem === null ? { message: given as StreamMessage, problem: null } : wrong(problem);
    }
    default:
      return wrong('op: expected open, tick or close');
  }
}

function wrong(problem: string): ReadLine {
  return { message: null, problem };
}

function tickProblem({ t, w, stable, canary }: Readonly<Record<string, unknown>>): string | null {
  if (!Number.isInteger(t) || Math.abs(t as number) > 1e6 - 1) return 't: expected whole seconds';
  if (typeof w !== 'number' || !(w >= 0 && w <= 1)) return 'w: expected a weight from 0 to 1';
  return countsProblem('stable', stable) ?? countsProblem('canary', canary);
}

function countsProblem(name: string, counts: unknown): string | null {
  if (counts === null) return null;
  if (!isRecord(counts)) return `${name}: expected counts {n, e, h}, or null for a missed scrape`;
  const { n, e, h } = counts as Partial<StreamCounts>;
  if (!isCount(n)) return `${name}.n: expected a number of requests`;
  if (!isCount(e) || e > n) return `${name}.e: expected a number of errors up to ${name}.n`;
  if (!Array.isArray(h) || h.length % 2 !== 0 || !h.every(isCount)) return `${name}.h: expected pairs of bucket and count`;
  return null;
}

function policyProblem(policy: unknown): string | null {
  if (policy === undefined) return null;
  if (!isRecord(policy)) return 'policy: expected an object';
  const { errors, latency, minRequests } = policy;
  if (errors !== undefined && !(isRecord(errors) && isCount(errors.worseByPpm) && isCount(errors.maxPpm) && errors.maxPpm > 0))
    return 'policy.errors: expected {worseByPpm, maxPpm}';
  if (minRequests !== undefined && !isCount(minRequests)) return 'policy.minRequests: expected a number of requests';
  if (latency === undefined) return null;
  // Each entry costs memory and time in each run; a document may have ten.
  if (!Array.isArray(latency) || latency.length > 10 || !latency.every(isLatency))
    return 'policy.latency: expected at most 10 of {quantilePpm, worseByPpm, maxMs}';
  return null;
}

function isLatency(entry: unknown): boolean {
  if (!isRecord(entry)) return false;
  const { quantilePpm, worseByPpm, maxMs } = entry;
  return (
    isCount(quantilePpm) &&
    quantilePpm > 0 &&
    quantilePpm < 1e6 &&
    (worseByPpm === null || isCount(worseByPpm)) &&
    (maxMs === null || (isCount(maxMs) && maxMs > 0))
  );
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
