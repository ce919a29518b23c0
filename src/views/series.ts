import type { VerdictKind } from '../analysis/guard.ts';
import type { Judgement } from '../analysis/judge.ts';
import { addHistogram, noRequests, quantileMs } from '../analysis/quantile.ts';
import type { Said } from '../analysis/said.ts';
import type { Counts, Sample } from '../analysis/sample.ts';
import { rounded, type SeriesMetric } from './step-metrics.ts';

/** Seconds per point that a series can be asked for. An hour, ten hours, two and a half days, 25 days of points are kept. */
export const resolutions = [1, 10, 60, 600] as const;
export type Resolution = (typeof resolutions)[number];

/** Newest points that are kept of each resolution. */
export const pointsMax = 3_600;
/** Newest marks that are kept. */
export const marksMax = 1_000;

/** What the guard knew and said of a second, or at the end of several, in which the candidate could have traffic. */
export type SeriesPoint = {
  /** First second (unix) of the span that the point is for: a multiple of the resolution. It names the point: a later answer replaces it. */
  readonly from: number;
  /** Last second of it that was seen, and how many were. */
  readonly second: number;
  readonly seconds: number;
  /** Percent of requests that the route sent to the candidate, and the index of the plan's step, in that last second. */
  readonly weight: number;
  readonly step: number;
  /** What each version answered in the span; null where the source had no answer at all. */
  readonly candidate: PointCounts | null;
  readonly stable: PointCounts | null;
  /** After the last second. A verdict in between is among the marks. */
  readonly verdict: VerdictKind;
  readonly sentence: string;
  /** Errors, each latency quantile of the policy, the user's own metrics: since the step began, up to the last second. */
  readonly metrics: readonly SeriesMetric[];
};

/** Requests, how many of them failed, and quantiles of their latency in milliseconds; null without requests. */
export type PointCounts = {
  readonly requests: number;
  readonly errors: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
};

/** A moment to mark in a chart: a step began and values with it, the verdict turned, the policy took traffic back. */
export type Mark = { readonly second: number; readonly weight: number; readonly step: number } & (
  | { readonly kind: 'step' }
  | { readonly kind: 'verdict'; readonly verdict: VerdictKind; readonly sentence: string }
  | { readonly kind: 'abort'; readonly sentence: string }
);

/** A part of a series, and which. */
export type Series = {
  /** Seconds per point. */
  readonly every: Resolution;
  /** Only what was seen after this second (unix). */
  readonly after: number;
  /** Whether that is all of it; false when older points or marks are not kept any more. */
  readonly complete: boolean;
  /** Oldest first. */
  readonly points: readonly SeriesPoint[];
  readonly marks: readonly Mark[];
};

/** What has a sentence, before anybody asks for it in a language. What was said is numbers of its own: a guard that goes on changes none. */
export type Untold<T> = T extends { readonly sentence: string } ? Omit<T, 'sentence'> & { readonly said: Said } : T;

type UntoldPoint = Omit<Untold<SeriesPoint>, 'metrics'> & { readonly metrics: Seen['metrics'] };

/** Makes a sentence of what was said. */
export type Teller = (said: Said) => string;

/** One second of a release for its series. */
export type Seen = {
  readonly sample: Sample;
  readonly step: number;
  readonly verdict: Judgement;
  /** Worked out when a point is shown that ends with this second: most are not. */
  readonly metrics: () => readonly SeriesMetric[];
};

/** Keeps a series in all resolutions at once, so that a chart of any length costs the same. */
export class SeriesKeeper {
  readonly #tracks: readonly Track[];
  readonly #marks: Newest<Untold<Mark>>;
  #last: Seen | null = null;

  /** @param keep - Newest points of each resolution. */
  constructor(keep: number) {
    this.#tracks = resolutions.map((every) => new Track(every, keep));
    this.#marks = new Newest(marksMax);
  }

  add(seen: Seen): void {
    const { sample, step, verdict } = seen;
    const at = { second: sample.second, weight: sample.weight, step };
    if (this.#last?.step !== step) this.#marks.add({ ...at, kind: 'step' });
    if (this.#last?.verdict.kind !== verdict.kind)
      this.#marks.add({ ...at, kind: 'verdict', verdict: verdict.kind, said: verdict.said });
    this.#last = seen;
    for (const track of this.#tracks) track.add(seen);
  }

  /** The policy took traffic back after the second that was added last. */
  abort(said: Said): void {
    if (!this.#last) return;
    const { sample, step } = this.#last;
    this.#marks.add({ second: sample.second, weight: sample.weight, step, kind: 'abort', said });
  }

  /** What is still to be worked out for that part, each of it once: whoever does it beforehand in pieces keeps nobody waiting. */
  unready(every: Resolution, after: number): readonly Seen['metrics'][] {
    const track = this.#tracks.find((one) => one.every === every);
    return (track?.points.points ?? []).filter(({ second }) => second > after).map(({ metrics }) => metrics);
  }

  /** The part of it that is newer than a second (unix), in the words of `tell`. */
  series(every: Resolution, after: number, tell: Teller): Series {
    const track = this.#tracks.find((one) => one.every === every);
    const { points, lost } = track?.points ?? { points: [], lost: null };
    const { newest: marks, lost: lostMark } = this.#marks;
    const isNew = ({ second }: { readonly second: number }): boolean => second > after;
    return {
      every,
      after,
      complete: ![lost, lostMark].some((one) => one !== null && isNew(one)),
      points: points.filter(isNew).map((point) => ({ ...told(point, tell), metrics: point.metrics() })),
      marks: marks.filter(isNew).map((mark) => toldMark(mark, tell)),
    };
  }
}

/** With its sentence in place of the data. */
export function told<T extends { readonly said: Said }>(one: T, tell: Teller): Omit<T, 'said'> & { readonly sentence: string } {
  const { said, ...rest } = one;
  return { ...rest, sentence: tell(said) };
}

function toldMark(mark: Untold<Mark>, tell: Teller): Mark {
  switch (mark.kind) {
    case 'step':
      return mark;
    case 'verdict':
      return told(mark, tell);
    case 'abort':
      return told(mark, tell);
  }
}

/** Points of one resolution. */
class Track {
  readonly every: Resolution;
  readonly #closed: Newest<UntoldPoint>;
  readonly #keep: number;
  #open: OpenPoint | null = null;

  constructor(every: Resolution, keep: number) {
    this.every = every;
    this.#keep = keep;
    this.#closed = new Newest(keep);
  }

  add(seen: Seen): void {
    const from = Math.floor(seen.sample.second / this.every) * this.every;
    if (this.#open && this.#open.from !== from) {
      this.#closed.add(this.#open.point);
      this.#open = null;
    }
    this.#open ??= new OpenPoint(from);
    this.#open.add(seen);
  }

  get points(): { readonly points: readonly UntoldPoint[]; readonly lost: UntoldPoint | null } {
    const open = this.#open ? [this.#open.point] : [];
    const all = [...this.#closed.newest, ...open];
    return { points: all.slice(-this.#keep), lost: all.length > this.#keep ? (all[0] ?? null) : this.#closed.lost };
  }
}

/** A point whose span is not over. */
class OpenPoint {
  readonly from: number;
  readonly #candidate = new OpenCounts();
  readonly #stable = new OpenCounts();
  #seconds = 0;
  #last: Seen | null = null;

  constructor(from: number) {
    this.from = from;
  }

  add(seen: Seen): void {
    this.#last = seen;
    this.#seconds += seen.sample.seconds ?? 1;
    this.#candidate.add(seen.sample.candidate);
    this.#stable.add(seen.sample.stable);
  }

  get point(): UntoldPoint {
    if (!this.#last) throw new Error('a point was asked for before it had a second');
    const { sample, step, verdict, metrics } = this.#last;
    return {
      from: this.from,
      second: sample.second,
      seconds: this.#seconds,
      weight: sample.weight,
      step,
      candidate: this.#candidate.counts,
      stable: this.#stable.counts,
      verdict: verdict.kind,
      said: verdict.said,
      metrics,
    };
  }
}

class OpenCounts {
  #requests = 0;
  #errors = 0;
  #latency: number[] | null = null;

  add(counts: Counts | null): void {
    if (counts === null) return;
    this.#latency ??= noRequests();
    this.#requests += counts.n;
    this.#errors += counts.errors;
    addHistogram(this.#latency, counts.histogram);
  }

  get counts(): PointCounts | null {
    const latency = this.#latency;
    if (latency === null) return null;
    const quantile = (ppm: number) => rounded(quantileMs(latency, ppm));
    return {
      requests: this.#requests,
      errors: this.#errors,
      p50: quantile(500_000),
      p95: quantile(950_000),
      p99: quantile(990_000),
    };
  }
}

/** The newest of a row, and the last one that was let go. */
class Newest<T> {
  readonly #max: number;
  #all: T[] = [];
  #lost: T | null = null;

  constructor(max: number) {
    this.#max = max;
  }

  add(one: T): void {
    this.#all.push(one);
    // Cut in large pieces: moving an hour of points every second would be the work.
    if (this.#all.length < 2 * this.#max) return;
    this.#lost = this.#all.at(-this.#max - 1) ?? null;
    this.#all = this.#all.slice(-this.#max);
  }

  get newest(): readonly T[] {
    return this.#all.slice(-this.#max);
  }

  get lost(): T | null {
    return this.#all.length > this.#max ? (this.#all.at(-this.#max - 1) ?? null) : this.#lost;
  }
}
