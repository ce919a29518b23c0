import { constants, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf, UserError } from '../../errors.ts';
import { percentText } from '../../spec/unit-text.ts';
import { runProgram } from '../../system/run-program.ts';
import type { CheckContext, CheckResult } from '../check.ts';
import { type Finding, listed, resultOf, sentence } from '../sentences.ts';
import type { LogsConfig } from './schema.ts';
import { type Structured, structuredLines } from './structured.ts';

type Lines = Extract<LogsConfig, { kind: 'lines' }>['config'];

/** Most that is read of the end. */
const bytesMax = 8 * 1_048_576;

/** The newest lines of a file, or what a command says, can be read by programs and have no secrets in them. */
export async function inLines(config: Lines, context: CheckContext): Promise<CheckResult> {
  const share = percentText(config.share);
  const lookedAt = config.file ?? config.command?.join(' ').slice(0, 200) ?? '';
  const expected = sentence(
    '$ of the lines are JSON with time, level and message, and none has a secret',
    '$ строк — JSON с временем, уровнем и сообщением, и ни в одной нет секретов',
    share,
  );
  const text = config.command ? await outputOf(config.command, context) : await endOf(config.file ?? '', context);
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const found = structuredLines(lines.slice(-config.last), config);
  const goodPpm = found.lines === 0 ? 0 : Math.floor((found.good * 1_000_000) / found.lines);
  const figures = { lines: found.lines, goodPpm, secrets: found.secrets.length };
  return resultOf(lookedAt, expected, findingsOf(found, goodPpm, config.share), figures);
}

function findingsOf(found: Structured, goodPpm: number, share: number): readonly Finding[] {
  if (found.lines === 0)
    return [
      {
        status: 'unproven',
        text: { en: 'there are no lines', ru: 'строк нет' },
        fix: { en: 'let the service write something, and check again', ru: 'дождитесь записей сервиса и повторите' },
      },
    ];
  const findings: Finding[] = [];
  if (found.secrets.length > 0) {
    const places = listed(found.secrets.map(({ line, what }) => `${line} (${what})`));
    findings.push({
      status: 'fail',
      text: sentence('secrets stand in the lines $', 'в строках есть секреты: $', places),
      fix: {
        en: 'take them out of what is logged, and replace them: they are known now',
        ru: 'уберите их из журнала и замените: они уже раскрыты',
      },
    });
  }
  const text = sentence(
    '$ of $ lines are structured ($)',
    'структурированы $ из $ строк ($)',
    found.good,
    found.lines,
    percentText(goodPpm),
  );
  if (goodPpm >= share) findings.push({ status: 'pass', text });
  else {
    const faults = Object.entries(found.faults).filter(([, { count }]) => count > 0);
    const said = faults.map(([fault, { count, first }]) => `${fault}: ${count} (${first})`).join(', ');
    findings.push({
      status: 'fail',
      text: sentence('$: $', '$: $', text, said),
      fix: {
        en: 'log JSON, one object each line, with time, level and message',
        ru: 'пишите в журнал JSON: по объекту на строку, с временем, уровнем и сообщением',
      },
    });
  }
  return findings;
}

/** The end of a file, from the beginning of a line. */
async function endOf(path: string, { folder }: CheckContext): Promise<string> {
  try {
    await using file = await open(resolve(folder, path), constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await file.stat();
    if (!stats.isFile()) throw new Error('it is no plain file');
    const { size } = stats;
    const bytes = Math.min(size, bytesMax);
    const { buffer } = await file.read(Buffer.alloc(bytes), 0, bytes, size - bytes);
    const text = buffer.toString('utf8');
    return bytes < size ? text.slice(text.indexOf('\n') + 1) : text;
  } catch (error) {
    throw new UserError('E_CHECK_FILE', `${path} cannot be read: ${messageOf(error)}`, {
      where: path,
      fix: 'write the path of a log that Rampart may read',
      cause: error,
    });
  }
}

async function outputOf(command: readonly string[], { folder, environment, signal }: CheckContext): Promise<string> {
  const end = await runProgram(command, { cwd: folder, env: environment, endsAll: true }, signal, bytesMax);
  switch (end.kind) {
    case 'called-off':
      throw commandError(command, 'did not end in time');
    case 'not-run':
      throw commandError(command, `cannot be run: ${end.why}`);
    case 'ended':
      if (end.code !== 0) throw commandError(command, end.code === null ? `was ended by ${end.by}` : `ended with ${end.code}`);
      return end.output;
  }
}

function commandError(command: readonly string[], what: string): UserError {
  return new UserError('E_CHECK_COMMAND', `${command[0]} ${what}`, {
    where: command.join(' ').slice(0, 200),
    fix: 'write a command that prints the newest lines of the log and ends, such as [journalctl, -u, shop, -n, "1000", -o, cat]',
  });
}
