import type { Backend, Route } from '../routers/router.ts';
import type { Hook } from '../spec/types.ts';
import type { Instance } from '../targets/target.ts';
import { isCommitted, weightOf } from './phase-name.ts';
import { restartEffect, restartUnderWay, withoutRestarting } from './restart.ts';
import { restoredRoute } from './restoring.ts';
import { sameRoute } from './same-route.ts';
import { only, routedInstances, scaleOf, stableWanted } from './scaling.ts';
import type { Effect, ServiceState, Wanted } from './types.ts';
import { isBeforeCandidate, isOfDatabase, openQuestion, undoOf } from './undo.ts';

/** Versions that have to run now. Everything else of the service that runs is to be retired. */
export function wantedVersions(state: ServiceState): readonly Wanted[] {
  const wanted: Wanted[] = [];
  if (state.stable) wanted.push({ version: state.stable.version, spec: state.stable.spec, ...stableWanted(state) });
  const release = state.live;
  if (!release) return wanted;
  const { phase } = release;
  if (isCommitted(release)) {
    // The version before stays until the router has confirmed that nothing points at it any more.
    const before = state.previous.find(({ version }) => version === release.plan.stable);
    const committing = phase.kind === 'stepping' && phase.part.kind === 'committing';
    if (committing && before) wanted.push({ version: before.version, spec: before.spec, ...only(scaleOf(release).stable) });
    return wanted;
  }
  const running =
    phase.kind === 'preparing' ||
    (phase.kind === 'stepping' && !isBeforeCandidate(release)) ||
    (phase.kind === 'held' && !isBeforeCandidate(release)) ||
    // A rollback that the router refuses takes the candidate itself away: with nothing to answer, it cannot hurt anybody.
    (phase.kind === 'rolling-back' && phase.part !== 'retire' && !phase.stopped);
  if (running) wanted.push({ version: release.version, spec: release.spec, ...only(scaleOf(release).candidate) });
  return wanted;
}

/** The route that follows from the state; null before the service has ever had one. */
export function wantedRoute(state: ServiceState): Route | null {
  const stable = state.stable ? backend(state, state.stable.version) : null;
  const release = state.live;
  const weight = release ? weightOf(release) : 0;
  const exposed =
    release !== null &&
    (weight > 0 || release.exposure.match.length > 0) &&
    !isCommitted(release) &&
    (release.phase.kind === 'stepping' || release.phase.kind === 'held');
  const candidate = exposed ? backend(state, release.version) : null;
  if (release?.phase.kind === 'rolling-back' && release.phase.part === 'restore') {
    const kept = restoredRoute(state, release);
    if (kept) return { stable, candidate: backendOf(release.version, kept.instances), weight: kept.weight, match: [] };
  }
  // Weight above 0 needs ready capacity. The loss of the last ready instance also starts the rollback, see `guarding.ts`.
  if (candidate && readyEndpoints(state.instances[release?.version ?? ''] ?? []).length > 0) {
    return { stable, candidate, weight, match: release?.exposure.match ?? [] };
  }
  if (stable === null && state.route.want === null) return null;
  return { stable, candidate: null, weight: 0, match: [] };
}

/** Puts a changed route on record as the new level; the same route keeps its sequence number. */
export function relevel(state: ServiceState): ServiceState {
  const want = wantedRoute(state);
  const route = sameRoute(want, state.route.want)
    ? state.route
    : { seq: state.route.seq + 1, want, status: 'wanted' as const, confirmedAtMs: null };
  const next = route === state.route ? state : { ...state, route };
  const keys = Object.keys(next.retries);
  if (keys.length === 0) return next;
  const pending = new Set(effectsOf(next).map((effect) => effect.key));
  const kept = keys.filter((key) => pending.has(key));
  if (kept.length === keys.length) return next;
  return {
    ...next,
    retries: Object.fromEntries(kept.map((key) => [key, next.retries[key] ?? { attempts: 0, notBeforeMs: 0, reason: '' }])),
  };
}

/** Everything that is on record and not yet done. After a crash the same state gives the same effects: there is no other recovery. */
export function effectsOf(state: ServiceState): readonly Effect[] {
  const effects: Effect[] = [];
  const { route, live } = state;
  // Without a version there is nobody to send a request to, and no document that says where the router is.
  const hasRouter = state.stable !== null || live !== null;
  if (hasRouter && route.want && route.status === 'wanted')
    effects.push({ kind: 'set-route', key: `route:${route.seq}`, seq: route.seq, route: route.want });
  if (hasRouter && route.want && route.status === 'accepted')
    effects.push({ kind: 'read-route', key: `read:${route.seq}`, seq: route.seq });
  if (live) effects.push(...releaseEffects(state, live));
  const restart = restartEffect(state);
  if (restart) effects.push(restart);
  const wanted = new Set(wantedVersions(state).map(({ version }) => version));
  for (const version of Object.keys(state.instances)) {
    if (!wanted.has(version)) effects.push({ kind: 'retire', key: `retire:${version}`, version });
  }
  return effects;
}

function releaseEffects(state: ServiceState, release: NonNullable<ServiceState['live']>): readonly Effect[] {
  const { phase, plan } = release;
  if (phase.kind === 'validating')
    return [
      {
        kind: 'validate',
        key: `validate:${release.id}`,
        release: release.id,
        version: release.version,
        spec: release.spec,
        stable: state.stable?.spec ?? null,
        watched: plan.strategy === 'restore' ? null : (plan.stable ?? release.version),
      },
    ];
  const isGrowing = phase.kind === 'stepping' && phase.part.kind === 'growing' && phase.part.smoke;
  if (isGrowing || (phase.kind === 'preparing' && phase.part === 'smoke')) {
    return [
      {
        kind: 'smoke',
        key: `smoke:${release.id}:before${isGrowing ? `:${phase.step}` : ''}`,
        version: release.version,
        instances: state.instances[release.version] ?? [],
        checks: plan.smoke,
      },
    ];
  }
  const run = (hook: Hook, key: string, intention: string, attempt: number): readonly Effect[] => [
    { kind: 'run-hook', key, hook, environment: hookEnvironment(release, intention, attempt), folder: release.spec.folder },
  ];
  if (phase.kind === 'stepping' && phase.part.kind === 'running') {
    const step = plan.steps[phase.step];
    const { attempt } = phase.part;
    const hook = step?.kind === 'migrate' && attempt === 0 ? step.status : step && 'hook' in step ? step.hook : null;
    if (hook) return run(hook, `hook:${release.id}:${phase.step}:${attempt}`, `${release.id}:${phase.step}`, attempt);
  }
  if (phase.kind === 'held' && phase.again?.asking) {
    const step = plan.steps[phase.step];
    const { attempt } = phase.again;
    const key = `hook:${release.id}:${phase.step}:again${attempt}`;
    if (step?.kind === 'gate') return run(step.hook, key, `${release.id}:${phase.step}`, attempt);
  }
  if (phase.kind === 'rolling-back' && (phase.part === 'compensate' || phase.part === 'database')) {
    const index = release.compensate.at(-1) ?? -1;
    // What happened to the database is undone when nothing of the candidate runs any more.
    if (isOfDatabase(plan.steps[index]) !== (phase.part === 'database')) return [];
    const question = openQuestion(release);
    const undo = undoOf(plan.steps[index]);
    if (question) return run(question, `ask:${release.id}:${index}`, `${release.id}:${index}`, 0);
    const key = `undo:${release.id}:${index}`;
    if (undo) return run(undo, key, `${release.id}:${index}:undo`, (state.retries[key]?.attempts ?? 0) + 1);
  }
  if (phase.kind === 'rolling-back' && phase.part === 'check' && state.stable) {
    return [
      {
        kind: 'smoke',
        key: `smoke:${release.id}:after`,
        version: state.stable.version,
        instances: state.instances[state.stable.version] ?? [],
        checks: plan.smoke,
      },
    ];
  }
  return [];
}

/**
 * The first moment after `afterMs` at which something happens by time alone, in unix milliseconds: a deadline or the end of a
 * back-off. `Infinity`: never. A moment that has passed without a change waits for something else and is not repeated.
 */
export function nextWakeMs(state: ServiceState, afterMs: number): number {
  const moments = Object.values(state.retries).map((retry) => retry.notBeforeMs);
  const restarting = restartUnderWay(state)?.now;
  if (restarting) moments.push(restarting.untilMs);
  if (state.live?.drill) moments.push(state.live.drill.untilMs);
  const phase = state.live?.phase;
  if (phase && 'untilMs' in phase) moments.push(phase.untilMs);
  if (phase?.kind === 'held' && phase.again && !phase.again.asking) moments.push(phase.again.atMs);
  if (phase?.kind === 'stepping') {
    if ('untilMs' in phase.part) moments.push(phase.part.untilMs);
    if (phase.part.kind === 'observing') moments.push(phase.part.minUntilMs);
  }
  return Math.min(Number.POSITIVE_INFINITY, ...moments.filter((moment) => moment > afterMs));
}

/** Endpoints of the instances that are ready, in a fixed order. */
export function readyEndpoints(instances: readonly Instance[]): Backend['endpoints'] {
  return instances
    .filter((instance) => instance.state === 'ready')
    .flatMap((instance) => instance.endpoint ?? [])
    .sort((a, b) => a.port - b.port || a.host.localeCompare(b.host));
}

/** A version as a backend: its ready instances, or all of them when none is ready, because one that recovers must find its traffic. */
function backend(state: ServiceState, version: string): Backend {
  return backendOf(version, withoutRestarting(state, version, routedInstances(state, version)));
}

function backendOf(version: string, instances: readonly Instance[]): Backend {
  const ready = readyEndpoints(instances);
  return {
    version,
    endpoints: ready.length > 0 ? ready : readyEndpoints(instances.map((instance) => ({ ...instance, state: 'ready' }))),
  };
}

/** `intention`: the same for everything that is the same when it is done again. */
function hookEnvironment(
  release: NonNullable<ServiceState['live']>,
  intention: string,
  attempt: number,
): Readonly<Record<string, string>> {
  return {
    RAMPART_SERVICE: release.plan.service,
    RAMPART_RELEASE: release.id,
    RAMPART_VERSION: release.version,
    RAMPART_STABLE: release.plan.stable ?? '',
    RAMPART_WEIGHT: String(release.exposure.weight),
    RAMPART_IDEMPOTENCY_KEY: intention,
    RAMPART_ATTEMPT: String(attempt),
  };
}
