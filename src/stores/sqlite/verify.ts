import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { messageOf, UserError } from '../../errors.ts';
import { isOfOtherShape } from '../../system/sqlite-codes.ts';
import { genesis, type Link, type StoredEvent, short, walkChain } from '../chain.ts';
import type { ChainReport } from '../log.ts';
import { logFault } from './faults.ts';
import type { Tip } from './tip.ts';

/** Events per turn of the event loop: about 5 ms, so that a walk over a long log does not stop the controller. */
const chunk = 1_000;

/**
 * Walks the chain up to the head as it was when the walk began, and checks that the indexes find every event on the way.
 *
 * @param tail - Only the last so many events (≥ 0); undefined: all of them. When that is the whole log, SQLite's own check runs too.
 * @returns `broken` for damage of every kind, also what SQLite itself finds.
 * @throws UserError `E_LOG_UNAVAILABLE` when the file cannot be read for another reason.
 */
export async function verifyLog(db: DatabaseSync, file: string, tip: Tip, tail?: number): Promise<ChainReport> {
  let at = genesis;
  try {
    // Before the head: whatever the witness has seen must be on record by now, also when another process is writing.
    const witness = tip.read();
    const head = readHead(db);
    if (head.kind === 'broken') return head;
    const missing = missingTip(db, witness, head);
    if (missing !== null) return missing;
    const start = startOf(db, head.seq, tail);
    if (start.kind === 'broken') return start;
    at = start.link;
    while (at.seq < head.seq) {
      const step = walkChunk(db, at, Math.min(at.seq + chunk, head.seq));
      if (step.kind === 'broken') return step;
      at = step.last;
      await nextTurn();
    }
    if (at.hash !== head.hash)
      return broken(head.seq, `the head was recorded with hash ${short(head.hash)}, not ${short(at.hash)}`);
    const flaw = start.link.seq === 0 ? structuralFlaw(db) : null;
    if (flaw !== null) return broken(1, flaw);
    return { kind: 'intact', events: head.seq - start.link.seq, head: head.hash };
  } catch (error) {
    const fault = logFault(error, file);
    if (isDamage(error, fault)) return broken(at.seq + 1, messageOf(error));
    throw fault;
  }
}

type Broken = Extract<ChainReport, { kind: 'broken' }>;

function broken(seq: number, reason: string): Broken {
  return { kind: 'broken', seq, reason };
}

/** One statement, so that the answer is of one moment while another process writes. */
function readHead(db: DatabaseSync): Broken | ({ readonly kind: 'head' } & Link) {
  const row = db
    .prepare(
      `SELECT head.seq, head.hash, head.count, (SELECT max(seq) FROM events) AS last, (SELECT count(*) FROM epoch) AS epochs FROM head`,
    )
    .get() as { seq: number; hash: string; count: number; last: number | null; epochs: number } | undefined;
  if (row === undefined) return broken(1, 'the head is missing');
  if (row.epochs !== 1) return broken(1, 'the record of who holds the log is missing');
  const last = row.last ?? 0;
  if (last < row.seq)
    return broken(last + 1, `the last event is ${last} where the head says ${row.seq}: the end of the log is missing`);
  if (last > row.seq) return broken(row.seq + 1, `there are events up to ${last} where the head says ${row.seq}`);
  if (row.count !== row.seq) return broken(row.seq, `the head counts ${row.count} events and ends at event ${row.seq}`);
  return { kind: 'head', seq: row.seq, hash: row.hash };
}

function missingTip(db: DatabaseSync, witness: Link | null, head: Link): Broken | null {
  if (witness === null || witness.seq === 0) return null;
  if (witness.seq > head.seq) {
    const reason = `event ${witness.seq} was acknowledged, but the log ends at event ${head.seq}: its end is missing (was the -wal file deleted?)`;
    return broken(head.seq + 1, reason);
  }
  const hash = hashAt(db, witness.seq);
  if (hash === witness.hash) return null;
  return broken(witness.seq, `event ${witness.seq} is not the one that was acknowledged: this is a different or an altered log`);
}

function startOf(
  db: DatabaseSync,
  headSeq: number,
  tail: number | undefined,
): Broken | { readonly kind: 'start'; readonly link: Link } {
  const seq = tail === undefined ? 0 : Math.max(0, headSeq - tail);
  if (seq === 0) return { kind: 'start', link: genesis };
  const hash = hashAt(db, seq);
  return hash === undefined ? broken(seq, `event ${seq} is missing`) : { kind: 'start', link: { seq, hash } };
}

function hashAt(db: DatabaseSync, seq: number): string | undefined {
  return db.prepare('SELECT hash FROM events WHERE seq = ?').get(seq)?.hash as string | undefined;
}

/**
 * SQLite's own check of its pages and indexes: finds what reading in order of the log does not, such as an index entry that leads to
 * another event. In one go, 1 s for about a million events, so it belongs to the walk over the whole log only.
 */
function structuralFlaw(db: DatabaseSync): string | null {
  const found = db.prepare('PRAGMA integrity_check(1)').get()?.integrity_check;
  return found === 'ok' ? null : String(found).replaceAll('\n', ' ');
}

function walkChunk(db: DatabaseSync, after: Link, to: number): Broken | { readonly kind: 'intact'; readonly last: Link } {
  const rows = db
    .prepare(
      'SELECT seq, stream, version, at, kind, release, actor, data, hash FROM events WHERE seq > ? AND seq <= ? ORDER BY seq',
    )
    .all(after.seq, to) as unknown as readonly (StoredEvent & { hash: string })[];
  const walk = walkChain(after, rows);
  if (walk.kind === 'broken') return walk;
  if (walk.last.seq < to) return broken(walk.last.seq + 1, `event ${walk.last.seq + 1} is missing`);
  // Readers go through the indexes: an event that they cannot find is as lost as one that is gone.
  for (const { index, holds, finds } of indexes) {
    const lost = db
      .prepare(
        `SELECT e.seq FROM events e NOT INDEXED WHERE e.seq > ? AND e.seq <= ? AND ${holds} AND NOT EXISTS (
           SELECT 1 FROM events i INDEXED BY ${index} WHERE ${finds} AND i.seq = e.seq) ORDER BY e.seq LIMIT 1`,
      )
      .get(after.seq, to);
    if (lost !== undefined) return broken(Number(lost.seq), `the index ${index} does not find event ${lost.seq}`);
  }
  return walk;
}

const indexes = [
  { index: 'events_by_stream', holds: 'TRUE', finds: 'i.stream = e.stream AND i.version = e.version' },
  { index: 'events_by_release', holds: 'e.release IS NOT NULL', finds: 'i.release IS NOT NULL AND i.release = e.release' },
] as const;

/** Damage, whoever noticed it: SQLite itself, or (its code 1) a statement that does not fit the tables any more. */
function isDamage(error: unknown, fault: unknown): boolean {
  return fault instanceof UserError ? fault.code === 'E_LOG_CORRUPT' : isOfOtherShape(error);
}
