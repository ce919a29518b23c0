import { percentText } from '../spec/unit-text.ts';
import { readyEndpoints } from './levels.ts';
import { isCommitted, isExposed } from './phase-name.ts';
import type { Move, ReleaseState, ServiceEvent, ServiceState } from './types.ts';
import { isBeforeCandidate, isOfDatabase } from './undo.ts';

/** The second in which the traffic goes back is counted when it has ended, and a router may be asked a second later. */
const countedMs = 3_000;

/**
 * Why some of the traffic cannot be given to the candidate for a moment now, in one sentence; null when it can. Only while a release
 * waits for something else than the evidence of its own step: there a drill changes no other decision.
 *
 * @param percent - Of the requests.
 */
export function drillRefusal(state: ServiceState, percent: number): string | null {
  const { live, route } = state;
  if (!live) return 'no release is under way';
  if (state.stable === null) return 'there is no stable version to come back to';
  if (live.phase.kind === 'rolling-back') return 'the release goes back';
  if (isBeforeCandidate(live)) return `nothing of ${live.version} runs yet`;
  if (live.drill && live.drill.percent > 0) return 'another drill is under way';
  if (!isStanding(live)) return 'the release moves: it has to wait for a person, a gate, a hook or a pause';
  if (live.exposure.weight >= percent) return `${live.version} has ${shareText(live.exposure.weight)} of the traffic already`;
  if (readyEndpoints(state.instances[live.version] ?? []).length === 0) return `${live.version} has no ready instance`;
  if (route.want !== null && route.status !== 'confirmed') return 'the router has not confirmed the route';
  return null;
}

/** Gives some of the traffic to the candidate, under its guard, until it is ended or its time is up. */
export function takeDrill(state: ServiceState, event: Extract<ServiceEvent, { kind: 'drill-asked' }>): Move {
  const { live } = state;
  if (!live || live.id !== event.release || drillRefusal(state, event.percent) !== null) return { state, said: null };
  const drill = { percent: event.percent, untilMs: event.at + event.maxMs };
  return {
    state: { ...state, live: { ...live, drill, exposedAtMs: live.exposedAtMs ?? event.at } },
    said: `drill by ${event.by}: ${shareText(event.percent)} of the traffic goes to ${live.version} and comes back`,
  };
}

/** Takes the traffic back. Once it is back, or where another release is under way by now, this changes nothing. */
export function endDrill(state: ServiceState, id: string, why: string, atMs: number): Move {
  const { live } = state;
  if (!live?.drill || live.id !== id || live.drill.percent === 0) return { state, said: null };
  const drill = { percent: 0, untilMs: atMs + countedMs };
  return { state: { ...state, live: { ...live, drill } }, said: `the drill ends: ${why}` };
}

/** A drill ends with its time, or when the release moves. While it goes back the route asks for no drill, and its end needs none. */
export function advanceDrill(state: ServiceState, release: ReleaseState, atMs: number): Move {
  const { drill, phase } = release;
  if (!drill || phase.kind === 'rolling-back') return { state, said: null };
  if (drill.percent === 0 && atMs >= drill.untilMs) {
    const { drill: _over, ...kept } = release;
    // What was said of the candidate was about traffic that it has no more.
    return { state: { ...state, live: { ...kept, verdict: isExposed(kept) ? kept.verdict : null } }, said: null };
  }
  if (drill.percent > 0 && !isStanding(release)) return endDrill(state, release.id, 'the release goes on', atMs);
  return drill.percent > 0 && atMs >= drill.untilMs ? endDrill(state, release.id, 'its time is up', atMs) : { state, said: null };
}

/** Whether a release waits, with its candidate ready, for something that a little traffic does not change. */
function isStanding(release: ReleaseState): boolean {
  const { phase, plan } = release;
  if (isCommitted(release)) return false;
  if (phase.kind === 'held') return phase.reason === 'operator' || phase.reason === 'gate';
  if (phase.kind !== 'stepping') return false;
  if (phase.part.kind === 'waiting' || phase.part.kind === 'asking') return true;
  return phase.part.kind === 'running' && !isOfDatabase(plan.steps[phase.step]);
}

function shareText(percent: number): string {
  return percentText(Math.round(percent * 10_000)).replace('%', ' %');
}
