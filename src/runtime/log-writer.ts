import { messageOf, UserError } from '../errors.ts';
import type { EventLog } from '../stores/log.ts';
import { streamOf, toSnapshot } from './record.ts';
import type { ServiceAgent } from './service-agent.ts';
import { stagger } from './stagger.ts';

/** Records between two snapshots of a service. */
const snapshotEvery = 200;

export type LogWriterOptions = {
  readonly log: EventLog;
  readonly token: number;
  readonly agents: () => Iterable<ServiceAgent>;
  readonly warn: (service: string | null, text: string) => void;
  /** Something is on record now, or cannot be. */
  readonly wake: () => void;
  /** Somebody else has the log. */
  readonly stop: (reason: string) => Promise<void>;
  readonly isStopped: () => boolean;
};

/** The one writer to the log of the services: whatever all of them have decided in one turn of the event loop comes on record together. */
export class LogWriter {
  readonly #options: LogWriterOptions;
  readonly #snapshotAt = new Map<string, number>();
  #isWriting = false;
  #isWanted = false;
  #isAsking = false;
  #problem: string | null = null;
  /** Resolves with the problem when the log fails; there is a new one when it is well again. */
  #failure = Promise.withResolvers<string>();

  constructor(options: LogWriterOptions) {
    this.#options = options;
  }

  /** Why the log cannot be written; null: it can. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Takes a service on whose stream has `version` records. */
  add(name: string, version: number): void {
    this.#snapshotAt.set(name, version - stagger(name, snapshotEvery));
  }

  /** Something waits to be put on record, or what failed is to be tried again. */
  request(): void {
    this.#isWanted = true;
    if (this.#isWriting) return;
    this.#isWriting = true;
    // Everything decided in this turn of the event loop goes into one transaction.
    queueMicrotask(() => void this.#write());
  }

  /** Waits until a decision is on record, and answers null; or why the log fails, when it does so before. */
  async failureBefore(recorded: Promise<unknown>): Promise<string | null> {
    return await Promise.race([recorded.then(() => null), this.#failure.promise]);
  }

  /**
   * Finds out whether another controller has the log by now. One that has nothing to put on record would not notice otherwise, and go
   * on running what it believes to be wanted.
   */
  async ask(): Promise<void> {
    // A thousand services may doubt it at once.
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      await this.#options.log.append(this.#options.token, []);
    } catch (error) {
      if (error instanceof UserError && error.code === 'E_STALE_TOKEN')
        await this.#options.stop('another controller has taken over');
    } finally {
      this.#isAsking = false;
    }
  }

  async #write(): Promise<void> {
    try {
      while (this.#isWanted && !this.#options.isStopped()) {
        this.#isWanted = false;
        const waiting = [...this.#options.agents()]
          .map((agent) => ({ agent, events: agent.turn.staged }))
          .filter(({ events }) => events.length > 0);
        if (waiting.length === 0) return;
        const appends = waiting.map(({ agent, events }) => ({
          stream: streamOf(agent.name),
          expectedVersion: agent.turn.version,
          events,
        }));
        const results = await this.#options.log.append(this.#options.token, appends);
        if (this.#problem !== null) this.#failure = Promise.withResolvers();
        this.#problem = null;
        for (const [index, { agent, events }] of waiting.entries()) {
          if (results[index]?.kind !== 'appended')
            return void this.#options.stop(`another controller has written to ${agent.name}`);
          agent.turn.settled(events.length);
          this.#snapshot(agent);
          void agent.supervise();
        }
      }
    } catch (error) {
      if (error instanceof UserError && error.code === 'E_STALE_TOKEN')
        return void this.#options.stop('another controller has taken over');
      // The records stay staged and are tried again with the next look; taking traffic back goes ahead without them.
      this.#problem = messageOf(error);
      this.#failure.resolve(this.#problem);
      this.#options.warn(null, this.#problem);
      for (const agent of this.#options.agents()) agent.turn.act();
    } finally {
      this.#isWriting = false;
      this.#options.wake();
    }
  }

  #snapshot(agent: ServiceAgent): void {
    const { turn } = agent;
    // A snapshot is the fold up to a version: only a state with nothing waiting is that.
    if (turn.version - (this.#snapshotAt.get(turn.name) ?? 0) < snapshotEvery || !turn.isOnRecord) return;
    this.#snapshotAt.set(turn.name, turn.version);
    this.#options.log
      .writeSnapshot(this.#options.token, streamOf(turn.name), turn.version, toSnapshot(turn.head))
      .catch((error: unknown) => this.#options.warn(turn.name, messageOf(error)));
  }
}
