import type { Said } from '../analysis/said.ts';
import type { Language } from '../analysis/sentence.ts';
import { hold } from './hold.ts';
import { readyEndpoints } from './levels.ts';
import { isCommitted, isExposed } from './phase-name.ts';
import { causeText } from './reason.ts';
import { recordedRussian } from './recorded-russian.ts';
import { advanceRestoring, mustRestore } from './restoring.ts';
import type { Cause, Finding, Move, Outcome, Plan, ReleaseState, RollbackPart, ServiceState } from './types.ts';
import { irreversibles, isBeforeCandidate, leavesTraces, openQuestion, pastReturnText, undoneBy, undoOf } from './undo.ts';

/** Endings are kept for lists and for finding a version to go back to; older ones are in the log. */
export const endedMax = 20;

/** Candidate-free seconds in a row after which the candidate counts as drained. */
const quietSecondsNeeded = 2;

/** The runner of a hook ends it at its own timeout; only a runner that is gone needs longer than this on top. */
export const hookGraceMs = 10_000;

/**
 * Sends a release back. The route follows from the state, so all traffic is on stable with the very next effect: nothing that a
 * release waits for (approval, pause, hook, hold) comes before it. The one exception is declared by the document: where stable does
 * not work with what a migration has made of the database for good, more traffic for it would hurt more, so people decide.
 */
export function rollBack(state: ServiceState, release: ReleaseState, cause: Cause): Move {
  const { phase, plan } = release;
  if (isCommitted(release) || phase.kind === 'rolling-back' || phase.kind === 'ended') return { state, said: null };
  const compensate = begunSteps(release);
  if (plan.incompatible && cause.by !== 'operator' && isExposed(release)) {
    const names = irreversibles({ ...release, compensate });
    if (names.length > 0) {
      if (phase.kind === 'held' && phase.reason === 'irreversible') return { state, said: null };
      const why = `${cause.sentence}; ${plan.stable} does not work with the migrated database, and ${names.join(', ')} cannot be undone: people have to decide`;
      const step = phase.kind === 'stepping' || phase.kind === 'held' ? phase.step : 0;
      return hold(state, { ...release, compensate }, step, 'irreversible', why, cause.decidedAtMs);
    }
  }
  // What still drains takes requests again. What the target was told to end may be gone any moment, whatever is known of it.
  const { scale } = release;
  const isShort = mustRestore(state, release);
  return {
    state: {
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
          stopped: isBeforeCandidate(release),
        },
      },
    },
    said: `goes back: ${cause.sentence}`,
  };
}

/** Sends a release back from now on, for what is not a fault that users have met. `said`: the guard's own words in it. */
export function goBack(
  state: ServiceState,
  release: ReleaseState,
  by: Cause['by'],
  sentence: string,
  atMs: number,
  said: Said | null = null,
): Move {
  return rollBack(state, release, { by, sentence, said, faultAtMs: null, decidedAtMs: atMs });
}

/** Steps to undo, or that nothing undoes. One that is cut off half-way has to be undone like one that ended. */
function begunSteps({ phase, plan, compensate }: ReleaseState): readonly number[] {
  const running = phase.kind === 'stepping' && phase.part.kind === 'running' && phase.part.attempt > 0 ? phase.step : null;
  if (running === null || compensate.includes(running) || !leavesTraces(plan.steps[running])) return compensate;
  return [...compensate, running];
}

/** Ends a release: it leaves the live place, and keeps its numbers for the summary. */
export function end(state: ServiceState, release: ReleaseState, outcome: Outcome, sentence: string, atMs: number): ServiceState {
  const { drill: _over, ...kept } = release;
  const ended: ReleaseState = {
    ...kept,
    phase: { kind: 'ended', outcome, sentence, atMs },
    exposure: { weight: 0, match: [] },
    guard: null,
  };
  return { ...state, live: state.live?.id === release.id ? null : state.live, ended: [ended, ...state.ended].slice(0, endedMax) };
}

/**
 * One transition of a rollback, or the same state when it waits. Parts: (restore →) route → compensate → drain → check → retire; where the database
 * goes back: (restore →) route → compensate → drain → retire → database → check, because nothing of the candidate may write to it any more.
 */
export function advanceRollback(state: ServiceState, release: ReleaseState, atMs: number): Move {
  const { phase, plan } = release;
  if (phase.kind !== 'rolling-back') return { state, said: null };
  const to = (part: RollbackPart, untilMs: number, more: Partial<ReleaseState> = {}, stopped = phase.stopped): ServiceState => ({
    ...state,
    live: { ...release, ...more, phase: { ...phase, part, untilMs, failing: false, stopped } },
  });
  const hasDatabase = undoneBy(release, 'database').length > 0;
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
      const left = undoneBy(release, 'hooks').length;
      if (left > 0 && atMs < phase.untilMs) return { state, said: null };
      const untilMs = atMs + (isExposed(release) ? plan.drainMs : 0);
      if (left === 0) return { state: to('drain', untilMs, { quietSeconds: 0 }), said: null };
      const lost: Finding = { what: 'undo', ok: false, detail: `${left} of its hooks were not undone in time` };
      const more = { compensate: undoneBy(release, 'database'), quietSeconds: 0, findings: [...release.findings, lost] };
      return { state: to('drain', untilMs, more), said: `attention: ${lost.detail}` };
    }
    case 'drain': {
      if (release.quietSeconds < quietSecondsNeeded && atMs < phase.untilMs) return { state, said: null };
      return { state: hasDatabase ? to('retire', atMs + retireMs(plan)) : to('check', atMs + checkMs(release)), said: null };
    }
    case 'database': {
      if (!hasDatabase) return { state: to('check', atMs + checkMs(release)), said: null };
      if (irreversibles(release).length > 0 && !openQuestion(release))
        return { state: to('decide', atMs + plan.hold.maxMs), said: `held: ${pastReturnText(release)}` };
      if (atMs < phase.untilMs) return { state, said: null };
      return {
        state: { ...state, live: { ...release, phase: { ...phase, failing: true, untilMs: atMs + databaseMs(release) } } },
        said: 'the database is not back yet; keeps trying',
      };
    }
    case 'decide':
      if (atMs < phase.untilMs) return { state, said: null };
      if (plan.hold.then === 'keep')
        return { state: to('decide', atMs + plan.hold.maxMs), said: `still held: ${pastReturnText(release)}` };
      return leaveDatabase(state, release, atMs);
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
      if (hasDatabase) return { state: to('database', atMs + databaseMs(release), {}, true), said: null };
      return {
        state: end(state, release, 'rolled-back', rolledBackText(release, phase.cause, 'en'), atMs),
        said: `${release.version} is rolled back: ${phase.cause.sentence}`,
      };
    }
  }
}

/** The database stays as it is: a person has said so, or nobody has decided in time. */
export function leaveDatabase(state: ServiceState, release: ReleaseState, atMs: number): Move {
  const { phase, plan } = release;
  if (phase.kind !== 'rolling-back') return { state, said: null };
  const kept = undoneBy(release, 'database').flatMap((index) => {
    const step = plan.steps[index];
    return step?.kind === 'migrate' ? [step.name] : [];
  });
  const left: Finding = { what: databaseKept, ok: false, detail: `it keeps ${kept.join(', ')}` };
  return {
    state: {
      ...state,
      live: {
        ...release,
        compensate: [],
        findings: [...release.findings, left],
        phase: { ...phase, part: 'check', failing: false, untilMs: atMs + checkMs(release) },
      },
    },
    said: `the database stays as it is: ${left.detail}`,
  };
}

/** Name of the finding that a rollback has left migrations where they are. */
const databaseKept = 'database';

/** Why a release went back, and what people have to know of it now. */
export function rolledBackText(release: ReleaseState, cause: Cause, language: Language): string {
  const warnings = release.findings.flatMap(({ what, ok, detail }) => {
    if (ok || (what !== stableCheck && what !== databaseKept)) return [];
    const told = language === 'en' ? detail : recordedRussian(detail);
    return [` ${attentions[language][what === stableCheck ? 'check' : 'database'](release.plan.stable ?? '')}: ${told}`];
  });
  return `${causeText(release, cause, language)}.${warnings.join('.')}`.replace('..', '.');
}

const attentions: Readonly<Record<Language, Readonly<Record<'check' | 'database', (stable: string) => string>>>> = {
  en: {
    check: (stable) => `Attention: ${stable} fails its checks after the rollback`,
    database: () => 'Attention: the database was left as it is',
  },
  ru: {
    check: (stable) => `Внимание: ${stable} не проходит проверки после отката`,
    database: () => 'Внимание: база данных осталась как есть',
  },
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
function compensateMs(release: ReleaseState): number {
  return undoneBy(release, 'hooks').reduce((total, index) => {
    const undo = undoOf(release.plan.steps[index]);
    return total + (undo ? undo.timeoutMs + hookGraceMs : 0);
  }, 0);
}

/** How long the next program of the database may take before people are told. */
export function databaseMs(release: ReleaseState): number {
  const next = openQuestion(release) ?? undoOf(release.plan.steps[release.compensate.at(-1) ?? -1]);
  return (next?.timeoutMs ?? 0) + hookGraceMs;
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
