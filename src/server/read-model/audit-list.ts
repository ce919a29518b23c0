import type { EventLog } from '../../stores/log.ts';
import { type AuditEntry, auditEntry } from './audit/entry.ts';
import { cursorAt, seqIn } from './cursor.ts';
import { all, atLeast, below, is, oneOf } from './filter.ts';
import type { ReadModel } from './read-model.ts';

export type AuditQuery = {
  readonly service?: string | undefined;
  readonly actor?: string | undefined;
  readonly kind?: string | undefined;
  /** At this moment or later, and before this one; unix milliseconds. */
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
};

/**
 * What may be seen: entries of these services (null: all, and those about groups and flags), and whether those about users, tokens and settings.
 */
export type AuditSight = { readonly services: readonly string[] | null; readonly access: boolean };

const list = 'audit';

/**
 * Entries of the audit, newest first, as the log has them.
 *
 * @throws UserError `E_INPUT` for a cursor of something else.
 */
export async function listAudit(
  model: ReadModel,
  log: EventLog,
  query: AuditQuery,
  sight: AuditSight,
): Promise<{ readonly entries: readonly AuditEntry[]; readonly next: string | null }> {
  const { service, actor, kind, after, before, cursor, limit } = query;
  const { where, values } = all(
    cursor === undefined ? null : below('seq', seqIn(list, cursor)),
    is('service', service),
    sightFilter(sight),
    is('actor', actor),
    is('kind', kind),
    atLeast('at', after),
    below('at', before),
  );
  const sql = `SELECT seq FROM audit WHERE ${where} ORDER BY seq DESC LIMIT ?`;
  const found = model.rows<{ seq: number }>(sql, ...values, limit + 1);
  const page = found.slice(0, limit);
  const entries: AuditEntry[] = [];
  for (const { seq } of page) {
    const [logged] = await log.readAll(seq - 1, 1);
    const entry = logged && auditEntry(logged);
    if (entry) entries.push(entry);
  }
  const last = page.at(-1);
  return { entries, next: found.length > limit && last ? cursorAt(list, last.seq) : null };
}

function sightFilter({ services, access }: AuditSight) {
  if (services === null)
    return access ? null : { where: "(service IS NOT NULL OR kind GLOB 'flag-*' OR kind GLOB 'group-*')", values: [] };
  const own = oneOf('service', services);
  return access ? { where: `(service IS NULL OR ${own.where})`, values: own.values } : own;
}
