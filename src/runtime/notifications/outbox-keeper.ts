import { messageOf, UserError } from '../../errors.ts';
import type { SetupState } from '../../incidents/setup.ts';
import { queueEvents, type Wish } from '../../notifications/queue.ts';
import { outcomeEvents } from '../../notifications/retry.ts';
import { nextTurn, type Sending, type Turn } from '../../notifications/turn.ts';
import type { EndedMessage, OutboxRecorded, OutboxState } from '../../notifications/types.ts';
import type { Delivery, Message, Notifier, NotifierTools } from '../../notifiers/notifier.ts';
import type { NotifierSpec } from '../../spec/notifier.ts';
import type { Clock } from '../clock.ts';
import { within } from '../clock.ts';
import { Loop } from '../loop.ts';
import type { MessagesRecorded } from './outbox-records.ts';
import { type NotifierPlugins, Receivers } from './receivers.ts';

/** It is looked at least so often: the clock may jump, and a setup may have changed. */
const idleMs = 15_000;
/** After the log has failed. */
const failedMs = 1_000;
/** What is under way when the controller is asked to stop has so long to be answered: then nothing of it is sent twice. */
const stoppingMs = 5_000;

/**
 * Puts events of the outbox on record, with whatever follows from them, in one append: an incident notes who was told when it is on
 * record that they were.
 *
 * @param build - What to record, from the outbox as it is; no event: only the effect.
 */
export type Commit = (
  build: (state: OutboxState, atMs: number) => readonly OutboxRecorded[],
  effect?: () => void,
) => Promise<void>;

export type OutboxKeeperOptions = {
  /** Caught up. */
  readonly records: MessagesRecorded;
  readonly setup: { readonly state: SetupState; listen(listener: () => void): () => void };
  readonly plugins: NotifierPlugins;
  readonly tools: NotifierTools;
  readonly clock: Clock;
  /** In 0…1: place of a wait in its range. What was drawn is on record. */
  readonly random: () => number;
  /** Left out: nothing follows. */
  readonly commit?: Commit;
  /** Of which incidents, by id, nobody is to be called at a moment. Left out: people are called of all. */
  readonly quiet?: (nowMs: number) => (incident: string) => boolean;
  /** Who is behind an address that the log must not have. */
  readonly private?: PrivateAddresses;
  readonly warn: (text: string) => void;
};

/** Addresses that are kept beside the log. */
export type PrivateAddresses = {
  /** Whether this address of the outbox stands for another one. */
  isFor(to: string): boolean;
  /**
   * That one, and the message as it is sent there; null: it is not there any more.
   *
   * @throws UserError while that cannot be known.
   */
  reveal(to: string, message: Message): { readonly to: string; readonly message: Message } | null;
};

/**
 * Sends what is queued: on record before it is done, at most so many at once and in a minute as each receiver takes. It follows from what
 * is on record alone, so that the next controller goes on with it; what this one dies in is sent again under the same key.
 */
export class OutboxKeeper {
  readonly #options: OutboxKeeperOptions;
  readonly #receivers: Receivers;
  readonly #commit: Commit;
  readonly #underWay = new Map<string, Promise<void>>();
  /** What is under way is called off. */
  readonly #ending = new AbortController();
  readonly #loop: Loop;
  /** What was said of a failure last, so that it is not said every second. */
  #warned = '';

  constructor(options: OutboxKeeperOptions) {
    const { records, setup, plugins, tools, commit } = options;
    this.#options = options;
    this.#receivers = new Receivers(setup, plugins, tools);
    this.#commit = commit ?? ((build, effect) => records.change(build, effect));
    const { clock, warn } = options;
    const hears = [records, setup].map((one) => (wake: () => void) => one.listen(wake));
    this.#loop = new Loop({ what: 'notifications', turn: () => this.#turn(), hears, clock, warn });
  }

  get state(): OutboxState {
    return this.#options.records.state;
  }

  /** What waits, and why. */
  get waits(): Turn['waits'] {
    return this.#next(this.state, this.#options.clock.now()).waits;
  }

  get receivers(): Receivers {
    return this.#receivers;
  }

  /** Queues a message. It is sent once it is on record; queued again under the same key it changes nothing. */
  async tell(wish: Wish): Promise<void> {
    await this.#commit((state) => queueEvents(state, wish));
  }

  /** How a message ended, within `maxMs`; null: it has not, or was told of in a bundle that has not. */
  async outcome(id: string, maxMs: number): Promise<EndedMessage | null> {
    const { records, clock } = this.#options;
    const found = (): EndedMessage | undefined => this.state.ended.find((one) => one.id === id);
    const heard = new AbortController();
    const deaf = records.listen(() => {
      if (found()) heard.abort();
    });
    try {
      if (!found()) await clock.after(maxMs, AbortSignal.any([heard.signal, this.#loop.signal]));
      return found() ?? null;
    } finally {
      deaf();
    }
  }

  /**
   * @param to - Another address of it; null: its own.
   * @throws UserError where nothing can be sent to such a receiver.
   */
  mustReach(notifier: string, to: string | null): void {
    const revision = this.#receivers.rules.current(notifier);
    const spec = revision === null ? undefined : this.#receivers.spec(notifier, revision);
    if (revision === null || !spec)
      throw new UserError('E_UNKNOWN_NOTIFIER', `there is no notifier ${notifier}`, {
        where: 'notifier',
        fix: 'see `rampart notify list` for those there are',
      });
    const { addressed } = this.#receivers.plugin(spec) ?? {};
    const problem =
      to === null
        ? null
        : addressed
          ? addressed.to.safeParse(to).error?.issues[0]?.message
          : `${spec.receiver.kind} has one address only`;
    if (problem) throw new UserError('E_INPUT', `to: ${problem}`, { where: 'to', fix: 'name an address that this receiver has' });
    // Some configurations of a kind have one address alone, and say so.
    this.#receivers.receiver(spec, revision, to);
  }

  /** Sends no more. What is under way has a few seconds to be answered; what is not by then is sent again by the next controller. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    const over = new AbortController();
    const answered = Promise.allSettled([...this.#underWay.values()]).then(() => over.abort());
    await this.#options.clock.after(stoppingMs, over.signal);
    this.#ending.abort();
    await answered;
    await this.#receivers.close();
  }

  #next(state: OutboxState, nowMs: number): Turn {
    const { quiet } = this.#options;
    const rules = quiet ? { ...this.#receivers.rules, isQuiet: quiet(nowMs) } : this.#receivers.rules;
    return nextTurn(state, rules, new Set(this.#underWay.keys()), nowMs);
  }

  /** Answers how long there is nothing to do, in milliseconds. */
  async #turn(): Promise<number> {
    const { clock } = this.#options;
    let turn = this.#next(this.state, clock.now());
    if (turn.events.length > 0)
      await this.#commit(
        (state, atMs) => {
          turn = this.#next(state, atMs);
          return turn.events;
        },
        () => {
          for (const sending of turn.sendings) this.#begin(sending);
        },
      );
    return Math.max(0, Math.min(idleMs, turn.nextMs - clock.now()));
  }

  #begin(sending: Sending): void {
    const task = this.#perform(sending).finally(() => {
      this.#underWay.delete(sending.id);
      this.#loop.wake();
    });
    this.#underWay.set(sending.id, task);
  }

  /** Sends one message and puts on record what came of it. Never rejects. */
  async #perform(sending: Sending): Promise<void> {
    const delivery = await this.#send(sending);
    const { clock, random, warn } = this.#options;
    const spec = this.#receivers.spec(sending.notifier, sending.revision);
    const giveUpAfterMs = spec?.delivery.giveUpAfterMs ?? 0;
    const seed = random();
    // What a receiver has said is kept until it can be recorded: to send again what it has taken would be worse than to wait.
    while (delivery !== null) {
      try {
        await this.#commit((state, atMs) => outcomeEvents(state, sending.id, delivery, { atMs, seed, giveUpAfterMs }));
        return;
      } catch (error) {
        if (this.#ending.signal.aborted || (error instanceof UserError && error.code === 'E_STOPPED')) return;
        const text = `notifications: what ${sending.notifier} has answered is not on record yet: ${messageOf(error)}`;
        if (text !== this.#warned) warn(text);
        this.#warned = text;
        await clock.after(failedMs, this.#ending.signal);
      }
    }
  }

  /** Null: it was called off, and nobody knows what came of it. */
  async #send({ notifier, to, revision, message, before, isAgain }: Sending): Promise<Delivery | null> {
    const { clock } = this.#options;
    const spec = this.#receivers.spec(notifier, revision);
    if (!spec) return { kind: 'refused', said: 'its configuration is not kept any more' };
    const { timeoutMs } = spec.delivery;
    try {
      const hidden = to !== null && this.#options.private?.isFor(to) ? this.#options.private.reveal(to, message) : undefined;
      if (hidden === null) return { kind: 'refused', said: 'there is no address behind it any more' };
      const receiver = this.#opened(spec, revision, hidden?.to ?? to);
      if (receiver instanceof UserError) return { kind: 'refused', said: `${receiver.message}; ${receiver.fix}` };
      const delivery = await within(clock, timeoutMs, notifier, this.#ending.signal, (signal) =>
        receiver.send(hidden?.message ?? message, before, signal, isAgain),
      );
      return hidden ? { ...delivery, said: withoutAddress(delivery.said, hidden.to) } : delivery;
    } catch (error) {
      if (this.#ending.signal.aborted) return null;
      return { kind: 'retry', afterMs: null, said: messageOf(error) };
    }
  }

  /** The receiver, or that its configuration has no such address: then nothing comes of asking again. */
  #opened(spec: NotifierSpec, revision: number, to: string | null): Notifier | UserError {
    try {
      return this.#receivers.receiver(spec, revision, to);
    } catch (error) {
      if (error instanceof UserError) return error;
      throw error;
    }
  }
}

/** What a server has said goes on record, and servers repeat the address that they were given, or the part before its @. */
export function withoutAddress(said: string, address: string): string {
  const quoted = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const name = address.slice(0, address.lastIndexOf('@'));
  return said
    .replace(new RegExp(quoted(address), 'giu'), '[address]')
    .replace(new RegExp(`(?<![\\p{L}\\p{N}])${quoted(name)}(?![\\p{L}\\p{N}])`, 'giu'), '[address]');
}
