import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { messageOf, UserError } from '../../errors.ts';
import type { Text } from '../../spec/text.ts';
import { durationText } from '../../spec/unit-text.ts';
import { type CheckContext, type CheckResult, defineCheck } from '../check.ts';
import { read } from '../documents.ts';
import { newestChange } from '../git.ts';
import { type Finding, listed, resultOf, sentence } from '../sentences.ts';
import { textFile } from '../text-file.ts';
import { licenseOf, lockedPackages, type Package, reportedPackages } from './packages.ts';
import { LicensesConfig } from './schema.ts';

const bytesMax = 128 * 1_048_576;
const manifestBytesMax = 4 * 1_048_576;
const packagesMax = 50_000;
const depthMax = 20;
/** Manifests that are open at once: of thousands a process has not enough files. */
const readersMax = 32;

/** Dependencies have licences that fit. */
export const licenses = defineCheck({
  title: { en: 'Licences of dependencies', ru: 'Лицензии зависимостей' },
  schema: LicensesConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 60_000,
  async run(config, context) {
    const lookedAt = config.report ?? config.folder;
    const expected: Text = { en: 'licences that are allowed', ru: 'только допустимые лицензии' };
    const { packages, problem } =
      config.report === undefined ? await installed(config, context) : await reported(config.report, config.maxAge, context);
    if (problem)
      return resultOf(lookedAt, expected, [
        {
          status: 'unproven',
          text: problem,
          fix:
            config.report === undefined
              ? { en: 'install the packages, or name a report', ru: 'установите пакеты или укажите отчёт' }
              : { en: 'make the report again', ru: 'создайте отчёт заново' },
        },
      ]);
    return await judged(config, packages, lookedAt, expected);
  },
});

type Look = { readonly packages: readonly Package[]; readonly problem: Text | null };

async function reported(path: string, maxAgeMs: number, context: CheckContext): Promise<Look> {
  const { text, changedMs } = await textFile(context.folder, path, bytesMax, context.signal);
  const change = await newestChange(path, context);
  const ageMs = context.now() - (change.kind === 'at' ? change.ms : changedMs);
  const age = durationText(Math.floor(ageMs / 60_000) * 60_000);
  if (ageMs > maxAgeMs)
    return {
      packages: [],
      problem: sentence(
        'the report is $ old; after $ it proves nothing',
        'отчёту $; после $ он ничего не доказывает',
        age,
        durationText(maxAgeMs),
      ),
    };
  const packages = reportedPackages(jsonOf(text, path));
  if (packages === null)
    return {
      packages: [],
      problem: {
        en: 'this is neither an SBOM (CycloneDX, SPDX 2) in JSON nor a report of pip-licenses',
        ru: 'это не SBOM (CycloneDX, SPDX 2) в JSON и не отчёт pip-licenses',
      },
    };
  return { packages, problem: packages.length === 0 ? { en: 'it names no package', ru: 'в нём нет ни одного пакета' } : null };
}

async function installed({ folder, dev }: LicensesConfig, context: CheckContext): Promise<Look> {
  const lock = join(folder, 'package-lock.json');
  const { signal } = context;
  if (await exists(context.folder, lock)) {
    const { text } = await textFile(context.folder, lock, bytesMax, signal);
    const locked = lockedPackages(jsonOf(text, lock), dev);
    if (locked !== null) {
      const queue = locked.entries();
      const packages: Package[] = [...locked];
      const reader = async (): Promise<void> => {
        for (const [at, one] of queue)
          if (one.license === null) packages[at] = { ...one, license: await installedLicense(join(folder, one.folder), context) };
      };
      await Promise.all(Array.from({ length: readersMax }, reader));
      return { packages, problem: null };
    }
  }
  const modules = join(folder, 'node_modules');
  if (!(await exists(context.folder, modules)))
    throw new UserError('E_CHECK_FILE', `there is neither a package-lock.json (version 2 or 3) nor node_modules in ${folder}`, {
      where: folder,
      fix: 'name the folder, or a report: an SBOM, or that of pip-licenses',
    });
  const packages: Package[] = [];
  await walk(modules, context, packages, 0);
  const nothing = sentence('there is no package in $', 'в $ нет ни одного пакета', modules);
  return { packages, problem: packages.length === 0 ? nothing : null };
}

async function installedLicense(folder: string, context: CheckContext): Promise<string | null> {
  return (await manifestOf(folder, context)).license;
}

async function manifestOf(folder: string, context: CheckContext): Promise<Package> {
  const path = join(folder, 'package.json');
  if (!(await exists(context.folder, path))) return { name: '', version: '', license: null };
  const { text } = await textFile(context.folder, path, manifestBytesMax, context.signal);
  const manifest = jsonOf(text, path) as { readonly name?: unknown; readonly version?: unknown } | null;
  return { name: String(manifest?.name ?? ''), version: String(manifest?.version ?? ''), license: licenseOf(manifest) };
}

async function walk(modules: string, context: CheckContext, found: Package[], depth: number): Promise<void> {
  context.signal.throwIfAborted();
  if (depth > depthMax) return;
  const whole = resolve(context.folder, modules);
  const isThere = await exists(context.folder, modules);
  for (const entry of isThere ? await read(modules, () => readdir(whole, { withFileTypes: true })) : []) {
    // What pnpm installs lies below .pnpm; all else there is a link.
    if (!entry.isDirectory() || (entry.name.startsWith('.') && entry.name !== '.pnpm')) continue;
    const folder = join(modules, entry.name);
    if (entry.name.startsWith('@')) {
      await walk(folder, context, found, depth + 1);
      continue;
    }
    const one = await manifestOf(folder, context);
    if (one.name !== '') found.push(one);
    if (found.length > packagesMax)
      throw new UserError('E_CHECK_FILE', `${modules} has more than ${packagesMax} packages`, {
        where: modules,
        fix: 'make an SBOM, and name it as report',
      });
    if (entry.name === '.pnpm')
      for (const inner of await readdir(join(whole, entry.name)))
        await walk(join(folder, inner, 'node_modules'), context, found, depth + 1);
    else await walk(join(folder, 'node_modules'), context, found, depth + 1);
  }
}

async function exists(folder: string, path: string): Promise<boolean> {
  return (await stat(resolve(folder, path)).catch(() => null)) !== null;
}

function jsonOf(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError('E_CHECK_FILE', `${path} is no JSON: ${messageOf(error)}`, {
      where: path,
      fix: 'make the file again',
      cause: error,
    });
  }
}

async function judged(config: LicensesConfig, all: readonly Package[], lookedAt: string, expected: Text): Promise<CheckResult> {
  const { default: satisfies } = await import('spdx-satisfies');
  const isIn = (expression: string, list: readonly string[]): boolean | null => {
    try {
      return satisfies(expression, [...list]);
    } catch {
      return null;
    }
  };
  for (const license of [...config.allow, ...config.deny])
    if (isIn('MIT', [license]) === null)
      throw new UserError('E_CHECK_LICENSE', `${license} is no licence of SPDX`, {
        where: 'licenses',
        fix: 'write an identifier of https://spdx.org/licenses/',
      });
  const allow = config.allow.filter((one) => config.deny.length === 0 || !isIn(one, config.deny));
  const packages = [...new Map(all.map((one) => [`${one.name}@${one.version}`, one])).entries()];
  const refused: string[] = [];
  const unknown: string[] = [];
  const counts = new Map<string, number>();
  for (const [id, one] of packages) {
    const looked = config.packages[id] ?? config.packages[one.name];
    const license = looked?.license ?? one.license;
    counts.set(license ?? 'unknown', (counts.get(license ?? 'unknown') ?? 0) + 1);
    if (looked && looked.license === undefined) continue;
    const fits = license === null ? null : isIn(license, allow);
    if (fits === null && license !== 'UNLICENSED') unknown.push(`${id}${license === null ? '' : ` (${license.slice(0, 80)})`}`);
    else if (!fits) refused.push(`${id} (${license})`);
  }
  const findings: Finding[] = [];
  if (refused.length > 0)
    findings.push({
      status: 'fail',
      text: sentence(
        '$ with a licence that is not allowed: $',
        'с недопустимой лицензией: $ ($)',
        refused.length,
        listed(refused, 5),
      ),
      fix: { en: 'use other packages, or allow these licences', ru: 'замените эти пакеты или допустите их лицензии' },
    });
  if (unknown.length > 0)
    findings.push({
      status: 'unproven',
      text: sentence('$ whose licence is not known: $', 'с неизвестной лицензией: $ ($)', unknown.length, listed(unknown, 5)),
      fix: { en: 'look at their licences, and write them down below packages', ru: 'выясните их лицензии и укажите в packages' },
    });
  if (findings.length === 0)
    findings.push({
      status: 'pass',
      text: sentence('$ packages, all with allowed licences', 'пакетов: $, все лицензии допустимы', packages.length),
    });
  const result = resultOf(lookedAt, expected, findings, {
    packages: packages.length,
    refused: refused.length,
    unknown: unknown.length,
  });
  const most = [...counts].sort(([, a], [, b]) => b - a).map(([license, count]) => `${count} × ${license}`);
  return { ...result, evidence: [...refused, ...unknown, ...most] };
}
