import { addHistogram, noRequests, quantileMs } from '../analysis/quantile.ts';
import type { Counts, ErrorClass, Sample } from '../analysis/sample.ts';
import type { Signals } from './signals.ts';

/** Seconds per point that signals can be asked for, and how many points are kept of each: an hour, and a day. */
export const signalTracks = [
  { every: 10, keep: 360 },
  { every: 60, keep: 1_440 },
] as const;
export type SignalEvery = (typeof signalTracks)[number]['every'];

/** Requests of a span, how many of them failed, and quantiles of their latency in milliseconds; null without requests. */
export type SignalCounts = {
  readonly requests: number;
  readonly errors: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
};

/** The golden signals of a service in one span of time. */
export type SignalPoint = SignalCounts & {
  /** First second (unix) of the span: a multiple of the resolution. It names the point: a later answer replaces it. */
  readonly from: number;
  /** How many of its seconds are known. */
  readonly seconds: number;
  /** See `Signals`. */
  readonly cpuShare: number | null;
  readonly memoryBytes: number | null;
  /** How full things were at its end, by the name of the signal: shares (0–1), or numbers of what has no limit. */
  readonly gauges: Readonly<Record<string, number>>;
  /** Requests per second over the minute before its end; null: whoever counts does not know. */
  readonly byMethod: Readonly<Record<string, number>> | null;
  readonly byStatus: Readonly<Record<string, number>> | null;
  /** Of `errors`, by how they failed. */
  readonly errorsByClass: Readonly<Record<string, number>>;
  readonly byVersion: readonly (SignalCounts & { readonly version: string })[];
};

/** What the instances of a service use. */
export type Usage = Pick<Signals, 'cpuShare' | 'memoryBytes'>;
export const noUsage: Usage = { cpuShare: null, memoryBytes: null };

/** What is read now and then, and stands in a point as it was last read. */
export type Beside = Pick<SignalPoint, 'gauges' | 'byMethod' | 'byStatus'>;
export const nothingBeside: Beside = { gauges: {}, byMethod: null, byStatus: null };

/** Versions that one point tells apart; a service has two at a time. */
const versionsMax = 8;

/** What `signals` looks back at, and how old the newest count may be. Seconds. */
const windowS = 60;
const freshS = 30;

/**
 * The golden signals of one service, from exact counts, in memory of a fixed size. A stretch without any request is one entry,
 * however long it is.
 */
export class ServiceSignals {
  readonly #tracks = signalTracks.map(({ every, keep }) => new Track(every, keep));
  /** Closed spans of ten seconds that may lie within the last minute. */
  #window: Span[] = [];
  #open: Span | null = null;
  #usage: Usage = noUsage;
  #beside: Beside = nothingBeside;
  #lastSecond = 0;
  #known: { readonly second: number; readonly usage: Usage; readonly signals: Signals } | null = null;

  /** The last second (unix) that was counted; 0 before the first. */
  get lastSecond(): number {
    return this.#lastSecond;
  }

  set usage(usage: Usage) {
    this.#usage = usage;
  }

  set beside(beside: Beside) {
    this.#beside = beside;
  }

  /**
   * Takes counts in, oldest first; seconds that are known already count once.
   *
   * @param versions - Whose the sides of the samples are.
   * @returns Closed points of a minute, for whoever keeps them.
   */
  take(
    samples: readonly Sample[],
    versions: { readonly stable: string | null; readonly candidate: string | null },
  ): readonly SignalPoint[] {
    const closed: SignalPoint[] = [];
    for (const sample of samples) {
      if (sample.second <= this.#lastSecond) continue;
      this.#lastSecond = sample.second;
      const parts: (readonly [string, Counts])[] = [];
      if (versions.stable !== null && sample.stable) parts.push([versions.stable, sample.stable]);
      if (versions.candidate !== null && sample.candidate) parts.push([versions.candidate, sample.candidate]);
      if (parts.length === 0) continue;
      this.#addToWindow(sample, parts);
      for (const track of this.#tracks) {
        const point = track.add(sample, parts, this.#usage, this.#beside);
        if (point && track.every === 60) closed.push(point);
      }
    }
    return closed;
  }

  /** The last minute at a second (unix); null when nothing is known of it. The same object while it is the same. */
  signals(nowSecond: number): Signals | null {
    if (this.#lastSecond < nowSecond - freshS) return null;
    const known = this.#known;
    if (known && known.second === this.#lastSecond && known.usage === this.#usage) return known.signals;
    const spans = [...this.#window, ...(this.#open ? [this.#open] : [])].filter(({ from }) => from > this.#lastSecond - windowS);
    const seconds = spans.reduce((sum, span) => sum + span.seconds, 0);
    if (seconds === 0) return null;
    const all = new OpenCounts();
    for (const { counts } of spans) all.addAll(counts);
    const { requests, errors, p50, p95, p99 } = all.counts;
    const signals: Signals = {
      requestsPerSecond: Number((requests / seconds).toFixed(3)),
      errorShare: requests === 0 ? null : Number((errors / requests).toPrecision(6)),
      p50Ms: p50,
      p95Ms: p95,
      p99Ms: p99,
      ...this.#usage,
    };
    this.#known = { second: this.#lastSecond, usage: this.#usage, signals };
    return signals;
  }

  /** Points that begin after a second (unix), oldest first, with the one that is not over. */
  points(every: SignalEvery, after: number): readonly SignalPoint[] {
    return this.#tracks.find((track) => track.every === every)?.points(after) ?? [];
  }

  /** Puts minutes of an earlier controller before everything else. */
  restore(minutes: readonly SignalPoint[]): void {
    this.#tracks.find((track) => track.every === 60)?.restore(minutes);
  }

  #addToWindow(sample: Sample, parts: readonly (readonly [string, Counts])[]): void {
    const from = Math.floor(sample.second / 10) * 10;
    if (this.#open && this.#open.from !== from) {
      this.#window = [...this.#window, this.#open].filter((span) => span.from > from - windowS);
      this.#open = null;
    }
    this.#open ??= { from, seconds: 0, counts: new OpenCounts() };
    this.#open.seconds += sample.seconds ?? 1;
    for (const [, counts] of parts) this.#open.counts.add(counts);
  }
}

type Span = { readonly from: number; seconds: number; readonly counts: OpenCounts };

/** A stretch of spans without a request: the first second of the first and of the last. */
type Quiet = { readonly quietFrom: number; quietTo: number };

class Track {
  readonly every: SignalEvery;
  readonly #keep: number;
  #closed: (SignalPoint | Quiet)[] = [];
  #open: OpenPoint | null = null;

  constructor(every: SignalEvery, keep: number) {
    this.every = every;
    this.#keep = keep;
  }

  /** @returns The point that this one has closed. */
  add(sample: Sample, parts: readonly (readonly [string, Counts])[], usage: Usage, beside: Beside): SignalPoint | null {
    const from = Math.floor(sample.second / this.every) * this.every;
    let closed: SignalPoint | null = null;
    if (this.#open && this.#open.from !== from) {
      closed = this.#open.point;
      this.#keepPoint(closed);
      this.#open = null;
    }
    this.#open ??= new OpenPoint(from);
    this.#open.add(sample, parts, usage, beside);
    return closed;
  }

  points(after: number): readonly SignalPoint[] {
    const oldest = this.#oldest();
    const open = this.#open && this.#open.from > after ? [this.#open.point] : [];
    const closed = this.#closed.flatMap((entry) => {
      if (!('quietFrom' in entry)) return entry.from > after && entry.from >= oldest ? [entry] : [];
      const points: SignalPoint[] = [];
      for (let from = Math.max(entry.quietFrom, oldest); from <= entry.quietTo; from += this.every)
        if (from > after) points.push(quietPoint(from, this.every));
      return points;
    });
    return [...closed, ...open].slice(-this.#keep);
  }

  restore(points: readonly SignalPoint[]): void {
    const first = this.#closed[0];
    const until = first ? startOf(first) : (this.#open?.from ?? Number.POSITIVE_INFINITY);
    this.#closed = [...points.filter(({ from }) => from < until), ...this.#closed].slice(-this.#keep);
  }

  /** The first second that still belongs to what is kept. */
  #oldest(): number {
    const last = this.#open?.from ?? endOf(this.#closed.at(-1));
    return last - (this.#keep - 1) * this.every;
  }

  #keepPoint(point: SignalPoint): void {
    const last = this.#closed.at(-1);
    if (point.requests === 0 && point.cpuShare === null && Object.keys(point.gauges).length === 0) {
      // An open end is moved instead of one entry for each ten seconds of every idle service.
      if (last && 'quietFrom' in last && last.quietTo === point.from - this.every) last.quietTo = point.from;
      else this.#closed.push({ quietFrom: point.from, quietTo: point.from });
    } else this.#closed.push(point);
    while (this.#closed.length > this.#keep || endOf(this.#closed[0]) < this.#oldest()) this.#closed.shift();
  }
}

function startOf(entry: SignalPoint | Quiet): number {
  return 'quietFrom' in entry ? entry.quietFrom : entry.from;
}

function endOf(entry: SignalPoint | Quiet | undefined): number {
  if (!entry) return Number.NEGATIVE_INFINITY;
  return 'quietFrom' in entry ? entry.quietTo : entry.from;
}

function quietPoint(from: number, seconds: number): SignalPoint {
  return {
    from,
    seconds,
    requests: 0,
    errors: 0,
    p50: null,
    p95: null,
    p99: null,
    ...noUsage,
    ...nothingBeside,
    errorsByClass: {},
    byVersion: [],
  };
}

class OpenPoint {
  readonly from: number;
  readonly #all = new OpenCounts();
  readonly #versions = new Map<string, OpenCounts>();
  #seconds = 0;
  #usage: Usage = noUsage;
  #beside: Beside = nothingBeside;

  constructor(from: number) {
    this.from = from;
  }

  add(sample: Sample, parts: readonly (readonly [string, Counts])[], usage: Usage, beside: Beside): void {
    this.#seconds += sample.seconds ?? 1;
    this.#usage = usage;
    this.#beside = beside;
    for (const [version, counts] of parts) {
      this.#all.add(counts);
      if (counts.n === 0 && !this.#versions.has(version)) continue;
      const known = this.#versions.get(version) ?? (this.#versions.size < versionsMax ? new OpenCounts() : null);
      if (known) this.#versions.set(version, known);
      known?.add(counts);
    }
  }

  get point(): SignalPoint {
    return {
      from: this.from,
      seconds: this.#seconds,
      ...this.#all.counts,
      ...this.#usage,
      ...this.#beside,
      errorsByClass: this.#all.classes,
      byVersion: [...this.#versions].map(([version, counts]) => ({ version, ...counts.counts })),
    };
  }
}

/** Counts in the making. Without requests it has no histogram. */
class OpenCounts {
  #requests = 0;
  #errors = 0;
  #latency: number[] | null = null;
  readonly #classes: Partial<Record<ErrorClass, number>> = {};

  add({ n, errors, classes, histogram }: Counts): void {
    if (n === 0) return;
    this.#requests += n;
    this.#errors += errors;
    for (const [name, count] of Object.entries(classes) as [ErrorClass, number][])
      this.#classes[name] = (this.#classes[name] ?? 0) + count;
    this.#latency ??= noRequests();
    addHistogram(this.#latency, histogram);
  }

  addAll(other: OpenCounts): void {
    if (other.#latency === null) return;
    this.#requests += other.#requests;
    this.#errors += other.#errors;
    this.#latency ??= noRequests();
    for (const [bucket, count] of other.#latency.entries()) this.#latency[bucket] = (this.#latency[bucket] ?? 0) + count;
  }

  get classes(): Readonly<Record<string, number>> {
    return { ...this.#classes };
  }

  get counts(): SignalCounts {
    const latency = this.#latency;
    const quantile = (ppm: number): number | null => {
      const ms = latency && quantileMs(latency, ppm);
      return ms === null ? null : Number(ms.toPrecision(4));
    };
    return {
      requests: this.#requests,
      errors: this.#errors,
      p50: quantile(500_000),
      p95: quantile(950_000),
      p99: quantile(990_000),
    };
  }
}
