import { noAlerts, takeAlerts } from '../../alerts/fold.ts';
import type { AlertEvent, AlertsState } from '../../alerts/types.ts';
import { alertsStream } from '../../runtime/alerts/alert-records.ts';
import type { EventLog, LoggedEvent } from '../../stores/log.ts';

/** All that is on record of alerts. */
export async function alertsIn(log: EventLog): Promise<{ readonly state: AlertsState; readonly events: readonly LoggedEvent[] }> {
  const events = await log.read(alertsStream, 0, 10_000);
  const state = events.reduce<AlertsState>(
    (before, { kind, data, actor, at }) => takeAlerts(before, { kind, data, actor, at } as AlertEvent & { at: number }),
    noAlerts,
  );
  return { state, events };
}
