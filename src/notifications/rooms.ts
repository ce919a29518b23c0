import type { RoomPolicy } from '../notifiers/notifier.ts';

/** Rooms that are kept in mind: those that are archived, and all. */
const pastMax = 500;
const allMax = 4_000;
/** What was told and has no place in the log of incidents: steps of runbooks, updates of the status page. Of each room. */
const keysMax = 1_000;

/** How far the war room of an incident is told of it. What became of it at its receiver is noted in the incident. */
export type Room = {
  readonly incident: string;
  /** See `IncidentRoom`. */
  readonly number: number;
  readonly notifier: string;
  /** As the document said when it was wanted. */
  readonly policy: RoomPolicy;
  readonly wantedAtMs: number;
  /** Id in the outbox of the last message for it, and when that was queued. */
  readonly last: string;
  readonly lastAtMs: number;
  readonly topic: string;
  /** Ids at the receiver of those who were asked in. */
  readonly invited: readonly string[];
  /** Position in the log of the last event of the incident that was told there. */
  readonly upto: number;
  readonly keys: readonly string[];
  /** It is being archived, or was. */
  readonly isClosing: boolean;
};

/** Rooms by the ids of their incidents. */
export type RoomsState = ReadonlyMap<string, Room>;

/** What the stream `rooms` records. */
export type RoomEvent =
  /** It is to be made. */
  | {
      readonly kind: 'room-wanted';
      readonly data: Pick<Room, 'incident' | 'number' | 'notifier' | 'policy' | 'last' | 'topic' | 'invited'>;
    }
  /** Told of everything up to there. `keys`, `invited`: in addition. */
  | {
      readonly kind: 'room-told';
      readonly data: Pick<Room, 'incident' | 'last' | 'topic' | 'invited' | 'upto' | 'keys'>;
    }
  | { readonly kind: 'room-closing'; readonly data: Pick<Room, 'incident' | 'last'> }
  /** It is not archived: the incident came back. */
  | { readonly kind: 'room-kept'; readonly data: Pick<Room, 'incident'> };

/** An event with whose it is. */
export type RoomRecorded = RoomEvent & { readonly actor: string };

/** Every kind of event of the stream. */
export const roomEventKinds: Readonly<Record<RoomEvent['kind'], true>> = {
  'room-wanted': true,
  'room-told': true,
  'room-closing': true,
  'room-kept': true,
};

/** No room ever. */
export const noRooms: RoomsState = new Map();

/** The rooms after an event. Pure: the state is a fold over the stream `rooms`. */
export function takeRooms(state: RoomsState, { kind, data, at }: RoomRecorded & { readonly at: number }): RoomsState {
  const rooms = new Map(state);
  const before = rooms.get(data.incident);
  if (kind === 'room-wanted') {
    const same = before === undefined ? { upto: 0, keys: [] } : { upto: before.upto, keys: before.keys };
    // The newest stands last.
    rooms.delete(data.incident);
    rooms.set(data.incident, { ...data, ...same, wantedAtMs: at, lastAtMs: at, isClosing: false });
    return bounded(rooms);
  }
  if (!before) return state;
  rooms.set(data.incident, changed(before, kind, data, at));
  return rooms;
}

function changed(
  before: Room,
  kind: Exclude<RoomEvent['kind'], 'room-wanted'>,
  data: Pick<Room, 'incident'> & Partial<Pick<Room, 'last' | 'topic' | 'invited' | 'upto' | 'keys'>>,
  at: number,
): Room {
  switch (kind) {
    case 'room-told':
      return {
        ...before,
        last: data.last ?? before.last,
        lastAtMs: at,
        topic: data.topic ?? before.topic,
        upto: Math.max(before.upto, data.upto ?? 0),
        invited: [...new Set([...before.invited, ...(data.invited ?? [])])],
        keys: [...before.keys, ...(data.keys ?? [])].slice(-keysMax),
      };
    case 'room-closing':
      return { ...before, last: data.last ?? before.last, lastAtMs: at, isClosing: true };
    case 'room-kept':
      return { ...before, isClosing: false };
  }
}

/** Those that are archived longest are forgotten first. */
function bounded(rooms: Map<string, Room>): RoomsState {
  let past = [...rooms.values()].filter(({ isClosing }) => isClosing).length;
  for (const { incident, isClosing } of rooms.values()) {
    if (past <= pastMax && rooms.size <= allMax) break;
    if (!isClosing && rooms.size <= allMax) continue;
    rooms.delete(incident);
    if (isClosing) past -= 1;
  }
  return rooms;
}
