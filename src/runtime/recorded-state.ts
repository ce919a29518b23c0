import { messageOf, UserError } from '../errors.ts';
import type { Append, AppendResult, EventLog, LoggedEvent } from '../stores/log.ts';

const pageSize = 500;
/** Changes that wait for the log; more than people and programs ask for, unless somebody wants to fill the memory. */
const waitingMax = 1_000;
/** The same for what takes something back: it is not to be refused because others change much. */
const urgentMax = 10_000;

/** An event of a stream, as it is asked for and as it is folded. */
type Entry = { readonly kind: string; readonly data: unknown; readonly actor: string };

/** What a state is folded from, and what is said when its stream cannot be written. */
export type Recording<State, Event extends Entry> = {
  /** Name of the stream in the log. */
  readonly stream: string;
  readonly empty: State;
  /** Pure. */
  readonly take: (state: State, event: Event & { readonly at: number }) => State;
  /** The same after many events, where that costs less than one after the other. Pure. */
  readonly takeAll?: (state: State, events: readonly (Event & { readonly at: number })[]) => State;
  /** Kinds that the state follows from: others were written by a newer version, and say nothing here. */
  readonly kinds: readonly Event['kind'][];
  /** What changes, for messages: `who has access`. */
  readonly what: string;
  /** What does not happen while the log cannot be written: `nobody's access is changed`. */
  readonly held: string;
};

/**
 * A state that is the fold of one stream of the log, and the one writer to that stream. What it records has happened once `change`
 * resolves, and not before: when the log cannot be written, nothing has changed.
 */
export class RecordedState<State, Event extends Entry> {
  readonly #recording: Recording<State, Event>;
  readonly #log: EventLog;
  readonly #token: number;
  readonly #now: () => number;
  #state: State;
  #version = 0;
  /** Whether the log may have more than was folded: after an append whose answer was an error. */
  #isDoubtful = false;
  readonly #listeners = new Set<(events: readonly Event[], state: State) => void>();
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /**
   * Nothing is folded before `catchUp`.
   *
   * @param token - The controller's token of the log: a controller that has lost the log changes nothing any more.
   * @param now - Unix milliseconds.
   */
  constructor(recording: Recording<State, Event>, log: EventLog, token: number, now: () => number) {
    this.#recording = recording;
    this.#log = log;
    this.#token = token;
    this.#now = now;
    this.#state = recording.empty;
  }

  get state(): State {
    return this.#state;
  }

  /** Events of the stream that were read so far: where it ends, for whoever reads only its newest ones. */
  get version(): number {
    return this.#version;
  }

  /**
   * Hears of events once they are on record and folded, with the state after them. Must be quick, and must not throw: the one who changes
   * waits for it.
   *
   * @returns How to stop listening.
   */
  listen(listener: (events: readonly Event[], state: State) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Records what `build` makes of the state, then does `effect` before anybody else gets a turn.
   *
   * @param build - Throws to refuse; then nothing is recorded. No event: only the effect.
   * @param isUrgent - Whether it may still wait where others are refused.
   * @throws UserError `E_LOG_FAILING`, `E_STOPPED`, `E_TOO_MANY`; then nothing has changed.
   */
  async change(
    build: (state: State, atMs: number) => readonly Event[],
    effect: () => void = () => {},
    isUrgent = false,
  ): Promise<void> {
    this.#mustHaveRoom(isUrgent);
    this.#waiting += 1;
    const turn = this.#last.then(() => this.#change(build, effect));
    this.#last = turn.catch(() => {});
    try {
      await turn;
    } finally {
      this.#waiting -= 1;
    }
  }

  /**
   * Records what `build` makes of two states in one transaction of the log: both have changed, or neither has. Both are of the same log
   * and controller.
   *
   * @throws As `change`.
   */
  static async changeBoth<A, AEvent extends Entry, B, BEvent extends Entry>(
    a: RecordedState<A, AEvent>,
    b: RecordedState<B, BEvent>,
    build: (a: A, b: B, atMs: number) => readonly [readonly AEvent[], readonly BEvent[]],
    effect: () => void = () => {},
  ): Promise<void> {
    a.#mustHaveRoom(false);
    b.#mustHaveRoom(false);
    a.#waiting += 1;
    b.#waiting += 1;
    // Both places are taken in one go, so that two of these never wait for each other.
    const turn = Promise.all([a.#last, b.#last]).then(() => a.#changeWith(b, build, effect));
    a.#last = turn.catch(() => {});
    b.#last = a.#last;
    try {
      await turn;
    } finally {
      a.#waiting -= 1;
      b.#waiting -= 1;
    }
  }

  /** Folds what the log has and the state has not. */
  async catchUp(): Promise<void> {
    for (;;) {
      const page = await this.#log.read(this.#recording.stream, this.#version, pageSize);
      const events = page.flatMap((logged) => this.#eventOf(logged) ?? []);
      this.#take(events);
      this.#version += page.length;
      this.#tell(events);
      if (page.length < pageSize) break;
    }
    this.#isDoubtful = false;
  }

  #mustHaveRoom(isUrgent: boolean): void {
    if (this.#waiting >= (isUrgent ? urgentMax : waitingMax))
      throw new UserError('E_TOO_MANY', `too many changes of ${this.#recording.what} wait for the log`, {
        where: 'log',
        fix: 'try again in a few seconds',
      });
  }

  async #change(build: (state: State, atMs: number) => readonly Event[], effect: () => void): Promise<void> {
    await this.#certain();
    const at = this.#now();
    const entries = build(this.#state, at);
    if (entries.length > 0) {
      const [result] = await this.#write([this.#append(entries, at)]);
      this.#settle(entries, at, result);
    }
    effect();
  }

  async #changeWith<Other, OtherEvent extends Entry>(
    other: RecordedState<Other, OtherEvent>,
    build: (a: State, b: Other, atMs: number) => readonly [readonly Event[], readonly OtherEvent[]],
    effect: () => void,
  ): Promise<void> {
    await this.#certain();
    await other.#certain();
    const at = this.#now();
    const [own, others] = build(this.#state, other.#state, at);
    const appends = [
      ...(own.length > 0 ? [this.#append(own, at)] : []),
      ...(others.length > 0 ? [other.#append(others, at)] : []),
    ];
    if (appends.length > 0) {
      const results = await this.#write(appends);
      if (own.length > 0) this.#settle(own, at, results[0]);
      if (others.length > 0) other.#settle(others, at, results.at(-1));
    }
    effect();
  }

  /** Nothing is decided on a state that the log may be ahead of. */
  async #certain(): Promise<void> {
    try {
      if (this.#isDoubtful) await this.catchUp();
    } catch (error) {
      throw this.#logFailing(error);
    }
  }

  #append(entries: readonly Event[], at: number): Append {
    const events = entries.map(({ kind, actor, data }) => ({ at, kind, release: null, actor, data }));
    this.#isDoubtful = true;
    return { stream: this.#recording.stream, expectedVersion: this.#version, events };
  }

  async #write(appends: readonly Append[]): Promise<readonly AppendResult[]> {
    try {
      const results = await this.#log.append(this.#token, appends);
      if (results.some(({ kind }) => kind === 'conflict')) throw new Error('something else has written to it');
      return results;
    } catch (error) {
      throw this.#logFailing(error);
    }
  }

  #settle(entries: readonly Event[], at: number, result: AppendResult | undefined): void {
    if (result?.kind !== 'appended') return;
    this.#take(entries.map((entry) => ({ ...entry, at })));
    this.#version += entries.length;
    this.#isDoubtful = false;
    this.#tell(entries);
  }

  #take(events: readonly (Event & { readonly at: number })[]): void {
    const { take, takeAll } = this.#recording;
    this.#state = takeAll ? takeAll(this.#state, events) : events.reduce(take, this.#state);
  }

  #tell(events: readonly Event[]): void {
    if (events.length > 0) for (const listener of this.#listeners) listener(events, this.#state);
  }

  #eventOf({ at, kind, actor, data }: LoggedEvent): (Event & { readonly at: number }) | null {
    const isKnown = this.#recording.kinds.some((one) => one === kind);
    return isKnown ? ({ at, kind, actor, data } as unknown as Event & { readonly at: number }) : null;
  }

  #logFailing(error: unknown): UserError {
    if (error instanceof UserError && error.code === 'E_STALE_TOKEN')
      return new UserError('E_STOPPED', 'this controller has stopped: another controller has taken over', {
        where: 'controller',
        fix: 'use the other one',
        cause: error,
      });
    const what = `${this.#recording.held} while the log cannot be written: ${messageOf(error)}`;
    return new UserError('E_LOG_FAILING', what, {
      where: 'log',
      fix: 'make room on the disk of the data folder',
      cause: error,
    });
  }
}
