import type { Text } from '../../spec/text.ts';
import { durationText } from '../../spec/unit-text.ts';
import type { CheckContext } from '../check.ts';
import { defineCheck } from '../check.ts';
import { newestChange } from '../git.ts';
import { type Finding, resultOf, sentence } from '../sentences.ts';
import { type Doc, docsAt } from './docs.ts';
import { containsFinding, dateFinding, fieldFinding, headingFinding, numberFinding } from './findings.ts';
import { brokenLinks } from './links.ts';
import { DocumentConfig } from './schema.ts';

/** A document, or a folder of documents, is there and says what it has to say. */
export const document = defineCheck({
  title: { en: 'Document', ru: 'Документ' },
  schema: DocumentConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 30_000,
  async run(config, context) {
    const { path, headings, fields, contains, numbers, dates, maxAge } = config;
    const expected: Text = { en: 'a document that says what is asked', ru: 'документ с требуемым содержанием' };
    const docs = await docsAt(path, context);
    const write = sentence('write $', 'создайте $', path);
    if (docs === null || docs.length === 0)
      return resultOf(path, expected, [
        {
          status: 'fail',
          text:
            docs === null
              ? sentence('there is no $', '$ не существует', path)
              : sentence('no documents are in $', 'в $ нет документов', path),
          fix: write,
        },
      ]);
    const isFolder = docs.length > 1 || docs[0]?.name !== path;
    const size = docs.reduce((sum, { text, bytes }) => sum + (text === null ? bytes : text.replace(/\s+/g, '').length), 0);
    const there: Finding =
      size < config.minSize
        ? {
            status: 'fail',
            text: sentence('$ has $ characters, fewer than $', 'в $ символов: $, меньше $', path, size, config.minSize),
            fix: write,
          }
        : {
            status: 'pass',
            text: sentence(
              `$ is there ($ ${docs.length === 1 ? 'file' : 'files'}, $ characters)`,
              '$ есть (файлов: $, символов: $)',
              path,
              docs.length,
              size,
            ),
          };
    const asksText =
      [headings, fields, contains, Object.keys(numbers), Object.keys(dates)].some((asked) => asked.length > 0) || config.links;
    if (asksText && docs.every(({ text }) => text === null))
      return resultOf(path, expected, [
        {
          status: 'unproven',
          text: sentence('$ is no text, so it cannot be read', '$ не текст, прочитать его нельзя', path),
          fix: { en: 'name a file of text, such as Markdown', ru: 'укажите текстовый файл, например Markdown' },
        },
      ]);
    const findings: Finding[] = [
      there,
      ...headings.map((words) => headingFinding(words, docs, isFolder)),
      ...fields.map((labels) => fieldFinding(labels, docs)),
      ...contains.map((texts) => containsFinding(texts, docs)),
      ...Object.entries(numbers).map(([label, bounds]) => numberFinding(label, bounds, docs)),
      ...Object.entries(dates).map(([label, one]) => dateFinding(label, one.maxAge, docs, context.now())),
      ...(maxAge === undefined ? [] : [await ageFinding(path, maxAge, docs, context)]),
    ];
    if (!config.links) return resultOf(path, expected, findings, { files: docs.length, characters: size });
    const { broken, count } = await brokenLinks(docs, context.folder);
    const result = resultOf(path, expected, [...findings, linkFinding(broken, count)], {
      files: docs.length,
      characters: size,
      links: count,
      brokenLinks: broken.length,
    });
    return { ...result, evidence: [...result.evidence, ...broken] };
  },
});

function linkFinding(broken: readonly string[], count: number): Finding {
  if (broken.length === 0)
    return { status: 'pass', text: sentence('all $ links lead somewhere', 'все ссылки ведут к цели: $', count) };
  return {
    status: 'fail',
    text: sentence(
      '$ of $ links lead nowhere, such as $',
      'ссылок, ведущих в никуда: $ из $, например $',
      broken.length,
      count,
      broken[0] ?? '',
    ),
    fix: { en: 'correct the links', ru: 'исправьте ссылки' },
  };
}

async function ageFinding(path: string, maxAgeMs: number, docs: readonly Doc[], context: CheckContext): Promise<Finding> {
  const fix = sentence('look through $, and write down what has changed', 'проверьте $ и внесите изменения', path);
  const change = await newestChange(path, context);
  if (change.kind === 'shallow')
    return {
      status: 'unproven',
      text: sentence(
        'git has only the newest commits, so it cannot say when $ was changed',
        'в git только последние коммиты: дата изменения $ неизвестна',
        path,
      ),
      fix: { en: 'fetch the whole history (git fetch --unshallow)', ru: 'получите всю историю (git fetch --unshallow)' },
    };
  const ms = change.kind === 'at' ? change.ms : Math.max(...docs.map(({ changedMs }) => changedMs));
  const day = new Date(ms).toISOString().slice(0, 10);
  if (context.now() - ms <= maxAgeMs) return { status: 'pass', text: sentence('changed on $', 'изменён $', day) };
  return {
    status: 'fail',
    text: sentence(
      'the newest change is of $, longer than $ ago',
      'последнее изменение $, больше $ назад',
      day,
      durationText(maxAgeMs),
    ),
    fix,
  };
}
