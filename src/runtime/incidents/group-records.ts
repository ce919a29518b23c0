import {
  type GroupEvent,
  type GroupRecorded,
  type GroupsState,
  groupEventKinds,
  noGroups,
  takeAllGroups,
  takeGroups,
} from '../../incidents/routing/group-record.ts';
import type { RecordedState, Recording } from '../recorded-state.ts';

/** Name of the stream that records what receivers were told of groups of alerts. */
export const groupsStream = 'alert-groups';

/** What receivers were told of groups, as it is on record. */
export type GroupsRecorded = RecordedState<GroupsState, GroupRecorded>;

/** How that is recorded. */
export const groupRecording: Recording<GroupsState, GroupRecorded> = {
  stream: groupsStream,
  empty: noGroups,
  take: takeGroups,
  takeAll: takeAllGroups,
  kinds: Object.keys(groupEventKinds) as GroupEvent['kind'][],
  what: 'groups of alerts',
  held: 'nobody is told of a group of alerts',
};
