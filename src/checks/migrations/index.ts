import { UserError } from '../../errors.ts';
import { type Answer, combined } from '../answers.ts';
import { defineCheck } from '../check.ts';
import { askPostgres, sqlState, unanswered } from '../postgres-client.ts';
import { targetText } from '../postgres-target.ts';
import { type Applied, appliedMigrations, difference, heads, tableOf } from './applied.ts';
import { filesBelow } from './files.ts';
import { type Known, knownMigrations } from './known.ts';
import { MigrationsConfig } from './schema.ts';

/** Names that stand in a sentence; all of them are evidence. */
const namesMax = 3;

/** The schema of a database is at its newest migration. */
export const migrations = defineCheck({
  title: { en: 'Database migrations', ru: 'Миграции базы данных' },
  schema: MigrationsConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 60_000,
  async run(config, context) {
    const known = await knownMigrations(await filesBelow(context.folder, config.folder, context.signal), config);
    if (known.length === 0)
      throw new UserError('E_CHECK_FILE', `the folder has no migration of ${config.tool}`, {
        where: config.folder,
        fix: config.tool === 'query' ? 'correct folder or files' : 'correct folder or tool',
      });
    const { target, answer } = await askPostgres(config.connection, context, config.within, async (database, { user }) => {
      try {
        return answersOf(known, await appliedMigrations(database, config), config);
      } catch (error) {
        // Undefined table. Of a query of one's own nobody knows which.
        if (sqlState(error) === '42P01' && config.tool !== 'query') return answersOf(known, null, config);
        return [unanswered(error, user, newest)];
      }
    });
    return combined(targetText(target), 'unreachable' in answer ? [answer.unreachable] : answer);
  },
});

const newest = { en: 'the schema is at its newest migration', ru: 'схема на последней миграции' };

/** @param applied - null: there is no table, so nothing was ever applied. */
function answersOf(known: readonly Known[], applied: Applied | null, config: MigrationsConfig): readonly Answer[] {
  const { tool, unknown: unknownIs, reverse } = config;
  const { missing, unknown } = difference(known, applied ?? { ids: [], broken: [], isNewest: false, baseline: null });
  const ends = heads(known);
  const last = (known.find(({ id }) => id === ends[0]) ?? known.at(-1))?.file;
  const answers: Answer[] = [
    missing.length === 0
      ? {
          status: 'pass',
          found: {
            en: `all ${known.length} migrations are applied, the newest is ${last}`,
            ru: `применены все миграции (${known.length}), последняя — ${last}`,
          },
          expected: newest,
          fix: null,
        }
      : {
          status: 'fail',
          found: applied
            ? {
                en: `not applied: ${names(
                  missing.map(({ file }) => file),
                  'en',
                )}`,
                ru: `не применены: ${names(
                  missing.map(({ file }) => file),
                  'ru',
                )}`,
              }
            : {
                en: `there is no table ${tableOf(config)}: nothing was ever applied`,
                ru: `нет таблицы ${tableOf(config)}: ничего ещё не применялось`,
              },
          expected: newest,
          fix: command(tool),
          evidence: missing.map(({ file }) => `not applied: ${file}`),
        },
  ];
  if (applied && applied.broken.length > 0)
    answers.push({
      status: 'fail',
      found: {
        en: `broken off half-way: ${names(applied.broken, 'en')}`,
        ru: `прерваны на середине: ${names(applied.broken, 'ru')}`,
      },
      expected: { en: 'no migration that broke off', ru: 'ни одной прерванной миграции' },
      fix: {
        en: 'see how far it came, put that right by hand, then tell the tool (repair, resolve, force)',
        ru: 'посмотрите, что успело выполниться, исправьте вручную и сообщите инструменту (repair, resolve, force)',
      },
    });
  if (ends.length > 1)
    answers.push({
      status: 'fail',
      found: { en: `several heads: ${names(ends, 'en')}`, ru: `несколько голов: ${names(ends, 'ru')}` },
      expected: { en: 'one head', ru: 'одна голова' },
      fix: { en: 'alembic merge heads', ru: 'alembic merge heads' },
    });
  if (unknown.length > 0 && unknownIs !== 'ignore')
    answers.push({
      status: unknownIs,
      found: {
        en: `applied, but there is no file: ${names(unknown, 'en')}`,
        ru: `применены, но файлов нет: ${names(unknown, 'ru')}`,
      },
      expected: { en: 'a file of every migration that is applied', ru: 'файл каждой применённой миграции' },
      fix: {
        en: 'check the version whose files these are: the database is newer, or was migrated from elsewhere',
        ru: 'проверьте, той ли версии эти файлы: база новее или её мигрировали из другого места',
      },
      evidence: unknown.map((id) => `no file: ${id}`),
    });
  const oneWay = known.filter(({ hasReverse }) => !hasReverse);
  if (reverse !== 'ignore')
    answers.push({
      status: oneWay.length === 0 ? 'pass' : reverse,
      found:
        oneWay.length === 0
          ? { en: 'every migration has a way back', ru: 'у каждой миграции есть откат' }
          : {
              en: `no way back: ${names(
                oneWay.map(({ file }) => file),
                'en',
              )}`,
              ru: `нет отката: ${names(
                oneWay.map(({ file }) => file),
                'ru',
              )}`,
            },
      expected: { en: 'a way back of every migration', ru: 'откат у каждой миграции' },
      fix:
        oneWay.length === 0
          ? null
          : {
              en: 'write their way back, or declare them irreversible in the release',
              ru: 'напишите откат или объявите их необратимыми в выпуске',
            },
      evidence: oneWay.map(({ file }) => `no way back: ${file}`),
    });
  const figures = { migrations: known.length, migrationsMissing: missing.length, migrationsUnknown: unknown.length };
  return answers.map((answer, index) => (index === 0 ? { ...answer, figures } : answer));
}

function names(all: readonly string[], language: 'en' | 'ru'): string {
  const more = all.length - namesMax;
  const rest = language === 'en' ? ` and ${more} more` : ` и ещё ${more}`;
  return `${all.slice(0, namesMax).join(', ')}${more > 0 ? rest : ''}`;
}

function command(tool: MigrationsConfig['tool']): NonNullable<Answer['fix']> {
  const words = {
    alembic: 'alembic upgrade head',
    flyway: 'flyway migrate',
    knex: 'knex migrate:latest',
    prisma: 'prisma migrate deploy',
    'golang-migrate': 'migrate … up',
    rails: 'rails db:migrate',
    query: null,
  }[tool];
  return words ?? { en: 'apply them', ru: 'примените их' };
}
