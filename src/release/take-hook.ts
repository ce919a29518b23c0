import { gateFailed } from './gate-failed.ts';
import { hold } from './hold.ts';
import { effectsOf } from './levels.ts';
import { databaseMs, hookGraceMs, rollBack } from './rollback.ts';
import { enterStep } from './stepping.ts';
import type { Effect, Finding, Move, ReleaseState, ServiceEvent, ServiceState } from './types.ts';
import { leavesTraces, leftAfter, openQuestion, pastReturnText } from './undo.ts';

type Ended = Extract<ServiceEvent, { kind: 'hook-ended' }>;
type Awaited = Extract<Effect, { kind: 'run-hook' }>;

/** Longest wait before something that did not undo the database is tried again. */
const databaseBackoffMaxMs = 60_000;

/** What follows from the end of a hook, a backup, a migration, or of what undoes them. */
export function takeHook(state: ServiceState, event: Ended): Move {
  const release = state.live;
  // An answer to a hook that nobody waits for any more came too late to matter.
  const awaited = effectsOf(state).find((effect) => effect.key === event.key);
  if (!release || awaited?.kind !== 'run-hook') return { state, said: null };
  if (release.phase.kind === 'rolling-back') return takeUndone(state, release, awaited, event);
  if (release.phase.kind === 'held') return takeAgain(state, release, awaited, event);
  if (release.phase.kind !== 'stepping' || release.phase.part.kind !== 'running') return { state, said: null };
  if (release.phase.part.attempt === 0 && event.ok) return takeStatus(state, release, event);
  const found = withFinding(release, awaited, event);
  const { phase } = release;
  const { attempt, thenHold, thenBack } = release.phase.part;
  if (event.ok) {
    const compensate = leavesTraces(release.plan.steps[phase.step]) ? [...release.compensate, phase.step] : release.compensate;
    const ran = { ...found, compensate, stepsDone: release.stepsDone + 1 };
    if (thenBack) return rollBack(state, ran, { ...thenBack, decidedAtMs: event.at });
    return thenHold === null
      ? enterStep(state, ran, phase.step + 1, event.at)
      : hold(state, ran, phase.step + 1, 'operator', thenHold, event.at);
  }
  if (thenBack) return rollBack(state, found, { ...thenBack, decidedAtMs: event.at });
  if (attempt > 0 && attempt < awaited.hook.attempts) {
    const part = { ...release.phase.part, attempt: attempt + 1, untilMs: event.at + awaited.hook.timeoutMs + hookGraceMs };
    return {
      state: { ...state, live: { ...found, phase: { ...phase, part } } },
      said: `${awaited.hook.name} failed, tries again: ${event.detail}`,
    };
  }
  const step = release.plan.steps[phase.step];
  // Whoever wants all traffic on it at once has decided that already.
  if (step?.kind === 'gate' && release.hurried) return enterStep(state, found, phase.step + 1, event.at);
  if (step?.kind === 'gate' && step.then === 'report') {
    const next = enterStep(state, { ...found, stepsDone: release.stepsDone + 1 }, phase.step + 1, event.at);
    return { ...next, said: `${awaited.hook.name} has not passed: ${event.detail}; goes on all the same; ${next.said}` };
  }
  if (step?.kind === 'gate' && (step.then === 'wait' || step.then === 'refuse'))
    return gateFailed(state, found, step, event.detail, event.at) ?? { state, said: null };
  if (step?.kind === 'gate' && step.then !== 'rollback') {
    const smaller = step.then === 'shrink' ? shrunk(found, phase.step + 1, event.fits ?? 0) : null;
    if (smaller) {
      const next = enterStep(state, { ...smaller, stepsDone: release.stepsDone + 1 }, phase.step + 1, event.at);
      return { ...next, said: `${event.detail}; ${next.said}` };
    }
    return hold(state, found, phase.step + 1, 'operator', `${event.detail}; resume it to go on all the same`, event.at);
  }
  const cause = {
    by: 'hook' as const,
    sentence: `${awaited.hook.name} failed: ${event.detail}`,
    said: null,
    faultAtMs: null,
    decidedAtMs: event.at,
  };
  return rollBack(state, found, cause);
}

/** A gate that holds the release has been asked again. */
function takeAgain(state: ServiceState, release: ReleaseState, awaited: Awaited, event: Ended): Move {
  const { phase, plan } = release;
  const step = plan.steps[release.phase.kind === 'held' ? release.phase.step : -1];
  if (phase.kind !== 'held' || !phase.again || step?.kind !== 'gate') return { state, said: null };
  const found = withFinding(release, awaited, event);
  if (event.ok) {
    const next = enterStep(state, { ...found, stepsDone: release.stepsDone + 1 }, phase.step + 1, event.at);
    return { ...next, said: `${awaited.hook.name}: ${event.detail}; ${next.said}` };
  }
  const everyMs = step.again?.everyMs ?? 60_000;
  const again = { atMs: event.at + everyMs, attempt: phase.again.attempt + 1, asking: false };
  const isNews = event.detail !== phase.sentence;
  return {
    state: { ...state, live: { ...found, phase: { ...phase, sentence: event.detail, again } } },
    said: isNews ? `still held: ${event.detail}` : null,
  };
}

/** The release with less traffic at a step; null when that step gives none, or even the least is too much. */
function shrunk(release: ReleaseState, index: number, percent: number): ReleaseState | null {
  const step = release.plan.steps[index];
  if (step?.kind !== 'weight' || !(percent > 0) || percent >= step.percent) return null;
  const steps = release.plan.steps.with(index, { ...step, percent });
  return { ...release, plan: { ...release.plan, steps } };
}

/** Whether a migration is applied already, before this release has touched it: then it is none of its own, and nothing of it to undo. */
function takeStatus(state: ServiceState, release: ReleaseState, event: Ended): Move {
  const { phase, plan } = release;
  if (phase.kind !== 'stepping' || phase.part.kind !== 'running') return { state, said: null };
  const step = plan.steps[phase.step];
  if (step?.kind !== 'migrate') return { state, said: null };
  if (event.applied) {
    const finding: Finding = { what: step.hook.name, ok: true, detail: 'it is applied already, before this release' };
    const passed = { ...release, findings: [...release.findings, finding], stepsDone: release.stepsDone + 1 };
    const next = enterStep(state, passed, phase.step + 1, event.at);
    return { ...next, said: `${step.name} is applied already; ${next.said}` };
  }
  const part = { ...phase.part, attempt: 1, untilMs: event.at + step.hook.timeoutMs + hookGraceMs };
  return { state: { ...state, live: { ...release, phase: { ...phase, part } } }, said: null };
}

function takeUndone(state: ServiceState, release: ReleaseState, awaited: Awaited, event: Ended): Move {
  const { phase } = release;
  if (phase.kind !== 'rolling-back') return { state, said: null };
  const found = withFinding(release, awaited, event);
  const index = release.compensate.at(-1) ?? -1;
  if (phase.part !== 'database')
    return {
      state: { ...state, live: { ...found, compensate: release.compensate.slice(0, -1) } },
      said: `${awaited.hook.name} undone${event.ok ? '' : ` with an error: ${event.detail}`}`,
    };
  const becomes = (more: Partial<ReleaseState>): ServiceState => {
    const next = { ...found, ...more };
    return { ...state, live: { ...next, phase: { ...phase, failing: false, untilMs: event.at + databaseMs(next) } } };
  };
  if (openQuestion(release)) {
    if (event.ok && event.applied === false)
      return {
        state: becomes({ compensate: release.compensate.slice(0, -1) }),
        said: `${awaited.hook.name}: it was not applied`,
      };
    // Applied, or nobody knows: the database is past it all the same.
    const untilMs = event.at + release.plan.hold.maxMs;
    return {
      state: { ...state, live: { ...found, phase: { ...phase, part: 'decide', untilMs } } },
      said: `held: ${pastReturnText(release)}`,
    };
  }
  if (event.ok && event.applied === false)
    return { state: becomes({ compensate: release.compensate.slice(0, -1) }), said: `${awaited.hook.name}: ${event.detail}` };
  if (event.ok)
    return { state: becomes({ compensate: leftAfter(release, index) }), said: `${awaited.hook.name}: ${event.detail}` };
  const attempts = (state.retries[event.key]?.attempts ?? 0) + 1;
  const notBeforeMs = event.at + Math.min(databaseBackoffMaxMs, 500 * 2 ** Math.min(attempts, 10));
  const retry = { attempts, notBeforeMs, reason: event.detail };
  return {
    state: {
      ...state,
      retries: { ...state.retries, [event.key]: retry },
      live: { ...found, phase: { ...phase, failing: true, untilMs: notBeforeMs + databaseMs(release) } },
    },
    said: state.retries[event.key]?.reason === event.detail ? null : `${awaited.hook.name} failed, keeps trying: ${event.detail}`,
  };
}

/** What has failed again and again is found once. */
function withFinding(release: ReleaseState, { hook }: Awaited, { ok, detail }: Ended): ReleaseState {
  const finding: Finding = { what: hook.name, ok, detail };
  const last = release.findings.at(-1);
  const before =
    (release.phase.kind === 'rolling-back' || release.phase.kind === 'held') && last?.what === hook.name
      ? release.findings.slice(0, -1)
      : release.findings;
  return { ...release, findings: [...before, finding] };
}
