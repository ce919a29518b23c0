import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { systemCode, UserError } from '../../errors.ts';
import type { Text } from '../../spec/text.ts';
import { durationText } from '../../spec/unit-text.ts';
import { runProgram } from '../../system/run-program.ts';
import { redactedText } from '../../views/redacted.ts';
import { type CheckContext, type CheckResult, defineCheck } from '../check.ts';
import { newestChange } from '../git.ts';
import { type Finding, listed, resultOf, sentence } from '../sentences.ts';
import { textFile } from '../text-file.ts';
import { type Advisory, type Report, readReport } from './report.ts';
import { severities, VulnerabilitiesConfig } from './schema.ts';

const reportBytesMax = 64 * 1_048_576;

/** Dependencies have no known vulnerabilities that are worse than what is fine. */
export const vulnerabilities = defineCheck({
  title: { en: 'Vulnerable dependencies', ru: 'Уязвимости зависимостей' },
  schema: VulnerabilitiesConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 180_000,
  async run(config, context) {
    const expected: Text =
      config.maxSeverity === 'none'
        ? { en: 'no known vulnerabilities', ru: 'нет известных уязвимостей' }
        : sentence('no known vulnerabilities above $', 'нет известных уязвимостей выше $', config.maxSeverity);
    const { lookedAt, text, problem } = await source(config, context);
    const unproven = (found: Text, fix: Text): CheckResult =>
      resultOf(lookedAt, expected, [{ status: 'unproven', text: found, fix }]);
    const again = { en: 'run the audit again, where it reaches its database', ru: 'повторите аудит там, где доступна его база' };
    if (problem) return unproven(problem, again);
    const report = parsed(text);
    if (report === null)
      return unproven(
        { en: 'this is no report that can be read', ru: 'это не отчёт, который можно прочитать' },
        {
          en: 'use the JSON of npm audit, pip-audit, osv-scanner or Trivy, or SARIF',
          ru: 'нужен JSON от npm audit, pip-audit, osv-scanner или Trivy либо SARIF',
        },
      );
    if (report.kind === 'problem')
      return unproven(
        sentence('$ could not find out: $', '$ не смог проверить: $', report.tool, redactedText(report.problem).slice(0, 300)),
        again,
      );
    return judged(config, report, lookedAt, expected, context.now());
  },
});

type Source = { readonly lookedAt: string; readonly text: string; readonly problem: Text | null };

async function source(config: VulnerabilitiesConfig, context: CheckContext): Promise<Source> {
  if ('report' in config) {
    const { text, changedMs } = await textFile(context.folder, config.report, reportBytesMax, context.signal);
    const change = await newestChange(config.report, context);
    const ageMs = context.now() - (change.kind === 'at' ? change.ms : changedMs);
    const age = durationText(Math.floor(ageMs / 60_000) * 60_000);
    const problem =
      ageMs > config.maxAge
        ? sentence(
            'the report is $ old; after $ it proves nothing',
            'отчёту $; после $ он ничего не доказывает',
            age,
            durationText(config.maxAge),
          )
        : null;
    return { lookedAt: config.report, text, problem };
  }
  if ('run' in config) return await output(config.run, context.folder, context);
  const { folder, dev } = config.npm;
  await mustHaveLock(folder, context);
  const words = ['npm', 'audit', '--json', '--fetch-retries=0', ...(dev ? [] : ['--omit=dev'])];
  return await output(words, resolve(context.folder, folder), context);
}

/** npm looks for a lock file in the folders above as well, and would then tell of something else. */
async function mustHaveLock(folder: string, context: CheckContext): Promise<void> {
  const whole = resolve(context.folder, folder);
  for (const name of ['npm-shrinkwrap.json', 'package-lock.json'])
    if ((await stat(join(whole, name)).catch(() => null))?.isFile()) return;
  throw new UserError('E_CHECK_FILE', `there is no package-lock.json in ${folder}`, {
    where: folder,
    fix: 'name the folder of package-lock.json, or make one: npm install --package-lock-only',
  });
}

/** The standard output of a program. These programs end with another code than 0 when they find something. */
async function output(words: readonly string[], cwd: string, { environment, signal }: CheckContext): Promise<Source> {
  const parts: string[] = [];
  let chars = 0;
  const heard = (part: string, stream: 'stdout' | 'stderr'): void => {
    if (stream === 'stdout' && (chars += part.length) <= reportBytesMax) parts.push(part);
  };
  const lookedAt = redactedText(words.join(' ')).slice(0, 300);
  const end = await runProgram(words, { cwd, env: environment as NodeJS.ProcessEnv, heard, endsAll: true }, signal);
  const [program = ''] = words;
  if (end.kind === 'not-run')
    throw new UserError(
      'E_CHECK_PROGRAM',
      systemCode(end.cause) === 'ENOENT'
        ? `there is no program ${program}, or no folder ${cwd}`
        : `${program} cannot be run: ${end.why}`,
      { where: lookedAt, fix: `install ${program}`, cause: end.cause },
    );
  if (end.kind === 'called-off')
    return { lookedAt, text: '', problem: { en: 'it did not end in time', ru: 'не завершилось вовремя' } };
  if (chars > reportBytesMax)
    return { lookedAt, text: '', problem: { en: 'its report is too large', ru: 'отчёт слишком велик' } };
  const text = parts.join('');
  const last = redactedText(end.output.trim().split('\n').at(-1) ?? '').slice(0, 200);
  const problem =
    text.trim() === ''
      ? sentence('it wrote no report (exit code $: $)', 'отчёта нет (код $: $)', String(end.code ?? end.by), last)
      : null;
  return { lookedAt, text, problem };
}

function parsed(text: string): Report | null {
  try {
    return readReport(JSON.parse(text));
  } catch {
    return null;
  }
}

function judged(
  config: VulnerabilitiesConfig,
  report: Report & { kind: 'read' },
  lookedAt: string,
  expected: Text,
  nowMs: number,
): CheckResult {
  const isFine = (advisory: Advisory): boolean =>
    config.maxSeverity !== 'none' && rank(advisory) <= severities.indexOf(config.maxSeverity);
  const allowed = new Map(config.allow.map(({ id, until }) => [id.toLowerCase(), Date.parse(until)]));
  const untilOf = ({ ids }: Advisory): number =>
    Math.max(...ids.map((id) => allowed.get(id.toLowerCase()) ?? Number.NEGATIVE_INFINITY));
  const sorted = [...report.advisories].sort((a, b) => rank(b) - rank(a));
  const letThrough = sorted.filter((one) => untilOf(one) > nowMs);
  const counted = sorted.filter((one) => untilOf(one) <= nowMs);
  const wrong = counted.filter((one) => !isFine(one));
  const fine = counted.filter(isFine);
  const expired = counted.filter((one) => Number.isFinite(untilOf(one)));
  const fix = {
    en: 'update these packages; what cannot be updated now may be let through with allow, for a while',
    ru: 'обновите эти пакеты; то, что нельзя обновить сейчас, можно на время допустить в allow',
  };
  const findings: Finding[] = [];
  if (wrong.length > 0)
    findings.push({
      status: 'fail',
      text: sentence('$ vulnerabilities: $', 'уязвимостей: $ ($)', wrong.length, listed(wrong.map(shortText), 5)),
      fix,
    });
  if (expired.length > 0)
    findings.push({
      status: 'fail',
      text: sentence('no longer let through: $', 'срок допуска истёк: $', listed(expired.map(({ ids }) => ids[0] ?? ''))),
      fix,
    });
  if (fine.length > 0)
    findings.push({
      status: 'warn',
      text: sentence('$ that are not so bad: $', 'менее опасных: $ ($)', fine.length, listed(fine.map(shortText), 5)),
      fix,
    });
  if (report.skipped.length > 0)
    findings.push({
      status: 'warn',
      text: sentence('$ does not know $', '$ не знает: $', report.tool, listed(report.skipped, 5)),
      fix: { en: 'look at these packages by hand', ru: 'проверьте эти пакеты вручную' },
    });
  if (findings.length === 0)
    findings.push({
      status: 'pass',
      text: sentence('$ knows of none, $ let through', '$ не знает ни одной, допущено: $', report.tool, letThrough.length),
    });
  const count = (severity: string) => counted.filter((one) => (one.severity ?? 'unknown') === severity).length;
  const figures = Object.fromEntries([...severities, 'unknown'].map((severity) => [severity, count(severity)]));
  const result = resultOf(lookedAt, expected, findings, { ...figures, letThrough: letThrough.length });
  return {
    ...result,
    evidence: [...wrong, ...fine, ...letThrough].map((one) => `${letThrough.includes(one) ? 'let through: ' : ''}${lineOf(one)}`),
  };
}

/** One of which nothing is said may be the worst. */
function rank({ severity }: Advisory): number {
  return severities.indexOf(severity ?? 'critical');
}

function shortText({ ids, package: name, severity }: Advisory): string {
  return `${name} ${ids[0] ?? ''} (${severity ?? 'unknown'})`;
}

function lineOf(one: Advisory): string {
  const at = `${one.package}${one.version === null ? '' : ` ${one.version}`}`;
  return `${one.severity ?? 'unknown'}: ${at}: ${one.ids.join(', ')}: ${one.title.replace(/\s+/g, ' ').slice(0, 200)}${one.fixedIn === null ? '' : ` (fixed in ${one.fixedIn})`}`;
}
