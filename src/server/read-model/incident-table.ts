import type { IncidentEvent } from '../../incidents/events.ts';
import { incidentsStream } from '../../runtime/incidents/incident-records.ts';
import type { LoggedEvent } from '../../stores/log.ts';
import type { Projection } from './projection.ts';

/** What each incident is looked for by, and where its events are in the log. What they say is read from there. */
export const incidentTable: Projection = {
  name: 'incidents',
  format: 1,
  tables: `
    CREATE TABLE incidents (
      id TEXT PRIMARY KEY,
      seq INTEGER NOT NULL,
      at INTEGER NOT NULL,
      service TEXT,
      severity TEXT NOT NULL,
      state TEXT NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX incidents_by_seq ON incidents (seq);
    CREATE INDEX incidents_by_service ON incidents (service, seq);
    CREATE TABLE incident_events (incident TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (incident, seq)) STRICT, WITHOUT ROWID;`,
  prepare(db) {
    const insert = db.prepare('INSERT INTO incidents VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
    const note = db.prepare('INSERT INTO incident_events VALUES (?, ?) ON CONFLICT DO NOTHING');
    const worsen = db.prepare('UPDATE incidents SET severity = ? WHERE id = ?');
    const move = db.prepare('UPDATE incidents SET state = ? WHERE id = ?');
    return (logged) => {
      if (logged.stream !== incidentsStream) return;
      const event = eventIn(logged);
      const { id } = event.data;
      note.run(id, logged.seq);
      if (event.kind === 'incident-opened') {
        const { service, severity } = event.data;
        insert.run(id, logged.seq, logged.at, service, severity, 'live');
      } else if (event.kind === 'incident-severity-changed') worsen.run(event.data.severity, id);
      else if (event.kind === 'incident-resolved') move.run('over', id);
      else if (event.kind === 'incident-reopened') move.run('live', id);
    };
  },
};

function eventIn({ kind, data }: LoggedEvent): IncidentEvent {
  return { kind, data } as IncidentEvent;
}
