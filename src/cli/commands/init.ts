import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { cancel, intro, isCancel, outro, select, text } from '@clack/prompts';
import type { Command } from 'commander';
import { systemCode, UserError } from '../../errors.ts';
import { documentsIn } from '../../runtime/documents.ts';
import { type InitAnswers, initialDocument } from '../../spec/init.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { exitCodes, print } from '../output.ts';

type Options = CommonOptions & {
  name?: string;
  owner?: string;
  command?: string;
  listen: string;
  health: string;
  replicas: string;
  strategy: string;
  force?: boolean;
};

/** `init`: writes a commented document that validates, from flags or from answers at the terminal. */
export function initCommand(program: Command): void {
  withCommon(
    program
      .command('init [file]')
      .description('write a commented service document; asks for what no flag says')
      .option('--name <name>', 'name of the service')
      .option('--owner <team>', 'team that answers for it')
      .option('--command <command>', 'program and arguments, as in a shell: "node server.js"')
      .option('--listen <address>', 'where users connect to', '127.0.0.1:8080')
      .option('--health <path>', 'path that answers 2xx when an instance is ready', '/health')
      .option('--replicas <number>', 'instances of a version', '1')
      .option('--strategy <kind>', 'canary or blueGreen', 'canary')
      .option('--force', 'write over an existing file'),
  ).action(
    action(async (given: string | undefined, options: Options) => {
      const asks = (options.name === undefined || options.command === undefined) && process.stdin.isTTY && !options.json;
      const answers = asks ? await ask(options) : fromFlags(options);
      if (answers === null) return exitCodes.no;
      const file = given ?? `${answers.name}.yaml`;
      const document = initialDocument(answers);
      // What is written must be what validates: a flag that makes it invalid is named here, not later.
      documentsIn(document, basename(file), process.cwd());
      await write(file, document, options.force === true);
      const next = `rampart up & rampart release ${file} --version 1.0.0`;
      print(options.json === true, { file, service: answers.name, next }, `${file} is written; next: ${next}`);
      return exitCodes.done;
    }),
  );
}

function fromFlags(options: Options): InitAnswers {
  const missing = (['name', 'command'] as const).filter((key) => options[key] === undefined);
  if (missing.length > 0) {
    throw new UserError('E_INPUT', `${missing.map((key) => `--${key}`).join(' and ')} is missing`, {
      where: 'rampart init',
      fix: 'give it as a flag, or run the command in a terminal to be asked',
    });
  }
  if (options.strategy !== 'canary' && options.strategy !== 'blueGreen') {
    throw new UserError('E_INPUT', `--strategy ${options.strategy} is neither canary nor blueGreen`, {
      where: '--strategy',
      fix: 'use canary or blueGreen',
    });
  }
  const { owner } = options;
  return {
    name: options.name ?? '',
    command: words(options.command ?? ''),
    listen: options.listen,
    healthPath: options.health,
    replicas: Number(options.replicas),
    strategy: options.strategy,
    ...(owner === undefined ? {} : { owner }),
  };
}

async function ask(options: Options): Promise<InitAnswers | null> {
  intro('A new service');
  const answers: Record<string, string> = {};
  const questions = [
    ['name', 'What is the service called?', options.name ?? basename(process.cwd()).toLowerCase()],
    ['owner', 'Which team answers for it? (may be empty)', options.owner ?? ''],
    ['command', 'How is it started?', options.command ?? 'node server.js'],
    ['listen', 'Where do its users connect to?', options.listen],
    ['health', 'Which path answers 2xx when it is ready?', options.health],
    ['replicas', 'How many instances?', options.replicas],
  ] as const;
  for (const [key, message, initialValue] of questions) {
    const answer = await text({ message, initialValue });
    if (isCancel(answer)) return stop();
    answers[key] = answer;
  }
  const strategy = await select({
    message: 'How is a new version released?',
    options: [
      { value: 'canary', label: 'canary', hint: 'a small share of requests first, then more' },
      { value: 'blueGreen', label: 'blue-green', hint: 'all at once, with the old version warm' },
    ],
    initialValue: options.strategy,
  });
  if (isCancel(strategy)) return stop();
  outro('Thank you');
  const { owner, ...rest } = answers;
  return fromFlags({ ...options, ...rest, ...(owner ? { owner } : {}), strategy });
}

function stop(): null {
  cancel('Nothing is written.');
  return null;
}

async function write(file: string, document: string, force: boolean): Promise<void> {
  try {
    await writeFile(file, document, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    if (systemCode(error) !== 'EEXIST')
      throw new UserError('E_INPUT', `cannot write ${file}`, {
        where: file,
        fix: 'name a file in a folder that exists and that you may write to',
        cause: error,
      });
    throw new UserError('E_INPUT', `${file} exists already`, {
      where: file,
      fix: 'name another file, or write over it with --force',
    });
  }
}

/** Splits a command as a shell would, with quotes and backslashes, but without expanding anything. */
export function words(command: string): readonly string[] {
  const found: string[] = [];
  for (const [, double, single, bare] of command.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|((?:[^\s"'\\]|\\.)+)/g)) {
    found.push(single ?? (double ?? bare ?? '').replace(/\\(.)/g, '$1'));
  }
  return found;
}
