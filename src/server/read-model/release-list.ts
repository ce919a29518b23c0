import type { PhaseName } from '../../release/phase-name.ts';
import type { Outcome } from '../../release/types.ts';
import type { Place } from '../../runtime/past-release.ts';
import { cursorAt, seqIn } from './cursor.ts';
import { all, atLeast, below, type Filter, is, oneOf } from './filter.ts';
import type { ReadModel } from './read-model.ts';

/** A release in a list. Times are unix milliseconds. */
export type ReleaseRow = {
  readonly id: string;
  readonly service: string;
  readonly version: string;
  readonly by: string;
  readonly why: string;
  readonly state: PhaseName;
  readonly requestedAtMs: number;
  readonly endedAtMs: number | null;
  readonly outcome: Outcome | null;
  /** One English sentence; null while it lives. */
  readonly reason: string | null;
  readonly secondsToSafety: number | null;
  readonly failedRequests: number | null;
  readonly candidateRequests: number | null;
  /** Whether it brings an earlier version back. */
  readonly restore: boolean;
};

export type ReleaseQuery = {
  readonly service?: string | undefined;
  readonly state?: 'live' | 'ended' | undefined;
  readonly outcome?: Outcome | undefined;
  readonly by?: string | undefined;
  readonly version?: string | undefined;
  /** Asked for at this moment or later, and before this one; unix milliseconds. */
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
};

const list = 'releases';

/**
 * Releases, newest first.
 *
 * @param services - Those whose releases may be seen; null: all.
 * @returns `places`: where those on the page that have ended are in the log.
 * @throws UserError `E_INPUT` for a cursor of something else.
 */
export function listReleases(
  model: ReadModel,
  query: ReleaseQuery,
  services: readonly string[] | null,
): { readonly releases: readonly ReleaseRow[]; readonly next: string | null; readonly places: ReadonlyMap<string, Place> } {
  const { service, state, outcome, by, version, after, before, cursor, limit } = query;
  const { where, values } = all(
    cursor === undefined ? null : below('seq', seqIn(list, cursor)),
    is('service', service),
    services === null ? null : oneOf('service', services),
    state === undefined ? null : { where: `ended_at IS ${state === 'live' ? '' : 'NOT '}NULL`, values: [] },
    is('outcome', outcome),
    is('by', by),
    is('version', version),
    atLeast('requested_at', after),
    below('requested_at', before),
  );
  const found = model.rows<Row>(`SELECT * FROM releases WHERE ${where} ORDER BY seq DESC LIMIT ?`, ...values, limit + 1);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    releases: page.map(releaseRow),
    next: found.length > limit && last ? cursorAt(list, last.seq) : null,
    places: new Map(
      page.flatMap(({ id, seq, ended_seq }) => (ended_seq === null ? [] : [[id, { askedSeq: seq, endedSeq: ended_seq }]])),
    ),
  };
}

/** Where a release that has ended is on record; undefined when the tables do not have it (yet). */
export function placeOf(model: ReadModel, id: string): Place | undefined {
  const [row] = model.rows<Row>('SELECT * FROM releases WHERE id = ? AND ended_seq IS NOT NULL', id);
  return row?.ended_seq ? { askedSeq: row.seq, endedSeq: row.ended_seq } : undefined;
}

/** Releases of a service that ended since then, in the order of their ends, as DORA's figures need them. */
export function endedSince(model: ReadModel, service: string, sinceMs: number): readonly EndedRow[] {
  const { where, values }: Filter = all(is('service', service), atLeast('ended_at', sinceMs));
  return model.rows<Row>(`SELECT * FROM releases WHERE ${where} ORDER BY ended_at, seq`, ...values).map((row) => ({
    ...releaseRow(row),
    committedAtMs: row.committed_at,
    stableAtMs: row.stable_at,
    first: row.is_first === 1,
    exposed: row.is_exposed !== 0,
  }));
}

export type EndedRow = ReleaseRow & {
  readonly committedAtMs: number | null;
  readonly stableAtMs: number | null;
  /** Whether nothing ran before it. */
  readonly first: boolean;
  /** Whether users' requests reached it; true where that is not on record. */
  readonly exposed: boolean;
};

type Row = {
  readonly seq: number;
  readonly id: string;
  readonly service: string;
  readonly version: string;
  readonly by: string;
  readonly why: string;
  readonly restore: number;
  readonly state: PhaseName;
  readonly requested_at: number;
  readonly committed_at: number | null;
  readonly ended_seq: number | null;
  readonly ended_at: number | null;
  readonly outcome: Outcome | null;
  readonly reason: string | null;
  readonly seconds_to_safety: number | null;
  readonly failed_requests: number | null;
  readonly candidate_requests: number | null;
  readonly is_first: number | null;
  readonly is_exposed: number | null;
  readonly stable_at: number | null;
};

function releaseRow(row: Row): ReleaseRow {
  return {
    id: row.id,
    service: row.service,
    version: row.version,
    by: row.by,
    why: row.why,
    state: row.state,
    requestedAtMs: row.requested_at,
    endedAtMs: row.ended_at,
    outcome: row.outcome,
    reason: row.reason,
    secondsToSafety: row.seconds_to_safety,
    failedRequests: row.failed_requests,
    candidateRequests: row.candidate_requests,
    restore: row.restore === 1,
  };
}
