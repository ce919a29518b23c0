import { auditEntry } from './audit/entry.ts';
import type { Projection } from './projection.ts';

/** Where the entries of the audit are in the log, by what they are looked for. What they say is read from the log itself. */
export const auditTable: Projection = {
  name: 'audit',
  format: 5,
  tables: `
    CREATE TABLE audit (
      seq INTEGER PRIMARY KEY,
      at INTEGER NOT NULL,
      actor TEXT NOT NULL,
      kind TEXT NOT NULL,
      service TEXT
    ) STRICT;
    CREATE INDEX audit_by_actor ON audit (actor, seq);
    CREATE INDEX audit_by_kind ON audit (kind, seq);
    CREATE INDEX audit_by_service ON audit (service, seq);
    CREATE INDEX audit_by_time ON audit (at);`,
  prepare(db) {
    const insert = db.prepare('INSERT INTO audit VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
    return (event) => {
      const entry = auditEntry(event);
      if (entry) insert.run(entry.seq, entry.at, entry.actor, entry.kind, entry.service);
    };
  },
};
