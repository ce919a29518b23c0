import type { MetricVerdict } from './guard.ts';
import type { RunUp } from './run-up.ts';
import type { GuardState } from './state.ts';
import { oddsText, spanText, thousands } from './wording.ts';

/** One metric's verdict, and since when the fault that it may have found hurts somebody. */
export type Found = { readonly verdict: MetricVerdict; readonly sinceMs: number | null };

/** Bad and all requests. */
export type Bad = { readonly bad: number; readonly n: number };

/** Both versions' counts; `stable` is null where it had no request. */
export type Sides = { readonly candidate: Bad; readonly stable: Bad | null };

export function ofRunUp(r: RunUp): Sides {
  return { candidate: { bad: r.badC, n: r.nC }, stable: r.nS > 0 ? { bad: r.badS, n: r.nS } : null };
}

export function ofStep(badC: number, nC: number, badS: number, nS: number): Sides {
  return { candidate: { bad: badC, n: nC }, stable: nS > 0 ? { bad: badS, n: nS } : null };
}

/** Errors and requests of the step. */
export function errorsOfStep({ traffic }: GuardState): Sides {
  return ofStep(traffic.errorsC, traffic.nC, traffic.errorsS, traffic.nS);
}

/** `21 of 1,040`. */
export function ofText({ bad, n }: Bad): string {
  return `${thousands(bad)} of ${thousands(n)}`;
}

/** `; evidence 3,900 : 1 after 3 s`, counted from the run-up's beginning to the end of the newest second. */
export function evidenceText(log: number, state: GuardState, sinceMs: number | null): string {
  const seconds = sinceMs === null ? null : Math.max(1, (state.second ?? 0) + 1 - Math.floor(sinceMs / 1000));
  return `; evidence ${oddsText(log)}${seconds === null ? '' : ` after ${spanText(seconds)}`}`;
}
