import type { Message, Receipt } from '../notifiers/notifier.ts';
import type { Text } from '../spec/text.ts';
import { bundleOf } from './bundle.ts';
import { takeOutbox } from './fold.ts';
import { laneKey, messageId, partsOf, placeKey, revisionOf, threadKey } from './keys.ts';
import { failure, giveUpMs, givingUp, patientAfter } from './retry.ts';
import { isOfGroup } from './threads.ts';
import { allowance } from './throttle.ts';
import { tidyEvents } from './tidy.ts';
import { itself, type OutboxRecorded, type OutboxState, type QueuedMessage } from './types.ts';

/** What a revision of a notifier's configuration allows. */
export type LaneRules = {
  readonly perMinute: number;
  /** Messages that are under way to it at once. */
  readonly inFlightMax: number;
  readonly giveUpAfterMs: number;
  /** What has to wait may become one message. */
  readonly bundles: boolean;
};

export type Rules = {
  /** The revision of a notifier that is in force; null: there is none by this name. */
  readonly current: (notifier: string) => number | null;
  /** Null: nothing is known of it any more. */
  readonly lane: (notifier: string, revision: number) => LaneRules | null;
  /** Whether nobody is to be called of an incident at this moment, by its id: all of its alerts are silenced, muted or inhibited. */
  readonly isQuiet?: (incident: string) => boolean;
};

/**
 * Why a message waits. `behind`: another one of its thread comes first. `busy`: as many as may be are under way to this receiver. `quiet`:
 * it calls somebody of an incident that nobody is to be called of since it was queued.
 */
export type Wait =
  | { readonly kind: 'under-way' | 'behind' | 'busy' | 'quiet' }
  | { readonly kind: 'retry' | 'paused' | 'throttled'; readonly untilMs: number };

/** One sending. `before`: receipt of the last message of its thread there. */
export type Sending = {
  readonly id: string;
  readonly notifier: string;
  readonly to: string | null;
  readonly revision: number;
  readonly message: Message;
  readonly before: Receipt | null;
  /** An attempt of it was begun before, by this controller or one that has ended. */
  readonly isAgain: boolean;
};

export type Turn = {
  /** To be put on record before anything is sent. */
  readonly events: readonly OutboxRecorded[];
  readonly sendings: readonly Sending[];
  /** What waits, and why. */
  readonly waits: ReadonlyMap<string, Wait>;
  /** When the next one is due by time alone; infinity: none is. */
  readonly nextMs: number;
};

const unconfigured: Text = { en: 'there is no notifier by this name', ru: 'нет уведомителя с таким именем' };
const forgotten: Text = {
  en: 'the configuration that it began with is not kept any more',
  ru: 'конфигурация, с которой это началось, больше не хранится',
};

/**
 * What is sent now: at most so many at once and in a minute as each receiver takes, in order within a thread, the most urgent first.
 *
 * @param underWay - Ids of messages that are being sent this moment. What is on record as sent and is not among them was sent by a
 * controller that has ended, and is sent again: its key is the same.
 */
export function nextTurn(before: OutboxState, rules: Rules, underWay: ReadonlySet<string>, nowMs: number): Turn {
  const events: OutboxRecorded[] = [...tidyEvents(before, underWay)];
  const state = after(before, events, nowMs);
  const waits = new Map<string, Wait>();
  const candidates = new Map<string, Lane>();
  const busy = new Map<string, number>();
  const taken = new Set<string>();
  let nextMs = Number.POSITIVE_INFINITY;
  const wait = ({ id }: QueuedMessage, how: Wait): void => {
    waits.set(id, how);
    if ('untilMs' in how) nextMs = Math.min(nextMs, how.untilMs);
  };
  // A bundle stands where its first member stood: what is queued since for the same threads comes after it, through any revision.
  const all = [...state.pending.values()].sort(
    (a, b) => Number(b.members !== null) - Number(a.members !== null) || a.seq - b.seq,
  );
  const inBundles = new Set(all.flatMap(({ members }) => (members ?? []).map((part) => threadKey(part, part.message.thread))));
  for (const queued of all) {
    const revision = revisionOf(state, queued, rules.current(queued.notifier));
    const lane = revision === null ? null : rules.lane(queued.notifier, revision);
    const sentThrough = underWay.has(queued.id) ? queued.triedRevision : revision;
    const lines = partsOf(queued).flatMap((part) => linesOf(part, sentThrough));
    const isBundled = queued.members === null && inBundles.has(threadKey(queued, queued.message.thread));
    const isBehind = isBundled || lines.some((line) => taken.has(line));
    for (const line of lines) taken.add(line);
    if (underWay.has(queued.id)) {
      const key = laneKey(queued.notifier, queued.triedRevision ?? 0, queued.message);
      busy.set(key, (busy.get(key) ?? 0) + 1);
      wait(queued, { kind: 'under-way' });
    } else if (revision === null || lane === null) {
      const said = revision === null ? unconfigured : forgotten;
      events.push(failure(queued, { said, final: 'given-up', untaken: false, seed: 0, atMs: nowMs }));
    } else if (nowMs >= giveUpMs(queued, lane.giveUpAfterMs)) {
      events.push(givingUp(queued, lane.giveUpAfterMs, nowMs));
    } else {
      const key = laneKey(queued.notifier, revision, queued.message);
      const pausedUntilMs = state.lanes.get(key)?.pausedUntilMs ?? 0;
      nextMs = Math.min(nextMs, giveUpMs(queued, lane.giveUpAfterMs));
      if (isBehind) wait(queued, { kind: 'behind' });
      else if (queued.dueMs > nowMs) wait(queued, { kind: 'retry', untilMs: queued.dueMs });
      else if (pausedUntilMs > nowMs) wait(queued, { kind: 'paused', untilMs: pausedUntilMs });
      else if (isHeldBack(queued, rules)) wait(queued, { kind: 'quiet' });
      else {
        const known = candidates.get(key) ?? { rules: lane, revision, messages: [] };
        known.messages.push(queued);
        candidates.set(key, known);
      }
    }
  }
  const sendings: Sending[] = [];
  for (const [key, lane] of candidates) {
    const { sends, left, untilMs } = shared(state, key, lane, busy.get(key) ?? 0, nowMs);
    for (const one of left) wait(one, untilMs === null ? { kind: 'busy' } : { kind: 'throttled', untilMs });
    for (const group of sends) {
      const { sending, begun } = begin(state, group, lane.revision, nowMs);
      events.push(...begun);
      sendings.push(sending);
      for (const { id } of group) waits.set(id, { kind: 'under-way' });
    }
  }
  return { events, sendings, waits, nextMs };
}

/**
 * Whether a call waits for the end of a silence that was set after it was queued. One that may have arrived is sent again under its key, and
 * what belongs to a group of alerts, or says how an incident goes on, is never held back.
 */
function isHeldBack(queued: QueuedMessage, { isQuiet }: Rules): boolean {
  if (!isQuiet || queued.isSent) return false;
  return partsOf(queued).every(
    ({ incident, message: { event, thread } }) =>
      event === 'trigger' && incident !== null && !isOfGroup(thread, incident) && isQuiet(incident),
  );
}

type Lane = { readonly rules: LaneRules; readonly revision: number; readonly messages: QueuedMessage[] };
type Group = readonly [QueuedMessage, ...QueuedMessage[]];

/** Which of a lane's messages are sent now, alone or bundled. */
function shared(
  state: OutboxState,
  key: string,
  { rules, messages }: Lane,
  busy: number,
  nowMs: number,
): { readonly sends: readonly Group[]; readonly left: readonly QueuedMessage[]; readonly untilMs: number | null } {
  const known = state.lanes.get(key);
  const isPatient = (known?.failures ?? 0) >= patientAfter;
  const slots = Math.max(0, (isPatient ? 1 : rules.inFlightMax) - busy);
  const { free, nextMs } = allowance(known?.sentAtMs ?? [], rules.perMinute, nowMs);
  const ordered = messages.toSorted(
    (a, b) => (isPatient ? a.attempts - b.attempts : 0) || rankOf(a) - rankOf(b) || a.seq - b.seq,
  );
  if (free === 0 || ordered.length <= free || slots < free || isPatient) {
    const count = Math.min(free, slots);
    const sends = ordered.slice(0, count).map((one): Group => [one]);
    return { sends, left: ordered.slice(count), untilMs: free === 0 ? nextMs : null };
  }
  const groups = rules.bundles ? grouped(ordered, free) : ordered.map((one): Group => [one]);
  const sends = groups.slice(0, free);
  return { sends, left: groups.slice(free).flat(), untilMs: nextMs };
}

/** As many alone as there is room for, so that for each address the last one takes all the others with it. */
function grouped(ordered: readonly QueuedMessage[], free: number): readonly Group[] {
  // What is for a war room is for nobody else, and what somebody has subscribed to has its own way to end it.
  const isAlone = ({ attempts, members, message }: QueuedMessage): boolean =>
    attempts > 0 || members !== null || message.room !== undefined || message.subscription !== undefined;
  for (let alone = free - 1; alone >= 0; alone -= 1) {
    const rest = new Map<string, [QueuedMessage, ...QueuedMessage[]]>();
    const singles: Group[] = ordered.slice(0, alone).map((one) => [one]);
    for (const one of ordered.slice(alone)) {
      const key = isAlone(one) ? `alone ${one.id}` : `to ${one.to ?? ''}`;
      const known = rest.get(key);
      if (known) known.push(one);
      else rest.set(key, [one]);
    }
    if (alone + rest.size <= free || alone === 0) return [...singles, ...rest.values()];
  }
  return [];
}

/** Puts the beginning of a sending on record. */
function begin(
  state: OutboxState,
  group: Group,
  revision: number,
  nowMs: number,
): { readonly sending: Sending; readonly begun: readonly OutboxRecorded[] } {
  const [first] = group;
  const { notifier, to } = first;
  if (group.length === 1) {
    const before = state.places.get(placeKey(first, revision, first.message.thread))?.receipt ?? null;
    return {
      sending: { id: first.id, notifier, to, revision, message: first.message, before, isAgain: first.attempts > 0 },
      begun: [{ kind: 'message-attempted', actor: itself, data: { id: first.id, revision } }],
    };
  }
  const message = bundleOf(group, nowMs);
  const id = messageId(message.key, first, null);
  const ids = group.map((one) => one.id);
  return {
    sending: { id, notifier, to, revision, message, before: null, isAgain: false },
    begun: [
      { kind: 'messages-bundled', actor: itself, data: { id, message, notifier, to, revision, ids } },
      { kind: 'message-attempted', actor: itself, data: { id, revision } },
    ],
  };
}

/**
 * Where a message has its turn: in its thread through one revision, and, where it was not bound to one when it was queued, behind all
 * others that were not.
 */
function linesOf(part: QueuedMessage, revision: number | null): readonly string[] {
  const { thread } = part.message;
  return [...(part.revision === null ? [threadKey(part, thread)] : []), placeKey(part, revision ?? 0, thread)];
}

/** Lower goes first: what begins or ends before what changes before what stands by itself, then by how bad it is. */
function rankOf({ message: { event, severity } }: QueuedMessage): number {
  const kind = event === 'notice' ? 2 : event === 'update' ? 1 : 0;
  return kind * 3 + { P0: 0, P1: 1, P2: 2 }[severity];
}

function after(state: OutboxState, events: readonly OutboxRecorded[], at: number): OutboxState {
  return events.reduce((so, event) => takeOutbox(so, { ...event, at }), state);
}
