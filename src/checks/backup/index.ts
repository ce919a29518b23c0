import { type Answer, combined } from '../answers.ts';
import { type CheckContext, type CheckResult, defineCheck } from '../check.ts';
import { unanswered, withPostgres } from '../postgres-client.ts';
import { type PostgresTarget, postgresTarget, targetText } from '../postgres-target.ts';
import { newestAnswers, retentionAnswer } from './age.ts';
import { type Content, contentOf } from './content.ts';
import { type Found, foundBackups } from './find.ts';
import { readWhole, restoreAnswer, restored } from './restore.ts';
import { compareAnswer, countRows, countTables, type Rows, rowsAnswer } from './rows.ts';
import { BackupConfig } from './schema.ts';
import { withScratch } from './scratch-database.ts';

type Restore = NonNullable<BackupConfig['restore']>;

/** Counting the rows of a large table takes its time. */
const counting = { connectMs: 10_000, queryMs: 600_000 };

/** A backup is fresh, large enough, and can be restored. */
export const backup = defineCheck({
  title: { en: 'Backup', ru: 'Резервная копия' },
  schema: BackupConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 1_800_000,
  async run(config, context): Promise<CheckResult> {
    const all = await foundBackups(context.folder, config.file, context.signal);
    const [newest] = all;
    if (!newest) return combined(config.file, [nothingThere]);
    const answers = [...newestAnswers(newest, config, context.now())];
    const { retention } = config;
    if (retention)
      answers.push(
        retentionAnswer(
          all.map(({ writtenMs }) => writtenMs),
          retention,
          context.now(),
        ),
      );
    if (newest.bytes > 0) answers.push(...(await contentAnswers(newest, config, context)));
    return combined(newest.path, answers);
  },
});

const nothingThere: Answer = {
  status: 'fail',
  found: { en: 'there is no backup', ru: 'резервной копии нет' },
  expected: { en: 'a backup', ru: 'резервная копия' },
  fix: { en: 'make one, and write the path where it is kept', ru: 'сделайте её и укажите путь, где она хранится' },
};

async function contentAnswers(newest: Found, config: BackupConfig, context: CheckContext): Promise<readonly Answer[]> {
  const content = await contentOf(newest, config.format === 'auto' ? null : config.format);
  if (!content) return [notThatAnswer(config.format)];
  const { restore, contains } = config;
  if (restore && content.format !== 'files' && content.format !== 'opaque') {
    const server = postgresTarget(restore.connection, context);
    context.progress(`restoring ${newest.path}`);
    return await restoreAnswers(newest, content, restore, server, context);
  }
  if (restore || (contains.length > 0 && content.format !== 'files')) return [notThatAnswer(restore ? 'custom' : 'files')];
  if (content.format === 'opaque') return [];
  const expected =
    contains.length > 0
      ? { en: `a whole archive with ${contains.join(', ')}`, ru: `целый архив, в котором есть ${contains.join(', ')}` }
      : { en: 'a whole backup', ru: 'целая копия' };
  return [restoreAnswer(await readWhole(newest, content, contains, null, context), expected)];
}

function notThatAnswer(wanted: BackupConfig['format']): Answer {
  const fix =
    wanted === 'auto'
      ? {
          en: 'pack it with gzip or zstd, or say format: opaque, where nobody looks inside',
          ru: 'упакуйте её gzip или zstd, или задайте format: opaque, тогда внутрь никто не смотрит',
        }
      : {
          en: 'make a new one, and correct format where it is another',
          ru: 'сделайте новую; если формат другой, исправьте format',
        };
  return {
    status: 'fail',
    found: {
      en: 'it is damaged at its beginning, or no format that is known',
      ru: 'она повреждена в начале, или её формат неизвестен',
    },
    expected:
      wanted === 'auto'
        ? { en: 'a dump of PostgreSQL, or a tar archive', ru: 'дамп PostgreSQL или архив tar' }
        : { en: `the format ${wanted}`, ru: `формат ${wanted}` },
    fix,
  };
}

async function restoreAnswers(
  newest: Found,
  content: Content,
  restore: Restore,
  server: PostgresTarget,
  context: CheckContext,
): Promise<readonly Answer[]> {
  const least = restore.tables;
  const compared = restore.compare ? (restore.compare.tables ?? Object.keys(least)) : [];
  const tables = [...new Set([...Object.keys(least), ...compared])];
  const startMs = performance.now();
  const answered = await withScratch(server, restore.sizeMax, context.signal, async (scratch) => {
    const expected = { en: `it is restored on ${targetText(server)}`, ru: `она восстанавливается на ${targetText(server)}` };
    const end = await restored(newest, content, restore.jobs, scratch, context).catch((error) => {
      if (scratch.isTooLarge()) return null;
      throw error;
    });
    if (!end) return [tooLargeAnswer(restore.sizeMax)];
    const restoreMs = Math.round(performance.now() - startMs);
    if (!end.ok) return [restoreAnswer(end, expected)];
    context.progress('counting rows');
    const rows = await withPostgres(scratch.target, counting, scratch.signal, async (database) => {
      return { tables: await countTables(database), rows: await countRows(database, tables) };
    });
    if ('unreachable' in rows) return [rows.unreachable];
    const seconds = (restoreMs / 1_000).toFixed(1);
    const answers: Answer[] = [
      {
        status: 'pass',
        found: { en: `restored in ${seconds} s`, ru: `восстановлена за ${seconds} с` },
        expected,
        fix: null,
        figures: { restoreMs },
      },
      rowsAnswer(rows.tables, rows.rows, least),
    ];
    if (restore.compare) {
      answers.push(await comparedAnswer(rows.rows, compared, restore.compare, context));
    }
    return answers;
  });
  return 'unreachable' in answered ? [{ ...answered.unreachable, status: 'unproven' }] : answered;
}

async function comparedAnswer(
  restoredRows: Rows,
  tables: readonly string[],
  { connection, within }: NonNullable<Restore['compare']>,
  context: CheckContext,
): Promise<Answer> {
  const target = postgresTarget(connection, context);
  const compared = await withPostgres(target, counting, context.signal, async (database) => {
    try {
      return compareAnswer(restoredRows, await countRows(database, tables), tables, within);
    } catch (error) {
      return unanswered(error, target.user, { en: 'the rows of the live database', ru: 'строки рабочей базы' });
    }
  });
  return 'unreachable' in compared ? compared.unreachable : compared;
}

function tooLargeAnswer(bytesMax: number): Answer {
  const gib = (bytesMax / 1_073_741_824).toFixed(1);
  return {
    status: 'unproven',
    found: { en: `the restored database is larger than ${gib} GiB`, ru: `восстановленная база больше ${gib} ГиБ` },
    expected: { en: `at most ${gib} GiB`, ru: `не больше ${gib} ГиБ` },
    fix: {
      en: 'allow it more (sizeMax) where the scratch server has the room',
      ru: 'разрешите больше (sizeMax), если на сервере для проверки есть место',
    },
  };
}
