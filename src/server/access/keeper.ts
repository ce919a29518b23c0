import { nobodyYet, takeAccess } from '../../access/fold.ts';
import type { AccessEvent, AccessRecord, AccessState } from '../../access/types.ts';
import { messageOf, UserError } from '../../errors.ts';
import type { EventLog, LoggedEvent } from '../../stores/log.ts';

/** Name of the stream that records who has access, who came in, and what was configured. */
export const accessStream = 'access';

const pageSize = 500;
/** Changes that wait for the log; more than people and programs ask for, unless somebody wants to fill the memory. */
const waitingMax = 1_000;

/** An event and who caused it. */
export type AccessEntry = AccessEvent & { readonly actor: string };

/**
 * The one writer to the stream `access`. What it records has happened once `change` resolves, and not before: when the log cannot be
 * written, nothing has changed.
 */
export class AccessKeeper {
  readonly #log: EventLog;
  readonly #token: number;
  readonly #now: () => number;
  #state: AccessState = nobodyYet;
  #version = 0;
  /** Whether the log may have more than was folded: after an append whose answer was an error. */
  #isDoubtful = false;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  private constructor(log: EventLog, token: number, now: () => number) {
    this.#log = log;
    this.#token = token;
    this.#now = now;
  }

  /**
   * Folds the stream.
   *
   * @param token - The controller's token of the log: a controller that has lost the log changes nobody's access any more.
   * @param now - Unix milliseconds.
   */
  static async open(log: EventLog, token: number, now: () => number): Promise<AccessKeeper> {
    const keeper = new AccessKeeper(log, token, now);
    await keeper.#catchUp();
    return keeper;
  }

  get state(): AccessState {
    return this.#state;
  }

  /**
   * Records what `build` makes of the state, then does `effect` before anybody else gets a turn.
   *
   * @param build - Throws to refuse; then nothing is recorded. No event: only the effect.
   * @throws UserError `E_LOG_FAILING`, `E_STOPPED`; then nothing has changed.
   */
  async change(
    build: (state: AccessState, atMs: number) => readonly AccessEntry[],
    effect: () => void = () => {},
  ): Promise<void> {
    if (this.#waiting >= waitingMax)
      throw new UserError('E_TOO_MANY', 'too many changes of who has access wait for the log', {
        where: 'log',
        fix: 'try again in a few seconds',
      });
    this.#waiting += 1;
    const turn = this.#last.then(() => this.#change(build, effect));
    this.#last = turn.catch(() => {});
    try {
      await turn;
    } finally {
      this.#waiting -= 1;
    }
  }

  async #change(build: (state: AccessState, atMs: number) => readonly AccessEntry[], effect: () => void): Promise<void> {
    try {
      if (this.#isDoubtful) await this.#catchUp();
    } catch (error) {
      throw logFailing(error);
    }
    const at = this.#now();
    const entries = build(this.#state, at);
    if (entries.length > 0) await this.#append(entries, at);
    effect();
  }

  async #append(entries: readonly AccessEntry[], at: number): Promise<void> {
    const events = entries.map(({ kind, actor, data }) => ({ at, kind, release: null, actor, data }));
    this.#isDoubtful = true;
    try {
      const [result] = await this.#log.append(this.#token, [{ stream: accessStream, expectedVersion: this.#version, events }]);
      if (result?.kind === 'conflict') throw new Error('something else has written to it');
    } catch (error) {
      throw logFailing(error);
    }
    for (const entry of entries) this.#state = takeAccess(this.#state, { ...entry, at });
    this.#version += entries.length;
    this.#isDoubtful = false;
  }

  async #catchUp(): Promise<void> {
    for (;;) {
      const page = await this.#log.read(accessStream, this.#version, pageSize);
      for (const logged of page) {
        const record = recordOf(logged);
        if (record) this.#state = takeAccess(this.#state, record);
      }
      this.#version += page.length;
      if (page.length < pageSize) break;
    }
    this.#isDoubtful = false;
  }
}

const kinds: Readonly<Record<AccessEvent['kind'], true>> = {
  'user-added': true,
  'user-changed': true,
  'user-removed': true,
  'password-set': true,
  'signed-in': true,
  'sign-in-refused': true,
  'signed-out': true,
  'token-added': true,
  'token-revoked': true,
  configured: true,
};

/** A record of the stream; null for a kind that a newer version has written, which says nothing about who has access. */
function recordOf({ at, kind, actor, data }: LoggedEvent): AccessRecord | null {
  return Object.hasOwn(kinds, kind) ? ({ at, kind, actor, data } as AccessRecord) : null;
}

function logFailing(error: unknown): UserError {
  if (error instanceof UserError && error.code === 'E_STALE_TOKEN')
    return new UserError('E_STOPPED', 'this controller has stopped: another controller has taken over', {
      where: 'controller',
      fix: 'use the other one',
      cause: error,
    });
  return new UserError('E_LOG_FAILING', `nobody's access is changed while the log cannot be written: ${messageOf(error)}`, {
    where: 'log',
    fix: 'make room on the disk of the data folder',
    cause: error,
  });
}
