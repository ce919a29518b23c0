import type { IncidentRecord } from '../../incidents/events.ts';
import { noIncidents, takeIncidents } from '../../incidents/fold.ts';
import type { Incident, Severity } from '../../incidents/types.ts';
import type { EventLog, LoggedEvent } from '../../stores/log.ts';
import { cursorAt, seqIn } from './cursor.ts';
import { all, atLeast, below, is, oneOf } from './filter.ts';
import type { ReadModel } from './read-model.ts';

export type IncidentsQuery = {
  readonly service?: string | undefined;
  /** `live`: those that are not over. */
  readonly state?: 'live' | 'over' | undefined;
  readonly severity?: Severity | undefined;
  /** Opened at this moment or later, and before this one; unix milliseconds. */
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
};

const list = 'incidents';
/** Events of one incident that are read to tell of it: more than any has that people can follow. */
export const eventsMax = 20_000;

/**
 * Ids of incidents, newest first.
 *
 * @param services - Those that may be seen; null: all, and those of no service.
 * @throws UserError `E_INPUT` for a cursor of something else.
 */
export function listIncidents(
  model: ReadModel,
  query: IncidentsQuery,
  services: readonly string[] | null,
): { readonly ids: readonly string[]; readonly next: string | null } {
  const { service, state, severity, after, before, cursor, limit } = query;
  const { where, values } = all(
    cursor === undefined ? null : below('seq', seqIn(list, cursor)),
    is('service', service),
    services === null ? null : oneOf('service', services),
    is('state', state),
    is('severity', severity),
    atLeast('at', after),
    below('at', before),
  );
  const sql = `SELECT id, seq FROM incidents WHERE ${where} ORDER BY seq DESC LIMIT ?`;
  const found = model.rows<{ id: string; seq: number }>(sql, ...values, limit + 1);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return { ids: page.map(({ id }) => id), next: found.length > limit && last ? cursorAt(list, last.seq) : null };
}

/** Events of one incident after a position in the log, oldest first. */
export async function incidentEvents(
  model: ReadModel,
  log: EventLog,
  id: string,
  after: number,
  limit: number,
): Promise<readonly LoggedEvent[]> {
  const sql = 'SELECT seq FROM incident_events WHERE incident = ? AND seq > ? ORDER BY seq LIMIT ?';
  const events: LoggedEvent[] = [];
  for (const { seq } of model.rows<{ seq: number }>(sql, id, after, limit)) events.push(...(await log.readAll(seq - 1, 1)));
  return events;
}

/** An incident that is not kept in mind any more, as its events leave it; undefined: there never was one. */
export async function pastIncident(model: ReadModel, log: EventLog, id: string): Promise<Incident | undefined> {
  const events = await incidentEvents(model, log, id, 0, eventsMax);
  const records = events.map(({ at, kind, actor, data }) => ({ at, kind, actor, data }) as IncidentRecord);
  return records.reduce(takeIncidents, noIncidents).incidents.get(id);
}
