import type { Sample } from '../../analysis/sample.ts';
import { messageOf, UserError } from '../../errors.ts';
import { Counters } from '../counters.ts';
import { Ledger, memoryS } from '../ledger.ts';
import { type LogRead, LogReader } from '../log-reader.ts';
import type { Route, SampleQuery } from '../router.ts';
import { WeightHistory } from '../weight-history.ts';
import { outcomesOf } from './log-line.ts';

/** Workers write a line a moment after the time it bears. */
const graceMs = 150;

/** Counts per second and version, from nginx's log. They survive the controller, because the log does. */
export class LogCounts {
  readonly #file: string;
  readonly #reader: LogReader;
  readonly #counters: Counters;
  readonly #edgesMs: readonly number[];
  readonly #weights = new WeightHistory();
  #ledger: Ledger | null = null;
  #firstSecond = Number.POSITIVE_INFINITY;
  /** No count goes to a second that was handed out. */
  #through = 0;
  /** The route that was noted last, which is read again each second. */
  #noted = '';
  #versions: ReadonlySet<string> = new Set();
  #reading: Promise<unknown> = Promise.resolve();

  constructor(file: string, edgesMs: readonly number[]) {
    this.#file = file;
    this.#reader = new LogReader(file);
    this.#edgesMs = edgesMs;
    this.#counters = new Counters(edgesMs);
  }

  /** A route that is in force since then. */
  noteRoute(route: Route, atMs: number): void {
    const noted = JSON.stringify([route.stable?.version, route.candidate?.version, route.weight]);
    if (noted === this.#noted) return;
    this.#noted = noted;
    this.#weights.note(route, atMs);
    this.#versions = new Set([route.stable, route.candidate].flatMap((backend) => backend?.version ?? []));
  }

  /**
   * The complete seconds after `afterSecond`, oldest first.
   *
   * @throws UserError `E_ROUTER_LOG` when the log is not there or cannot be read: silence would look like a version without traffic.
   */
  async samples(query: SampleQuery, nowMs: () => number, signal: AbortSignal): Promise<readonly Sample[]> {
    // One after the other: two readings at once would take the same lines.
    const mine = this.#reading.then(() => this.#read(nowMs, signal));
    this.#reading = mine.catch(() => {});
    const ledger = await mine;
    return ledger.samples(query, (second) => this.#weights.weightOf(query.candidate, second));
  }

  async #read(nowMs: () => number, signal: AbortSignal): Promise<Ledger> {
    // Asked before the log is read: what ended before it is in there.
    const doneMs = nowMs() - graceMs;
    const oldestMs = doneMs - memoryS * 1_000;
    const { hasLeftOut, hasBegin } = await this.#lines((line) => {
      for (const { version, atMs, latencyMs, errorClass, status } of outcomesOf(line) ?? []) {
        if (atMs < oldestMs) continue;
        this.#firstSecond = Math.min(this.#firstSecond, Math.floor(atMs / 1_000));
        this.#counters.of(version).record(Math.max(atMs, (this.#through + 1) * 1_000), latencyMs, errorClass, status);
      }
    }, signal);
    const { slots, through } = this.#counters.flush(doneMs, this.#versions);
    this.#through = through;
    // Seconds of which lines were left out are missing, and not quiet: the count begins anew.
    if (hasLeftOut || !this.#ledger) {
      this.#ledger = new Ledger(
        hasLeftOut ? through + 1 : Math.min(this.#firstSecond + (hasBegin ? 0 : 1), through + 1),
        this.#edgesMs,
      );
    }
    this.#ledger.add(slots, through);
    return this.#ledger;
  }

  async #lines(take: (line: string) => void, signal: AbortSignal): Promise<LogRead> {
    let read: LogRead;
    try {
      read = await this.#reader.read(take, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw this.#unusable(
        `cannot be read: ${messageOf(error)}`,
        'Let the user that Rampart runs as read this file and its folder.',
        error,
      );
    }
    if (read.isThere) return read;
    // nginx makes it when it loads its configuration, and keeps writing to one that was removed.
    throw this.#unusable(
      'is not there',
      'Run `nginx -s reopen` so that nginx makes it anew; see that nginx may write in its folder.',
    );
  }

  #unusable(what: string, fix: string, cause?: unknown): UserError {
    return new UserError('E_ROUTER_LOG', `the log of nginx that is counted, ${this.#file}, ${what}`, {
      where: this.#file,
      fix,
      cause,
    });
  }
}
