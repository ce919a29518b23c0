import {
  noRooms,
  type RoomEvent,
  type RoomRecorded,
  type RoomsState,
  roomEventKinds,
  takeRooms,
} from '../../notifications/rooms.ts';
import type { RecordedState, Recording } from '../recorded-state.ts';

/** Name of the stream that records what war rooms were told. */
export const roomsStream = 'rooms';

export type RoomsRecorded = RecordedState<RoomsState, RoomRecorded>;

/** How war rooms are recorded. */
export const roomRecording: Recording<RoomsState, RoomRecorded> = {
  stream: roomsStream,
  empty: noRooms,
  take: takeRooms,
  kinds: Object.keys(roomEventKinds) as RoomEvent['kind'][],
  what: 'war rooms',
  held: 'no war room is opened or told anything',
};
