import type { GuardPolicy, Look } from '../analysis/guard.ts';
import { type Judgement, judgementOf } from '../analysis/judge.ts';
import { type Language, sentenceOf } from '../analysis/sentence.ts';
import { type GuardState, openGuard, take } from '../analysis/watch.ts';
import { guards, newSeconds } from '../release/guarding.ts';
import { isExposed } from '../release/phase-name.ts';
import { comparedBy } from '../release/reason.ts';
import { type ReleaseSummary, releaseSummary } from '../release/summary.ts';
import type { ReleaseState, ServiceEvent, ServiceState } from '../release/types.ts';
import { pointsMax, type Resolution, type Seen, type Series, SeriesKeeper, type Teller, told, type Untold } from './series.ts';
import { type SeriesMetric, StepMetrics } from './step-metrics.ts';

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

/** A recorded release as a policy sees it, with its series. */
export type Replay = Series & {
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
  /** For each metric the last values at which both versions had shown something: with all traffic on the candidate nothing is compared. */
  readonly differences: readonly (SeriesMetric & { readonly second: number; readonly weight: number })[];
};

/** Which part of a series is wanted, and in which language. */
export type SeriesQuery = { readonly every: Resolution; readonly after: number; readonly language: Language };
/** What is asked for when nothing is said: the newest hour, second by second. */
export const newestHour: SeriesQuery = { every: 1, after: 0, language: 'en' };

/**
 * Looks at a recorded release again, with its own policy or another one. It sees the same seconds under the same steps as the guard
 * did, so with the release's own policy it says what was said. Fed event by event, so that a long log is never held as a whole.
 */
export class ReleaseReplay {
  readonly release: string;
  readonly #given: GuardPolicy | null;
  /** null where only the outcome matters. */
  readonly #series: SeriesKeeper | null;
  #metrics: StepMetrics | null = null;
  /** By metric the last second at which both versions had shown something. */
  readonly #differences = new Map<string, Pick<Seen, 'metrics'> & { readonly second: number; readonly weight: number }>();
  #last: ReleaseState | null = null;
  #guard: GuardState | null = null;
  #abort: Untold<ReplayAbort> | null = null;
  #seconds = 0;
  #requests = 0;
  #failed = 0;

  /**
   * @param policy - null: the release's own.
   * @param keep - Newest points of each resolution that are kept; 0 where only the outcome matters.
   */
  constructor(release: string, policy: GuardPolicy | null, keep = pointsMax) {
    this.release = release;
    this.#given = policy;
    this.#series = keep === 0 ? null : new SeriesKeeper(keep);
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
    return this.shown(newestHour);
  }

  /** Pieces of work that `shown` does all at once where nobody has done them before it. */
  shownLater({ every, after }: Omit<SeriesQuery, 'language'>): readonly (() => unknown)[] {
    return this.#series?.unready(every, after) ?? [];
  }

  /** The same with that part of the series, in that language. */
  shown({ every, after, language }: SeriesQuery): Replay | null {
    const release = this.#last;
    if (!release) return null;
    const tell: Teller = (said) => sentenceOf(said, comparedBy(release), language);
    return {
      release: release.id,
      service: release.plan.service,
      version: release.version,
      stable: release.plan.stable,
      policy: this.#given ?? release.plan.guard,
      recorded: releaseSummary(release, language),
      recordedByGuard: release.cause?.by === 'guard',
      abort: this.#abort && told(this.#abort, tell),
      seconds: this.#seconds,
      candidateRequests: this.#requests,
      failedRequests: this.#failed,
      differences: [...this.#differences].flatMap(([name, { metrics, second, weight }]) =>
        metrics().flatMap((metric) => (metric.metric === name ? [{ ...metric, second, weight }] : [])),
      ),
      ...(this.#series?.series(every, after, tell) ?? { every, after, complete: true, points: [], marks: [] }),
    };
  }

  #look(release: ReleaseState, event: Extract<ServiceEvent, { kind: 'sampled' }>): void {
    for (const { sample, look, isHistory } of newSeconds(release, event.samples)) {
      if (look === null) continue;
      this.#guard ??= openGuard(this.#given ?? release.plan.guard, comparedBy(release));
      // Nobody else has this guard, so it needs no copy for each of many thousand seconds.
      const verdict = judgementOf(this.#guard, take(this.#guard, look));
      if (!isExposed(release)) continue;
      if (!isHistory) {
        this.#seconds += sample.seconds ?? 1;
        this.#requests += sample.candidate?.n ?? 0;
        this.#failed += sample.candidate?.errors ?? 0;
        this.#draw(release, look, verdict);
      }
      if (this.#abort !== null || verdict.kind !== 'fail' || !guards(release)) continue;
      this.#series?.abort(verdict.said);
      this.#abort = {
        second: sample.second,
        atMs: event.at,
        said: verdict.said,
        metrics: verdict.metrics.filter(({ kind }) => kind === 'fail').map(({ metric }) => metric),
        faultAtMs: verdict.faultAtMs,
        secondsFromFault: verdict.faultAtMs === null ? null : Math.max(0, Math.round(event.at - verdict.faultAtMs)) / 1_000,
        failedRequests: this.#failed,
        candidateRequests: this.#requests,
      };
    }
  }

  #draw(release: ReleaseState, { sample, step }: Look, verdict: Judgement): void {
    if (this.#series === null) return;
    this.#metrics ??= new StepMetrics(this.#given ?? release.plan.guard, release.plan.stable !== null);
    this.#metrics.add(step, sample);
    const metrics = this.#metrics.later(verdict);
    this.#series.add({ sample, step, verdict, metrics });
    const { second, weight } = sample;
    for (const name of this.#metrics.compared) this.#differences.set(name, { metrics, second, weight });
  }
}

/** The recorded releases of a service that succeeded, as one policy sees them. */
export type GoodReleases = {
  readonly service: string;
  readonly releases: number;
  /** Of these, the ones that the policy would have taken back. */
  readonly falseAborts: readonly Replay[];
};
