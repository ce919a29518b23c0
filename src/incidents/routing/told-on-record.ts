import { fingerprint } from '../../alerts/fingerprint.ts';
import type { IncidentRecord } from '../events.ts';
import type { Told } from '../types.ts';
import type { GroupRecord } from './group-record.ts';
import type { NoticeReason } from './notify-decision.ts';
import type { RecordedAlert } from './recorded-alert.ts';

/** A message about an alert as it is on record: to whom, when, and what became of it. Unix milliseconds. */
export type ToldOnRecord = Pick<Told, 'key' | 'person' | 'notifier' | 'step' | 'state' | 'said' | 'group'> & {
  readonly incident: string;
  /** Why its group was told of; null: a policy has called. */
  readonly reason: NoticeReason | null;
  /** When it came on record that it is to be told. */
  readonly atMs: number;
  /** When it was delivered, refused or called off; null: it was not yet. */
  readonly endedAtMs: number | null;
};

/** A message of a group that named an alert. */
export type GroupMessage = { readonly reason: NoticeReason; readonly incident: string };

/**
 * Messages of groups that named an alert, by `messageKey`. Pure.
 *
 * @param records - Of the stream `alert-groups`, in their order.
 */
export function groupMessages(
  records: Iterable<GroupRecord>,
  { labels, firedAtMs }: Pick<RecordedAlert, 'labels' | 'firedAtMs'>,
  untilMs: number,
): ReadonlyMap<string, GroupMessage> {
  const print = fingerprint(labels);
  const found = new Map<string, GroupMessage>();
  for (const { kind, at, data } of records) {
    if (kind !== 'alert-group-told' || at < firedAtMs || at > untilMs) continue;
    const { firing, resolved, notifiers, message, reason, incident } = data;
    if (!firing.includes(print) && !resolved.includes(print)) continue;
    for (const notifier of notifiers) found.set(messageKey(notifier, message), { reason, incident });
  }
  return found;
}

/**
 * The messages of an alert as they stood at a moment, in the order in which they came on record: those by which policies have called for its
 * incidents, and those of its groups that named it. Pure.
 *
 * @param records - Events of its incidents and of those of its groups' messages, each in their order.
 * @param incidents - The alert's own.
 */
export function toldOnRecord(
  records: Iterable<IncidentRecord>,
  incidents: readonly string[],
  ofGroups: ReadonlyMap<string, GroupMessage>,
  { firedAtMs }: Pick<RecordedAlert, 'firedAtMs'>,
  untilMs: number,
): readonly ToldOnRecord[] {
  const found = new Map<string, ToldOnRecord>();
  for (const { kind, at, data } of records) {
    if (kind !== 'incident-told' || at > untilMs) continue;
    const { id: incident, ...told } = data;
    const reason = ofGroups.get(messageKey(told.notifier, told.key))?.reason ?? null;
    const isOwn = told.group === undefined ? incidents.includes(incident) : reason !== null;
    if (!isOwn) continue;
    const key = JSON.stringify([told.notifier, told.key, told.person]);
    const before = found.get(key);
    found.set(key, { ...told, incident, reason, atMs: before?.atMs ?? at, endedAtMs: told.state === 'queued' ? null : at });
  }
  return [...found.values()].filter(({ atMs }) => atMs >= firedAtMs).sort((a, b) => a.atMs - b.atMs);
}

function messageKey(notifier: string, message: string): string {
  return JSON.stringify([notifier, message]);
}
