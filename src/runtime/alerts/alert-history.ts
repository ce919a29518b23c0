import type { AlertEvent } from '../../alerts/types.ts';
import { type RecordedAlert, recordedAlerts } from '../../incidents/routing/recorded-alert.ts';
import type { EventLog } from '../../stores/log.ts';
import { alertRecording, alertsStream } from './alert-records.ts';

const pageSize = 1_000;
/** Events that are read, the newest ones: more would not fit into memory beside everything else. */
const eventsMax = 1_000_000;

/** All alerts on record that fired, in the order in which they did. */
export async function alertHistory(log: EventLog): Promise<readonly RecordedAlert[]> {
  const kinds: readonly string[] = alertRecording.kinds;
  const events: (AlertEvent & { readonly at: number })[] = [];
  for (let version = 0; ; ) {
    const page = await log.read(alertsStream, version, pageSize);
    const last = page.at(-1);
    if (!last) return recordedAlerts(events);
    version = last.version;
    for (const { kind, data, actor, at } of page)
      if (kinds.includes(kind)) events.push({ kind, data, actor, at } as unknown as AlertEvent & { readonly at: number });
    if (events.length > eventsMax) events.splice(0, events.length - eventsMax);
  }
}
