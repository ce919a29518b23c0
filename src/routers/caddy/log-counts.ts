import type { Sample } from '../../analysis/sample.ts';
import { messageOf, systemCode, UserError } from '../../errors.ts';
import { Counters, errorClasses } from '../counters.ts';
import { Ledger, memoryS } from '../ledger.ts';
import { LogReader } from '../log-reader.ts';
import type { Route, RouteReading, SampleQuery } from '../router.ts';
import { WeightHistory } from '../weight-history.ts';
import { type Attempt, attemptIn } from './log-line.ts';
import { dialsOf } from './upstreams.ts';

/** Instances of earlier routes whose version is remembered. */
const dialsMax = 5_000;

/** Longest that what has come may take to be read. */
const readMaxMs = 5_000;

/** Exact counts per second and version from Caddy's log of its attempts, read when they are asked for. */
export class LogCounts {
  readonly #file: string;
  readonly #log: LogReader;
  #hasRead = false;
  #wasThere = false;
  readonly #edgesMs: readonly number[];
  readonly #versions = new Map<string, string>();
  readonly #weights = new WeightHistory();
  #counters: Counters;
  #ledger: Ledger;
  #appliedAtMs = 0;
  #reading: Promise<void> = Promise.resolve();

  constructor(file: string, edgesMs: readonly number[], nowMs: number) {
    this.#file = file;
    this.#log = new LogReader(file);
    this.#edgesMs = edgesMs;
    this.#counters = new Counters(edgesMs);
    // The log may know what was before: the first second is the one in which the route came into force.
    this.#ledger = new Ledger(Math.floor(nowMs / 1_000), edgesMs);
  }

  /** Notes which instance is which version from now on, and the weight. */
  note(reading: RouteReading): void {
    this.learn(reading.route);
    if (reading.appliedAtMs === this.#appliedAtMs) return;
    if (this.#appliedAtMs === 0) this.#ledger = new Ledger(this.#firstSecond(reading.appliedAtMs), this.#edgesMs);
    this.#appliedAtMs = reading.appliedAtMs;
    this.#weights.note(reading.route, reading.appliedAtMs);
  }

  /** Notes the instances of a route before it is in force: the first line about one may come before the answer to the write. */
  learn({ stable, candidate }: Route): void {
    for (const backend of [stable, candidate]) {
      for (const dial of dialsOf(backend)) {
        this.#versions.delete(dial);
        this.#versions.set(dial, backend?.version ?? '');
      }
    }
    for (const dial of this.#versions.keys()) {
      if (this.#versions.size <= dialsMax) break;
      this.#versions.delete(dial);
    }
  }

  /** Reads what has come, one call after another. Rejects with `E_ROUTER_LOG`. */
  async catchUp(signal: AbortSignal): Promise<void> {
    const turn = this.#reading.then(() => this.#catchUp(signal));
    this.#reading = turn.catch(() => {});
    await turn;
  }

  async samples(query: SampleQuery, signal: AbortSignal): Promise<readonly Sample[]> {
    await this.catchUp(signal);
    const share = query.candidate ?? query.stable;
    return this.#ledger.samples(query, (second) => (query.candidate === null ? 0 : this.#weights.weightOf(share, second)));
  }

  async #catchUp(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    // Before it is read: what is written while it is read may be of a second that is not over.
    const nowMs = Date.now();
    const isPartial = await this.#read((line) => {
      const attempt = attemptIn(line);
      if (attempt) this.#count(attempt, nowMs);
    }, signal);
    const { through, slots } = this.#counters.flush(nowMs, new Set(this.#versions.values()));
    if (isPartial) {
      this.#counters = new Counters(this.#edgesMs);
      this.#ledger = new Ledger(through + 1, this.#edgesMs);
    } else this.#ledger.add(slots, through);
  }

  /** Hands on what has come, and answers whether something before it was left out. */
  async #read(take: (line: string) => void, signal: AbortSignal): Promise<boolean> {
    const limit = AbortSignal.timeout(readMaxMs);
    try {
      const { hasLeftOut, hasBegin, isThere } = await this.#log.read(take, AbortSignal.any([signal, limit]));
      // Caddy makes it with its first line, and goes on writing to one that was removed.
      if (!isThere && this.#wasThere) throw new Error('it was removed');
      this.#wasThere ||= isThere;
      const isPartial = hasLeftOut || (!this.#hasRead && !hasBegin);
      this.#hasRead = true;
      return isPartial;
    } catch (error) {
      signal.throwIfAborted();
      const why = limit.aborted ? `not within ${readMaxMs / 1_000} s` : (systemCode(error) ?? messageOf(error));
      throw new UserError('E_ROUTER_LOG', `the log of Caddy cannot be read: ${why}`, {
        where: this.#file,
        fix: 'Let this user read it, and start Caddy anew when the file was removed; or leave spec.router.caddy.log out and give spec.source what counts.',
        cause: error,
      });
    }
  }

  #count({ atMs, dial, ms, status, failed, isAborted }: Attempt, nowMs: number): void {
    const version = this.#versions.get(dial);
    // Of another service, or of a time that nobody will ask for.
    if (version === undefined || atMs < nowMs - memoryS * 1_000) return;
    const counters = this.#counters.of(version);
    // A line that comes after its second was handed out counts in the next.
    const countedAtMs = Math.max(atMs, this.#counters.secondAt(atMs) * 1_000);
    if (isAborted) counters.recordAborted(countedAtMs);
    else counters.record(countedAtMs, ms, failed === null ? -1 : errorClasses.indexOf(failed), status);
  }

  #firstSecond(appliedAtMs: number): number {
    return Math.floor(Math.max(appliedAtMs, Date.now() - memoryS * 1_000) / 1_000);
  }
}
