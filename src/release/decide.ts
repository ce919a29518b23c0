import { openGuard } from '../analysis/watch.ts';
import { replicasOf } from '../spec/replicas.ts';
import type { ReleasePolicy } from '../spec/types.ts';
import type { Instance } from '../targets/target.ts';
import { withBarriers } from './barrier.ts';
import { advanceDrill, endDrill, takeDrill } from './drill.ts';
import { takeInstances, takeSamples } from './guarding.ts';
import { effectsOf, relevel } from './levels.ts';
import { openBarrier } from './open-barrier.ts';
import { planRelease } from './plan.ts';
import { advanceRestart, stopRestart, takeRestart, takeRestartAccepted } from './restart.ts';
import { advanceRollback, end, rollBack, stableCheck } from './rollback.ts';
import { sameRoute } from './same-route.ts';
import { approvalText } from './step-text.ts';
import { advanceRelease, allReady, begin, enterStep } from './stepping.ts';
import { takeHook } from './take-hook.ts';
import type { Decision, Move, ReleaseState, ServiceEvent, ServiceState } from './types.ts';
import { firstWithCandidate } from './undo.ts';
import { takeVerb } from './verbs.ts';

/** A transition follows from the one before; more in a row than this is our own mistake, not a release. */
const transitionsMax = 200;

/** Why a drill ends that an earlier controller has begun. */
const anotherController = 'another controller goes on';

/** Longest wait before an effect that failed is tried again. */
const backoffMaxMs = 2_000;

/** A service that nothing has happened to yet. */
export function newService(name: string): ServiceState {
  return {
    name,
    stable: null,
    previous: [],
    instances: {},
    route: { seq: 0, want: null, status: 'confirmed', confirmedAtMs: null },
    live: null,
    queued: null,
    ended: [],
    atMs: 0,
    retries: {},
  };
}

/**
 * What happens next with a service. Pure: no clock, no I/O; the same state and event always give the same decision, so the state
 * is a fold over the log. The effects to carry out follow from the state, see `effectsOf`.
 */
export function decide(before: ServiceState, event: ServiceEvent): Decision {
  const said: string[] = [];
  let move = take(before, event);
  if (move.said) said.push(move.said);
  let state = relevel(move.state);
  for (let transitions = 0; ; transitions += 1) {
    if (transitions > transitionsMax) throw new Error(`${before.name}: no end of transitions after ${event.kind}`);
    move = advance(state, event.at);
    if (move.state === state) {
      const after = state === before || event.at <= state.atMs ? state : { ...state, atMs: event.at };
      return { state: after, said: said.length > 0 ? said.join('; ') : null };
    }
    if (move.said) said.push(move.said);
    state = relevel(move.state);
  }
}

/** The event itself, before anything that follows from it. */
function take(state: ServiceState, event: ServiceEvent): Move {
  const release = state.live;
  switch (event.kind) {
    case 'requested':
      return request(state, event);
    case 'validated': {
      if (!release || release.id !== event.release || release.phase.kind !== 'validating') return { state, said: null };
      if (event.problems.length > 0)
        return {
          state: end(state, release, 'rejected', event.problems.join('; '), event.at),
          said: `rejected: ${event.problems.join('; ')}`,
        };
      const { approval } = release.plan;
      if (approval)
        return {
          state: { ...state, live: { ...release, phase: { kind: 'awaiting-approval', untilMs: event.at + approval.expiresMs } } },
          said: `waits for ${approvalText(approval)}`,
        };
      return begin(state, release, event.at);
    }
    case 'barrier-opened':
      return openBarrier(state, event.release, event.step, event.by, event.at);
    case 'drill-asked':
      return takeDrill(state, event);
    case 'drill-ended':
      return endDrill(state, event.release, event.why, event.at);
    case 'verb':
      return takeVerb(state, event.release, event.verb, event.by, event.why, event.at);
    case 'restart-asked':
      return takeRestart(state, event);
    case 'restart-stopped':
      return stopRestart(state, event);
    case 'restart-accepted':
      return takeRestartAccepted(state, event.key);
    case 'controller-started':
      // The new controller writes with its own token, so that the one before can no longer change anything.
      // Whoever had asked for a drill is gone with the one before.
      return endDrill(
        { ...(state.route.want ? rewrite(state) : state), retries: {} },
        release?.id ?? '',
        anotherController,
        event.at,
      );
    case 'instances':
      return takeInstances(state, event.version, event.instances, event.at);
    case 'ensure-failed': {
      if (release?.version !== event.version || release.phase.kind !== 'preparing')
        return { state, said: `${event.version}: ${event.reason}` };
      const cause = {
        by: 'target-error' as const,
        sentence: `${event.version} cannot be started: ${event.reason}`,
        said: null,
        faultAtMs: null,
        decidedAtMs: event.at,
      };
      return rollBack(state, release, cause);
    }
    case 'route-accepted':
      if (event.seq !== state.route.seq || state.route.status !== 'wanted') return { state, said: null };
      return { state: { ...state, route: { ...state.route, status: 'accepted' } }, said: null };
    case 'route-read':
      return takeReading(state, event);
    case 'sampled':
      return takeSamples(state, event.samples, event.at);
    case 'hook-ended':
      return takeHook(state, event);
    case 'smoked':
      return takeSmoke(state, event);
    case 'retired': {
      const instances: Record<string, readonly Instance[]> = { ...state.instances };
      delete instances[event.version];
      return { state: { ...state, instances }, said: null };
    }
    case 'effect-failed': {
      const attempts = (state.retries[event.key]?.attempts ?? 0) + 1;
      const waitMs = Math.min(backoffMaxMs, 100 * 2 ** Math.min(attempts, 10));
      return {
        state: {
          ...state,
          retries: { ...state.retries, [event.key]: { attempts, notBeforeMs: event.at + waitMs, reason: event.reason } },
        },
        said: null,
      };
    }
    case 'woke':
      return { state, said: null };
  }
}

/** One transition that follows from the state and the time, or the same state when everything waits. */
function advance(state: ServiceState, atMs: number): Move {
  const restarted = advanceRestart(state, atMs);
  if (restarted.state !== state) return restarted;
  const release = state.live;
  if (!release) return state.queued ? start({ ...state, queued: null }, state.queued, atMs) : { state, said: null };
  const drilled = advanceDrill(state, release, atMs);
  if (drilled.state !== state) return drilled;
  return release.phase.kind === 'rolling-back' ? advanceRollback(state, release, atMs) : advanceRelease(state, release, atMs);
}

function request(state: ServiceState, event: Extract<ServiceEvent, { kind: 'requested' }>): Move {
  const release: ReleaseState = {
    id: event.release,
    version: event.version,
    spec: event.spec,
    by: event.by,
    why: event.why,
    requestedAtMs: event.at,
    ...(event.group === undefined ? {} : { group: event.group }),
    plan: withBarriers(
      planRelease(event.spec, state.stable?.version ?? null, event.version, event.restore, ...standing(state)),
      event.group,
    ),
    phase: { kind: 'queued' },
    exposure: { weight: 0, match: [] },
    exposedBy: -1,
    exposedAtMs: null,
    guard: null,
    verdict: null,
    lastSecond: 0,
    seenAtMs: 0,
    totals: { candidate: { requests: 0, errors: 0 }, stable: { requests: 0, errors: 0 } },
    compensate: [],
    findings: [],
    cause: null,
    safeAtMs: null,
    stepsDone: 0,
    quietSeconds: 0,
  };
  const refusal = admissionRefusal(state, event.version, event.restore);
  if (refusal) return { state: end(state, release, 'rejected', refusal, event.at), said: `rejected: ${refusal}` };
  if (!state.live) return start(state, release, event.at);
  const superseded = state.queued
    ? end(state, state.queued, 'superseded', `${event.version} was asked for after it`, event.at)
    : state;
  return { state: { ...superseded, queued: release }, said: `${event.version} waits for ${state.live.version}` };
}

/**
 * Why a release of this version cannot be taken on now; null when it can. A newer release takes the place of the one that waits,
 * but never of an operator's way back.
 */
export function admissionRefusal(state: ServiceState, version: string, restore = false): string | null {
  const { queued } = state;
  if (queued?.plan.strategy === 'restore' && !restore) return `${queued.version} is to be brought back first (${queued.id})`;
  if (state.live?.version === version) return `${version} is being released already (${state.live.id})`;
  if (state.stable?.version === version) return `${version} is the stable version already`;
  return null;
}

/** What a plan has to know of the version that is stable now. */
function standing({ stable }: ServiceState): readonly [before: ReleasePolicy | undefined, replicas: number | undefined] {
  return [stable?.spec.release, stable ? replicasOf(stable.spec) : undefined];
}

function start(state: ServiceState, queued: ReleaseState, atMs: number): Move {
  const refusal = admissionRefusal(state, queued.version);
  if (refusal) return { state: end(state, queued, 'rejected', refusal, atMs), said: `rejected: ${refusal}` };
  const stable = state.stable?.version ?? null;
  const isRestore = queued.plan.strategy === 'restore';
  const plan = withBarriers(planRelease(queued.spec, stable, queued.version, isRestore, ...standing(state)), queued.group);
  const release: ReleaseState = {
    ...queued,
    plan,
    ...(plan.starts === undefined ? {} : { scale: { candidate: plan.starts, stable: null, routed: null } }),
    ...(plan.strategy === 'restore' ? { hurried: true as const } : {}),
    phase: { kind: 'validating', untilMs: atMs + plan.routeMs },
    guard: openGuard(plan.guard, { candidate: queued.version, stable }),
  };
  return {
    state: { ...state, live: release },
    said: `release of ${queued.version} by ${queued.by}${queued.why ? `: ${queued.why}` : ''}`,
  };
}

/** The router's own word on what is in force: it confirms the level, or shows that the level has to be written again. */
function takeReading(state: ServiceState, event: Extract<ServiceEvent, { kind: 'route-read' }>): Move {
  const { reading } = event;
  const { route } = state;
  if (route.want === null) return { state, said: null };
  const inForce = reading !== null && !reading.lapsed && reading.fence.seq === route.seq && sameRoute(reading.route, route.want);
  if (inForce)
    return { state: { ...state, route: { ...route, status: 'confirmed', confirmedAtMs: reading.appliedAtMs } }, said: null };
  // While a newer route is on its way the router rightly still says the old one. That it had gone back is news all the same.
  if (route.status === 'wanted' && !reading?.lapsed) return { state, said: null };
  const why =
    reading === null
      ? 'has no route'
      : reading.lapsed
        ? 'went back to stable, because its lease was not renewed in time'
        : 'has another route than the one written';
  const again = rewrite({ ...state, route: { ...route, seq: Math.max(route.seq, reading?.fence.seq ?? 0) } });
  const release = again.live;
  if (release?.phase.kind !== 'stepping' || release.phase.part.kind !== 'observing')
    return { state: again, said: `the router ${why}; writes it again` };
  const { part } = release.phase;
  const shiftMs = event.at - part.sinceMs;
  const restarted = {
    ...part,
    sinceMs: event.at,
    minUntilMs: part.minUntilMs + shiftMs,
    untilMs: part.untilMs + shiftMs,
    fromSecond: release.lastSecond + 2,
    requests: 0,
    seconds: 0,
  };
  return {
    state: { ...again, live: { ...release, phase: { ...release.phase, part: restarted } } },
    said: `the router ${why}; writes it again and observes anew`,
  };
}

function rewrite(state: ServiceState): ServiceState {
  return { ...state, route: { ...state.route, seq: state.route.seq + 1, status: 'wanted', confirmedAtMs: null } };
}

function takeSmoke(state: ServiceState, event: Extract<ServiceEvent, { kind: 'smoked' }>): Move {
  const release = state.live;
  const awaited = effectsOf(state).find((effect) => effect.key === event.key);
  if (!release || awaited?.kind !== 'smoke') return { state, said: null };
  if (release.phase.kind === 'rolling-back') {
    return {
      state: {
        ...state,
        live: { ...release, findings: [...release.findings, { what: stableCheck, ok: event.ok, detail: event.detail }] },
      },
      said: `checks of stable: ${event.detail}`,
    };
  }
  const found = {
    ...release,
    findings: [...release.findings, { what: 'checks before traffic', ok: event.ok, detail: event.detail }],
  };
  if (event.ok && release.phase.kind === 'stepping')
    return enterStep(state, { ...found, stepsDone: release.stepsDone + 1 }, release.phase.step + 1, event.at);
  if (event.ok && release.phase.kind === 'preparing') {
    if (allReady(state, release)) return enterStep(state, found, firstWithCandidate(release.plan), event.at);
    // An instance was lost while it was asked: no step begins without it, and then it has to answer again.
    return { state: { ...state, live: { ...found, phase: { ...release.phase, part: 'instances' } } }, said: null };
  }
  const cause = {
    by: 'smoke' as const,
    sentence: `${release.version} fails its checks before any traffic: ${event.detail}`,
    said: null,
    faultAtMs: null,
    decidedAtMs: event.at,
  };
  return rollBack(state, found, cause);
}
