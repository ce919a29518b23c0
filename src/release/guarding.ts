import type { Look } from '../analysis/guard.ts';
import { type Found, kindOf, verdictOf } from '../analysis/judge.ts';
import { noCounts, type Sample } from '../analysis/sample.ts';
import { copyGuard, type GuardState, take } from '../analysis/watch.ts';
import type { Instance } from '../targets/target.ts';
import { readyEndpoints, wantedVersions } from './levels.ts';
import { isCommitted, isExposed } from './phase-name.ts';
import { rollBack } from './rollback.ts';
import type { Move, ReleaseState, ServiceState, StepPart } from './types.ts';

/**
 * Folds samples into the live release: exact totals, the guard's evidence, and the rollback when the guard says `fail`.
 * Samples that were seen before change nothing, so a source may repeat itself.
 */
export function takeSamples(state: ServiceState, samples: readonly Sample[], atMs: number): Move {
  let release = state.live;
  if (!release) return { state, said: null };
  // One copy and one verdict in words for all seconds of a batch: nobody sees what lies between them.
  let guard: GuardState | null = null;
  let found: readonly Found[] = [];
  for (const second of newSeconds(release, samples)) {
    const { sample, look } = second;
    release = takeSecond(release, second, atMs);
    if (release.guard && look) {
      guard ??= copyGuard(release.guard);
      found = take(guard, look);
    }
    const kind = guard && isExposed(release) ? kindOf(found) : guard ? null : release.verdict?.kind;
    if (kind === 'fail' && guards(release)) {
      release = judged(release, guard, found);
      const cause = {
        by: 'guard' as const,
        sentence: release.verdict?.sentence ?? '',
        said: release.verdict?.said ?? null,
        faultAtMs: release.verdict?.faultAtMs ?? null,
        decidedAtMs: atMs,
      };
      const next = rollBack({ ...state, live: release }, release, cause);
      // What is left of the batch still counts: these requests were served before the route changed.
      const rest = samples.filter((later) => later.second > sample.second);
      return { state: takeSamples(next.state, rest, atMs).state, said: next.said };
    }
  }
  release = judged(release, guard, found);
  return { state: release === state.live ? state : { ...state, live: release }, said: null };
}

function judged(release: ReleaseState, guard: GuardState | null, found: readonly Found[]): ReleaseState {
  return guard ? { ...release, guard, verdict: isExposed(release) ? verdictOf(guard, found) : null } : release;
}

/** One second as a release counts it. */
export type NewSecond = {
  readonly sample: Sample;
  /**
   * Before the candidate had any traffic of this release: what its version served then belongs to an earlier release, or to the time
   * when it was stable itself, so it is left out.
   */
  readonly isHistory: boolean;
  /** What the guard is shown of it; null when it does not look any more. */
  readonly look: Look | null;
};

/** The seconds of a batch that a release has not counted yet. Replaying a release looks through the same eyes. */
export function newSeconds(release: ReleaseState, samples: readonly Sample[]): readonly NewSecond[] {
  // The first batch reaches back to before the release, even where it comes late; what is older tells about stable only.
  const sinceSecond = release.lastSecond === 0 ? Math.floor((release.exposedAtMs ?? 0) / 1_000) : 0;
  const isLooking = release.guard !== null && !isCommitted(release) && release.phase.kind !== 'rolling-back';
  const step = Math.max(0, release.exposedBy);
  const matched = release.exposure.match.length > 0;
  let { lastSecond } = release;
  return samples.flatMap((given): NewSecond[] => {
    if (given.second <= lastSecond) return [];
    lastSecond = given.second;
    const isHistory = !isExposed(release) || given.second < sinceSecond;
    const sample = isHistory ? { ...given, weight: 0, candidate: given.candidate && noCounts } : given;
    return [{ sample, isHistory, look: isLooking ? { sample, step, matched } : null }];
  });
}

function takeSecond(release: ReleaseState, { sample, isHistory }: NewSecond, atMs: number): ReleaseState {
  const add = (total: { requests: number; errors: number }, counts: Sample['stable']) =>
    counts === null ? total : { requests: total.requests + counts.n, errors: total.errors + counts.errors };
  const { phase } = release;
  const counted: ReleaseState = {
    ...release,
    lastSecond: sample.second,
    seenAtMs: sample.candidate === null ? release.seenAtMs : atMs,
    totals: isHistory
      ? release.totals
      : { candidate: add(release.totals.candidate, sample.candidate), stable: add(release.totals.stable, sample.stable) },
    quietSeconds: sample.candidate !== null && sample.candidate.n === 0 ? release.quietSeconds + (sample.seconds ?? 1) : 0,
  };
  const requests = sample.candidate?.n ?? 0;
  const isInForce = sample.candidate !== null && (sample.weight > 0 || release.exposure.match.length > 0);
  return phase.kind === 'stepping' && phase.part.kind === 'observing' && sample.second >= phase.part.fromSecond
    ? {
        ...counted,
        phase: { ...phase, part: observedMore(phase.part, sample, requests, isInForce ? inForceShare(release, sample) : 0) },
      }
    : phase.kind === 'held' && phase.reason === 'evidence' && requests > 0
      ? { ...counted, phase: { ...phase, requests: phase.requests + requests } }
      : counted;
}

/** Of a sample over several seconds only those count that lie in the observation, with their share of the requests. */
function observedMore(
  part: Extract<StepPart, { kind: 'observing' }>,
  { second, seconds = 1 }: Sample,
  requests: number,
  share: number,
): StepPart {
  const inside = Math.min(seconds, second - part.fromSecond + 1);
  const counted = Math.floor((requests * inside) / seconds);
  return { ...part, requests: part.requests + counted, seconds: part.seconds + Math.floor(inside * share) };
}

/** Of a sample over several seconds the part of its time for which the weight was in force: less than it means for less of the time. */
function inForceShare({ exposure }: ReleaseState, { seconds = 1, weight }: Sample): number {
  return seconds === 1 || exposure.weight === 0 ? 1 : Math.min(1, weight / exposure.weight);
}

/** A release without any ready instance of its candidate hurts whoever is sent there, before any statistics can say so. */
export function takeInstances(state: ServiceState, version: string, instances: readonly Instance[], atMs: number): Move {
  const known: Record<string, readonly Instance[]> = { ...state.instances, [version]: instances };
  // A wanted version stays known even while nothing of it runs: what is about to start must be retired one day.
  if (instances.length === 0 && !wantedVersions(state).some((wanted) => wanted.version === version)) delete known[version];
  const next = { ...state, instances: known };
  const release = state.live;
  if (!release || version !== release.version || !guards(release) || !isExposed(release)) return { state: next, said: null };
  if (readyEndpoints(instances).length > 0) return { state: next, said: null };
  const problem = instances.find((instance) => instance.problem)?.problem;
  const sentence = `${version} has no ready instance${problem ? `: ${problem}` : ''}`;
  return rollBack(next, release, { by: 'target', sentence, said: null, faultAtMs: atMs, decidedAtMs: atMs });
}

/** Whether the guard may send the release back now: not where it has been said already that people have to decide. */
export function guards(release: ReleaseState): boolean {
  const { phase } = release;
  if (phase.kind === 'held') return phase.reason !== 'irreversible';
  return phase.kind === 'stepping' && !isCommitted(release);
}
