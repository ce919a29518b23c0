import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { systemCode, UserError } from '../../errors.ts';
import { isSecretVariable } from '../../spec/secret-name.ts';
import { durationText } from '../../spec/unit-text.ts';
import { runProgram } from '../../system/run-program.ts';
import { redactedLines, redactedText } from '../../views/redacted.ts';
import { type CheckContext, defineCheck } from '../check.ts';
import { type Finding, listed, resultOf, sentence } from '../sentences.ts';
import { Listener } from './listen.ts';
import { CommandConfig } from './schema.ts';

const evidenceMax = 50;
/** Codes by which a shell tells that it could not run a program (POSIX, 2.8.2). */
const notRunCodes: readonly (number | null)[] = [126, 127];
const progressMs = 1_000;

/** A command ends as it should. What it has started ends with it. */
export const command = defineCheck({
  title: { en: 'Command', ru: 'Команда' },
  schema: CommandConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 600_000,
  async run(config, context) {
    const { run, shell, expectExit, contains, notContains } = config;
    const words = run ?? ['/bin/sh', '-c', shell ?? ''];
    const { env, secrets } = environmentOf(config, context);
    const lookedAt = redactedText((run?.join(' ') ?? shell ?? '').replace(/\s+/g, ' '), secrets).slice(0, 300);
    const cwd = await folderOf(config.cwd, context);
    const listener = new Listener([...contains, ...notContains]);
    let toldMs = 0;
    const heard = (part: string, stream: 'stdout' | 'stderr'): void => {
      listener.hear(part, stream);
      if (performance.now() - toldMs < progressMs) return;
      toldMs = performance.now();
      context.progress(lineNow().slice(0, 200));
    };
    const lineNow = (): string => {
      const { text, isCut } = listener.line;
      const safe = redactedText(text, secrets);
      return isCut ? withoutStart(safe, secrets) : safe;
    };
    const startMs = performance.now();
    const end = await runProgram(words, { cwd, env, heard, endsAll: true }, context.signal);
    const tookMs = Math.round(performance.now() - startMs);
    if (end.kind === 'not-run') throw notRun(words[0] ?? '', lookedAt, end);

    const findings: Finding[] = [];
    const fix = sentence(
      'run it by hand, and correct what it says',
      'запустите команду вручную и исправьте то, о чём она сообщает',
    );
    if (end.kind === 'called-off')
      findings.push({
        status: 'fail',
        text: sentence(
          'no end within $, so it was killed',
          'за $ не завершилась и была остановлена',
          durationText(wholeMs(tookMs)),
        ),
        fix: sentence(
          'see why it takes so long, or give the item a longer timeout',
          'разберитесь, почему так долго, или задайте пункту больший timeout',
        ),
      });
    else if (shell !== undefined && notRunCodes.includes(end.code) && !expectExit.includes(end.code ?? -1))
      findings.push({
        status: 'unproven',
        text: sentence('the shell cannot run it (exit code $)', 'оболочка не может её запустить (код $)', end.code ?? 0),
        fix: sentence('install what it needs', 'установите то, что ей нужно'),
      });
    else {
      const isWell = end.code !== null && expectExit.includes(end.code);
      const text =
        end.code === null
          ? sentence('ended by $', 'завершена сигналом $', String(end.by))
          : // Without the time, which would make the same failure another finding each time, and void every signature.
            sentence('exit code $', 'код $', end.code);
      findings.push({ status: isWell ? 'pass' : 'fail', text, ...(isWell ? {} : { fix }) });
    }
    for (const text of contains)
      if (!listener.has(text))
        findings.push({ status: 'fail', text: sentence('it does not say "$"', 'в выводе нет «$»', text), fix });
    for (const text of notContains)
      if (listener.has(text)) findings.push({ status: 'fail', text: sentence('it says "$"', 'в выводе есть «$»', text), fix });

    const codes = listed(expectExit.map(String));
    const expected = sentence(
      contains.length + notContains.length === 0 ? 'exit code $' : 'exit code $, and the output that is asked',
      contains.length + notContains.length === 0 ? 'код $' : 'код $ и ожидаемый вывод',
      codes,
    );
    const figures = { tookMs, outputChars: listener.chars };
    const result = resultOf(
      lookedAt,
      expected,
      findings,
      end.kind === 'ended' && end.code !== null ? { ...figures, exitCode: end.code } : figures,
    );
    return {
      ...result,
      evidence: lastLines(end.output, secrets),
    };
  },
});

/** Without what the clock adds to a timeout, which would be another finding each time. */
function wholeMs(ms: number): number {
  return ms < 500 ? ms : Math.round(ms / 1_000) * 1_000;
}

/** What it inherits and what it is given, and the values in it that may not be shown. */
function environmentOf(config: CommandConfig, context: CheckContext) {
  const given = Object.entries(config.env).map(
    ([name, value]) => [name, typeof value === 'string' ? value : context.secret(value)] as const,
  );
  const env: NodeJS.ProcessEnv = { ...context.environment, ...Object.fromEntries(given) };
  const named = given.filter(([name]) => typeof config.env[name] !== 'string').map(([, value]) => value);
  const inherited = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && isSecretVariable(name) ? [value] : [],
  );
  return { env, secrets: [...named, ...inherited] };
}

async function folderOf(cwd: string | undefined, { folder }: CheckContext): Promise<string> {
  const whole = cwd === undefined ? folder : resolve(folder, cwd);
  const found = await stat(whole).catch(() => null);
  if (found?.isDirectory()) return whole;
  throw new UserError('E_CHECK_FILE', `there is no folder ${cwd ?? folder}`, {
    where: cwd ?? folder,
    fix: 'write the path of a folder',
  });
}

function notRun(program: string, where: string, { why, cause }: { readonly why: string; readonly cause: unknown }): UserError {
  const what = systemCode(cause) === 'ENOENT' ? `there is no program ${program}` : `${program} cannot be run: ${why}`;
  return new UserError('E_CHECK_PROGRAM', what, { where, fix: `install ${program}, or write where it is`, cause });
}

/** Of a line whose beginning is cut off: what may be the end of a secret goes, too. */
function withoutStart(line: string, secrets: readonly string[]): string {
  return line.slice(Math.max(0, ...secrets.map(({ length }) => length)));
}

/** The end of an output. Its first line may have been cut, and a secret with it. */
function lastLines(output: string, secrets: readonly string[]): readonly string[] {
  const lines = output.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '').split(/\r?\n/);
  const isCut = output.length >= 16_384;
  const safe = redactedLines(isCut && lines.length > 1 ? lines.slice(1) : lines, secrets);
  return (isCut && lines.length === 1 ? safe.map((line) => withoutStart(line, secrets)) : safe)
    .map((line) => line.replace(/[\x00-\x08\x0b-\x1f\x7f]/g, ' ').trimEnd())
    .filter((line) => line !== '')
    .slice(-evidenceMax);
}
