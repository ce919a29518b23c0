import type { Delivery, Message, MessageEvent } from '../notifiers/notifier.ts';
import { emptyOutbox, takeOutbox } from './fold.ts';
import { cancelEvents, type Off, queueEvents } from './queue.ts';
import { outcomeEvents } from './retry.ts';
import { type LaneRules, nextTurn, type Rules, type Sending } from './turn.ts';
import type { OutboxRecord, OutboxRecorded, OutboxState } from './types.ts';

export const laneRules: LaneRules = { perMinute: 60, inFlightMax: 4, giveUpAfterMs: 4 * 3_600_000, bundles: false };

/** A message for tests: `a/trigger/1` is number 1 of thread `a`. */
export function messageOf(thread: string, event: MessageEvent, number = 1, more: Partial<Message> = {}): Message {
  return {
    key: `${thread}/${event}/${number}`,
    thread,
    event,
    severity: 'P1',
    title: `${thread} ${event} ${number}`,
    text: '',
    facts: [],
    links: [],
    actions: [],
    source: 'shop',
    atMs: 0,
    language: 'en',
    ...more,
  };
}

/** An outbox with a log in memory and a clock that stands still until it is told to go on. */
export class Stage {
  nowMs = 1_000_000;
  log: OutboxRecord[] = [];
  state: OutboxState = emptyOutbox;
  underWay = new Map<string, Sending>();
  /** Configurations by revision; the last one of a name is in force unless it is removed. */
  lanes = new Map<string, Map<number, LaneRules>>();
  removed = new Set<string>();
  /** Incidents that nobody is to be called of now. */
  quiet = new Set<string>();

  constructor(rules: Readonly<Record<string, LaneRules>> = { chat: laneRules }) {
    for (const [name, lane] of Object.entries(rules)) this.lanes.set(name, new Map([[1, lane]]));
  }

  get rules(): Rules {
    return {
      current: (name) => (this.removed.has(name) ? null : ([...(this.lanes.get(name)?.keys() ?? [])].at(-1) ?? null)),
      lane: (name, revision) => this.lanes.get(name)?.get(revision) ?? null,
      isQuiet: (incident) => this.quiet.has(incident),
    };
  }

  /** Another configuration of the same name. */
  reconfigure(name: string): void {
    const known = this.lanes.get(name);
    const last = [...(known?.entries() ?? [])].at(-1);
    if (last) known?.set(last[0] + 1, last[1]);
    this.removed.delete(name);
  }

  record(events: readonly OutboxRecorded[]): void {
    for (const event of events) {
      const record: OutboxRecord = { ...event, at: this.nowMs };
      this.log.push(record);
      this.state = takeOutbox(this.state, record);
    }
  }

  queue(message: Message, notifier = 'chat', to: string | null = null): void {
    this.record(queueEvents(this.state, { message, notifier, to, incident: message.thread }));
  }

  cancel(off: Off): void {
    this.record(cancelEvents(this.state, off));
  }

  /** What is sent now. */
  turn(): readonly Sending[] {
    const { events, sendings } = nextTurn(this.state, this.rules, new Set(this.underWay.keys()), this.nowMs);
    this.record(events);
    for (const sending of sendings) this.underWay.set(sending.id, sending);
    return sendings;
  }

  /** The receiver's answer to what is under way. */
  answer(id: string, delivery: Delivery, seed = 0.5): void {
    const sending = this.underWay.get(id);
    this.underWay.delete(id);
    const giveUpAfterMs = (sending && this.rules.lane(sending.notifier, sending.revision)?.giveUpAfterMs) ?? 0;
    this.record(outcomeEvents(this.state, id, delivery, { atMs: this.nowMs, seed, giveUpAfterMs }));
  }

  /** The controller ends, and the next one begins with what is on record. */
  crash(): void {
    this.underWay.clear();
    this.state = this.log.reduce((state, record) => takeOutbox(state, record), emptyOutbox);
  }

  /** Sends all that is due, with a yes for each, as time goes on. Answers what was sent, as `KEY`. */
  drain(forMs = 0): readonly string[] {
    const sent: string[] = [];
    const untilMs = this.nowMs + forMs;
    for (;;) {
      const sendings = this.turn();
      for (const { id, message } of sendings) {
        sent.push(message.key);
        this.answer(id, yes);
      }
      if (sendings.length > 0) continue;
      const { nextMs } = nextTurn(this.state, this.rules, new Set(), this.nowMs);
      if (nextMs > untilMs) break;
      this.nowMs = nextMs;
    }
    this.nowMs = untilMs;
    return sent;
  }

  /** How each message ended, oldest first: `KEY delivered`. */
  get ends(): readonly string[] {
    return this.state.ended.map(({ message, state }) => `${message.key} ${state}`).toReversed();
  }
}

export const yes: Delivery = { kind: 'delivered', receipt: {}, said: 'ok' };
export const down: Delivery = { kind: 'retry', afterMs: null, said: 'it cannot be reached', untaken: true };
/** Nobody knows whether it has arrived. */
export const lost: Delivery = { kind: 'retry', afterMs: null, said: 'no answer' };
