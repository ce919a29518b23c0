import { LatencyRecord } from './latency-record.ts';
import type { LoadError, LoadResult, StatusClass } from './plan.ts';

const examplesMax = 5;

/** A request that the generator comes to later than this was not begun in time: a generator that is too slow is ever later. */
const lateMs = 250;

/** What came of the requests so far. Times are milliseconds from the start. */
export class Tally {
  readonly #fromMs: number;
  readonly #toMs: number;
  readonly #latency = new LatencyRecord();
  readonly #service = new LatencyRecord();
  readonly #lag = new LatencyRecord();
  readonly #statuses: Record<StatusClass, number> = { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0 };
  readonly #errors: Partial<Record<LoadError, number>> = {};
  readonly #examples = new Set<string>();
  #begun = 0;
  #answeredInside = 0;
  connections = 0;
  connectionsOpen = 0;
  again = 0;
  bytes = 0;
  /** Of all requests, also those that are not measured. */
  answers = 0;
  failures = 0;

  /** Only requests that should begin from `fromMs` until before `toMs` are measured. */
  constructor(fromMs: number, toMs: number) {
    this.#fromMs = fromMs;
    this.#toMs = toMs;
  }

  /** The generator has come to a request. */
  begun(dueMs: number, nowMs: number): void {
    if (!this.#isMeasured(dueMs)) return;
    this.#lag.add(nowMs - dueMs);
    if (nowMs - dueMs <= lateMs) this.#begun += 1;
  }

  answered(dueMs: number, sentMs: number, nowMs: number, status: number): void {
    this.answers += 1;
    if (status >= 400) this.failures += 1;
    if (nowMs >= this.#fromMs && nowMs < this.#toMs) this.#answeredInside += 1;
    if (!this.#isMeasured(dueMs)) return;
    this.#latency.add(nowMs - dueMs);
    this.#service.add(nowMs - sentMs);
    const shown = `${Math.floor(status / 100)}xx` as StatusClass;
    this.#statuses[shown] += 1;
  }

  failed(dueMs: number, nowMs: number, error: LoadError, words: string): void {
    this.failures += 1;
    if (!this.#isMeasured(dueMs)) return;
    // A request that was given up took at least so long. One that was refused at once was not fast: it was not served.
    if (error === 'timeout') this.#latency.add(nowMs - dueMs);
    this.#errors[error] = (this.#errors[error] ?? 0) + 1;
    if (this.#examples.size < examplesMax) this.#examples.add(words.slice(0, 200));
  }

  /**
   * @param askedPerSecond - null for users.
   * @param busy - See `LoadResult`.
   */
  result(askedPerSecond: number | null, busy: number): LoadResult {
    const measuredMs = this.#toMs - this.#fromMs;
    const answers = Object.values(this.#statuses).reduce((sum, count) => sum + count, 0);
    const errors = Object.values(this.#errors).reduce((sum, count) => sum + count, 0);
    return {
      measuredMs,
      requests: answers + errors,
      answers,
      statuses: this.#statuses,
      errors: this.#errors,
      examples: [...this.#examples],
      latency: this.#latency.latencies,
      service: this.#service.latencies,
      lag: this.#lag.latencies,
      askedPerSecond,
      begunPerSecond: (this.#begun * 1_000) / measuredMs,
      answeredPerSecond: (this.#answeredInside * 1_000) / measuredMs,
      busy,
      connections: this.connections,
      connectionsOpen: this.connectionsOpen,
      again: this.again,
      bytes: this.bytes,
    };
  }

  #isMeasured(dueMs: number): boolean {
    return dueMs >= this.#fromMs && dueMs < this.#toMs;
  }
}
