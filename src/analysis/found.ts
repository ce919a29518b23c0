import type { MetricVerdict } from './guard.ts';
import type { RunUp } from './run-up.ts';
import type { Bad, Weight } from './said.ts';
import type { GuardState } from './state.ts';

/** One metric's verdict before it is put into words, and since when (unix milliseconds) the fault that it may have found hurts somebody. */
export type Found = Omit<MetricVerdict, 'sentence'> & { readonly sinceMs: number | null };

/** Both versions' counts; `stable` is null where it had no request. */
export type Sides = { readonly candidate: Bad; readonly stable: Bad | null };

export function ofRunUp(r: Readonly<RunUp>): Sides {
  return ofStep(r.badC, r.nC, r.badS, r.nS);
}

export function ofStep(badC: number, nC: number, badS: number, nS: number): Sides {
  return { candidate: { bad: badC, n: nC }, stable: nS > 0 ? { bad: badS, n: nS } : null };
}

/** Errors and requests of the step. */
export function errorsOfStep({ traffic }: GuardState): Sides {
  return ofStep(traffic.errorsC, traffic.nC, traffic.errorsS, traffic.nS);
}

/** The evidence with the time since the run-up's beginning, to the end of the newest second. */
export function weightOf(log: number, state: GuardState, sinceMs: number | null): Weight {
  return { log, seconds: sinceMs === null ? null : Math.max(1, (state.second ?? 0) + 1 - Math.floor(sinceMs / 1000)) };
}
