import { type Database, firstColumn } from '../postgres-client.ts';
import { compareVersions, flywayVersion, type Known, knexName, number } from './known.ts';
import type { MigrationsConfig, Tool } from './schema.ts';

/** What the table of a tool says. */
export type Applied = {
  /** Ids, as the table has them. */
  readonly ids: readonly string[];
  /** Migrations that broke off half-way, as people read them. */
  readonly broken: readonly string[];
  /** Whether an id stands for all that come before it, too. */
  readonly isNewest: boolean;
  /** Everything up to this version was there before the tool was; null: nothing was. */
  readonly baseline: string | null;
};

const rowsMax = 20_000;
const charsMax = 300;

const tables: Readonly<Record<Exclude<Tool, 'query'>, string>> = {
  alembic: 'alembic_version',
  flyway: 'flyway_schema_history',
  knex: 'knex_migrations',
  prisma: '_prisma_migrations',
  'golang-migrate': 'schema_migrations',
  rails: 'schema_migrations',
};

/** Name of the table that is read, as SQL has it; null: a query of one's own is asked. */
export function tableOf({ tool, table }: Pick<MigrationsConfig, 'tool' | 'table'>): string | null {
  if (tool === 'query') return null;
  return (table ?? tables[tool])
    .split('.')
    .map((part) => `"${part}"`)
    .join('.');
}

/** Reads what is applied. Throws what the database throws, such as that there is no such table. */
export async function appliedMigrations(database: Database, config: MigrationsConfig): Promise<Applied> {
  const table = tableOf(config) ?? '';
  const rows = (columns: string, order = '1') =>
    database.rows<Readonly<Record<string, string | boolean | null>>>(
      `SELECT ${columns} FROM ${table} ORDER BY ${order} LIMIT ${rowsMax}`,
    );
  const all = { broken: [], isNewest: false, baseline: null };
  switch (config.tool) {
    case 'alembic':
      return { ...all, isNewest: true, ids: texts(await rows('version_num AS id')) };
    case 'flyway':
      return flywayHistory((await rows('version, script, type, success', 'installed_rank')) as unknown as readonly FlywayRow[]);
    case 'knex':
      return { ...all, ids: texts(await rows('name AS id')).map(knexName) };
    case 'prisma': {
      const found = await rows('migration_name AS id, finished_at IS NOT NULL AS done, rolled_back_at IS NOT NULL AS undone');
      const live = found.filter(({ undone }) => undone !== true);
      return {
        ...all,
        ids: texts(live.filter(({ done }) => done === true)),
        broken: texts(live.filter(({ done }) => done !== true)),
      };
    }
    case 'golang-migrate': {
      const found = await rows('version::text AS id, dirty');
      return {
        ...all,
        isNewest: true,
        ids: texts(found).map(number),
        broken: texts(found.filter(({ dirty }) => dirty === true)),
      };
    }
    case 'rails':
      return { ...all, ids: texts(await rows('version AS id')) };
    case 'query':
      return {
        ...all,
        ids: texts(
          (await database.rows<{ answer: string | null }>(firstColumn(config.sql ?? '', charsMax, rowsMax))).map(
            ({ answer }) => ({ id: answer }),
          ),
        ),
      };
  }
}

type FlywayRow = { readonly version: string | null; readonly script: string; readonly type: string; readonly success: boolean };

/** The history has what was undone, and what was there before, as rows like others. */
export function flywayHistory(rows: readonly FlywayRow[]): Applied {
  const ids = new Set<string>();
  const broken = new Set<string>();
  let baseline: string | null = null;
  for (const { version, script, type, success } of rows) {
    const id = version === null ? script.replace(/^.*\//, '').replace(/\.(sql|java|kt)$/, '') : flywayVersion(version);
    if (/^(SCHEMA|DELETE)$/.test(type)) {
      if (type === 'DELETE') ids.delete(id);
      continue;
    }
    if (!success) broken.add(script);
    else if (/BASELINE/.test(type)) baseline = id;
    else if (/UNDO/.test(type)) ids.delete(id);
    else {
      ids.add(id);
      broken.delete(script);
    }
  }
  return { ids: [...ids], broken: [...broken], isNewest: false, baseline };
}

function texts(rows: readonly Readonly<Record<string, string | boolean | null>>[]): readonly string[] {
  return rows.flatMap(({ id }) => (typeof id === 'string' ? [id.slice(0, charsMax)] : []));
}

/** What the database and the files have of each other. */
export type Difference = {
  /** Of files that the database has not applied, the oldest first. */
  readonly missing: readonly Known[];
  /** Applied, without a file. */
  readonly unknown: readonly string[];
};

export function difference(known: readonly Known[], applied: Applied): Difference {
  const byId = new Map(known.map((one) => [one.id, one]));
  const unknown = applied.ids.filter(
    (id) => !byId.has(id) && (applied.baseline === null || compareVersions(id, applied.baseline) > 0),
  );
  const done = applied.isNewest ? withEarlier(known, byId, applied.ids) : new Set(applied.ids);
  const isBefore = ({ id }: Known): boolean =>
    applied.baseline !== null && !id.startsWith('R__') && compareVersions(id, applied.baseline) <= 0;
  return { missing: known.filter((one) => !done.has(one.id) && !isBefore(one)), unknown };
}

/** An id stands for all that it was made upon. */
function withEarlier(known: readonly Known[], byId: ReadonlyMap<string, Known>, ids: readonly string[]): ReadonlySet<string> {
  const done = new Set<string>();
  const rest = [...ids];
  for (let id = rest.pop(); id !== undefined; id = rest.pop()) {
    if (done.has(id)) continue;
    done.add(id);
    const newest = id;
    rest.push(
      ...(byId.get(id)?.after ??
        known.filter((one) => one.after === null && compareVersions(one.id, newest) < 0).map((one) => one.id)),
    );
  }
  return done;
}

/** Of migrations that say what they come after: those that nothing comes after. More than one, and nobody knows which is the newest. */
export function heads(known: readonly Known[]): readonly string[] {
  const before = new Set(known.flatMap(({ after }) => after ?? []));
  return known.filter(({ id, after }) => after !== null && !before.has(id)).map(({ id }) => id);
}
