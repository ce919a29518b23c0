import { messageOf } from '../../errors.ts';
import type { Text } from '../../spec/text.ts';
import { durationText, percentText } from '../../spec/unit-text.ts';
import { defineCheck } from '../check.ts';
import { newestChange, newestCommit } from '../git.ts';
import { type Finding, resultOf, sentence } from '../sentences.ts';
import { textFile } from '../text-file.ts';
import { coberturaCounts } from './cobertura.ts';
import { NotAReport, otherTool } from './counts.ts';
import { lcovCounts } from './lcov.ts';
import { CoverageConfig } from './schema.ts';

const bytesMax = 64 * 1_048_576;

const kinds = {
  lines: { en: 'lines', ru: 'строк' },
  branches: { en: 'branches', ru: 'ветвлений' },
  functions: { en: 'functions', ru: 'функций' },
} as const;

/** Tests reach enough of the code, as a report of a run says that is new enough. */
export const coverage = defineCheck({
  title: { en: 'Test coverage', ru: 'Покрытие тестами' },
  schema: CoverageConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 60_000,
  async run({ file, atLeast, kind, maxAge, sources }, context) {
    const { folder, signal } = context;
    const expected = sentence('at least $ of the $', 'не меньше $ $', percentText(atLeast), kinds[kind]);
    const runAgain = { en: 'run the tests with coverage again', ru: 'запустите тесты с покрытием ещё раз' };
    const unproven = (text: Text, fix: Text = runAgain) => resultOf(file, expected, [{ status: 'unproven', text, fix }]);
    const { text, changedMs } = await textFile(folder, file, bytesMax, signal);
    const isXml = /^\s*</.test(text);
    const other = otherTool(text);
    const asReport = {
      en: 'let the tool write lcov or Cobertura (for example --coverage-reporter=lcov)',
      ru: 'настройте вывод в формате lcov или Cobertura (например, --coverage-reporter=lcov)',
    };
    if (other !== null)
      return unproven(sentence('this is $, not lcov or Cobertura', 'это $, а не lcov и не Cobertura', other), asReport);
    if (!isXml && !/^SF:/m.test(text))
      return unproven({ en: 'this is neither lcov nor Cobertura', ru: 'это не lcov и не Cobertura' }, asReport);
    const counts = await (isXml ? coberturaCounts(text) : lcovCounts(text)).catch((error: unknown) => {
      if (error instanceof NotAReport) return messageOf(error);
      throw error;
    });
    if (typeof counts === 'string') return unproven(sentence('the report cannot be read: $', 'отчёт не читается: $', counts));
    const count = counts[kind];
    if (count === null) return unproven(sentence('the report counts no $', 'в отчёте нет данных: $', kinds[kind]), asReport);

    const own = await newestChange(file, context);
    const writtenMs = own.kind === 'at' ? own.ms : changedMs;
    const ageMs = context.now() - writtenMs;
    if (ageMs > maxAge)
      return unproven(
        sentence(
          'the report is $ old; after $ it proves nothing',
          'отчёту $; после $ он ничего не доказывает',
          inWords(ageMs),
          inWords(maxAge),
        ),
      );
    const newest = sources.length === 0 ? ({ kind: 'unknown' } as const) : await newestCommit(sources, context);
    // Commits have whole seconds.
    if (newest.kind === 'at' && Math.ceil(writtenMs / 1_000) * 1_000 < newest.ms)
      return unproven(
        sentence(
          'the report is $ older than the newest commit of $',
          'отчёт на $ старше последнего коммита ($)',
          inWords(newest.ms - writtenMs),
          sources.join(', '),
        ),
      );

    const ppm = Math.floor((count.covered / count.of) * 1_000_000);
    // Of 79.996 % two decimals would make a number that is enough.
    const shown = percentText(Math.floor(ppm / 100) * 100);
    const finding: Finding = {
      status: ppm >= atLeast ? 'pass' : 'fail',
      text: sentence('$ of the $ ($ of $)', '$ $ ($ из $)', shown, kinds[kind], count.covered, count.of),
      fix: {
        en: 'write tests for what has none; the report names the lines',
        ru: 'добавьте тесты для непокрытого кода; строки названы в отчёте',
      },
    };
    return resultOf(file, expected, [finding], { coveragePpm: ppm, covered: count.covered, of: count.of });
  },
});

function inWords(ms: number): string {
  return durationText(ms < 60_000 ? Math.ceil(ms / 1_000) * 1_000 : Math.floor(ms / 60_000) * 60_000);
}
