import { noAlerts, takeAlerts, takeAllAlerts } from '../../alerts/fold.ts';
import type { AlertEvent, AlertsState } from '../../alerts/types.ts';
import type { RecordedState, Recording } from '../recorded-state.ts';

/** Name of the stream that records what people had to know of, from objectives and from programs that tell us. */
export const alertsStream = 'alerts';

/** The alerts as they are on record. */
export type AlertsRecorded = RecordedState<AlertsState, AlertEvent>;

const kinds: Readonly<Record<AlertEvent['kind'], true>> = {
  'alert-pending': true,
  'alert-fired': true,
  'alert-changed': true,
  'alert-recovering': true,
  'alert-resolved': true,
};

/** How alerts are recorded. */
export const alertRecording: Recording<AlertsState, AlertEvent> = {
  stream: alertsStream,
  empty: noAlerts,
  take: takeAlerts,
  takeAll: takeAllAlerts,
  kinds: Object.keys(kinds) as AlertEvent['kind'][],
  what: 'alerts',
  held: 'no alert comes on record',
};
