import { messageOf, UserError } from '../errors.ts';
import type { Append, AppendResult, EventLog, LoggedEvent } from '../stores/log.ts';

const pageSize = 500;
/** Changes that wait for the log; more than people and programs ask for, unless somebody wants to fill the memory. */
const waitingMax = 1_000;
/** The same for what takes something back: it is not to be refused because others change much. */
const urgentMax = 10_000;

/** An event of a stream, as it is asked for and as it is folded. */
export type Entry = { readonly kind: string; readonly data: unknown; readonly actor: string };

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

/** Opens the state of a stream: caught up with the log, and its one writer from then on. */
export type Recorded = <State, Event extends Entry>(recording: Recording<State, Event>) => Promise<RecordedState<State, Event>>;

/** One of several that change together, whatever it is of. */
type AnyRecorded = RecordedState<unknown, Entry>;

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

  /** The state of a stream as the log has it now. Parameters are those of the constructor. */
  static async caughtUp<State, Event extends Entry>(
    recording: Recording<State, Event>,
    log: EventLog,
    token: number,
    now: () => number,
  ): Promise<RecordedState<State, Event>> {
    const recorded = new RecordedState(recording, log, token, now);
    await recorded.catchUp();
    return recorded;
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
    await RecordedState.#changeTogether(
      [a, b] as unknown as readonly AnyRecorded[],
      (atMs) => build(a.#state, b.#state, atMs),
      effect,
    );
  }

  /** The same for three states. */
  static async changeThree<A, AEvent extends Entry, B, BEvent extends Entry, C, CEvent extends Entry>(
    a: RecordedState<A, AEvent>,
    b: RecordedState<B, BEvent>,
    c: RecordedState<C, CEvent>,
    build: (a: A, b: B, c: C, atMs: number) => readonly [readonly AEvent[], readonly BEvent[], readonly CEvent[]],
  ): Promise<void> {
    await RecordedState.#changeTogether([a, b, c] as unknown as readonly AnyRecorded[], (atMs) =>
      build(a.#state, b.#state, c.#state, atMs),
    );
  }

  static async #changeTogether(
    all: readonly AnyRecorded[],
    build: (atMs: number) => readonly (readonly Entry[])[],
    effect: () => void = () => {},
  ): Promise<void> {
    for (const one of all) one.#mustHaveRoom(false);
    for (const one of all) one.#waiting += 1;
    // All places are taken in one go, so that none of these ever waits for another.
    const turn = Promise.all(all.map((one) => one.#last)).then(() => RecordedState.#writeTogether(all, build, effect));
    const settled = turn.catch(() => {});
    for (const one of all) one.#last = settled;
    try {
      await turn;
    } finally {
      for (const one of all) one.#waiting -= 1;
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

  static async #writeTogether(
    all: readonly AnyRecorded[],
    build: (atMs: number) => readonly (readonly Entry[])[],
    effect: () => void,
  ): Promise<void> {
    const [first] = all;
    if (!first) return;
    for (const one of all) await one.#certain();
    const at = first.#now();
    const parts = build(at)
      .map((entries, index) => ({ of: all[index], entries }))
      .flatMap(({ of, entries }) => (of && entries.length > 0 ? [{ of, entries }] : []));
    if (parts.length > 0) {
      const results = await first.#write(parts.map(({ of, entries }) => of.#append(entries, at)));
      for (const [index, { of, entries }] of parts.entries()) of.#settle(entries, at, results[index]);
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
