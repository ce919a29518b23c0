import { domainToASCII } from 'node:url';
import { UserError } from '../../errors.ts';
import { cancelFor, queueEvents, waitingMax } from '../../notifications/queue.ts';
import type { OutboxRecorded, OutboxState } from '../../notifications/types.ts';
import type { Message } from '../../notifiers/notifier.ts';
import type { StatusPageSpec } from '../../spec/status-page.ts';
import type { Text } from '../../spec/text.ts';
import { addressee, askFor, confirm, countsOf, lapsed, outcomesFor, subscriberOf } from '../../status/subscribers/decide.ts';
import { newsMs, nextBatch } from '../../status/subscribers/mailing.ts';
import type { Choice, EndReason, Subscriber, SubscriberRecorded, SubscribersState } from '../../status/subscribers/types.ts';
import { itself } from '../../status/types.ts';
import { confirmMessage, noticeMessage, noticesOf } from '../../views/status/notices.ts';
import type { StatusPageView } from '../../views/status/page-view.ts';
import { statusWords } from '../../views/status/words.ts';
import type { Clock } from '../clock.ts';
import { Loop } from '../loop.ts';
import type { PrivateAddresses } from '../notifications/outbox-keeper.ts';
import type { MessagesRecorded } from '../notifications/outbox-records.ts';
import { RecordedState } from '../recorded-state.ts';
import type { SubscribersRecorded } from './subscriber-records.ts';
import type { SubscriberStore } from './subscriber-store.ts';

/** How often it is looked what has to be told, and whether the file has what the log does not. */
const lookMs = 2_000;
const tidyMs = 3_600_000;
/** Batches that are queued in one look. */
const batchesMax = 10;
const lapsedMax = 100;
/** Wishes that wait for each other; more than anybody but somebody who wants to do harm has at once. */
const waitingWishesMax = 200;

/** Who acts where nobody has asked, and who asks without a name. */
const customer = 'customer';

const gone: Text = { en: 'nobody has this subscription any more', ru: 'этой подписки больше нет' };

export type SubscriberKeeperOptions = {
  /** Caught up. */
  readonly records: SubscribersRecorded;
  readonly messages: MessagesRecorded;
  readonly store: SubscriberStore;
  /** What customers see; null: there is no page. */
  readonly view: () => StatusPageView | null;
  /** Why a notifier cannot write to such an address; null: it can. */
  readonly problem: (notifier: string, address: string) => string | null;
  /** Says nothing, and is never the same twice. */
  readonly newId: () => string;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
};

/** `off`: there are no subscriptions. `quiet` is said as `asked`. */
export type AskAnswer = 'asked' | 'full' | 'off' | 'no-address' | 'no-component';

/** A subscriber with the address, for whoever administers. */
export type SubscriberEntry = {
  readonly id: string;
  /** Null: it is lost. */
  readonly address: string | null;
  readonly state: 'confirmed' | 'waiting' | 'suspended';
  readonly language: 'en' | 'ru';
  /** Null: all. */
  readonly components: readonly string[] | null;
  readonly sinceMs: number;
  readonly bounces: number;
};

/** One that has agreed elsewhere. */
export type ImportEntry = {
  readonly address: string;
  readonly language: 'en' | 'ru';
  readonly components: readonly string[] | null;
};
export type ImportAnswer = {
  readonly added: number;
  readonly changed: number;
  /** By place in what was given, from 0. */
  readonly refused: readonly { readonly index: number; readonly why: string }[];
};

type Sender = NonNullable<StatusPageSpec['subscribers']>;

/**
 * Subscribers of one status page: takes and ends subscriptions, and queues what they are told. The log says that somebody has subscribed
 * and to what, the file beside it where they are reached; an address is in the file before its id is in the log, and leaves the log first.
 */
export class SubscriberKeeper implements PrivateAddresses {
  readonly #options: SubscriberKeeperOptions;
  readonly #loop: Loop;
  /** Changes of log and file go one after the other: an address that is taken away must not be the one that is just asked for. */
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #tidiedMs = Number.NEGATIVE_INFINITY;

  constructor(options: SubscriberKeeperOptions) {
    this.#options = options;
    const { clock, warn } = options;
    const turn = async (): Promise<number> => {
      await this.#look();
      return lookMs;
    };
    this.#loop = new Loop({ what: 'subscribers of the status page', turn, failedMs: lookMs, clock, warn });
  }

  get counts(): ReturnType<typeof countsOf> | null {
    return this.#sender() ? countsOf(this.#options.records.state) : null;
  }

  /** Somebody wants to be told. Answers the same whether the address is known or not. @throws UserError when the log or the file fails. */
  async ask(given: string, choice: Choice): Promise<AskAnswer> {
    const view = this.#options.view();
    const sender = view?.page.subscribers;
    if (!view || !sender) return 'off';
    const address = addressOf(given);
    if (address === null || this.#options.problem(sender.notifier, address) !== null) return 'no-address';
    const names = view.page.components.map(({ name }) => name);
    if (choice.components?.length === 0 || choice.components?.some((name) => !names.includes(name))) return 'no-component';
    return await this.#inTurn(() => this.#ask(view, sender, address, choice));
  }

  async #ask(view: StatusPageView, sender: Sender, address: string, choice: Choice): Promise<AskAnswer> {
    const { records, store, newId } = this.#options;
    if (records.state.subscribers.size >= sender.max) return 'full';
    const found = store.idOf(address);
    const id = found ?? `s-${newId()}`;
    if (found === null) store.put(id, address);
    let isFull = false;
    try {
      await this.#change((outbox, state, atMs) => {
        const ask = newId();
        const asking = askFor(state, sender, { id, ask, choice }, atMs);
        isFull = asking.kind === 'full';
        if (asking.kind !== 'asked') return [[], []];
        const message = confirmMessage(view, { id, ask, choice, withinMs: sender.confirmWithinMs, atMs });
        const wish = { message, notifier: sender.notifier, to: addressee(id), incident: null };
        return [queueEvents(outbox, wish), [{ ...asking.event, actor: customer }]];
      });
    } finally {
      // Also when the log has failed: the next look would take it away anyhow.
      if (found === null && !records.state.subscribers.has(id)) store.forget(id);
    }
    return isFull ? 'full' : 'asked';
  }

  /** Whether a link that asks for a confirmation is ours, and still holds. */
  holds(id: string, ask: string, signature: string): boolean {
    const { store, records, clock } = this.#options;
    const sender = this.#sender();
    if (!sender || !store.isSigned(signed('confirm', id, ask), signature)) return false;
    return confirm(records.state, sender, id, ask, clock.now()) !== null;
  }

  /** Confirms a wish. Answers whether it held. */
  async confirm(id: string, ask: string, signature: string): Promise<boolean> {
    const { store, records } = this.#options;
    const sender = this.#sender();
    if (!sender || !store.isSigned(signed('confirm', id, ask), signature)) return false;
    let isConfirmed = false;
    await records.change((state, atMs) => {
      const event = confirm(state, sender, id, ask, atMs);
      isConfirmed = event !== null;
      return event ? [{ ...event, actor: customer }] : [];
    });
    return isConfirmed;
  }

  /** Whether a link that ends a subscription is ours. */
  isOwn(id: string, signature: string): boolean {
    return this.#options.store.isSigned(signed('unsubscribe', id, ''), signature);
  }

  /** Ends a subscription, also one that is over already. Answers whether the link is ours. */
  async unsubscribe(id: string, signature: string): Promise<boolean> {
    if (!this.isOwn(id, signature)) return false;
    await this.#inTurn(() => this.#end(id, 'unsubscribed', customer));
    return true;
  }

  /** Everybody, oldest first. */
  list(): readonly SubscriberEntry[] {
    const { records, store } = this.#options;
    return [...records.state.subscribers.values()].map((one) => entryOf(one, store.addressOf(one.id)));
  }

  /**
   * Takes somebody out, in the name of a person.
   *
   * @param given - Address or id.
   * @throws UserError `E_UNKNOWN_SUBSCRIBER`.
   */
  async remove(given: string, by: string): Promise<string> {
    const { records, store } = this.#options;
    return await this.#inTurn(async () => {
      const id = records.state.subscribers.has(given) ? given : store.idOf(addressOf(given) ?? given);
      if (id === null || !records.state.subscribers.has(id))
        throw new UserError('E_UNKNOWN_SUBSCRIBER', 'there is no such subscriber', {
          where: 'subscriber',
          fix: 'see rampart status-page subscribers',
        });
      await this.#end(id, 'removed', by);
      return id;
    });
  }

  /** Takes in those who have agreed elsewhere, in the name of a person, as confirmed. @throws UserError `E_REFUSED` without subscriptions. */
  async takeIn(entries: readonly ImportEntry[], by: string): Promise<ImportAnswer> {
    const view = this.#options.view();
    const sender = view?.page.subscribers;
    if (!view || !sender)
      throw new UserError('E_REFUSED', 'the status page has no subscribers', {
        where: 'StatusPage, spec.subscribers',
        fix: 'name a notifier there, and apply the document',
      });
    return await this.#inTurn(() => this.#takeIn(view, sender, entries, by));
  }

  async #takeIn(view: StatusPageView, sender: Sender, entries: readonly ImportEntry[], by: string): Promise<ImportAnswer> {
    const { records, store, newId, problem } = this.#options;
    const names = view.page.components.map(({ name }) => name);
    const refused: { index: number; why: string }[] = [];
    const fresh: string[] = [];
    const events = new Map<string, SubscriberRecorded>();
    for (const [index, { address: given, language, components }] of entries.entries()) {
      const address = addressOf(given);
      const unknown = components?.find((name) => !names.includes(name));
      const why =
        (address === null ? 'no e-mail address' : problem(sender.notifier, address)) ??
        (unknown === undefined ? null : `there is no component ${unknown}`) ??
        (components?.length === 0 ? 'no component is named' : null);
      if (why !== null || address === null) {
        refused.push({ index, why: why ?? '' });
        continue;
      }
      const found = store.idOf(address);
      if (found === null && records.state.subscribers.size + fresh.length >= sender.max) {
        refused.push({ index, why: `there are ${sender.max} subscribers, and no more may be` });
        continue;
      }
      const id = found ?? `s-${newId()}`;
      if (found === null) {
        store.put(id, address);
        fresh.push(id);
      }
      events.set(id, { kind: 'subscription-imported', data: { id, language, components }, actor: by });
    }
    try {
      await records.change(() => [...events.values()]);
    } catch (error) {
      for (const id of fresh) store.forget(id);
      throw error;
    }
    return { added: fresh.length, changed: events.size - fresh.length, refused };
  }

  isFor(to: string): boolean {
    return subscriberOf(to) !== null;
  }

  reveal(to: string, message: Message): { readonly to: string; readonly message: Message } | null {
    const { records, store, view } = this.#options;
    const one = records.state.subscribers.get(subscriberOf(to) ?? '');
    const address = one ? store.addressOf(one.id) : null;
    if (!one || address === null) return null;
    const url = view()?.url;
    if (url === undefined) throw new Error('there is no status page to unsubscribe at');
    const { language, subscription } = message;
    const words = statusWords[language].subscribe;
    const ask = subscription?.ask ?? null;
    if (ask !== null) {
      if (one.asked?.ask !== ask) return null;
      const query = new URLSearchParams({ s: one.id, a: ask, k: store.sign(signed('confirm', one.id, ask)), lang: language });
      return {
        to: address,
        message: { ...message, links: [{ text: words.confirm, href: `${url}/subscribe/confirm?${query}` }] },
      };
    }
    if (one.confirmed === null || one.suspendedAtMs !== null) return null;
    const query = new URLSearchParams({ s: one.id, k: store.sign(signed('unsubscribe', one.id, '')), lang: language });
    const unsubscribe = `${url}/unsubscribe?${query}`;
    const links = [...message.links, { text: words.unsubscribe, href: unsubscribe }];
    return { to: address, message: { ...message, links, subscription: { ask: null, unsubscribe } } };
  }

  /** Looks at once. */
  wake(): void {
    this.#loop.wake();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#last;
  }

  #sender(): Sender | null {
    return this.#options.view()?.page.subscribers ?? null;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= waitingWishesMax)
      throw new UserError('E_TOO_MANY', 'too many subscriptions are changed at once', {
        where: 'subscribers',
        fix: 'try again in a few seconds',
      });
    this.#waiting += 1;
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      this.#waiting -= 1;
    }
  }

  /** The log says that it is over before the address goes; what a crash leaves behind, the next look takes away. */
  async #end(id: string, why: EndReason, actor: string): Promise<void> {
    await this.#change((outbox, state) => [
      cancelFor(outbox, addressee(id), gone),
      state.subscribers.has(id) ? [{ kind: 'subscription-ended', data: { id, why }, actor }] : [],
    ]);
    this.#options.store.forget(id);
  }

  #change(
    build: (
      outbox: OutboxState,
      state: SubscribersState,
      atMs: number,
    ) => readonly [readonly OutboxRecorded[], readonly SubscriberRecorded[]],
  ): Promise<void> {
    return RecordedState.changeBoth(this.#options.messages, this.#options.records, build);
  }

  async #look(): Promise<void> {
    const { records, messages, clock } = this.#options;
    if (clock.now() - this.#tidiedMs >= tidyMs) await this.#inTurn(async () => this.#tidy());
    const view = this.#options.view();
    const sender = view?.page.subscribers;
    if (!view || !sender || records.state.subscribers.size === 0) return;
    const { ended } = messages.state;
    if (outcomesFor(records.state, sender, ended).length > 0)
      await records.change((state) => outcomesFor(state, sender, ended).map((event) => ({ ...event, actor: itself })));
    for (const id of lapsed(records.state, sender, clock.now()).slice(0, lapsedMax))
      await this.#inTurn(async () => {
        // Somebody may have confirmed it meanwhile.
        if (lapsed(records.state, sender, clock.now()).includes(id)) await this.#end(id, 'lapsed', itself);
      });
    for (let count = 0; count < batchesMax && !this.#loop.signal.aborted; count += 1)
      if (!(await this.#queue(view, sender))) return;
  }

  /** Queues the next mails: that they are, and how far the mailing is, is on record together. Answers whether there were any. */
  async #queue(view: StatusPageView, { notifier }: Sender): Promise<boolean> {
    const { records, messages, clock } = this.#options;
    const notices = noticesOf(view, clock.now() - newsMs);
    const batchOf = (outbox: OutboxState, state: SubscribersState, atMs: number) => {
      const waiting = [...outbox.pending.values()].filter(({ to }) => subscriberOf(to) !== null).length;
      // What is queued past its bound is called off; those on call come first anyhow.
      return outbox.pending.size > waitingMax / 2 ? null : nextBatch(state, notices, waiting, atMs);
    };
    if (batchOf(messages.state, records.state, clock.now()) === null) return false;
    let isQueued = false;
    await this.#change((outbox, state, atMs) => {
      const batch = batchOf(outbox, state, atMs);
      isQueued = batch !== null;
      if (!batch) return [[], []];
      const { notice, readers, after } = batch;
      const queued = readers.flatMap(({ id, confirmed }) =>
        queueEvents(outbox, {
          message: noticeMessage(view, notice, id, confirmed?.language ?? 'en'),
          notifier,
          to: addressee(id),
          incident: null,
        }),
      );
      const told = { kind: 'mailing-queued', data: { notice: notice.id, atMs: notice.atMs, after }, actor: itself } as const;
      return [queued, [told]];
    });
    return isQueued;
  }

  /** What the file has and the log has not, a crash has left there, or somebody who is gone. */
  #tidy(): void {
    const { records, store, clock } = this.#options;
    for (const id of store.ids()) if (!records.state.subscribers.has(id)) store.forget(id);
    this.#tidiedMs = clock.now();
  }
}

/** What a link is signed for: what confirms cannot end, and the other way round. */
function signed(deed: 'confirm' | 'unsubscribe', id: string, ask: string): string {
  return [deed, id, ask].join('\n');
}

/** An address as mail has it, its domain in ASCII; null: it is none. */
function addressOf(given: string): string | null {
  const text = given.trim();
  const at = text.lastIndexOf('@');
  const domain = domainToASCII(text.slice(at + 1));
  return at <= 0 || domain === '' || text.length > 254 ? null : `${text.slice(0, at)}@${domain}`;
}

function entryOf(one: Subscriber, address: string | null): SubscriberEntry {
  const { id, confirmed, asked, suspendedAtMs, bounces, reachedAtMs, createdAtMs } = one;
  const choice: Choice = confirmed ?? asked ?? { language: 'en', components: null };
  return {
    id,
    address,
    state: confirmed === null ? 'waiting' : suspendedAtMs === null ? 'confirmed' : 'suspended',
    language: choice.language,
    components: choice.components,
    sinceMs: confirmed?.atMs ?? createdAtMs,
    bounces: bounces.filter(({ atMs }) => atMs > reachedAtMs).length,
  };
}
