import type { Receipt } from '../notifiers/notifier.ts';
import type { Text } from '../spec/text.ts';
import { Buckets } from './buckets.ts';
import { bundlesOf, isOpen, laneKey, partsOf, placeKey, revisionOf } from './keys.ts';
import type { EndedMessage, EndState, HandOver, Lane, OutboxRecord, OutboxState, Place, QueuedMessage } from './types.ts';

/** Kept in mind; the log has all. Places where nothing is open are kept for their receipts. */
const endedMax = 1_000;
const handedOverMax = 200;
const closedPlacesMax = 300;
const lanesMax = 200;
/** Sendings that a throttle counts: see `throttle.ts`. */
const sentMax = 250;

/** Nobody is to be told of anything. */
export const emptyOutbox: OutboxState = {
  seq: 0,
  pending: Buckets.of(),
  bundles: [],
  places: new Map(),
  lanes: new Map(),
  ended: [],
  handedOver: [],
};

const freshLane: Lane = { sentAtMs: [], failures: 0, pausedUntilMs: 0, problem: null };

/** The outbox after an event. Pure: the state is a fold over the stream `messages`. Events of messages that are over change nothing. */
export function takeOutbox(state: OutboxState, record: OutboxRecord): OutboxState {
  if (record.kind === 'message-queued') return queued(state, record);
  if (record.kind === 'messages-bundled') return bundled(state, record);
  const before = state.pending.get(record.data.id);
  if (!before) return record.kind === 'message-cancelled' ? memberCalledOff(state, record) : state;
  switch (record.kind) {
    case 'message-attempted':
      return attempted(state, before, record.data.revision, record.at);
    case 'message-delivered':
      return delivered(state, before, record);
    case 'message-failed':
      return failed(state, before, record);
    case 'message-cancelled':
      return record.data.isSent
        ? { ...state, pending: state.pending.with(before.id, { ...before, calledOff: record.data.why }) }
        : ended(state, before, 'cancelled', record.data.why, record.at);
  }
}

type Of<Kind> = Extract<OutboxRecord, { kind: Kind }>;

function queued(state: OutboxState, { at, data }: Of<'message-queued'>): OutboxState {
  if (state.pending.has(data.id)) return state;
  const seq = state.seq + 1;
  return { ...state, seq, pending: state.pending.with(data.id, fresh({ ...data, seq, members: null }, at)) };
}

function bundled(state: OutboxState, { at, data: { ids, ...data } }: Of<'messages-bundled'>): OutboxState {
  const members = ids.flatMap((id) => state.pending.get(id) ?? []);
  if (members.length === 0) return state;
  const left = members.reduce((pending, { id }) => pending.without(id), state.pending);
  const seq = state.seq + 1;
  const bundles = [...state.bundles, data.id];
  return { ...state, seq, bundles, pending: left.with(data.id, fresh({ ...data, incident: null, seq, members }, at)) };
}

type Given = Pick<QueuedMessage, 'id' | 'seq' | 'message' | 'notifier' | 'to' | 'incident' | 'revision' | 'members'>;

function fresh(given: Given, at: number): QueuedMessage {
  return {
    ...given,
    queuedAtMs: at,
    attempts: 0,
    failures: 0,
    lastAttemptMs: null,
    triedRevision: null,
    isSent: false,
    dueMs: at,
    said: null,
    calledOff: null,
  };
}

function attempted(state: OutboxState, before: QueuedMessage, revision: number, at: number): OutboxState {
  const after = { ...before, attempts: before.attempts + 1, lastAttemptMs: at, triedRevision: revision, isSent: true };
  const lanes = withLane(state, before, revision, at, ({ sentAtMs, ...lane }) => ({
    ...lane,
    sentAtMs: [...sentAtMs, at].slice(-sentMax),
  }));
  const places = new Map(state.places);
  for (const part of partsOf(before)) {
    const { event, thread } = part.message;
    if (event !== 'trigger') continue;
    const place = placeOf(places, part, revision, at);
    places.set(placeKey(part, revision, thread), { ...place, unsure: place.unsure + 1 });
  }
  return { ...state, pending: state.pending.with(before.id, after), lanes, places };
}

function delivered(state: OutboxState, before: QueuedMessage, { at, data }: Of<'message-delivered'>): OutboxState {
  const revision = before.triedRevision ?? 0;
  const places = new Map(state.places);
  for (const part of partsOf(before)) {
    const receipt = part === before ? data.receipt : null;
    places.set(placeKey(part, revision, part.message.thread), told(places, part, revision, receipt, at));
  }
  bounded(places);
  const lanes = withLane(state, before, revision, at, (lane) => ({
    ...lane,
    failures: 0,
    pausedUntilMs: 0,
    problem: null,
  }));
  return ended({ ...state, places, lanes }, before, 'delivered', data.said, at);
}

function told(places: Places, part: QueuedMessage, revision: number, given: Receipt | null, at: number): Place {
  const place = placeOf(places, part, revision, at);
  const receipt = given !== null && Object.keys(given).length > 0 ? given : place.receipt;
  const after = { ...place, receipt, atMs: at };
  switch (part.message.event) {
    case 'trigger':
      return { ...after, isOpen: true, unsure: Math.max(0, place.unsure - 1) };
    case 'resolve':
      return { ...after, isOpen: false, unsure: 0 };
    case 'update':
    case 'acknowledge':
    case 'notice':
      return after;
  }
}

function failed(state: OutboxState, before: QueuedMessage, { at, data }: Of<'message-failed'>): OutboxState {
  const revision = before.triedRevision;
  // What is given up between two attempts says nothing of the receiver.
  const isOfAttempt = before.isSent && revision !== null;
  const said = typeof data.said === 'string' ? data.said : data.said.en;
  const lanes = isOfAttempt
    ? withLane(state, before, revision, at, (lane) =>
        data.final === 'refused'
          ? { ...lane, problem: said }
          : {
              ...lane,
              failures: lane.failures + 1,
              pausedUntilMs: Math.max(lane.pausedUntilMs, data.pauseUntilMs),
              problem: said,
            },
      )
    : state.lanes;
  const places = isOfAttempt && data.untaken ? notTaken(state.places, before, revision) : state.places;
  const next = { ...state, lanes, places };
  if (data.final !== null) return unended(ended(next, before, data.final, data.said, at, data.nobody), before, data.said, at);
  if (before.calledOff !== null) return ended(next, before, 'cancelled', before.calledOff, at);
  const after = { ...before, isSent: false, failures: before.failures + 1, dueMs: data.nextMs, said };
  const retried = { ...next, pending: state.pending.with(before.id, after) };
  return (before.members ?? []).reduce<OutboxState>(
    (so, { id, calledOff }) => (calledOff === null ? so : withoutMember(so, id, calledOff, at)),
    retried,
  );
}

/** It is certain that this attempt has opened nothing. */
function notTaken(before: Places, sent: QueuedMessage, revision: number): Places {
  const places = new Map(before);
  for (const part of partsOf(sent)) {
    const key = placeKey(part, revision, part.message.thread);
    const place = places.get(key);
    if (part.message.event === 'trigger' && place) places.set(key, { ...place, unsure: Math.max(0, place.unsure - 1) });
  }
  return bounded(places);
}

/** An end that nobody can be told of is handed over to people. */
function unended(state: OutboxState, lost: QueuedMessage, why: Text, at: number): OutboxState {
  const places = new Map(state.places);
  const left: HandOver[] = [];
  for (const part of partsOf(lost)) {
    const { event, thread, title } = part.message;
    const revision = lost.triedRevision ?? revisionOf(state, part, null);
    if (event !== 'resolve' || revision === null) continue;
    const key = placeKey(part, revision, thread);
    const place = places.get(key);
    if (!place || !isOpen(place)) continue;
    places.set(key, { ...place, isOpen: false, unsure: 0 });
    const { notifier, to, incident } = part;
    left.push({ notifier, to, revision, thread, incident, title, atMs: at, why });
  }
  if (left.length === 0) return state;
  return { ...state, places: bounded(places), handedOver: [...left, ...state.handedOver].slice(0, handedOverMax) };
}

/** One that is called off while its bundle is under way shares the outcome of that. */
function memberCalledOff(state: OutboxState, { at, data: { id, why, isSent } }: Of<'message-cancelled'>): OutboxState {
  if (!isSent) return withoutMember(state, id, why, at);
  for (const bundle of bundlesOf(state)) {
    if (!bundle.members?.some((one) => one.id === id)) continue;
    const members = bundle.members.map((one) => (one.id === id ? { ...one, calledOff: why } : one));
    return { ...state, pending: state.pending.with(bundle.id, { ...bundle, members }) };
  }
  return state;
}

/** The bundle is told again without its outcome being this one's. */
function withoutMember(state: OutboxState, id: string, why: Text, at: number): OutboxState {
  for (const bundle of bundlesOf(state)) {
    const member = bundle.members?.find((one) => one.id === id);
    if (!member) continue;
    const after = { ...bundle, members: bundle.members?.filter((one) => one !== member) ?? null };
    const next = { ...state, pending: state.pending.with(bundle.id, after) };
    return { ...next, ended: [endOf(member, 'cancelled', why, at, bundle), ...next.ended].slice(0, endedMax) };
  }
  return state;
}

function ended(state: OutboxState, message: QueuedMessage, how: EndState, said: Text, at: number, isNobody?: true): OutboxState {
  const pending = state.pending.without(message.id);
  const bundles = message.members === null ? state.bundles : state.bundles.filter((id) => id !== message.id);
  const own = { ...endOf(message, how, said, at, null), ...(isNobody ? { isNobody } : {}) };
  const parts = (message.members ?? []).map((member) => endOf(member, how, said, at, message));
  return { ...state, pending, bundles, ended: [own, ...parts, ...state.ended].slice(0, endedMax) };
}

function endOf(from: QueuedMessage, state: EndState, said: Text, at: number, bundle: QueuedMessage | null): EndedMessage {
  const { id, seq, message, notifier, to, incident, queuedAtMs } = from;
  const attempts = bundle?.attempts ?? from.attempts;
  return {
    id,
    seq,
    message,
    notifier,
    to,
    incident,
    queuedAtMs,
    attempts,
    state,
    endedAtMs: at,
    said,
    bundle: bundle?.id ?? null,
  };
}

type Places = OutboxState['places'];

function placeOf(places: Places, part: QueuedMessage, revision: number, at: number): Place {
  const { notifier, to, incident } = part;
  const { thread } = part.message;
  const known = places.get(placeKey(part, revision, thread));
  return known ?? { notifier, to, revision, thread, incident, isOpen: false, unsure: 0, receipt: null, atMs: at };
}

function bounded(places: Map<string, Place>): Places {
  let closed = [...places.values()].filter((place) => !isOpen(place)).length;
  for (const [key, place] of places) {
    if (isOpen(place)) continue;
    if (closed <= closedPlacesMax && place.receipt !== null) continue;
    places.delete(key);
    closed -= 1;
  }
  return places;
}

function withLane(
  state: OutboxState,
  { notifier, message }: QueuedMessage,
  revision: number,
  at: number,
  change: (lane: Lane) => Lane,
): OutboxState['lanes'] {
  const key = laneKey(notifier, revision, message);
  const lanes = new Map(state.lanes);
  const after = change(lanes.get(key) ?? freshLane);
  lanes.delete(key);
  lanes.set(key, after);
  // The ones that were used longest ago come first.
  for (const [old, { pausedUntilMs }] of lanes) {
    if (lanes.size <= lanesMax) break;
    if (pausedUntilMs <= at) lanes.delete(old);
  }
  return lanes;
}
