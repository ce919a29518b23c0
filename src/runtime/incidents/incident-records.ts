import { type IncidentEvent, type IncidentRecorded, incidentEventKinds } from '../../incidents/events.ts';
import { type IncidentsState, noIncidents, takeAllIncidents, takeIncidents } from '../../incidents/fold.ts';
import type { RecordedState, Recording } from '../recorded-state.ts';

/** Name of the stream that records incidents. */
export const incidentsStream = 'incidents';

/** The incidents as they are on record. */
export type IncidentsRecorded = RecordedState<IncidentsState, IncidentRecorded>;

/** How incidents are recorded. */
export const incidentRecording: Recording<IncidentsState, IncidentRecorded> = {
  stream: incidentsStream,
  empty: noIncidents,
  take: takeIncidents,
  takeAll: takeAllIncidents,
  kinds: Object.keys(incidentEventKinds) as IncidentEvent['kind'][],
  what: 'incidents',
  held: 'no incident comes on record',
};
