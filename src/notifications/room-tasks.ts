import { type Reachable, receiversOf } from '../incidents/escalation.ts';
import type { IncidentsState } from '../incidents/fold.ts';
import { isOver } from '../incidents/severity.ts';
import type { Incident } from '../incidents/types.ts';
import type { RoomPolicy, RoomTask } from '../notifiers/notifier.ts';
import type { PersonSpec } from '../spec/person.ts';
import type { Text } from '../spec/text.ts';
import { Outgoing } from './outgoing.ts';
import { cancelled, queueEvents, type Wish } from './queue.ts';
import { archiveMessage, purposeOf, roomMessage, roomName, roomTextLines, shownAs, topicOf } from './room-message.ts';
import type { Room, RoomEvent, RoomRecorded, RoomsState } from './rooms.ts';
import { itself, type OutboxRecorded, type OutboxState } from './types.ts';

/** Rooms that are in use at once; an outage of everything is not worked on in more. */
export const roomsMax = 50;
/** The policy of an incident, and what its routing says, come right after it. */
const settledMs = 2_000;
/** Slack takes one message a second for each channel; what happens in between is told together. */
export const gapMs = 1_000;
/** What has happened in an incident that its room was not told. */
export type RoomNews = {
  /** Position in the log of the last event that was looked at. */
  readonly upto: number;
  readonly keys: readonly string[];
  readonly lines: readonly Text[];
};

/** What rooms follow from, beside the incidents. */
export type Rooming = Reachable & {
  /** Names of notifiers with war rooms, in the order of the setup, and what they say of them. */
  readonly policies: ReadonlyMap<string, RoomPolicy>;
  /** Names of receivers that routing tells of it at once. */
  readonly channelsOf: (incident: Incident) => readonly string[];
  /** Whether nobody is to hear of it. */
  readonly isQuiet: (incident: Incident) => boolean;
  readonly consoleUrl: string | null;
  /** By id of the incident; absent: nothing. */
  readonly news: ReadonlyMap<string, RoomNews>;
};

/** What comes on record of both streams, in one transaction, and when to ask again. */
export type RoomWork = {
  readonly rooms: readonly RoomRecorded[];
  readonly messages: readonly OutboxRecorded[];
  readonly nextMs: number;
};

/**
 * What is done with war rooms: one is made for an incident that is bad enough, told what happens there, and archived some time after its
 * end. At most one message for a room is under way at once, so that its messages keep their order. Pure; asked again at the same moment
 * it adds nothing.
 */
export function roomWork(
  incidents: IncidentsState,
  rooms: RoomsState,
  outbox: OutboxState,
  rooming: Rooming,
  nowMs: number,
): RoomWork {
  const recorded: RoomRecorded[] = [];
  const outgoing = new Outgoing(outbox, nowMs);
  let nextMs = Number.POSITIVE_INFINITY;
  let inUse = [...rooms.values()].filter(({ incident, isClosing }) => {
    const known = incidents.incidents.get(incident);
    return !isClosing && known !== undefined && !isOver(known);
  }).length;
  for (const incident of incidents.incidents.values()) {
    const room = rooms.get(incident.id);
    if (room && !isPast(incident, room, outbox)) take(tend(incident, room, outbox, rooming, nowMs));
    else if (inUse < roomsMax) take(begin(incident, room, rooming, nowMs));
  }
  // Those of incidents that are not kept in mind any more are over for long.
  for (const room of rooms.values()) {
    const { archiveAfterMs } = room.policy;
    if (room.isClosing || archiveAfterMs === null || incidents.incidents.has(room.incident)) continue;
    const atMs = room.lastAtMs + archiveAfterMs;
    take(atMs > nowMs ? { kind: 'later', atMs } : archiving(room, nowMs));
  }
  return { rooms: recorded, messages: outgoing.events, nextMs };

  function take(step: Step | null): void {
    if (step === null) return;
    const queued =
      step.kind === 'later' ? [] : step.kind === 'keep' ? [cancelled(step.message, cameBack)] : queue(outgoing.outbox, step.wish);
    const last = queued.at(-1);
    if (step.kind === 'later' || last === undefined) {
      nextMs = Math.min(nextMs, step.kind === 'later' ? step.atMs : nowMs + fullMs);
      return;
    }
    outgoing.add(queued);
    const event = { ...step.event(last.data.id), actor: itself };
    if (event.kind === 'room-wanted') inUse += 1;
    recorded.push(event);
  }
}

/** After the outbox was full. */
const fullMs = 60_000;

/** Nothing: the outbox is full. */
function queue(outbox: OutboxState, wish: Wish): readonly OutboxRecorded[] {
  const queued = queueEvents(outbox, wish);
  return queued.every(({ kind }) => kind === 'message-queued') ? queued : [];
}

const cameBack: Text = { en: 'the incident came back', ru: 'инцидент вернулся' };

type Step =
  | { readonly kind: 'later'; readonly atMs: number }
  /** `message`: id of the one that is called off. */
  | { readonly kind: 'keep'; readonly message: string; readonly event: (id: string) => RoomEvent }
  | { readonly kind: 'queue'; readonly wish: Wish; readonly event: (id: string) => RoomEvent };

/** It was archived, or could not be and is in the hands of people; or it could not be made, and the incident has come back since. */
function isPast({ room, reopenedAtMs }: Incident, { number, isClosing, last }: Room, outbox: OutboxState): boolean {
  if (room?.number === number && room.state === 'failed' && room.channel === null) return (reopenedAtMs ?? 0) > room.atMs;
  return isClosing && !outbox.pending.has(last);
}

function begin(incident: Incident, before: Room | undefined, rooming: Rooming, nowMs: number): Step | null {
  const { id, openedAtMs, reopenedAtMs, escalation } = incident;
  const isBad = [...rooming.policies.values()].some(({ severities }) => severities.includes(incident.severity));
  if (!isBad || isOver(incident) || rooming.isQuiet(incident)) return null;
  const found = placeFor(incident, rooming);
  if (!found) return null;
  const sinceMs = reopenedAtMs ?? openedAtMs;
  if (escalation === null && nowMs - sinceMs < settledMs && nowMs >= sinceMs) return { kind: 'later', atMs: sinceMs + settledMs };
  const { notifier, policy } = found;
  const { consoleUrl } = rooming;
  const number = (before?.number ?? 0) + 1;
  const topic = topicOf(incident, policy, consoleUrl);
  const invite = inviteesOf(incident, notifier, policy, rooming, nowMs);
  const name = roomName(policy.prefix, id);
  const purpose = purposeOf(id, policy, consoleUrl);
  const task: RoomTask = { incident: id, number, kind: 'open', name, isPrivate: policy.isPrivate, topic, purpose, invite };
  const message = roomMessage(incident, task, { number, about: 'open', event: 'trigger', policy, consoleUrl, nowMs });
  return {
    kind: 'queue',
    wish: { notifier, to: null, message, incident: null },
    event: (last) => ({
      kind: 'room-wanted',
      data: { incident: id, number, notifier, policy, last, topic, invited: invite },
    }),
  };
}

function tend(incident: Incident, room: Room, outbox: OutboxState, rooming: Rooming, nowMs: number): Step | null {
  const { id } = incident;
  const { policy, number } = room;
  const isMade = incident.room?.number === number && incident.room.channel !== null;
  const underWay = outbox.pending.get(room.last);
  if (room.isClosing) {
    // Nobody has been asked to archive it yet.
    const isKept = !isOver(incident) && underWay?.isSent === false;
    return isKept ? { kind: 'keep', message: room.last, event: () => ({ kind: 'room-kept', data: { incident: id } }) } : null;
  }
  if (!isMade || underWay) return null;
  const endedMs =
    isOver(incident) && policy.archiveAfterMs !== null ? (incident.resolvedAtMs ?? nowMs) + policy.archiveAfterMs : null;
  const told = tell(incident, room, outbox, rooming, nowMs);
  if (told) return told;
  if (endedMs === null) return null;
  if (endedMs > nowMs) return { kind: 'later', atMs: endedMs };
  return archiving(room, nowMs);
}

function archiving({ incident: id, number, notifier, policy }: Room, nowMs: number): Step {
  return {
    kind: 'queue',
    wish: { notifier, to: null, message: archiveMessage(id, number, policy, nowMs), incident: null },
    event: (last) => ({ kind: 'room-closing', data: { incident: id, last } }),
  };
}

/** What is new there; null: nothing is, or nothing can be said there any more. */
function tell(incident: Incident, room: Room, outbox: OutboxState, rooming: Rooming, nowMs: number): Step | null {
  const { id } = incident;
  const { policy, notifier, number } = room;
  if (incident.room?.state !== 'open') return null;
  const news = rooming.news.get(id) ?? { upto: room.upto, keys: [], lines: [] };
  const { consoleUrl } = rooming;
  const topic = topicOf(incident, policy, consoleUrl);
  const invite = isOver(incident)
    ? []
    : inviteesOf(incident, notifier, policy, rooming, nowMs).filter((one) => !room.invited.includes(one));
  const isNews = news.lines.length > 0 || topic !== room.topic || invite.length > 0;
  if (!isNews) return null;
  const lastMs = outbox.ended.find(({ id: one }) => one === room.last)?.endedAtMs ?? room.lastAtMs;
  if (nowMs < lastMs + gapMs && nowMs >= lastMs) return { kind: 'later', atMs: lastMs + gapMs };
  const task: RoomTask = {
    incident: id,
    number,
    kind: 'tell',
    shows: shownAs(incident),
    lines: roomTextLines(news.lines, policy.language),
    topic: topic === room.topic ? null : topic,
    invite,
  };
  const message = roomMessage(incident, task, { number, about: nowMs.toString(36), event: 'update', policy, consoleUrl, nowMs });
  const { upto, keys } = news;
  return {
    kind: 'queue',
    wish: { notifier, to: null, message, incident: null },
    event: (last) => ({ kind: 'room-told', data: { incident: id, last, topic, invited: invite, upto, keys } }),
  };
}

/** The one that the incident's own people read, else the first one of the setup that has rooms for it. */
function placeFor(
  incident: Incident,
  { policies, channelsOf }: Rooming,
): { readonly notifier: string; readonly policy: RoomPolicy } | null {
  const steps = incident.escalation?.policy.steps ?? [];
  const own = steps.flatMap(({ notify }) => notify.flatMap((one) => ('notifier' in one ? [one.notifier] : [])));
  for (const notifier of [...channelsOf(incident), ...own, ...policies.keys()]) {
    const policy = policies.get(notifier);
    if (policy?.severities.includes(incident.severity)) return { notifier, policy };
  }
  return null;
}

/** Ids at the receiver of those who are to be there: whom the document names, who is on call, was called, or has taken it. */
function inviteesOf(
  incident: Incident,
  notifier: string,
  { invite }: RoomPolicy,
  { people, schedules }: Reachable,
  nowMs: number,
): readonly string[] {
  const { escalation, told, ack, severity } = incident;
  const named = invite.filter((name) => name !== 'on-call');
  const first = escalation?.policy.steps.find((step) => step.severities.includes(severity))?.notify ?? [];
  const called = invite.includes('on-call')
    ? [...receiversOf(first, { people, schedules }, nowMs), ...told].flatMap(({ person }) => (person === null ? [] : [person]))
    : [];
  const holder = ack === null ? undefined : people.find(({ name, user }) => (user ?? name) === ack.by)?.name;
  const names = new Set([...named, ...called, ...(holder === undefined ? [] : [holder])]);
  return [...names].flatMap((name) => {
    const account = accountOf(
      people.find((person) => person.name === name),
      notifier,
    );
    return account === null ? [] : [account];
  });
}

function accountOf(person: PersonSpec | undefined, notifier: string): string | null {
  if (!person) return null;
  return person.accounts[notifier] ?? person.contacts.find((contact) => contact.notifier === notifier)?.to ?? null;
}
