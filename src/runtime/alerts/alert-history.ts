import type { AlertEvent } from '../../alerts/types.ts';
import { type RecordedAlert, recordedAlerts } from '../../incidents/routing/recorded-alert.ts';
import { recordedSilences, type SilenceEvent } from '../../incidents/routing/silence-record.ts';
import type { Silence } from '../../incidents/routing/silences.ts';
import type { EventLog } from '../../stores/log.ts';
import { alertRecording } from './alert-records.ts';
import { silenceRecording } from './silence-records.ts';

const pageSize = 1_000;
/** Events of a stream that are read, the newest ones: more would not fit into memory beside everything else. */
const eventsMax = 1_000_000;

/** What is on record of alerts up to a moment: those that fired, in the order in which they did, and what was silent when. */
export type AlertHistory = { readonly alerts: readonly RecordedAlert[]; readonly silences: readonly Silence[] };

/**
 * @param untilMs - Unix milliseconds.
 * @param after - Versions of the streams after which is read.
 */
export async function alertHistory(
  log: EventLog,
  untilMs: number,
  after: { readonly alerts: number; readonly silences: number } = { alerts: 0, silences: 0 },
): Promise<AlertHistory> {
  return {
    alerts: recordedAlerts(await eventsOf<AlertEvent>(log, alertRecording, untilMs, after.alerts)),
    silences: recordedSilences(await eventsOf<SilenceEvent>(log, silenceRecording, untilMs, after.silences)),
  };
}

async function eventsOf<Event>(
  log: EventLog,
  { stream, kinds }: { readonly stream: string; readonly kinds: readonly string[] },
  untilMs: number,
  after: number,
): Promise<readonly (Event & { readonly at: number })[]> {
  const events: (Event & { readonly at: number })[] = [];
  for (let version = after; ; ) {
    const page = await log.read(stream, version, pageSize);
    const last = page.at(-1);
    if (!last || last.at > untilMs + clockStepsMs) return events;
    version = last.version;
    for (const { kind, data, actor, at } of page)
      if (kinds.includes(kind) && at <= untilMs)
        events.push({ kind, data, actor, at } as unknown as Event & { readonly at: number });
    if (events.length > eventsMax) events.splice(0, events.length - eventsMax);
  }
}

/** Moments of records grow, but for steps of the clock, which are smaller. */
const clockStepsMs = 86_400_000;
