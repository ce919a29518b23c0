import { durationText } from '../../spec/unit-text.ts';
import type { Question } from './questions.ts';
import type { PostgresConfig } from './schema.ts';

/** Whether the database can be put back to any moment: its log (WAL) is archived, and no segment waits for longer than it may. */
export function archivingQuestion({ lag }: NonNullable<PostgresConfig['archiving']>): Question {
  const lagText = durationText(lag);
  return {
    expected: {
      en: `WAL is archived, never later than ${lagText}`,
      ru: `WAL архивируется, и никогда не позже чем через ${lagText}`,
    },
    async ask(database) {
      const [row] = await database.rows<{
        mode: string;
        timeout: number;
        replica: boolean;
        archived: number | null;
        failed: boolean;
        failure: string | null;
      }>(
        `SELECT current_setting('archive_mode') AS mode,  pg_is_in_recovery() AS replica,
         extract(epoch FROM current_setting('archive_timeout')::interval)::float8 AS timeout,
         extract(epoch FROM now() - last_archived_time)::float8 AS archived, last_failed_wal AS failure,
         coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) AS failed FROM pg_stat_archiver`,
      );
      if (!row) throw new Error('pg_stat_archiver has always one row');
      if (row.replica)
        return {
          status: 'unproven',
          found: { en: 'this is a replica: only the primary knows', ru: 'это реплика: знает только основной сервер' },
          fix: { en: 'name the primary as connection', ru: 'укажите в connection основной сервер' },
        };
      if (row.mode === 'off')
        return {
          status: 'fail',
          found: {
            en: 'archive_mode is off: there is no way back to a moment between two backups',
            ru: 'archive_mode выключен: к моменту между двумя копиями не вернуться',
          },
          fix: {
            en: 'set archive_mode = on and archive_command (pgBackRest, WAL-G, Barman), then start the server again',
            ru: 'задайте archive_mode = on и archive_command (pgBackRest, WAL-G, Barman), затем перезапустите сервер',
          },
        };
      const figures = row.archived === null ? {} : { archivedAgoS: Math.round(row.archived) };
      if (row.failed)
        return {
          status: 'fail',
          found: {
            en: `the last segment could not be archived: ${row.failure}`,
            ru: `последний сегмент не удалось архивировать: ${row.failure}`,
          },
          fix: {
            en: 'see what archive_command says in the log of the server',
            ru: 'посмотрите в журнале сервера, что говорит archive_command',
          },
          figures,
        };
      if (row.archived === null)
        return {
          status: 'warn',
          found: {
            en: 'archiving is on, and nothing has been archived yet',
            ru: 'архивирование включено, но ещё ничего не архивировано',
          },
          fix: {
            en: 'SELECT pg_switch_wal(), and look into the archive',
            ru: 'выполните SELECT pg_switch_wal() и посмотрите в архив',
          },
        };
      const found = {
        en: `WAL is archived, last ${durationText(roundedMs(row.archived))} ago`,
        ru: `WAL архивируется, последний раз ${durationText(roundedMs(row.archived))} назад`,
      };
      if (row.timeout === 0 || row.timeout * 1_000 > lag)
        return {
          status: 'warn',
          found: {
            en: `${found.en}, but a segment that is not full may wait for longer than ${lagText}`,
            ru: `${found.ru}, но неполный сегмент может ждать дольше ${lagText}`,
          },
          fix: { en: `set archive_timeout to at most ${lagText}`, ru: `задайте archive_timeout не больше ${lagText}` },
          figures,
        };
      return { status: 'pass', found, fix: null, figures };
    },
  };
}

export function replicasQuestion({ min, lag }: NonNullable<PostgresConfig['replicas']>): Question {
  return {
    expected: {
      en: `${min} replicas or more that follow within ${durationText(lag)}`,
      ru: `реплик не меньше ${min}, и ни одна не отстаёт больше чем на ${durationText(lag)}`,
    },
    async ask(database) {
      const rows = await database.rows<{ name: string; state: string | null; lag: number }>(
        `SELECT left(coalesce(nullif(application_name, ''), client_addr::text, '?'), 100) AS name, state,
         coalesce(extract(epoch FROM replay_lag), 0)::float8 AS lag FROM pg_stat_replication LIMIT 100`,
      );
      if (rows.length > 0 && rows.every(({ state }) => state === null))
        return {
          status: 'unproven',
          found: { en: 'this role may not see how replicas are', ru: 'эта роль не может видеть состояние реплик' },
          fix: { en: 'GRANT pg_monitor to this role', ru: 'выдайте этой роли pg_monitor (GRANT)' },
        };
      const following = rows.filter(({ state }) => state === 'streaming');
      const behindS = Math.max(0, ...following.map(({ lag }) => lag));
      const isEnough = following.length >= min;
      const isWell = isEnough && behindS * 1_000 <= lag;
      const behind = durationText(roundedMs(behindS));
      return {
        status: isWell ? 'pass' : 'fail',
        found: {
          en: `${following.length} replicas follow${following.length > 0 ? `, at most ${behind} behind` : ''}`,
          ru: `реплик следует: ${following.length}${following.length > 0 ? `, отставание не больше ${behind}` : ''}`,
        },
        fix: isWell
          ? null
          : isEnough
            ? {
                en: 'see what keeps the replica busy, or the network between them',
                ru: 'посмотрите, чем занята реплика, и какова сеть между ними',
              }
            : {
                en: 'start the replicas, and see why they do not follow (pg_stat_replication, their logs)',
                ru: 'запустите реплики и выясните, почему они не следуют (pg_stat_replication, их журналы)',
              },
        evidence: rows.slice(0, 10).map(({ name, state, lag }) => `${name}: ${state}, ${Math.round(lag * 1_000)} ms behind`),
        figures: { replicas: following.length, replicaLagMs: Math.round(behindS * 1_000) },
      };
    },
  };
}

/** Whole seconds, of which people read. */
const roundedMs = (seconds: number): number => Math.max(0, Math.round(seconds)) * 1_000;
