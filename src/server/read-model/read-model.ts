import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { setImmediate as breathe, setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../errors.ts';
import type { PublishingLog } from '../../runtime/publishing-log.ts';
import type { LoggedEvent } from '../../stores/log.ts';
import { isDamage, Outdated, openViewsFile, removeViewsFile, type ViewsFile } from './file.ts';
import type { Projection } from './projection.ts';

/** Events that are read and taken in one go while it catches up: a few milliseconds, so that no look of the guard waits for long. */
const pageSize = 100;

/** Events that wait to be taken while it follows; with more it reads them from the log instead. */
const waitingMax = 5_000;

/** Waits between two tries while its file cannot be written. */
const tryAgainMs = { first: 1_000, longest: 30_000 } as const;

export type ReadModelOptions = {
  readonly log: PublishingLog;
  /** Path of the file; `:memory:` for none. */
  readonly file: string;
  readonly projections: readonly Projection[];
  readonly warn: (text: string) => void;
};

/** How far it is: `behind` while it reads what is in the log already. */
export type ReadModelHealth = {
  readonly seq: number;
  readonly isBehind: boolean;
  readonly problem: string | null;
};

/**
 * Tables that follow the log, for lists that nobody wants to fold for. Only ever a cache: it is made anew when it is missing, damaged, of
 * another format or not of this log, and nothing waits for it. It catches up page by page in the background, then follows what is
 * appended.
 */
export class ReadModel {
  readonly #options: ReadModelOptions;
  #views: ViewsFile;
  /** Prepared statements of the present file. */
  #prepared = new Map<string, ReturnType<DatabaseSync['prepare']>>();
  #waiting: LoggedEvent[] = [];
  /** Position of the last event that was heard of. */
  #heardSeq = 0;
  #isFollowing = false;
  #isScheduled = false;
  #problem: string | null = null;
  readonly #stopping = new AbortController();
  readonly #unsubscribe: () => void;
  #catchingUp: Promise<void>;

  private constructor(options: ReadModelOptions, views: ViewsFile) {
    this.#options = options;
    this.#views = views;
    this.#unsubscribe = options.log.subscribe((events) => this.#heard(events));
    this.#catchingUp = this.#catchUp();
  }

  /** Opens it and begins to catch up. Never rejects for a reason of its file: without one it works in memory until the next start. */
  static async open(options: ReadModelOptions): Promise<ReadModel> {
    return new ReadModel(options, await usable(options));
  }

  get health(): ReadModelHealth {
    return { seq: this.#views.position.seq, isBehind: !this.#isFollowing, problem: this.#problem };
  }

  /** Resolves when it has caught up with what was in the log at its start, or is closed. */
  get caughtUp(): Promise<void> {
    return this.#catchingUp;
  }

  /** Rows of a query, with everything in them that was on record when it is called, once it has caught up. */
  rows<Row>(sql: string, ...values: readonly SQLInputValue[]): readonly Row[] {
    this.#takeWaiting();
    try {
      return this.#statement(sql).all(...values) as Row[];
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#beginAnew(messageOf(error));
      return this.#statement(sql).all(...values) as Row[];
    }
  }

  /** Safe to repeat. The log has to be open still. */
  async close(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    this.#unsubscribe();
    await this.#catchingUp;
    this.#takeWaiting();
    this.#isFollowing = false;
    this.#views.close();
  }

  #statement(sql: string): ReturnType<DatabaseSync['prepare']> {
    const known = this.#prepared.get(sql);
    if (known) return known;
    const statement = this.#views.db.prepare(sql);
    this.#prepared.set(sql, statement);
    return statement;
  }

  #heard(events: readonly LoggedEvent[]): void {
    this.#heardSeq = events.at(-1)?.seq ?? this.#heardSeq;
    if (!this.#isFollowing) return;
    this.#waiting.push(...events);
    if (this.#waiting.length > waitingMax) this.#fallBehind();
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // Not in the turn of the one who appends: a decision that is on record has effects to begin.
    setImmediate(() => {
      this.#isScheduled = false;
      this.#takeWaiting();
    });
  }

  #takeWaiting(): void {
    if (!this.#isFollowing || this.#waiting.length === 0) return;
    const events = this.#waiting;
    this.#waiting = [];
    // Somebody else has written to the log in between.
    if (events[0]?.seq !== this.#views.position.seq + 1) {
      this.#fallBehind();
      return;
    }
    try {
      this.#views.take(events);
    } catch (error) {
      this.#isFollowing = false;
      this.#failed(error);
      this.#fallBehind();
    }
  }

  /** Reads from the log again what it has not taken. */
  #fallBehind(): void {
    this.#waiting = [];
    this.#isFollowing = false;
    if (this.#stopping.signal.aborted) return;
    this.#catchingUp = this.#catchUp();
  }

  async #catchUp(): Promise<void> {
    const { log } = this.#options;
    const { signal } = this.#stopping;
    let waitMs: number = tryAgainMs.first;
    while (!signal.aborted) {
      try {
        if (this.#problem !== null) await delay(waitMs, undefined, { signal, ref: false });
        const views = this.#views;
        const page = await log.readAll(views.position.seq, pageSize);
        if (signal.aborted) return;
        // Somebody has found the file damaged meanwhile.
        if (views !== this.#views) continue;
        views.take(page);
        this.#problem = null;
        waitMs = tryAgainMs.first;
        // What was appended while the page was on its way is in the next one; from then on everything is heard.
        if (page.length < pageSize && this.#heardSeq <= views.position.seq) {
          this.#isFollowing = true;
          return;
        }
        await breathe();
      } catch (error) {
        if (signal.aborted) return;
        this.#failed(error);
        waitMs = Math.min(waitMs * 2, tryAgainMs.longest);
      }
    }
  }

  #failed(error: unknown): void {
    if (isDamage(error)) {
      this.#beginAnew(messageOf(error));
      return;
    }
    const problem = messageOf(error);
    if (this.#problem === null)
      this.#options.warn(`lists of releases and the audit are not up to date, and are tried again: ${problem}`);
    this.#problem = problem;
  }

  #beginAnew(why: string): void {
    this.#prepared = new Map();
    this.#views.close();
    this.#options.warn(`${this.#options.file} is made anew: ${why}`);
    this.#views = afresh(this.#options);
    if (this.#isFollowing) this.#fallBehind();
  }
}

/** The file when it stands on this log, else an empty one. */
async function usable(options: ReadModelOptions): Promise<ViewsFile> {
  const { file, projections, log, warn } = options;
  try {
    const views = openViewsFile(file, projections);
    const { seq, hash } = views.position;
    const [event] = seq === 0 ? [] : await log.readAll(seq - 1, 1);
    if (seq === 0 || (event?.seq === seq && event.hash === hash)) return views;
    views.close();
    warn(`${file} is made anew: it is not of this log`);
  } catch (error) {
    warn(`${file} is made anew: ${error instanceof Outdated ? error.message : messageOf(error)}`);
  }
  return afresh(options);
}

function afresh({ file, projections, warn }: ReadModelOptions): ViewsFile {
  try {
    removeViewsFile(file);
    return openViewsFile(file, projections);
  } catch (error) {
    warn(`lists of releases and the audit are kept in memory until the next start: ${messageOf(error)}`);
    return openViewsFile(':memory:', projections);
  }
}
