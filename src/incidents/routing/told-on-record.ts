import type { IncidentRecord } from '../events.ts';
import type { Told } from '../types.ts';

/** A message about an alert as it is on record: to whom, when, and what became of it. Unix milliseconds. */
export type ToldOnRecord = Pick<Told, 'key' | 'person' | 'notifier' | 'step' | 'state' | 'said'> & {
  readonly incident: string;
  /** When it came on record that it is to be told. */
  readonly atMs: number;
  /** When it was delivered, refused or called off; null: it was not yet. */
  readonly endedAtMs: number | null;
};

/**
 * The messages of one incident as they stood at a moment, in the order in which they came on record. Pure.
 *
 * @param records - Events of that incident, in their order.
 */
export function toldOnRecord(records: Iterable<IncidentRecord>, untilMs: number): readonly ToldOnRecord[] {
  const found = new Map<string, ToldOnRecord>();
  for (const { kind, at, data } of records) {
    if (kind !== 'incident-told' || at > untilMs) continue;
    const { id: incident, ...told } = data;
    const key = JSON.stringify([told.notifier, told.key, told.person]);
    const before = found.get(key);
    found.set(key, { ...told, incident, atMs: before?.atMs ?? at, endedAtMs: told.state === 'queued' ? null : at });
  }
  return [...found.values()];
}
