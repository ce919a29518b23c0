import type { Told } from '../analysis/sentence.ts';
import type { HoldReason, Move, ReleaseState, ServiceState } from './types.ts';

/** Stops moving, with traffic as it is and the guard at work. `why`: a text alone is no word of the guard. */
export function hold(
  state: ServiceState,
  release: ReleaseState,
  step: number,
  reason: HoldReason,
  why: Told | string,
  atMs: number,
  requests = 0,
): Move {
  const { sentence, said } = typeof why === 'string' ? { sentence: why, said: null } : why;
  const phase = {
    kind: 'held' as const,
    reason,
    sentence,
    said,
    sinceMs: atMs,
    untilMs: atMs + release.plan.hold.maxMs,
    step,
    requests,
  };
  return { state: { ...state, live: { ...release, phase } }, said: `held: ${sentence}` };
}
