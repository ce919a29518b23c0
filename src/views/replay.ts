import type { GuardPolicy, MetricVerdict, Verdict, VerdictKind } from '../analysis/guard.ts';
import type { Counts } from '../analysis/sample.ts';
import { type GuardState, openGuard, watch } from '../analysis/watch.ts';
import { guards, newSeconds } from '../release/guarding.ts';
import { isExposed } from '../release/phase-name.ts';
import { type ReleaseSummary, releaseSummary } from '../release/summary.ts';
import type { ReleaseState, ServiceEvent, ServiceState } from '../release/types.ts';

/** Seconds of a series that are kept: an hour. */
export const pointsMax = 3_600;

/** What the guard knew and said of one second in which the candidate could have traffic. */
export type ReplayPoint = {
  /** Unix time in whole seconds. */
  readonly second: number;
  /** Percent of requests that the route sent to the candidate. */
  readonly weight: number;
  /** Requests of this second and how many of them failed; null where the source had no answer. */
  readonly candidate: PointCounts | null;
  readonly stable: PointCounts | null;
  readonly verdict: VerdictKind;
  readonly sentence: string;
  /** Share of failed requests of the candidate less stable's, 0–1, over what the error verdict is about; null without a comparison. */
  readonly errorDifference: number | null;
  readonly metrics: readonly PointMetric[];
};

export type PointCounts = { readonly n: number; readonly errors: number };
export type PointMetric = Pick<MetricVerdict, 'metric' | 'test' | 'kind' | 'logEvidence' | 'logThreshold'>;

/** When a policy takes traffic back, and what that had cost by then. */
export type ReplayAbort = {
  /** The second whose counts decided, and unix milliseconds at which they were there to decide with. */
  readonly second: number;
  readonly atMs: number;
  readonly sentence: string;
  readonly metrics: readonly string[];
  /** Unix milliseconds at which the fault first hurt somebody. */
  readonly faultAtMs: number | null;
  /** From there to the decision. */
  readonly secondsFromFault: number | null;
  /** Requests of the candidate up to and with that second. */
  readonly failedRequests: number;
  readonly candidateRequests: number;
};

/** A recorded release as a policy sees it. */
export type Replay = {
  readonly release: string;
  readonly service: string;
  readonly version: string;
  readonly stable: string | null;
  readonly policy: GuardPolicy;
  /** How the release went in fact; null while it is under way. */
  readonly recorded: ReleaseSummary | null;
  /** Whether it was the guard that took traffic back in fact. */
  readonly recordedByGuard: boolean;
  /** null: the policy would have let it go on, as far as the record goes. */
  readonly abort: ReplayAbort | null;
  /** Seconds that the guard looked at with the candidate in the route, and what the candidate did in all of them. */
  readonly seconds: number;
  readonly candidateRequests: number;
  readonly failedRequests: number;
  /** Newest last. */
  readonly points: readonly ReplayPoint[];
};

/**
 * Looks at a recorded release again, with its own policy or another one. It sees the same seconds under the same steps as the guard
 * did, so with the release's own policy it says what was said. Fed event by event, so that a long log is never held as a whole.
 */
export class ReleaseReplay {
  readonly release: string;
  readonly #given: GuardPolicy | null;
  readonly #pointsMax: number;
  #last: ReleaseState | null = null;
  #guard: GuardState | null = null;
  #points: ReplayPoint[] = [];
  #abort: ReplayAbort | null = null;
  #seconds = 0;
  #requests = 0;
  #failed = 0;

  /**
   * @param policy - null: the release's own.
   * @param keep - Newest points that are kept; 0 where only the outcome matters.
   */
  constructor(release: string, policy: GuardPolicy | null, keep = pointsMax) {
    this.release = release;
    this.#given = policy;
    this.#pointsMax = keep;
  }

  /** The next event of the service, with the states before and after it. */
  take(before: ServiceState, event: ServiceEvent, after: ServiceState): void {
    if (event.kind === 'sampled' && before.live?.id === this.release) this.#look(before.live, event);
    const now = [after.live, after.queued, ...after.ended].find((release) => release?.id === this.release);
    if (now) this.#last = now;
  }

  /** Whether the release has ended, so that nothing more comes. */
  get isOver(): boolean {
    return this.#last?.phase.kind === 'ended';
  }

  /** What was seen so far; null before the release was requested. */
  get result(): Replay | null {
    const release = this.#last;
    if (!release) return null;
    return {
      release: release.id,
      service: release.plan.service,
      version: release.version,
      stable: release.plan.stable,
      policy: this.#given ?? release.plan.guard,
      recorded: releaseSummary(release),
      recordedByGuard: release.cause?.by === 'guard',
      abort: this.#abort,
      seconds: this.#seconds,
      candidateRequests: this.#requests,
      failedRequests: this.#failed,
      points: this.#points.slice(-this.#pointsMax),
    };
  }

  #look(release: ReleaseState, event: Extract<ServiceEvent, { kind: 'sampled' }>): void {
    for (const { sample, look, isHistory } of newSeconds(release, event.samples)) {
      if (look === null) continue;
      this.#guard ??= openGuard(this.#given ?? release.plan.guard, { candidate: release.version, stable: release.plan.stable });
      const { state, verdict } = watch(this.#guard, look);
      this.#guard = state;
      if (!isExposed(release)) continue;
      if (!isHistory) {
        this.#seconds += 1;
        this.#requests += sample.candidate?.n ?? 0;
        this.#failed += sample.candidate?.errors ?? 0;
        this.#keep(point(sample, verdict));
      }
      if (this.#abort !== null || verdict.kind !== 'fail' || !guards(release)) continue;
      this.#abort = {
        second: sample.second,
        atMs: event.at,
        sentence: verdict.sentence,
        metrics: verdict.metrics.filter(({ kind }) => kind === 'fail').map(({ metric }) => metric),
        faultAtMs: verdict.faultAtMs,
        secondsFromFault: verdict.faultAtMs === null ? null : Math.max(0, Math.round(event.at - verdict.faultAtMs)) / 1_000,
        failedRequests: this.#failed,
        candidateRequests: this.#requests,
      };
    }
  }

  #keep(one: ReplayPoint): void {
    if (this.#pointsMax === 0) return;
    this.#points.push(one);
    // Cut in large pieces: moving an hour of points every second would be the work.
    if (this.#points.length >= 2 * this.#pointsMax) this.#points = this.#points.slice(-this.#pointsMax);
  }
}

/** The recorded releases of a service that succeeded, as one policy sees them. */
export type GoodReleases = {
  readonly service: string;
  readonly releases: number;
  /** Of these, the ones that the policy would have taken back. */
  readonly falseAborts: readonly Replay[];
};

function point(sample: Parameters<typeof watch>[1]['sample'], verdict: Verdict): ReplayPoint {
  const errors = verdict.metrics.find(({ metric, test }) => metric === 'errors' && test === 'comparison');
  return {
    second: sample.second,
    weight: sample.weight,
    candidate: pointCounts(sample.candidate),
    stable: pointCounts(sample.stable),
    verdict: verdict.kind,
    sentence: verdict.sentence,
    errorDifference: errors ? difference(errors) : null,
    metrics: verdict.metrics.map(({ metric, test, kind, logEvidence, logThreshold }) => ({
      metric,
      test,
      kind,
      logEvidence,
      logThreshold,
    })),
  };
}

function difference({ candidate, stable }: MetricVerdict): number | null {
  if (stable === null || stable.n === 0 || candidate.n === 0) return null;
  return candidate.bad / candidate.n - stable.bad / stable.n;
}

function pointCounts(counts: Counts | null): PointCounts | null {
  return counts && { n: counts.n, errors: counts.errors };
}
