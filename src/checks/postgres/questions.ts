import { percentText } from '../../spec/unit-text.ts';
import type { Answer } from '../answers.ts';
import { type Database, firstColumn } from '../postgres-client.ts';
import { isAtLeast } from '../version.ts';
import type { PostgresConfig } from './schema.ts';

/** Asks one thing, and says what is wrong with the answer. Throws what the database throws. */
export type Question = { readonly expected: Answer['expected']; ask(database: Database): Promise<Omit<Answer, 'expected'>> };

const evidenceMax = 10;
/** Longest name of a database, table or role that stands in a sentence. */
const nameMax = 63;

export function versionQuestion(least: string | null): Question {
  return {
    expected:
      least === null
        ? { en: 'an answer', ru: 'ответ' }
        : { en: `PostgreSQL ${least} or newer`, ru: `PostgreSQL ${least} или новее` },
    async ask(database) {
      const [row] = await database.rows<{ version: string }>("SELECT current_setting('server_version') AS version");
      const version = /^[\d.]+\S*/.exec(row?.version ?? '')?.[0] ?? 'unknown';
      const found = `PostgreSQL ${version}`;
      if (least === null || isAtLeast(version, least)) return { status: 'pass', found, fix: null };
      return { status: 'fail', found, fix: { en: `update the server to ${least}`, ru: `обновите сервер до ${least}` } };
    },
  };
}

export function extensionQuestion({ name, version: least }: PostgresConfig['extensions'][number]): Question {
  const wanted = `${name}${least === null ? '' : ` ≥ ${least}`}`;
  return {
    expected: { en: `the extension ${wanted}`, ru: `расширение ${wanted}` },
    async ask(database) {
      const [row] = await database.rows<{ version: string | null; available: string | null }>(
        `SELECT (SELECT extversion FROM pg_extension WHERE extname = $1) AS version,
         (SELECT default_version FROM pg_available_extensions WHERE name = $1) AS available`,
        [name],
      );
      const create = `CREATE EXTENSION ${/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name}"`}`;
      if (typeof row?.version !== 'string')
        return {
          status: 'fail',
          found: { en: `the extension ${name} is not in the database`, ru: `расширения ${name} в базе нет` },
          fix:
            row?.available == null
              ? {
                  en: `install the package of ${name} on the server, then ${create}`,
                  ru: `установите пакет ${name} на сервер, затем ${create}`,
                }
              : { en: create, ru: create },
        };
      const found = { en: `${name} ${row.version}`, ru: `${name} ${row.version}` };
      if (least === null || isAtLeast(row.version, least)) return { status: 'pass', found, fix: null };
      const update = `ALTER EXTENSION ${name} UPDATE`;
      return { status: 'fail', found, fix: { en: update, ru: update } };
    },
  };
}

export function connectionsQuestion({ warn, fail }: NonNullable<PostgresConfig['connections']>): Question {
  return {
    expected: {
      en: `at most ${percentText(warn)} of max_connections in use, never ${percentText(fail)}`,
      ru: `занято не больше ${percentText(warn)} от max_connections, и никогда ${percentText(fail)}`,
    },
    async ask(database) {
      // Of others' backends a role without rights sees no type; those of a server's own workers have no user.
      const [row] = await database.rows<{ used: number; max: number }>(
        `SELECT count(*)::int AS used, current_setting('max_connections')::int AS max FROM pg_stat_activity
         WHERE usesysid IS NOT NULL AND coalesce(backend_type, 'client backend') = 'client backend'`,
      );
      const { used, max } = row ?? { used: 0, max: 1 };
      const ppm = Math.round((used * 1_000_000) / max);
      const status = ppm > fail ? 'fail' : ppm > warn ? 'warn' : 'pass';
      return {
        status,
        found: { en: `${used} of ${max} connections in use`, ru: `занято ${used} из ${max} соединений` },
        fix:
          status === 'pass'
            ? null
            : {
                en: 'lower the pools of its clients, put a pooler before it (PgBouncer), or raise max_connections',
                ru: 'уменьшите пулы клиентов, поставьте пулер (PgBouncer) или увеличьте max_connections',
              },
        figures: { connections: used, connectionsMax: max },
      };
    },
  };
}

export function slowQuestion({ warn, fail }: NonNullable<PostgresConfig['slowQueries']>, calls: number): Question {
  return {
    expected: {
      en: `no query that takes more than ${warn} ms on average (never ${fail} ms), of those with ${calls} calls or more`,
      ru: `ни одного запроса со средним временем больше ${warn} мс (и никогда ${fail} мс) среди тех, что выполнялись ${calls} раз и чаще`,
    },
    async ask(database) {
      const [place] = await database.rows<{ schema: string; column: string }>(
        `SELECT quote_ident(n.nspname) AS schema, a.attname AS column FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
         JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = 'pg_stat_statements'
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname IN ('mean_exec_time', 'mean_time')
         WHERE e.extname = 'pg_stat_statements'`,
      );
      if (!place)
        return {
          status: 'unproven',
          found: { en: 'pg_stat_statements is not in the database', ru: 'расширения pg_stat_statements в базе нет' },
          fix: {
            en: 'add it to shared_preload_libraries, start the server again, then CREATE EXTENSION pg_stat_statements',
            ru: 'добавьте его в shared_preload_libraries, перезапустите сервер, затем CREATE EXTENSION pg_stat_statements',
          },
        };
      const slow = await database.rows<{ query: string | null; ms: number; calls: string }>(
        `SELECT left(query, 300) AS query, ${place.column} AS ms, calls::text FROM ${place.schema}.pg_stat_statements
         WHERE calls >= $1 AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
         ORDER BY ${place.column} DESC LIMIT ${evidenceMax}`,
        [calls],
      );
      const slowest = slow[0]?.ms ?? 0;
      const over = slow.filter(({ ms }) => ms > warn);
      const status = slowest > fail ? 'fail' : slowest > warn ? 'warn' : 'pass';
      return {
        status,
        found:
          slow.length === 0
            ? { en: `no query ran ${calls} times yet`, ru: `ни один запрос ещё не выполнялся ${calls} раз` }
            : {
                en: `the slowest query takes ${ms(slowest)} on average`,
                ru: `самый медленный запрос в среднем занимает ${ms(slowest, 'мс')}`,
              },
        fix:
          status === 'pass'
            ? null
            : {
                en: 'look at these queries with EXPLAIN (ANALYZE, BUFFERS)',
                ru: 'посмотрите эти запросы через EXPLAIN (ANALYZE, BUFFERS)',
              },
        evidence: over.map(({ query, ms: mean, calls }) => `${ms(mean)} × ${calls}: ${shownQuery(query)}`),
        figures: { slowestQueryMs: Math.round(slowest * 10) / 10 },
      };
    },
  };
}

/** Constants of these are left out by PostgreSQL. Those of other statements are not, and may be passwords (ALTER ROLE). */
function shownQuery(query: string | null): string {
  if (query === null) return '(its text may not be seen)';
  const line = query.replace(/\s+/g, ' ').trim();
  return /^(select|insert|update|delete|merge|with|values)\b/i.test(line) ? line : `${/^\w*/.exec(line)?.[0] ?? ''} …`;
}

const ms = (value: number, unit = 'ms'): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;

export function indexesQuestion({ rows, scans, sequential, severity }: NonNullable<PostgresConfig['indexes']>): Question {
  return {
    expected: {
      en: `tables of more than ${rows} rows are read through indexes: at most ${percentText(sequential)} of the reads go over the whole table`,
      ru: `таблицы больше ${rows} строк читаются по индексам: по всей таблице идёт не больше ${percentText(sequential)} чтений`,
    },
    async ask(database) {
      // A sequential scan that stops early (LIMIT) needs no index: only those count that read as many rows as the table has, nearly.
      const found = await database.rows<{ table: string; rows: string; seq: string; all: string; count: string }>(
        `SELECT format('%I.%I', schemaname, relname) AS table, n_live_tup::text AS rows, seq_scan::text AS seq,
         (seq_scan + coalesce(idx_scan, 0))::text AS all, (count(*) OVER ())::text AS count FROM pg_stat_user_tables
         WHERE n_live_tup > $1::bigint AND seq_scan + coalesce(idx_scan, 0) >= $2::bigint
         AND seq_scan * 1000000.0 > (seq_scan + coalesce(idx_scan, 0)) * $3::numeric AND seq_tup_read >= seq_scan * $1::bigint
         ORDER BY seq_tup_read DESC LIMIT ${evidenceMax}`,
        [rows, scans, sequential],
      );
      const count = Number(found[0]?.count ?? 0);
      const names = found
        .slice(0, 3)
        .map(({ table }) => table.slice(0, 2 * nameMax + 1))
        .join(', ');
      if (count === 0)
        return {
          status: 'pass',
          found: {
            en: 'no large table is read as a whole again and again',
            ru: 'ни одна большая таблица не читается раз за разом целиком',
          },
          fix: null,
          figures: { tablesWithoutIndex: 0 },
        };
      return {
        status: severity,
        found: {
          en: `read as a whole again and again: ${names}${count > 3 ? ` and ${count - 3} more` : ''}`,
          ru: `раз за разом читаются целиком: ${names}${count > 3 ? ` и ещё ${count - 3}` : ''}`,
        },
        fix: {
          en: 'add indexes for the conditions of the queries that read them',
          ru: 'добавьте индексы под условия запросов, которые их читают',
        },
        evidence: found.map(({ table, rows, seq, all }) => `${table}: ${rows} rows, ${seq} of ${all} reads without an index`),
        figures: { tablesWithoutIndex: count },
      };
    },
  };
}

export function passwordQuestion(leastMs: number, durationText: string): Question {
  return {
    expected: {
      en: `the password of the role is valid for ${durationText} at least`,
      ru: `пароль роли действителен ещё не меньше ${durationText}`,
    },
    async ask(database) {
      const [row] = await database.rows<{ role: string; left: number | null }>(
        `SELECT rolname AS role, CASE WHEN isfinite(rolvaliduntil) THEN extract(epoch FROM rolvaliduntil - now())::float8 END AS left
         FROM pg_roles WHERE rolname = current_user`,
      );
      if (row?.left == null)
        return { status: 'pass', found: { en: 'the password does not expire', ru: 'пароль бессрочный' }, fix: null };
      const days = Math.floor(row.left / 86_400);
      return {
        status: row.left * 1_000 < leastMs ? 'fail' : 'pass',
        found: { en: `the password is valid for ${days} days`, ru: `пароль действителен, дней: ${days}` },
        fix:
          row.left * 1_000 < leastMs
            ? {
                en: `give ${row.role} a new password: ALTER ROLE … VALID UNTIL`,
                ru: `задайте роли ${row.role} новый пароль: ALTER ROLE … VALID UNTIL`,
              }
            : null,
        figures: { passwordDays: days },
      };
    },
  };
}

export function ownQuestion({ name, sql, equals, min, max, severity }: PostgresConfig['queries'][number]): Question {
  const title = name ?? sql.replace(/\s+/g, ' ').trim().slice(0, 60);
  const bounds = [min === undefined ? [] : [`≥ ${min}`], max === undefined ? [] : [`≤ ${max}`]].flat().join(', ');
  const wanted = equals === undefined ? bounds : JSON.stringify(equals);
  return {
    expected: `${title}: ${wanted}`,
    async ask(database) {
      const [row] = await database.rows<{ answer: string | null }>(firstColumn(sql, answerMax, 1));
      const isRight = row !== undefined && isWanted(row.answer, { equals, min, max });
      const shown =
        row === undefined
          ? { en: 'no row', ru: 'ни одной строки' }
          : { en: String(row.answer).slice(0, 200), ru: String(row.answer).slice(0, 200) };
      return {
        status: isRight ? 'pass' : severity,
        found: { en: `${title}: ${shown.en}`, ru: `${title}: ${shown.ru}` },
        fix: isRight ? null : { en: `see why the answer is not ${wanted}`, ru: `выясните, почему ответ не ${wanted}` },
      };
    },
  };
}

const answerMax = 1_001;

/** Whether the text of an answer is the value that is wanted. */
export function isWanted(
  answer: string | null,
  { equals, min, max }: Pick<PostgresConfig['queries'][number], 'equals' | 'min' | 'max'>,
): boolean {
  if (equals !== undefined) {
    if (equals === null || answer === null) return equals === answer;
    return typeof equals === 'number' ? answer.trim() !== '' && Number(answer) === equals : answer === String(equals);
  }
  const value = answer === null || answer.trim() === '' ? Number.NaN : Number(answer);
  return value >= (min ?? Number.NEGATIVE_INFINITY) && value <= (max ?? Number.POSITIVE_INFINITY);
}
