import { barrierAt } from './barrier.ts';
import { enterStep } from './stepping.ts';
import type { ServiceState } from './types.ts';

/** Lets the live release past the barrier that it waits at. Any other answer of a group came too late, or twice, and changes nothing. */
export function openBarrier(
  state: ServiceState,
  id: string,
  step: number,
  by: string,
  atMs: number,
): { readonly state: ServiceState; readonly said: string | null } {
  const release = state.live;
  if (!release || release.id !== id || barrierAt(release)?.step !== step) return { state, said: null };
  const move = enterStep(state, { ...release, stepsDone: release.stepsDone + 1 }, step + 1, atMs);
  return { state: move.state, said: `${by} lets it go on${move.said ? `; ${move.said}` : ''}` };
}
