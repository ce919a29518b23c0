import type { CheckResult } from './probe.ts';
import type { Instance } from './target.ts';

/** What the readiness checks of one life of a process have shown so far. */
export type Readiness = {
  /** Whether it was ready at least once. */
  readonly wasReady: boolean;
  /** Unix ms since when it is ready without a break; `null` while it is not. */
  readonly readySinceMs: number | null;
  /** Failed checks in a row. */
  readonly failures: number;
  /** What the last failed check found, while failures go on. */
  readonly detail: string | null;
};

/** A process that has not been checked yet. */
export const unchecked: Readiness = { wasReady: false, readySinceMs: null, failures: 0, detail: null };

/** The readiness after one more check. One success makes ready; only `unhealthyAfter` failures in a row take that back. */
export function readinessAfter(before: Readiness, result: CheckResult, unhealthyAfter: number, nowMs: number): Readiness {
  if (result.ok) return { wasReady: true, readySinceMs: before.readySinceMs ?? nowMs, failures: 0, detail: null };
  const failures = before.failures + 1;
  const isReady = before.readySinceMs !== null && failures < unhealthyAfter;
  return { ...before, readySinceMs: isReady ? before.readySinceMs : null, failures, detail: result.detail };
}

/**
 * What an instance does, as its supervisor knows it. `unstarted` has not had a process yet; `restarting` is a process that is being
 * ended to be started again; `waiting` has no process until its back-off is over.
 */
export type Phase = 'unstarted' | 'running' | 'restarting' | 'waiting' | 'stopping';

/** The state that the contract names, from what was observed. */
export function instanceState(phase: Phase, readiness: Readiness): Instance['state'] {
  switch (phase) {
    case 'unstarted':
      return 'starting';
    case 'waiting':
      return 'crashed';
    case 'stopping':
      return 'stopping';
    case 'restarting':
      return 'unready';
    case 'running':
      if (readiness.readySinceMs !== null) return 'ready';
      return readiness.wasReady ? 'unready' : 'starting';
  }
}

/**
 * The one line that tells people what is wrong: the check that fails now when it was ready before or has never ended badly, else the
 * last bad end. Young processes refuse connections until they listen, so a start shows its failures only once they go on.
 */
export function currentProblem(readiness: Readiness, lastEnd: string | null, unhealthyAfter: number): string | undefined {
  const fails = readiness.readySinceMs === null && readiness.failures >= unhealthyAfter;
  if (fails && readiness.detail !== null && (readiness.wasReady || lastEnd === null)) return `not ready: ${readiness.detail}`;
  return lastEnd ?? undefined;
}
