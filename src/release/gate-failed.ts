import { hold } from './hold.ts';
import { end, goBack } from './rollback.ts';
import type { Gate, Move, ReleaseState, ServiceState } from './types.ts';

/**
 * What follows when a gate has not passed; null where the release goes on all the same (`report`), or where how it goes on depends on
 * the next step (`shrink`, and `hold`, which goes on with it).
 */
export function gateFailed(state: ServiceState, release: ReleaseState, gate: Gate, detail: string, atMs: number): Move | null {
  const { phase } = release;
  const sentence = `${gate.hook.name} failed: ${detail}`;
  if (phase.kind !== 'stepping') return null;
  switch (gate.then) {
    case 'report':
    case 'shrink':
    case 'hold':
      return null;
    case 'refuse':
      return { state: end(state, release, 'rejected', sentence, atMs), said: `rejected: ${sentence}` };
    case 'rollback':
      return goBack(state, release, 'hook', sentence, atMs);
    case 'wait':
      return waits(state, release, gate, phase.step, detail, atMs);
  }
}

/** Holds the release before the step after the gate, and asks the gate again. */
function waits(state: ServiceState, release: ReleaseState, gate: Gate, step: number, detail: string, atMs: number): Move {
  const { everyMs, maxMs } = gate.again ?? { everyMs: 60_000, maxMs: release.plan.hold.maxMs };
  const held = hold(state, release, step, 'gate', detail, atMs);
  const live = held.state.live;
  if (live?.phase.kind !== 'held') return held;
  const phase = { ...live.phase, untilMs: atMs + maxMs, again: { atMs: atMs + everyMs, attempt: 2, asking: false } };
  return { ...held, state: { ...held.state, live: { ...live, phase } } };
}
