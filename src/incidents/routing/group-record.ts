import type { Severity } from '../types.ts';
import type { NoticeReason } from './notify-decision.ts';

/** What comes on record of groups: what their receivers were told. */
export type GroupEvent =
  /** A message to each of its notifiers, in the same append as the message itself. Alerts by their fingerprint. */
  | {
      readonly kind: 'alert-group-told';
      readonly data: {
        /** Key of the group in the routing tree. */
        readonly group: string;
        /** Id of its node. */
        readonly route: string;
        readonly reason: NoticeReason;
        /** The look at the group that it was told at, unix milliseconds: the next one follows from it. */
        readonly lookMs: number;
        readonly notifiers: readonly string[];
        readonly firing: readonly string[];
        readonly resolved: readonly string[];
        readonly severity: Severity;
        readonly incident: string;
        readonly thread: string;
        /** Key of the message. */
        readonly message: string;
        /** Nothing of the group is left: the next alert of it is the first one of another. */
        readonly isLast: boolean;
      };
    }
  /** What these were told of the group counts no more, and no message says so: its thread was ended otherwise. */
  | {
      readonly kind: 'alert-group-ended';
      readonly data: { readonly group: string; readonly notifiers: readonly string[]; readonly why: string };
    };

/** An event with whose it is. */
export type GroupRecorded = GroupEvent & { readonly actor: string };
/** The same as the log holds it. */
export type GroupRecord = GroupRecorded & { readonly at: number };

/** What a receiver was told of a group last. */
export type ToldGroup = {
  readonly route: string;
  readonly lookMs: number;
  readonly firing: ReadonlySet<string>;
  readonly resolved: ReadonlySet<string>;
  readonly severity: Severity;
  readonly incident: string;
  readonly thread: string;
};

/** By key of the group, then by name of the notifier: those that were told and have more to hear. */
export type GroupsState = ReadonlyMap<string, ReadonlyMap<string, ToldGroup>>;

/** Nobody was told of any group. */
export const noGroups: GroupsState = new Map();

/** Every kind of event of the stream. */
export const groupEventKinds: Readonly<Record<GroupEvent['kind'], true>> = {
  'alert-group-told': true,
  'alert-group-ended': true,
};

/** The groups after an event. Pure: the state is a fold over the stream `alert-groups`. */
export function takeGroups(state: GroupsState, record: GroupRecord): GroupsState {
  return takeAllGroups(state, [record]);
}

/** The same after many events. */
export function takeAllGroups(state: GroupsState, records: readonly GroupRecord[]): GroupsState {
  const groups = new Map(state);
  for (const { kind, data } of records) {
    const own = new Map(groups.get(data.group));
    for (const notifier of data.notifiers) own.delete(notifier);
    if (kind === 'alert-group-told' && !data.isLast) {
      const { route, lookMs, severity, incident, thread } = data;
      const [firing, resolved] = [new Set(data.firing), new Set(data.resolved)];
      // One for all of them: who was told the same is told on together.
      const told: ToldGroup = { route, lookMs, severity, incident, thread, firing, resolved };
      for (const notifier of data.notifiers) own.set(notifier, told);
    }
    if (own.size > 0) groups.set(data.group, own);
    else groups.delete(data.group);
  }
  return groups;
}
