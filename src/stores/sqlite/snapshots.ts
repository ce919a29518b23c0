import { hash as digest } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

/** Cached folds. Each carries a seal over its text and over the event that it stands on, so that it is never believed for another log. */
export type Snapshots = {
  read(stream: string): { readonly version: number; readonly state: unknown } | null;
  /** Stores `state` unless a later one is there, or the log has no such event. Call it inside of a transaction. */
  write(stream: string, version: number, state: string): void;
};

/** Prepares the statements once. */
export function prepareSnapshots(db: DatabaseSync): Snapshots {
  const select = db.prepare(
    `SELECT snapshots.version, state, seal, events.hash FROM snapshots
     JOIN events ON events.stream = snapshots.stream AND events.version = snapshots.version WHERE snapshots.stream = ?`,
  );
  const selectEvent = db.prepare('SELECT hash FROM events WHERE stream = ? AND version = ?');
  const upsert = db.prepare('INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?)');

  function read(stream: string) {
    const row = select.get(stream) as { version: number; state: string; seal: string; hash: string } | undefined;
    if (row === undefined || row.seal !== seal(row.hash, row.state)) return null;
    try {
      return { version: row.version, state: JSON.parse(row.state) as unknown };
    } catch {
      return null; // Only ever an optimisation: the fold from the first event is always right.
    }
  }
  return {
    read,
    write(stream, version, state) {
      const event = selectEvent.get(stream, version) as { hash: string } | undefined;
      if (event === undefined || (read(stream)?.version ?? 0) > version) return;
      upsert.run(stream, version, state, seal(event.hash, state));
    },
  };
}

function seal(eventHash: string, state: string): string {
  return digest('sha256', `${eventHash}\n${state}`, 'hex');
}
