import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UserError } from '../../errors.ts';
import type { Text } from '../../spec/text.ts';
import { type CheckContext, defineCheck } from '../check.ts';
import { documentOf } from '../documents.ts';
import { gitSays } from '../git.ts';
import { type Finding, listed, resultOf, sentence } from '../sentences.ts';
import { Findings, lineOf } from './found.ts';
import { type HistoryLook, lookThroughHistory } from './history.ts';
import { scanText } from './scan-text.ts';
import { AllowList, SecretsConfig } from './schema.ts';
import { lookThroughTree, type TreeLook } from './tree.ts';

/** No secrets in the files of a folder, nor in the history of its repository. */
export const secrets = defineCheck({
  title: { en: 'Secrets in the code', ru: 'Секреты в коде' },
  schema: SecretsConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 300_000,
  async run(config, context) {
    const folder = resolve(context.folder, config.folder);
    if (!(await stat(folder).catch(() => null))?.isDirectory())
      throw new UserError('E_CHECK_FILE', `there is no folder ${config.folder}`, {
        where: config.folder,
        fix: 'name the folder of the code',
      });
    const findings = new Findings(await allowList(config, folder, context));
    const where = { folder, environment: context.environment, signal: context.signal };
    const nowMs = context.now();
    const tree = await lookThroughTree(folder, where, (path, text) => {
      for (const hit of scanText(text, path, config.entropy, nowMs)) findings.add(hit, path, lineAt(text, hit.index), null);
    });
    const inTree = findings.found.length;
    const history = config.history
      ? await lookThroughHistory(folder, where, (path, text, lines, commit) => {
          for (const hit of scanText(text, path, config.entropy, nowMs))
            findings.add(hit, path, lines[lineAt(text, hit.index) - 1] ?? 1, commit);
          return !findings.isFull;
        })
      : null;
    const isShallow =
      history !== null &&
      (await gitSays(['rev-parse', '--is-shallow-repository'], { ...where, signal: AbortSignal.timeout(5_000) }))?.trim() ===
        'true';
    const expected: Text = config.history
      ? { en: 'no secrets in the files and in the history', ru: 'нет секретов в файлах и истории' }
      : { en: 'no secrets in the files', ru: 'нет секретов в файлах' };
    const told = [
      ...foundFindings(findings, inTree),
      ...treeFindings(tree),
      ...(history === null ? [] : historyFindings(history, isShallow)),
    ];
    const well = sentence(
      '$ files looked through, $ findings let through',
      'просмотрено файлов: $, допущено находок: $',
      tree.files,
      findings.allowed,
    );
    const result = resultOf(config.folder, expected, told.length > 0 ? told : [{ status: 'pass', text: well }], {
      files: tree.files,
      bytes: tree.bytes,
      findings: findings.found.length,
      allowed: findings.allowed,
      ...(history && 'commits' in history ? { commits: history.commits } : {}),
    });
    return { ...result, evidence: [...findings.found.map(lineOf), ...tree.tooLarge, ...tree.unread] };
  },
});

async function allowList(config: SecretsConfig, folder: string, context: CheckContext): Promise<AllowList> {
  if (!(await stat(resolve(folder, config.allowFile)).catch(() => null))) return config.allow;
  const found = AllowList.safeParse((await documentOf(folder, config.allowFile, context.signal)) ?? {});
  if (found.success)
    return {
      paths: [...config.allow.paths, ...found.data.paths],
      fingerprints: [...config.allow.fingerprints, ...found.data.fingerprints],
    };
  const [issue] = found.error.issues;
  throw new UserError('E_CHECK_ALLOW', `${issue?.path.join('.') || 'the file'}: ${issue?.message}`, {
    where: config.allowFile,
    fix: 'write paths: [{ glob, reason }] and fingerprints: [{ id, reason }]',
  });
}

function foundFindings(findings: Findings, inTree: number): readonly Finding[] {
  const fix = {
    en: 'replace these secrets where they are used: they are known now; then take them out, or let through what is none, by its fingerprint',
    ru: 'замените эти секреты там, где они используются: они раскрыты; затем удалите их или допустите ложные находки по отпечатку',
  };
  const places = (from: number, to: number) =>
    listed(
      findings.found.slice(from, to).map(({ path, line, rule }) => `${path}:${line} (${rule})`),
      5,
    );
  const all = findings.found.length;
  return [
    ...(inTree > 0
      ? [
          {
            status: 'fail' as const,
            text: sentence('$ secrets in files: $', 'секретов в файлах: $ ($)', inTree, places(0, inTree)),
            fix,
          },
        ]
      : []),
    ...(all > inTree
      ? [
          {
            status: 'fail' as const,
            text: sentence('$ more in the history: $', 'ещё в истории: $ ($)', all - inTree, places(inTree, all)),
            fix,
          },
        ]
      : []),
  ];
}

function treeFindings({ files, tooLarge, unread }: TreeLook): readonly Finding[] {
  const fix = { en: 'look at these files by hand, or take them out', ru: 'проверьте эти файлы вручную или уберите их' };
  const isNothing = files + tooLarge.length + unread.length === 0;
  return [
    ...(isNothing
      ? [
          {
            status: 'unproven' as const,
            text: { en: 'there is no file to look through', ru: 'нет ни одного файла для просмотра' },
            fix: { en: 'name the folder of the code', ru: 'укажите папку с кодом' },
          },
        ]
      : []),
    ...(unread.length > 0
      ? [{ status: 'unproven' as const, text: sentence('$ cannot be read', 'не читаются: $', listed(unread, 3)), fix }]
      : []),
    ...(tooLarge.length > 0
      ? [
          {
            status: 'warn' as const,
            text: sentence('too large to look through: $', 'слишком велики для просмотра: $', listed(tooLarge, 3)),
            fix,
          },
        ]
      : []),
  ];
}

function historyFindings(history: HistoryLook, isShallow: boolean): readonly Finding[] {
  if (history.kind === 'not-run')
    return [
      {
        status: 'unproven',
        text: sentence('the history cannot be read: $', 'история не читается: $', history.why.slice(0, 200)),
        fix: {
          en: 'check where git and the whole repository are',
          ru: 'запустите проверку там, где есть git и весь репозиторий',
        },
      },
    ];
  if (history.kind === 'partly')
    return [
      {
        status: 'unproven',
        text: sentence('$ commits were looked through, not all', 'просмотрено коммитов: $, но не все', history.commits),
        fix: { en: 'give the item a longer timeout', ru: 'задайте пункту больший timeout' },
      },
    ];
  if (isShallow)
    return [
      {
        status: 'unproven',
        text: sentence('git has only the newest $ commits', 'в git только последние коммиты: $', history.commits),
        fix: { en: 'fetch the whole history (git fetch --unshallow)', ru: 'получите всю историю (git fetch --unshallow)' },
      },
    ];
  return [];
}

function lineAt(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < index; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}
