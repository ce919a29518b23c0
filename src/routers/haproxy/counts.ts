import { type Counts, noCounts, type Sample } from '../../analysis/sample.ts';
import type { SampleQuery } from '../router.ts';
import type { LoggedCounts } from './logged-counts.ts';
import type { ServerStats } from './server-rows.ts';

/** How far back samples are answered, and how long an absence may be. */
const memoryS = 900;
/** How far the clock may go back before what was counted is another time. */
const backS = 5;

/** What HAProxy said of its servers at one moment. */
export type Look = {
  /** Unix milliseconds. */
  readonly atMs: number;
  readonly servers: ReadonlyMap<string, ServerStats>;
  /** Which run of HAProxy has said so. */
  readonly run: string;
  /** The version that each server has been since the look before; of others nothing is counted. */
  readonly versions: ReadonlyMap<string, string>;
  /** Percent of requests that the candidate has had since the look before. */
  readonly weight: number;
};

/** What one version did in some time. */
type Tally = {
  readonly n: number;
  readonly status: number;
  readonly connect: number;
  readonly moved: number;
  readonly broken: number;
  /** Of `broken`, those that HAProxy itself neither counts nor logs. */
  readonly lost: number;
};
type PerVersion = ReadonlyMap<string, Tally>;
type Closed = { readonly second: number; readonly seconds: number; readonly weight: number; readonly counts: PerVersion };

const none: Tally = { n: 0, status: 0, connect: 0, moved: 0, broken: 0, lost: 0 };
const keys = ['n', 'status', 'connect', 'moved', 'broken'] as const;

/** What of one server's totals is counted already. */
type Known = Readonly<Record<(typeof keys)[number], number>>;

/** Counts per second and version, from the differences of HAProxy's totals. A second is closed by the first look after it. */
export class CountsKept {
  #closed: Closed[] = [];
  #last: Look | null = null;
  #open = new Map<string, Tally>();
  /** The highest totals that were seen of each server: one that falls for a moment must not be counted twice. */
  readonly #known = new Map<string, Known>();
  /** Most that each server was ever seen to have lost. */
  readonly #lost = new Map<string, number>();
  #openSinceMs = 0;
  #weightMs = 0;

  /** Takes a look in. The first one only says where to count from. */
  note(look: Look): void {
    const before = this.#last;
    this.#last = look;
    const isAnew = !before || look.atMs < before.atMs - backS * 1_000 || look.atMs > before.atMs + memoryS * 1_000;
    if (isAnew) {
      this.#open = new Map();
      this.#openSinceMs = look.atMs;
      this.#weightMs = 0;
      this.#known.clear();
      this.#lost.clear();
      for (const [server, stats] of look.servers) {
        this.#known.set(server, stats.counters);
        this.#lost.set(server, lostAtMost(stats));
      }
      // After a jump of the clock the seconds that were kept are not those of these numbers.
      if (before && look.atMs < before.atMs) this.#closed = [];
      return;
    }
    for (const [server, stats] of look.servers) {
      const news = this.#newsOf(server, stats, look.run === before.run ? before.servers.get(server) : undefined);
      const version = look.versions.get(server);
      if (version !== undefined) this.#open.set(version, plus(this.#open.get(version) ?? none, news));
    }
    this.#weightMs += look.weight * Math.max(0, look.atMs - before.atMs);
    this.#close(look.atMs);
  }

  /**
   * What has come since.
   *
   * @param before - What the same run of HAProxy has said of it. Fewer requests by now: somebody has cleared the counters.
   */
  #newsOf(server: string, now: ServerStats, before: ServerStats | undefined): Tally {
    const isAnew = !before || now.given < before.given;
    const counted: Known = (isAnew ? undefined : this.#known.get(server)) ?? none;
    const highest: Record<keyof Known, number> = { ...counted };
    for (const key of keys) highest[key] = Math.max(counted[key], now.counters[key]);
    this.#known.set(server, highest);
    const news = difference(highest, counted);
    if (isAnew) {
      this.#lost.set(server, lostAtMost(now));
      return news;
    }
    const known = this.#lost.get(server) ?? lostAtMost(now);
    this.#lost.set(server, Math.max(known, now.counters.lost));
    const lost = Math.max(0, now.counters.lost - known);
    return { ...news, n: news.n + lost, broken: news.broken + lost, lost };
  }

  #close(atMs: number): void {
    const from = Math.floor(this.#openSinceMs / 1_000);
    const seconds = Math.floor(atMs / 1_000) - from;
    if (seconds <= 0) return;
    const weight = Math.round((this.#weightMs / (atMs - this.#openSinceMs)) * 10_000) / 10_000;
    this.#closed.push({ second: from + seconds - 1, seconds, weight, counts: this.#open });
    this.#closed = this.#closed.filter(({ second }) => second > from + seconds - 1 - memoryS);
    this.#open = new Map();
    this.#openSinceMs = atMs;
    this.#weightMs = 0;
  }

  /**
   * What was closed after `afterSecond`, oldest first.
   *
   * @param logged - Where HAProxy's log is taken, its counts: they have latency. A second of which the log has less than half is `null`.
   */
  samples(query: SampleQuery, edgesMs: readonly number[], logged: LoggedCounts | null): readonly Sample[] {
    return this.#closed
      .filter(({ second }) => second > query.afterSecond)
      .slice(0, query.limit)
      .map((closed) => {
        const { second, seconds, weight, counts } = closed;
        const from = second - seconds + 1;
        const isUnknown = logged !== null && this.#hasHardly(logged, closed);
        const of = (version: string | null): Counts | null => {
          if (version === null || isUnknown) return null;
          const tally = counts.get(version) ?? none;
          return logged ? logged.between(version, from, second, tally) : countsOf(tally, from, edgesMs);
        };
        const covers = seconds > 1 ? { seconds } : {};
        return { second, ...covers, edgesMs, weight, stable: of(query.stable), candidate: of(query.candidate) };
      });
  }

  /** Whether of the newest second less than half is in the log. */
  isHardlyLogged(logged: LoggedCounts): boolean {
    const newest = this.#closed.at(-1);
    return newest !== undefined && this.#hasHardly(logged, newest);
  }

  /** What of the next seconds' lines is more than they count was late: a busy process reads a line after the second in which it came. */
  #hasHardly(logged: LoggedCounts, closed: Closed): boolean {
    const counted = totalOf(closed.counts);
    if (counted < enough) return false;
    const next = this.#closed[this.#closed.indexOf(closed) + 1];
    const versions = [...closed.counts.keys()];
    const linesOf = (from: number, to: number) => versions.reduce((sum, one) => sum + logged.between(one, from, to, none).n, 0);
    const lines = linesOf(closed.second - closed.seconds + 1, closed.second);
    const following = linesOf(closed.second + 1, next?.second ?? closed.second + 1);
    const late = Math.max(0, following - totalOf(next?.counts ?? this.#open));
    return lines + late < counted / 2;
  }
}

/** Of few requests the log may have some in the next second. */
const enough = 20;

function totalOf(counts: PerVersion): number {
  let total = 0;
  for (const { n } of counts.values()) total += n;
  return total;
}

function countsOf({ n, status, connect, broken }: Tally, firstSecond: number, edgesMs: readonly number[]): Counts {
  const slower = edgesMs.map(() => 0);
  // An answer 5xx that also ended too early is one failure.
  const errors = Math.min(n, status + connect + broken);
  if (errors === 0) return { ...noCounts, n, slower };
  const brokenOnly = Math.max(0, errors - status - connect);
  return {
    n,
    errors,
    classes: {
      ...(errors - connect - brokenOnly > 0 ? { status: errors - connect - brokenOnly } : {}),
      ...(connect > 0 ? { connect } : {}),
      ...(brokenOnly > 0 ? { broken: brokenOnly } : {}),
    },
    histogram: [],
    slower,
    // Nobody knows when in this time it was; the earliest is what people must not be told too late.
    firstErrorAtMs: firstSecond * 1_000,
  };
}

function difference(now: Known, before: Known): Tally {
  return {
    n: now.n - before.n,
    status: now.status - before.status,
    connect: now.connect - before.connect,
    moved: now.moved - before.moved,
    broken: now.broken - before.broken,
    lost: 0,
  };
}

/** Answers under way hide as many that were lost. */
function lostAtMost({ counters, current }: ServerStats): number {
  return counters.lost + current;
}

function plus(a: Tally, b: Tally): Tally {
  return {
    n: a.n + b.n,
    status: a.status + b.status,
    connect: a.connect + b.connect,
    moved: a.moved + b.moved,
    broken: a.broken + b.broken,
    lost: a.lost + b.lost,
  };
}
