import { advanceScaling } from './advance-scaling.ts';
import { barrierMissed } from './barrier.ts';
import { hasEvidence, isSilenceEnough, missingEvidence, neededRequests } from './evidence.ts';
import { gateFailed } from './gate-failed.ts';
import { guards } from './guarding.ts';
import { hold } from './hold.ts';
import { readyEndpoints } from './levels.ts';
import { neverRunsText } from './never-runs.ts';
import { isExposed } from './phase-name.ts';
import { heldForTooLong } from './reason.ts';
import { end, goBack, hookGraceMs, notEnded, retireMs, rollBack } from './rollback.ts';
import { candidateReplicas, scaleOf } from './scaling.ts';
import { stepText } from './step-text.ts';
import type { Installed, Move, ReleaseState, ServiceState, Step, StepPart } from './types.ts';
import { firstWithCandidate, isBeforeCandidate, isBeforeStart, isOfDatabase, isUntouched } from './undo.ts';

/** Versions that are remembered for a rollback by name; older ones are in the log. */
const previousMax = 20;

/** Seconds of an observation that may lack counts: the two it shares with its neighbours, and one that is still to come. */
const unseenMaxS = 3;

/** Nothing is asked any more: the database first, then the candidate. */
export function begin(state: ServiceState, release: ReleaseState, atMs: number): Move {
  if (isBeforeStart(release.plan.steps[0])) return enterStep(state, release, 0, atMs);
  return { state: prepare(state, release, atMs), said: `starts ${release.version}` };
}

/** From here on the candidate is wanted: its instances are started, and are retired whatever happens later. */
function prepare(state: ServiceState, release: ReleaseState, atMs: number): ServiceState {
  return {
    ...state,
    instances: { ...state.instances, [release.version]: state.instances[release.version] ?? [] },
    live: { ...release, phase: { kind: 'preparing', part: 'instances', untilMs: atMs + release.plan.readyMs } },
  };
}

/**
 * Begins step `index`, or ends the release after the last one. `forced`: a person has said to go on without evidence. `requests`:
 * what a held observation has counted already.
 */
export function enterStep(
  state: ServiceState,
  release: ReleaseState,
  index: number,
  atMs: number,
  { forced = false, requests = 0 }: { readonly forced?: boolean; readonly requests?: number } = {},
): Move {
  const step = release.plan.steps[index];
  if (step && isPassedOver(release, index)) return enterStep(state, release, index + 1, atMs, { forced });
  if (!step)
    return {
      state: end(state, release, 'succeeded', `${release.version} is stable`, atMs),
      said: `${release.version} is stable`,
    };
  if (isBeforeCandidate(release) && !isBeforeStart(step))
    return { state: prepare(state, release, atMs), said: `starts ${release.version}` };
  const at = (part: StepPart, more: Partial<ReleaseState> = {}): ServiceState => ({
    ...state,
    live: { ...release, ...more, phase: { kind: 'stepping', step: index, part } },
  });
  const said = `step ${index + 1} of ${release.plan.steps.length}: ${stepText(step, release.plan.stable)}`;
  switch (step.kind) {
    case 'match':
    case 'weight':
    case 'promote': {
      // More traffic only on positive evidence about the traffic that is there already; a step that is resumed brings no more.
      const isAsked = !forced && !release.hurried && release.exposedBy !== index && release.exposure.weight > 0;
      if (isAsked && !hasEvidence(release, 0, 0, atMs))
        return hold(state, release, index, 'evidence', missingEvidence(release, 0, 0, atMs), atMs);
      return {
        state: at(
          { kind: 'applying', untilMs: atMs + release.plan.routeMs },
          { exposure: exposureAfter(release, step), exposedBy: index, exposedAtMs: release.exposedAtMs ?? atMs },
        ),
        said,
      };
    }
    case 'observe':
    case 'bake':
      return {
        state: at({
          kind: 'observing',
          sinceMs: atMs,
          minUntilMs: atMs + step.minMs,
          untilMs: atMs + step.maxMs,
          fromSecond: release.lastSecond + 2,
          requests,
          seconds: 0,
        }),
        said,
      };
    case 'pause':
      return {
        state: at({ kind: 'waiting', asked: step.ms === null, untilMs: atMs + (step.ms ?? release.plan.hold.maxMs) }),
        said,
      };
    case 'approve':
      return { state: at({ kind: 'asking', untilMs: atMs + step.expiresMs }), said };
    case 'barrier':
      return { state: at({ kind: 'asking', untilMs: atMs + step.maxMs }), said };
    case 'hook':
    case 'gate':
    case 'backup':
    case 'migrate': {
      const asked = step.kind === 'migrate' ? step.status : null;
      const { timeoutMs } = asked ?? step.hook;
      const untilMs = atMs + timeoutMs + hookGraceMs;
      return { state: at({ kind: 'running', attempt: asked ? 0 : 1, untilMs, thenHold: null }), said };
    }
    case 'scale': {
      const scale = step.of === 'candidate' ? { ...scaleOf(release), candidate: step.replicas } : scaleOf(release);
      return { state: at({ kind: 'growing', untilMs: atMs + release.plan.readyMs, smoke: false }, { scale }), said };
    }
    case 'retire':
      return { state: at({ kind: 'settling', untilMs: atMs + step.afterMs }), said };
  }
}

/**
 * A release in a hurry does only what moves instances and, where the versions share them, what their share of the requests follows
 * from. It waits for its group all the same.
 */
function isPassedOver({ plan, hurried }: ReleaseState, index: number): boolean {
  const kind = plan.steps[index]?.kind;
  if (!hurried || index >= plan.steps.findIndex((step) => step.kind === 'promote')) return false;
  return kind !== 'scale' && kind !== 'barrier' && !(kind === 'weight' && plan.rolling);
}

/** One transition of a release that is preparing, stepping or held, or the same state when it waits. */
export function advanceRelease(state: ServiceState, release: ReleaseState, atMs: number): Move {
  const { phase } = release;
  const stay: Move = { state, said: null };
  // Also where the instances were lost before there was traffic to lose: a step must not give any to nobody.
  if (guards(release) && isExposed(release) && readyEndpoints(state.instances[release.version] ?? []).length === 0)
    return goBack(state, release, 'target', `${release.version} has no ready instance`, atMs);
  switch (phase.kind) {
    case 'validating':
      return atMs < phase.untilMs
        ? stay
        : {
            state: end(state, release, 'rejected', 'its requirements could not be checked in time', atMs),
            said: 'rejected: its requirements could not be checked in time',
          };
    case 'awaiting-approval':
      return atMs < phase.untilMs
        ? stay
        : {
            state: end(state, release, 'cancelled', 'nobody approved it in time', atMs),
            said: 'cancelled: nobody approved it in time',
          };
    case 'preparing':
      return advancePreparing(state, release, atMs);
    case 'held':
      return advanceHeld(state, release, atMs);
    case 'stepping':
      return advanceStep(state, release, atMs);
    case 'queued':
    case 'rolling-back':
    case 'ended':
      return stay;
  }
}

function advancePreparing(state: ServiceState, release: ReleaseState, atMs: number): Move {
  const { phase, plan } = release;
  if (phase.kind !== 'preparing') return { state, said: null };
  const instances = state.instances[release.version] ?? [];
  const problem = instances.find((instance) => instance.problem)?.problem;
  const never = neverRunsText(release, instances);
  if (never !== null) return goBack(state, release, 'target', never, atMs);
  if (atMs >= phase.untilMs) {
    const what =
      phase.part === 'smoke'
        ? 'its checks were not answered in time'
        : `${release.version} did not become ready in time${problem ? `: ${problem}` : ''}`;
    return goBack(state, release, 'deadline', what, atMs);
  }
  if (phase.part === 'smoke' || !allReady(state, release)) return { state, said: null };
  if (plan.smoke.length > 0 && candidateReplicas(release) > 0)
    return { state: { ...state, live: { ...release, phase: { ...phase, part: 'smoke' } } }, said: `${release.version} is ready` };
  return enterStep(state, release, firstWithCandidate(plan), atMs);
}

/** Whether every instance that runs of the candidate is ready, and there is one; or it is to begin without any. */
export function allReady(state: ServiceState, release: ReleaseState): boolean {
  if (candidateReplicas(release) === 0) return true;
  const instances = state.instances[release.version] ?? [];
  return instances.length > 0 && readyEndpoints(instances).length === instances.length;
}

function advanceHeld(state: ServiceState, release: ReleaseState, atMs: number): Move {
  const { phase, plan } = release;
  if (phase.kind !== 'held') return { state, said: null };
  // Of a change of instances the route is only a part.
  if (phase.reason === 'router' && state.route.status === 'confirmed' && plan.steps[phase.step]?.kind === 'scale')
    return enterStep(state, release, phase.step, atMs);
  if (phase.reason === 'router' && state.route.status === 'confirmed')
    return enterStep(state, { ...release, stepsDone: release.stepsDone + 1 }, phase.step + 1, atMs);
  if (phase.reason === 'evidence' && hasEvidence(release, neededRequests(plan.steps[phase.step]), phase.requests, atMs))
    return enterStep(state, release, phase.step, atMs, { requests: phase.requests });
  if (atMs < phase.untilMs) {
    const { again } = phase;
    if (!again || again.asking || atMs < again.atMs) return { state, said: null };
    return { state: { ...state, live: { ...release, phase: { ...phase, again: { ...again, asking: true } } } }, said: null };
  }
  if (plan.hold.then === 'keep' || phase.reason === 'irreversible')
    return {
      state: { ...state, live: { ...release, phase: { ...phase, untilMs: atMs + plan.hold.maxMs } } },
      said: `still held: ${phase.sentence}`,
    };
  const sentence = `${heldForTooLong.en}: ${phase.sentence}`;
  if (isUntouched(release)) return { state: end(state, release, 'rejected', sentence, atMs), said: `rejected: ${sentence}` };
  return goBack(state, release, 'deadline', sentence, atMs, phase.said);
}

function advanceStep(state: ServiceState, release: ReleaseState, atMs: number): Move {
  const { phase, plan } = release;
  const stay: Move = { state, said: null };
  if (phase.kind !== 'stepping') return stay;
  const { part, step: index } = phase;
  const step = plan.steps[index];
  const become = (next: StepPart, said: string | null): Move => ({
    state: { ...state, live: { ...release, phase: { ...phase, part: next } } },
    said,
  });
  const done = (): Move => enterStep(state, { ...release, stepsDone: release.stepsDone + 1 }, index + 1, atMs);
  switch (part.kind) {
    case 'applying':
    case 'verifying': {
      if (state.route.status === 'confirmed')
        return step?.kind === 'scale' ? become({ kind: 'draining', untilMs: atMs + plan.drainMs }, null) : done();
      if (atMs >= part.untilMs)
        return hold(state, release, index, 'router', `the router does not confirm the route${retryReason(state)}`, atMs);
      return part.kind === 'applying' && state.route.status === 'accepted' ? become({ ...part, kind: 'verifying' }, null) : stay;
    }
    case 'observing': {
      const needed = neededRequests(step);
      const earlyMs = step?.kind === 'observe' && release.verdict?.proven ? step.earlyMs : undefined;
      const neededMs = earlyMs ?? part.minUntilMs - part.sinceMs;
      const isSeen = isSilenceEnough(release, needed) || part.seconds >= neededMs / 1_000 - unseenMaxS;
      if (atMs >= part.sinceMs + neededMs && isSeen && hasEvidence(release, needed, part.requests, atMs)) {
        if (atMs >= part.minUntilMs) return done();
        const next = done();
        return { ...next, said: `${release.version} is proven good; ${next.said}` };
      }
      if (atMs < part.untilMs) return stay;
      return hold(state, release, index, 'evidence', missingEvidence(release, needed, part.requests, atMs), atMs, part.requests);
    }
    case 'waiting': {
      if (atMs < part.untilMs) return stay;
      if (!part.asked) return done();
      return plan.hold.then === 'keep'
        ? become({ ...part, untilMs: atMs + plan.hold.maxMs }, 'still paused')
        : goBack(state, release, 'deadline', 'nobody resumed it in time', atMs);
    }
    case 'asking':
      return atMs < part.untilMs
        ? stay
        : goBack(state, release, 'deadline', step?.kind === 'barrier' ? barrierMissed : 'nobody approved it in time', atMs);
    case 'running':
      if (atMs >= part.untilMs && part.thenBack) return rollBack(state, release, { ...part.thenBack, decidedAtMs: atMs });
      if (atMs >= part.untilMs && step?.kind === 'gate')
        return gateFailed(state, release, step, 'it gave no answer in time', atMs) ?? done();
      return atMs < part.untilMs
        ? stay
        : goBack(state, release, 'hook', `${isOfDatabase(step) ? step.hook.name : 'a hook'} did not end in time`, atMs);
    case 'growing':
    case 'draining':
    case 'shrinking':
      return step?.kind === 'scale' ? (advanceScaling(state, release, step, part, atMs) ?? done()) : stay;
    case 'settling':
      return atMs < part.untilMs ? stay : commit(state, release, atMs);
    case 'committing':
      if (state.route.status === 'confirmed') return become({ kind: 'retiring', untilMs: atMs + retireMs(plan) }, null);
      return atMs < part.untilMs
        ? stay
        : become(
            { ...part, untilMs: atMs + plan.routeMs },
            `the router does not confirm ${release.version} as stable${retryReason(state)}; keeps trying`,
          );
    case 'retiring':
      if (plan.stable === null || plan.stable === release.version || !(plan.stable in state.instances)) return done();
      return atMs < part.untilMs ? stay : become({ ...part, untilMs: atMs + retireMs(plan) }, notEnded(state, plan.stable));
  }
}

/** The candidate becomes the stable version, by name only: the instances that have proven themselves stay as they are. */
function commit(state: ServiceState, release: ReleaseState, atMs: number): Move {
  const { phase } = release;
  if (phase.kind !== 'stepping') return { state, said: null };
  const installed: Installed = { version: release.version, spec: release.spec, release: release.id, sinceMs: atMs };
  return {
    state: {
      ...state,
      stable: installed,
      previous: previousAfter(state, release),
      live: { ...release, phase: { ...phase, part: { kind: 'committing', untilMs: atMs + release.plan.routeMs } } },
    },
    said: `${release.version} becomes the stable version`,
  };
}

/**
 * Versions to go back to, the likeliest first. A version that was left by a rollback is the last one that anybody wants back by
 * itself, and so are those that were passed over on the way to an older one; by name they can still be had.
 */
function previousAfter({ stable, previous }: ServiceState, release: ReleaseState): readonly Installed[] {
  if (!stable) return previous;
  const isOther = ({ version }: Installed): boolean => version !== stable.version && version !== release.version;
  const at = previous.findIndex(({ version }) => version === release.version);
  if (release.plan.strategy !== 'restore' || at < 0) return [stable, ...previous.filter(isOther)].slice(0, previousMax);
  const older = previous.slice(at + 1).filter(isOther);
  const passedOver = previous.slice(0, at).filter(isOther);
  return [...older.slice(0, previousMax - 1 - passedOver.length), stable, ...passedOver];
}

function exposureAfter(release: ReleaseState, step: Step): ReleaseState['exposure'] {
  if (step.kind === 'weight') return { ...release.exposure, weight: step.percent };
  if (step.kind === 'match') return { ...release.exposure, match: step.match };
  return { weight: 100, match: [] };
}

function retryReason(state: ServiceState): string {
  const retry = state.retries[`route:${state.route.seq}`] ?? state.retries[`read:${state.route.seq}`];
  return retry ? `: ${retry.reason}` : '';
}
