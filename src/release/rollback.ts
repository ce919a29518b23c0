import type { Language } from '../analysis/sentence.ts';
import { readyEndpoints } from './levels.ts';
import { isCommitted, isExposed } from './phase-name.ts';
import { causeText } from './reason.ts';
import { recordedRussian } from './recorded-russian.ts';
import { advanceRestoring, mustRestore } from './restoring.ts';
import type { Cause, Finding, Outcome, Plan, ReleaseState, ServiceState } from './types.ts';

/** Endings are kept for lists and for finding a version to go back to; older ones are in the log. */
export const endedMax = 20;

/** Candidate-free seconds in a row after which the candidate counts as drained. */
const quietSecondsNeeded = 2;

/** The runner of a hook ends it at its own timeout; only a runner that is gone needs longer than this on top. */
export const hookGraceMs = 10_000;

/**
 * Sends a release back. The route follows from the state, so all traffic is on stable with the very next effect: nothing that a
 * release waits for (approval, pause, hook, hold) comes before it.
 */
export function rollBack(state: ServiceState, release: ReleaseState, cause: Cause): ServiceState {
  if (isCommitted(release) || release.phase.kind === 'rolling-back' || release.phase.kind === 'ended') return state;
  const { phase } = release;
  const running = phase.kind === 'stepping' && phase.part.kind === 'running' ? phase.step : null;
  const step = running === null ? undefined : release.plan.steps[running];
  // A hook that is cut off half-way has to be undone like one that ended.
  const cutOff = running !== null && step?.kind === 'hook' && step.hook.compensate !== null;
  const compensate = cutOff && !release.compensate.includes(running) ? [...release.compensate, running] : release.compensate;
  // What still drains takes requests again. What the target was told to end may be gone any moment, whatever is known of it.
  const { scale, plan } = release;
  const isShort = mustRestore(state, release);
  return {
    ...state,
    live: {
      ...release,
      ...(scale ? { scale: { ...scale, routed: scale.stable } } : {}),
      compensate,
      cause,
      quietSeconds: 0,
      phase: {
        kind: 'rolling-back',
        part: isShort ? 'restore' : 'route',
        cause,
        untilMs: cause.decidedAtMs + (isShort ? plan.readyMs : plan.routeMs),
        failing: false,
        stopped: false,
      },
    },
  };
}

/** Ends a release: it leaves the live place, and keeps its numbers for the summary. */
export function end(state: ServiceState, release: ReleaseState, outcome: Outcome, sentence: string, atMs: number): ServiceState {
  const ended: ReleaseState = {
    ...release,
    phase: { kind: 'ended', outcome, sentence, atMs },
    exposure: { weight: 0, match: [] },
    guard: null,
  };
  return { ...state, live: state.live?.id === release.id ? null : state.live, ended: [ended, ...state.ended].slice(0, endedMax) };
}

/** One transition of a rollback, or the same state when it waits. Parts: (restore →) route → compensate → drain → check → retire. */
export function advanceRollback(
  state: ServiceState,
  release: ReleaseState,
  atMs: number,
): { state: ServiceState; said: string | null } {
  const { phase, plan } = release;
  if (phase.kind !== 'rolling-back') return { state, said: null };
  const to = (part: typeof phase.part, untilMs: number, more: Partial<ReleaseState> = {}): ServiceState => ({
    ...state,
    live: { ...release, ...more, phase: { ...phase, part, untilMs, failing: false } },
  });
  switch (phase.part) {
    case 'restore':
      return advanceRestoring(state, release, atMs);
    case 'route': {
      const { route } = state;
      if (route.want === null || (route.status === 'confirmed' && route.want.candidate === null)) {
        // A candidate that never had traffic never put anybody at risk, so there is no moment of safety to measure.
        const safeAtMs = isExposed(release) ? (route.confirmedAtMs ?? atMs) : null;
        const said =
          safeAtMs === null ? null : `all traffic is on ${plan.stable ?? 'no version'} again, read back from the router`;
        return { state: to('compensate', atMs + compensateMs(release), { safeAtMs }), said };
      }
      if (atMs < phase.untilMs) return { state, said: null };
      const retry = state.retries[`route:${route.seq}`] ?? state.retries[`read:${route.seq}`];
      const said = `the router does not confirm that all traffic is on ${plan.stable ?? 'no version'}${retry ? `: ${retry.reason}` : ''}; keeps trying, and stops ${release.version} itself`;
      return {
        state: {
          ...state,
          live: { ...release, phase: { ...phase, failing: true, stopped: true, untilMs: atMs + plan.routeMs } },
        },
        said,
      };
    }
    case 'compensate': {
      const left = release.compensate.length;
      if (left > 0 && atMs < phase.untilMs) return { state, said: null };
      const untilMs = atMs + (isExposed(release) ? plan.drainMs : 0);
      if (left === 0) return { state: to('drain', untilMs, { quietSeconds: 0 }), said: null };
      const lost: Finding = { what: 'undo', ok: false, detail: `${left} of its hooks were not undone in time` };
      const more = { compensate: [], quietSeconds: 0, findings: [...release.findings, lost] };
      return { state: to('drain', untilMs, more), said: `attention: ${lost.detail}` };
    }
    case 'drain': {
      if (release.quietSeconds < quietSecondsNeeded && atMs < phase.untilMs) return { state, said: null };
      return { state: to('check', atMs + checkMs(release)), said: null };
    }
    case 'check': {
      const checked = state.stable === null || release.findings.some((finding) => finding.what === stableCheck);
      if (checked) return { state: to('retire', atMs + retireMs(plan)), said: null };
      if (plan.smoke.length > 0 && atMs < phase.untilMs) return { state, said: null };
      const found = plan.smoke.length > 0 ? { what: stableCheck, ok: false, detail: 'no answer in time' } : healthOfStable(state);
      return {
        state: to('retire', atMs + retireMs(plan), { findings: [...release.findings, found] }),
        said: `checks of stable: ${found.detail}`,
      };
    }
    case 'retire': {
      if (release.version in state.instances)
        return atMs < phase.untilMs
          ? { state, said: null }
          : { state: to('retire', atMs + retireMs(plan)), said: notEnded(state, release.version) };
      return {
        state: end(state, release, 'rolled-back', rolledBackText(release, phase.cause, 'en'), atMs),
        said: `${release.version} is rolled back: ${phase.cause.sentence}`,
      };
    }
  }
}

/** Why a release went back, and what people have to know of it now. */
export function rolledBackText(release: ReleaseState, cause: Cause, language: Language): string {
  const after = release.findings.find((finding) => finding.what === stableCheck);
  const attention = attentions[language](release.plan.stable ?? '');
  const detail = language === 'en' ? after?.detail : recordedRussian(after?.detail ?? '');
  const warning = after && !after.ok ? ` ${attention}: ${detail}` : '';
  return `${causeText(release, cause, language)}.${warning}`.replace('..', '.');
}

const attentions: Readonly<Record<Language, (stable: string) => string>> = {
  en: (stable) => `Attention: ${stable} fails its checks after the rollback`,
  ru: (stable) => `Внимание: ${stable} не проходит проверки после отката`,
};

/** Name of the finding of the checks on stable after a rollback. */
export const stableCheck = 'stable after rollback';

/** How long ending a version may take before people are told. */
export function retireMs(plan: Plan): number {
  return plan.drainMs + plan.routeMs;
}

/** What people are told about a version that should have ended by now. */
export function notEnded(state: ServiceState, version: string): string {
  const retry = state.retries[`retire:${version}`];
  return `${version} has not ended yet${retry ? `: ${retry.reason}` : ''}; keeps trying`;
}

/** Undoing runs one after the other, each within its hook's own timeout. */
function compensateMs({ compensate, plan }: ReleaseState): number {
  return compensate.reduce((total, index) => {
    const step = plan.steps[index];
    return total + (step?.kind === 'hook' ? step.hook.timeoutMs + hookGraceMs : 0);
  }, 0);
}

/** Without smoke checks of the user's own, what the target's health checks say. */
function healthOfStable({ stable, instances }: ServiceState): Finding {
  const running = stable ? (instances[stable.version] ?? []) : [];
  const ready = readyEndpoints(running).length;
  return { what: stableCheck, ok: ready > 0, detail: `${ready} of ${running.length} instances of ${stable?.version} are ready` };
}

function checkMs(release: ReleaseState): number {
  return 1_000 + release.plan.smoke.reduce((total, check) => total + check.timeoutMs, 0);
}
