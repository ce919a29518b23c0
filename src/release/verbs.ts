import type { Language } from '../analysis/sentence.ts';
import type { Approval } from '../spec/types.ts';
import { barrierAhead } from './barrier.ts';
import { hold } from './hold.ts';
import { isCommitted } from './phase-name.ts';
import { causeText, reasonText } from './reason.ts';
import { end, leaveDatabase, rollBack } from './rollback.ts';
import { begin, enterStep } from './stepping.ts';
import type { Move, Phase, ReleaseState, ServiceState, StepPart, Verb } from './types.ts';
import { awaitedMigration, isBeforeCandidate, isBeforeStart, isUntouched } from './undo.ts';
import { refusals, verbGiven } from './verb-text.ts';

/**
 * Why a verb does nothing now, in one sentence for the person who gave it; null when it does something.
 *
 * @param by - Who gives it; null: whether it does something when the right person gives it.
 * @param why - The reason given for it; null: whether it does something with one.
 */
export function verbRefusal(
  state: ServiceState,
  id: string,
  verb: Verb,
  by: string | null,
  language: Language = 'en',
  why: string | null = null,
): string | null {
  const say = refusals[language];
  const ended = state.ended.find((release) => release.id === id);
  if (ended?.phase.kind === 'ended') return say.ended(id, ended.phase.outcome, verb, whyBack(ended, language));
  if (state.queued?.id === id) return verb === 'abort' ? null : say.queued(id);
  const release = state.live;
  if (!release || release.id !== id) return say.unknown(id, state.name);
  const { phase } = release;
  if (isCommitted(release)) return say.committed(release.version);
  const isDatabaseLeft = verb === 'abort' && phase.kind === 'rolling-back' && isDatabaseWaiting(phase);
  if (phase.kind === 'rolling-back' && verb !== 'retry' && !isDatabaseLeft)
    return say.goingBack(causeText(release, phase.cause, language));
  switch (verb) {
    case 'abort':
      return null;
    case 'pause':
      if (isBeforeCandidate(release)) return say.notYetPaused;
      if (phase.kind === 'held' && phase.reason === 'irreversible') return say.peopleDecide;
      if ((phase.kind === 'held' && phase.reason === 'operator') || isPausing(phase)) return say.paused;
      if (phase.kind === 'stepping' && phase.part.kind === 'waiting' && phase.part.asked) return say.paused;
      return phase.kind === 'stepping' || phase.kind === 'held' ? null : say.notYetPaused;
    case 'resume':
      if (phase.kind === 'held' && phase.reason === 'irreversible') return say.peopleDecide;
      if (phase.kind === 'held' && phase.reason === 'gate') return why === '' ? say.gateReason : null;
      if (phase.kind === 'held' && phase.reason !== 'operator') return say.goesOnAlone(reasonText(release, phase, language));
      return phase.kind === 'held' || isPausing(phase) || (phase.kind === 'stepping' && phase.part.kind === 'waiting')
        ? null
        : say.notPaused;
    case 'approve':
      if (phase.kind !== 'awaiting-approval' && !(phase.kind === 'stepping' && phase.part.kind === 'asking')) return say.notAsked;
      if (phase.kind === 'stepping' && barrierAhead(release, phase.step + 1)) return say.barrier(release.group?.name ?? '');
      return approvalRefusal(release, questionsBefore(release, phase.kind === 'stepping' ? phase.step + 1 : 0), by, language);
    case 'promote':
      if ((phase.kind !== 'stepping' && phase.kind !== 'held') || isBeforeCandidate(release)) return say.notYetPromoted;
      if (phase.kind === 'stepping' && phase.part.kind === 'running') return say.hookRuns;
      // What stable is kept for may end early: somebody is sure.
      if (isKept(phase)) return null;
      if ((release.hurried || promoteIndex(release) <= phase.step) && phase.kind !== 'held') return say.promoted;
      if (barrierAhead(release, Math.max(promoteIndex(release), promotedStep(release, phase))))
        return say.barrier(release.group?.name ?? '');
      if (why === '' && isPastGate(release)) return say.gateReason;
      // Promoting past a question is an answer to it.
      return approvalRefusal(release, questionsBefore(release, promoteIndex(release)), by, language);
    case 'retry':
      if (phase.kind === 'held' && phase.reason === 'operator') return say.retryPaused;
      return phase.kind === 'held' || (phase.kind === 'rolling-back' && phase.failing) ? null : say.nothingWaits;
  }
}

/** Why a release that has ended went back; null where it did not. */
function whyBack(release: ReleaseState, language: Language): string | null {
  const isBack = release.phase.kind === 'ended' && release.phase.outcome === 'rolled-back';
  return isBack && release.cause ? causeText(release, release.cause, language) : null;
}

/** Carries out what a person asked for. A verb that does nothing now changes nothing, and the sentence says why. */
export function takeVerb(state: ServiceState, id: string, verb: Verb, by: string, why: string, atMs: number): Move {
  const refusal = verbRefusal(state, id, verb, by, 'en', why);
  if (refusal !== null) return { state, said: `${verb} by ${by}: ${refusal}` };
  const said = (move: Move): Move => ({
    state: move.state,
    said: `${verbGiven(verb, by, why)}${move.said ? `; ${move.said}` : ''}`,
  });
  if (state.queued?.id === id)
    return said({ state: end({ ...state, queued: null }, state.queued, 'cancelled', `aborted by ${by}`, atMs), said: null });
  const release = state.live;
  if (!release) return { state, said: null };
  const { phase } = release;
  switch (verb) {
    case 'abort': {
      if (phase.kind === 'rolling-back') return said(leaveDatabase(state, release, atMs));
      const sentence = `aborted by ${by}${why ? `: ${why}` : ''}`;
      if (phase.kind === 'validating' || phase.kind === 'awaiting-approval' || isUntouched(release))
        return said({ state: end(state, release, 'cancelled', sentence, atMs), said: null });
      const cause = { by: 'operator' as const, sentence, said: null, faultAtMs: null, decidedAtMs: atMs };
      const migration = awaitedMigration(release);
      if (migration !== null && phase.kind === 'stepping' && phase.part.kind === 'running') {
        const part = { ...phase.part, thenBack: cause };
        const next = { ...state, live: { ...release, phase: { ...phase, part } } };
        return said({ state: next, said: `goes back when ${migration} has ended; abort again ends it at once` });
      }
      return said({ ...rollBack(state, release, cause), said: null });
    }
    case 'pause':
      if (phase.kind === 'stepping' && phase.part.kind === 'running')
        return said({
          state: thenHold(state, release, phase, phase.part, `paused by ${by}`),
          said: 'holds when the hook has ended',
        });
      return phase.kind === 'stepping' || phase.kind === 'held'
        ? said(hold(state, release, phase.step, 'operator', `paused by ${by}`, atMs))
        : { state, said: null };
    case 'resume':
      if (phase.kind === 'held' && phase.reason === 'gate') {
        const next = enterStep(state, { ...release, stepsDone: release.stepsDone + 1 }, phase.step + 1, atMs);
        return said({ ...next, said: `goes on although ${phase.sentence}${next.said ? `; ${next.said}` : ''}` });
      }
      if (phase.kind === 'held') return said(enterStep(state, release, phase.step, atMs));
      if (phase.kind === 'stepping' && phase.part.kind === 'running')
        return said({ state: thenHold(state, release, phase, phase.part, null), said: null });
      if (phase.kind === 'stepping')
        return said(enterStep(state, { ...release, stepsDone: release.stepsDone + 1 }, phase.step + 1, atMs));
      return { state, said: null };
    case 'approve':
      if (phase.kind === 'awaiting-approval') {
        const next = begin(state, release, atMs);
        return said(isBeforeStart(release.plan.steps[0]) ? next : { ...next, said: null });
      }
      if (phase.kind === 'stepping')
        return said(enterStep(state, { ...release, stepsDone: release.stepsDone + 1 }, phase.step + 1, atMs));
      return { state, said: null };
    case 'promote':
      if (isKept(phase)) return said({ state: { ...state, live: { ...release, phase: endKeep(phase, atMs) } }, said: null });
      return said(enterStep(state, inHurry(release, phase), promotedStep(release, phase), atMs, { forced: true }));
    case 'retry':
      if (phase.kind === 'held' && phase.again)
        return said({
          state: { ...state, live: { ...release, phase: { ...phase, again: { ...phase.again, asking: true } } } },
          said: `asks ${gateName(release)} again`,
        });
      if (phase.kind === 'held')
        return said(enterStep({ ...state, retries: {} }, release, phase.step, atMs, { requests: phase.requests }));
      return said({ state: { ...state, retries: {} }, said: null });
  }
}

/**
 * Whether a verb says yes to what the release asks for: `approve`, `promote` where it leaves a question or the gate of a checklist out,
 * and `resume` of a release that such a gate holds. Then whoever gives it needs the right to approve.
 */
export function isApproval(release: ReleaseState, verb: Verb): boolean {
  if (verb === 'approve') return true;
  if (verb === 'resume') return release.phase.kind === 'held' && release.phase.reason === 'gate';
  if (verb === 'promote' && isPastGate(release)) return true;
  return verb === 'promote' && questionsBefore(release, promoteIndex(release)).length > 0;
}

/**
 * Where `promote` goes on: with the promote step, unless a later one is held. Then with the one after it, but never past the last
 * one, because that is where the candidate becomes stable.
 */
function promotedStep(release: ReleaseState, phase: Phase): number {
  const promote = promoteIndex(release);
  if (inHurry(release, phase) !== release && 'step' in phase) return phase.step;
  if (phase.kind !== 'held' || phase.step <= promote) return promote;
  return Math.min(phase.step + 1, release.plan.steps.length - 1);
}

/** All traffic takes all instances: where they come by steps, those steps are done, and the others are passed over. */
function inHurry(release: ReleaseState, phase: Phase): ReleaseState {
  const isScaled = release.scale !== undefined && 'step' in phase && phase.step < promoteIndex(release);
  return isScaled ? { ...release, hurried: true } : release;
}

/** Approvals that are asked for before step `end` and that nobody has given yet. */
function questionsBefore(release: ReleaseState, end: number): readonly Approval[] {
  const { phase, plan } = release;
  if (phase.kind === 'awaiting-approval') return plan.approval ? [plan.approval] : [];
  if (phase.kind !== 'stepping' && phase.kind !== 'held') return [];
  return plan.steps.slice(phase.step, Math.max(phase.step, end)).filter((step) => step.kind === 'approve');
}

function approvalRefusal(
  release: ReleaseState,
  questions: readonly Approval[],
  by: string | null,
  language: Language,
): string | null {
  // The person of the command line is named by their system, in whatever case.
  if (by === null || by.trim().toLowerCase() !== release.by.trim().toLowerCase()) return null;
  return questions.some((question) => question.by === 'another') ? refusals[language].ownRelease(release.by) : null;
}

/** Whether `promote` goes past the gate of a checklist that holds the release, or would ask it before all of the traffic comes. */
function isPastGate(release: ReleaseState): boolean {
  const { phase, plan } = release;
  if (phase.kind !== 'stepping' && phase.kind !== 'held') return false;
  if (phase.kind === 'held' && phase.reason === 'gate') return true;
  const ahead = plan.steps.slice(phase.step, Math.max(phase.step, promoteIndex(release)));
  return ahead.some((step) => step.kind === 'gate' && step.hook.action.kind === 'checklist' && step.then !== 'report');
}

function gateName({ phase, plan }: ReleaseState): string {
  const step = phase.kind === 'held' ? plan.steps[phase.step] : undefined;
  return step?.kind === 'gate' ? step.hook.name : 'it';
}

/** Whether the way back has come to a database that does not go back, or must not: a person may leave it as it is. */
function isDatabaseWaiting(phase: Extract<Phase, { kind: 'rolling-back' }>): boolean {
  return phase.part === 'decide' || (phase.part === 'database' && phase.failing);
}

type Kept = Extract<Phase, { kind: 'stepping' }> & { readonly part: Extract<StepPart, { kind: 'settling' }> };

/** Whether the version before is only kept to go back to. */
function isKept(phase: Phase): phase is Kept {
  return phase.kind === 'stepping' && phase.part.kind === 'settling';
}

function endKeep(phase: Kept, atMs: number): Phase {
  return { ...phase, part: { ...phase.part, untilMs: atMs } };
}

function isPausing(phase: Phase): boolean {
  return phase.kind === 'stepping' && phase.part.kind === 'running' && phase.part.thenHold !== null;
}

function thenHold(
  state: ServiceState,
  release: ReleaseState,
  phase: Extract<Phase, { kind: 'stepping' }>,
  part: Extract<StepPart, { kind: 'running' }>,
  sentence: string | null,
): ServiceState {
  return { ...state, live: { ...release, phase: { ...phase, part: { ...part, thenHold: sentence } } } };
}

function promoteIndex(release: ReleaseState): number {
  return release.plan.steps.findIndex((step) => step.kind === 'promote');
}
