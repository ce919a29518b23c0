import type { Said } from '../analysis/said.ts';
import { sentenceOf, type Told } from '../analysis/sentence.ts';
import { guards } from './guarding.ts';
import { readyEndpoints } from './levels.ts';
import { isExposed } from './phase-name.ts';
import { comparedBy, heldForTooLong } from './reason.ts';
import { end, hookGraceMs, notEnded, retireMs, rollBack } from './rollback.ts';
import { stepText } from './step-text.ts';
import type { Cause, Installed, ReleaseState, ServiceState, Step, StepPart } from './types.ts';

/** Versions that are remembered for a rollback by name; older ones are in the log. */
const previousMax = 20;

/** Evidence older than this does not let a release advance; from a source that is read seldom, older than two readings. */
const evidenceFreshMs = 10_000;

/** Seconds of an observation that may lack counts: the two it shares with its neighbours, and one that is still to come. */
const unseenMaxS = 3;

/** Restarts of one candidate instance after which it counts as crashing in a loop. */
export const restartsMax = 3;

type Move = { readonly state: ServiceState; readonly said: string | null };

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
  if (!step)
    return {
      state: end(state, release, 'succeeded', `${release.version} is stable`, atMs),
      said: `${release.version} is stable`,
    };
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
      if (!forced && release.exposedBy !== index && release.exposure.weight > 0 && !hasEvidence(release, 0, 0, atMs))
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
    case 'hook':
      return {
        state: at({ kind: 'running', attempt: 1, untilMs: atMs + step.hook.timeoutMs + hookGraceMs, thenHold: null }),
        said,
      };
    case 'retire':
      return { state: at({ kind: 'settling', untilMs: atMs + step.afterMs }), said };
  }
}

/** One transition of a release that is preparing, stepping or held, or the same state when it waits. */
export function advanceRelease(state: ServiceState, release: ReleaseState, atMs: number): Move {
  const { phase } = release;
  const stay: Move = { state, said: null };
  // Also where the instances were lost before there was traffic to lose: a step must not give any to nobody.
  if (guards(release) && isExposed(release) && readyEndpoints(state.instances[release.version] ?? []).length === 0)
    return back(state, release, 'target', `${release.version} has no ready instance`, atMs);
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
  const hopeless = instances.find((instance) => instance.hopeless);
  if (hopeless)
    return back(state, release, 'target', `${release.version} cannot be started: ${hopeless.problem ?? hopeless.id}`, atMs);
  const crashing = instances.find((instance) => instance.restarts >= restartsMax);
  if (crashing)
    return back(state, release, 'target', `${release.version} crashes again and again${problem ? `: ${problem}` : ''}`, atMs);
  if (atMs >= phase.untilMs) {
    const what =
      phase.part === 'smoke'
        ? 'its checks were not answered in time'
        : `${release.version} did not become ready in time${problem ? `: ${problem}` : ''}`;
    return back(state, release, 'deadline', what, atMs);
  }
  if (phase.part === 'smoke' || !allReady(state, release)) return { state, said: null };
  if (plan.smoke.length > 0)
    return { state: { ...state, live: { ...release, phase: { ...phase, part: 'smoke' } } }, said: `${release.version} is ready` };
  return enterStep(state, release, 0, atMs);
}

/** Whether every instance that runs of the candidate is ready, and there is one. */
export function allReady(state: ServiceState, release: ReleaseState): boolean {
  const instances = state.instances[release.version] ?? [];
  return instances.length > 0 && readyEndpoints(instances).length === instances.length;
}

function advanceHeld(state: ServiceState, release: ReleaseState, atMs: number): Move {
  const { phase, plan } = release;
  if (phase.kind !== 'held') return { state, said: null };
  if (phase.reason === 'router' && state.route.status === 'confirmed')
    return enterStep(state, { ...release, stepsDone: release.stepsDone + 1 }, phase.step + 1, atMs);
  if (phase.reason === 'evidence' && hasEvidence(release, neededRequests(plan.steps[phase.step]), phase.requests, atMs))
    return enterStep(state, release, phase.step, atMs, { requests: phase.requests });
  if (atMs < phase.untilMs) return { state, said: null };
  if (plan.hold.then === 'keep')
    return {
      state: { ...state, live: { ...release, phase: { ...phase, untilMs: atMs + plan.hold.maxMs } } },
      said: `still held: ${phase.sentence}`,
    };
  return back(state, release, 'deadline', `${heldForTooLong.en}: ${phase.sentence}`, atMs, phase.said);
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
      if (state.route.status === 'confirmed') return done();
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
        : back(state, release, 'deadline', 'nobody resumed it in time', atMs);
    }
    case 'asking':
      return atMs < part.untilMs ? stay : back(state, release, 'deadline', 'nobody approved it in time', atMs);
    case 'running':
      return atMs < part.untilMs ? stay : back(state, release, 'hook', 'a hook did not end in time', atMs);
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

/** Stops moving, with traffic as it is and the guard at work. `why`: a text alone is no word of the guard. */
export function hold(
  state: ServiceState,
  release: ReleaseState,
  step: number,
  reason: 'operator' | 'evidence' | 'router',
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

function back(
  state: ServiceState,
  release: ReleaseState,
  by: Cause['by'],
  sentence: string,
  atMs: number,
  said: Said | null = null,
): Move {
  return {
    state: rollBack(state, release, { by, sentence, said, faultAtMs: null, decidedAtMs: atMs }),
    said: `goes back: ${sentence}`,
  };
}

function exposureAfter(release: ReleaseState, step: Step): ReleaseState['exposure'] {
  if (step.kind === 'weight') return { ...release.exposure, weight: step.percent };
  if (step.kind === 'match') return { ...release.exposure, match: step.match };
  return { weight: 100, match: [] };
}

/** Where nothing is needed: no weight yet, or no user and no version before. */
function isSilenceEnough(release: ReleaseState, needed: number): boolean {
  return needed === 0 && (release.exposure.weight === 0 || release.plan.strategy === 'first');
}

/** Where silence is not enough, the guard must have seen enough, lately, and found nothing. */
function hasEvidence(release: ReleaseState, needed: number, requests: number, atMs: number): boolean {
  if (isSilenceEnough(release, needed)) return release.verdict?.kind !== 'fail';
  const isFresh = atMs - release.seenAtMs <= freshMs(release);
  return release.verdict?.kind === 'pass' && requests >= needed && isFresh;
}

function freshMs({ guard }: ReleaseState): number {
  return Math.max(evidenceFreshMs, 2_000 * (guard?.everyS ?? 1));
}

function neededRequests(step: Step | undefined): number {
  return step?.kind === 'observe' || step?.kind === 'bake' ? step.minRequests : 0;
}

function missingEvidence(release: ReleaseState, needed: number, requests: number, atMs: number): Told | string {
  const { verdict } = release;
  if (verdict && verdict.kind !== 'pass') return { sentence: verdict.sentence, said: verdict.said };
  if (verdict) {
    if (atMs - release.seenAtMs > freshMs(release))
      return `nothing is known about ${release.version} since ${Math.round((atMs - release.seenAtMs) / 1_000)} s`;
    if (requests >= needed) return `${release.version} had its traffic for too little of the time`;
    const said: Said = { kind: 'asks-for-more', n: requests, asked: needed };
    return { sentence: sentenceOf(said, comparedBy(release), 'en'), said };
  }
  return isExposed(release)
    ? `nothing is known yet about ${release.version} under traffic`
    : `${release.version} has had no traffic yet`;
}

function retryReason(state: ServiceState): string {
  const retry = state.retries[`route:${state.route.seq}`] ?? state.retries[`read:${state.route.seq}`];
  return retry ? `: ${retry.reason}` : '';
}
