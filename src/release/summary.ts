import type { Language } from '../analysis/sentence.ts';
import { phaseName } from './phase-name.ts';
import { recordedRussian } from './recorded-russian.ts';
import { rolledBackText } from './rollback.ts';
import type { Outcome, Phase, ReleaseState } from './types.ts';

/** How a release ended, in numbers that can be checked against the router's. */
export type ReleaseSummary = {
  readonly release: string;
  readonly service: string;
  readonly version: string;
  readonly outcome: Outcome;
  /** One sentence. */
  readonly reason: string;
  /** From the first request that the fault hurt to all traffic on stable as the router reports it; null when nobody was hurt. */
  readonly secondsToSafety: number | null;
  /** Requests that the candidate failed, from its first to its last. */
  readonly failedRequests: number;
  readonly candidateRequests: number;
  /** Steps that were carried out to their end. */
  readonly steps: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
};

/** The summary of a release that has ended; null while it lives. */
export function releaseSummary(release: ReleaseState, language: Language = 'en'): ReleaseSummary | null {
  const { phase, cause, safeAtMs, totals } = release;
  if (phase.kind !== 'ended') return null;
  const hurt = cause?.faultAtMs ?? null;
  return {
    release: release.id,
    service: release.plan.service,
    version: release.version,
    outcome: phase.outcome,
    reason: endReason(release, phase, language),
    secondsToSafety: hurt === null || safeAtMs === null ? null : Math.max(0, Math.round(safeAtMs - hurt)) / 1_000,
    failedRequests: totals.candidate.errors,
    candidateRequests: totals.candidate.requests,
    steps: release.stepsDone,
    startedAtMs: release.requestedAtMs,
    endedAtMs: phase.atMs,
  };
}

/** Why a release ended as it did. What a program has said inside of it stays as it was said. */
export function endReason(release: ReleaseState, phase: Extract<Phase, { kind: 'ended' }>, language: Language): string {
  if (language === 'en') return phase.sentence;
  const { cause } = release;
  return cause !== null && phase.outcome === 'rolled-back'
    ? rolledBackText(release, cause, language)
    : recordedRussian(phase.sentence);
}

/** Whether the release still does something. */
export function isLive(release: ReleaseState): boolean {
  return phaseName(release) !== 'queued' && release.phase.kind !== 'ended';
}
