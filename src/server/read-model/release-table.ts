import type { Projection } from './projection.ts';
import { type ReleaseChange, releaseChanges } from './release-changes.ts';

/** Releases whose last state is remembered, so that a record that changes nothing asks the table nothing. More than are live at once. */
const rememberedMax = 10_000;

/** Every release that was ever asked for, one row each. Times are unix milliseconds, truths 0 and 1. */
export const releaseTable: Projection = {
  name: 'releases',
  format: 1,
  tables: `
    CREATE TABLE releases (
      seq INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      service TEXT NOT NULL,
      version TEXT NOT NULL,
      by TEXT NOT NULL,
      why TEXT NOT NULL,
      restore INTEGER NOT NULL,
      state TEXT NOT NULL,
      requested_at INTEGER NOT NULL,
      committed_at INTEGER,
      ended_seq INTEGER,
      ended_at INTEGER,
      outcome TEXT,
      reason TEXT,
      seconds_to_safety REAL,
      failed_requests INTEGER,
      candidate_requests INTEGER,
      is_first INTEGER,
      is_exposed INTEGER,
      stable_at INTEGER
    ) STRICT;
    CREATE INDEX releases_by_service ON releases (service, seq);
    CREATE INDEX releases_by_version ON releases (version, seq);
    CREATE INDEX releases_by_person ON releases (by, seq);
    CREATE INDEX releases_by_outcome ON releases (outcome, seq);
    CREATE INDEX releases_live ON releases (seq) WHERE ended_at IS NULL;
    CREATE INDEX releases_by_end ON releases (service, ended_at);`,
  prepare(db) {
    const request = db.prepare(
      `INSERT INTO releases (seq, id, service, version, by, why, restore, state, requested_at, committed_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?) ON CONFLICT DO NOTHING`,
    );
    const stand = db.prepare('UPDATE releases SET state = ? WHERE id = ? AND ended_at IS NULL');
    const end = db.prepare(
      `UPDATE releases SET state = ?, outcome = ?, ended_seq = ?, ended_at = ?, reason = ?, seconds_to_safety = ?, failed_requests = ?,
       candidate_requests = ?, is_first = ?, is_exposed = ?, stable_at = ? WHERE id = ? AND ended_at IS NULL`,
    );
    const remembered = new Map<string, string>();
    const write = (change: ReleaseChange): void => {
      switch (change.kind) {
        case 'requested': {
          const { seq, id, service, version, by, why, restore, requestedAtMs, committedAtMs } = change;
          request.run(seq, id, service, version, by, why, Number(restore), requestedAtMs, committedAtMs);
          return;
        }
        case 'stands':
          if (remembered.get(change.id) === change.state) return;
          if (remembered.size >= rememberedMax) remembered.clear();
          remembered.set(change.id, change.state);
          stand.run(change.state, change.id);
          return;
        case 'ended': {
          const { id, seq, atMs, outcome, reason, secondsToSafety, failedRequests, candidateRequests, stableAtMs } = change;
          const exposed = change.isExposed === null ? null : Number(change.isExposed);
          const numbers = [secondsToSafety, failedRequests, candidateRequests, Number(change.isFirst), exposed, stableAtMs];
          end.run(outcome, outcome, seq, atMs, reason, ...numbers, id);
          remembered.delete(id);
        }
      }
    };
    return (event) => {
      for (const change of releaseChanges(event)) write(change);
    };
  },
};
