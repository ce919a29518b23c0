import { percentText } from '../../spec/unit-text.ts';
import type { Answer } from '../answers.ts';
import type { Database } from '../postgres-client.ts';

/** Rows by table; null: there is no such table. */
export type Rows = ReadonlyMap<string, number | null>;

/** @param tables - TABLE or SCHEMA.TABLE. */
export async function countRows(database: Database, tables: readonly string[]): Promise<Rows> {
  const rows = new Map<string, number | null>();
  for (const table of tables) {
    const quoted = table
      .split('.')
      .map((part) => `"${part}"`)
      .join('.');
    const [there] = await database.rows<{ found: boolean }>('SELECT to_regclass($1) IS NOT NULL AS found', [quoted]);
    if (!there?.found) {
      rows.set(table, null);
      continue;
    }
    const [row] = await database.rows<{ count: string }>(`SELECT count(*)::text AS count FROM ${quoted}`);
    rows.set(table, Number(row?.count));
  }
  return rows;
}

/** How many tables of users there are. */
export async function countTables(database: Database): Promise<number> {
  const [row] = await database.rows<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`,
  );
  return row?.count ?? 0;
}

/** Whether a restored database has what it needs: any table at all, and the least numbers of rows. */
export function rowsAnswer(tables: number, rows: Rows, least: Readonly<Record<string, number>>): Answer {
  const short = Object.entries(least).filter(([table, min]) => (rows.get(table) ?? -1) < min);
  const wanted = Object.entries(least)
    .map(([table, min]) => `${table} ≥ ${min}`)
    .join(', ');
  const counted = [...rows].map(([table, count]) => [table, count] as const);
  const list = (some: typeof counted, none: string) => some.map(([table, count]) => `${table} ${count ?? none}`).join(', ');
  const told = short.length > 0 ? counted.filter(([table]) => short.some(([one]) => one === table)) : counted;
  const isWell = short.length === 0 && tables > 0;
  return {
    status: isWell ? 'pass' : 'fail',
    found:
      tables === 0
        ? { en: 'the restored database has no tables', ru: 'в восстановленной базе нет таблиц' }
        : counted.length === 0
          ? { en: `${tables} tables are restored`, ru: `восстановлено таблиц: ${tables}` }
          : { en: `restored rows: ${list(told, 'missing')}`, ru: `восстановлено строк: ${list(told, 'нет таблицы')}` },
    expected: wanted === '' ? { en: 'tables', ru: 'таблицы' } : { en: `rows: ${wanted}`, ru: `строки: ${wanted}` },
    fix: isWell
      ? null
      : {
          en: 'see what is dumped: the right database, all of its schemas, with the data',
          ru: 'проверьте, что выгружается: та ли база, все ли схемы, есть ли данные',
        },
    figures: {
      tables,
      ...Object.fromEntries(counted.flatMap(([table, count]) => (count === null ? [] : [[`rows.${table}`, count]]))),
    },
  };
}

/** Whether the restored numbers of rows are near the live ones. */
export function compareAnswer(restored: Rows, live: Rows, tables: readonly string[], ppm: number): Answer {
  const apart = tables.filter((table) => {
    const [a, b] = [restored.get(table) ?? null, live.get(table) ?? null];
    return a === null || b === null || Math.abs(a - b) * 1_000_000 > ppm * Math.max(a, b);
  });
  const list = (none: string) =>
    (apart.length > 0 ? apart : tables)
      .map((table) => `${table} ${restored.get(table) ?? none} / ${live.get(table) ?? none}`)
      .join(', ');
  return {
    status: apart.length > 0 ? 'fail' : 'pass',
    found: { en: `restored / live rows: ${list('missing')}`, ru: `восстановлено / в работе строк: ${list('нет таблицы')}` },
    expected: { en: `at most ${percentText(ppm)} apart`, ru: `расхождение не больше ${percentText(ppm)}` },
    fix:
      apart.length > 0
        ? { en: 'make a new backup of the live database, all of it', ru: 'сделайте новую полную копию рабочей базы' }
        : null,
  };
}
