import type { Text } from '../../spec/text.ts';
import { defineCheck } from '../check.ts';
import { type Finding, resultOf, sentence } from '../sentences.ts';
import { textFile } from '../text-file.ts';
import { type VersionEntry, versionEntry } from './names-version.ts';
import { ChangelogConfig } from './schema.ts';

const bytesMax = 16 * 1_048_576;

/** The changelog has an entry for the version that is checked. */
export const changelog = defineCheck({
  title: { en: 'Changelog', ru: 'Список изменений' },
  schema: ChangelogConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 10_000,
  async run(config, { folder, signal, version: checked }) {
    const version = config.version ?? checked;
    const expected = version
      ? sentence('an entry for $', 'запись о версии $', version)
      : { en: 'an entry for the version', ru: 'запись о версии' };
    if (version === null)
      return resultOf(config.file, expected, [
        {
          status: 'unproven',
          text: { en: 'nobody has said which version it is', ru: 'не указано, о какой версии речь' },
          fix: { en: 'name the version that is checked', ru: 'укажите проверяемую версию' },
        },
      ]);
    const { text } = await textFile(folder, config.file, bytesMax, signal);
    return resultOf(config.file, expected, [findingOf(versionEntry(text, version), version)]);
  },
});

function findingOf(entry: VersionEntry, version: string): Finding {
  const write: Text = sentence(
    'write the changes below a heading such as ## [$] - 2026-01-31',
    'опишите изменения под заголовком вида ## [$] - 2026-01-31',
    version,
  );
  switch (entry.kind) {
    case 'named':
      return {
        status: 'pass',
        text: sentence('line $: $ ($ lines)', 'строка $: $ (строк: $)', entry.line, entry.heading, entry.changes),
      };
    case 'yanked':
      return {
        status: 'fail',
        text: sentence('line $: $ was taken back', 'строка $: версия $ отозвана', entry.line, version),
        fix: { en: 'release another version', ru: 'выпустите другую версию' },
      };
    case 'empty':
      return {
        status: 'fail',
        text: sentence('line $: nothing stands below $', 'строка $: под заголовком $ ничего нет', entry.line, entry.heading),
        fix: write,
      };
    case 'unreleased':
      return {
        status: 'fail',
        text: sentence(
          '$ stands below Unreleased only (line $)',
          '$ названа только в Unreleased (строка $)',
          version,
          entry.line,
        ),
        fix: write,
      };
    case 'missing':
      return {
        status: 'fail',
        text:
          entry.newest === null
            ? sentence('$ is not named, nor is any version', '$ не названа, как и любая другая версия', version)
            : sentence('$ is not named; the newest is $', '$ не названа; последняя: $', version, entry.newest),
        fix: write,
      };
  }
}
