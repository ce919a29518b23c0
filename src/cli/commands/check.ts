import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { styleText } from 'node:util';
import type { Command } from 'commander';
import { parse } from 'yaml';
import type { Language } from '../../analysis/sentence.ts';
import { UserError } from '../../errors.ts';
import type { Exemption } from '../../readiness/types.ts';
import { kinds } from '../../runtime/documents.ts';
import { checklistFor } from '../../runtime/readiness/checklists.ts';
import { type LocalRun, runLocally } from '../../runtime/readiness/local-run.ts';
import { readRun } from '../../runtime/readiness/run-file.ts';
import { loadServices } from '../../spec/load.ts';
import { readSecretFile } from '../../spec/text-file.ts';
import type { ServiceSpec } from '../../spec/types.ts';
import { reportJson } from '../../views/readiness/json.ts';
import type { ReportPaper } from '../../views/readiness/paper.ts';
import type { ReportInput } from '../../views/readiness/report-input.ts';
import { terminalReport } from '../../views/readiness/terminal.ts';
import { action, type CommonOptions, several, withCommon } from '../command.ts';
import { readConfirmations } from '../confirmations.ts';
import { environment } from '../environment.ts';
import { type LanguageOption, languageOf, withLanguage } from '../language.ts';
import { exitCodes, print } from '../output.ts';
import { checkService } from './check-service.ts';

type Options = CommonOptions &
  LanguageOption & {
    checklist?: string;
    phase?: readonly string[];
    item?: readonly string[];
    set?: readonly string[];
    version?: string;
    confirmations?: string;
    save?: string;
    again?: boolean;
    watch?: boolean;
  };

/** How often what is not there is looked at again. */
const againMs = 10_000;

/** `check`: whether a version is ready, item by item. */
export function checkCommand(program: Command): void {
  withLanguage(
    withCommon(
      program
        .command('check <service|file>')
        .description(
          'check a service under control, or that of a file, against a checklist, and say what is not there; exit code 1: not ready',
        )
        .option('--checklist <name|file>', 'checklist that counts (default: that of the document, else production)')
        .option('--phase <id>', 'only this phase; may be given again', several)
        .option('--item <phase.item>', 'only this item; may be given again', several)
        .option('--set <name=value>', 'another value of a parameter, in YAML; may be given again', several)
        .option('--version <version>', 'the version that is to be released')
        .option('--confirmations <file>', 'what people have confirmed, in YAML')
        .option('--save <file>', 'keep the run there; one that was broken off goes on')
        .option('--again', 'look at everything, also at what was found before and still counts')
        .option('--watch', 'look again until it is ready'),
    ),
  ).action(
    action(async (file: string, options: Options) => {
      const language = languageOf(options);
      if (!isFile(file)) return await checkService(file, ofService(options), language);
      const { run, saved } = await localRun(file, options);
      const stop = new AbortController();
      process.once('SIGINT', () =>
        stop.abort(new UserError('E_STOPPED', 'the run was broken off', { where: file, fix: savedFix(options) })),
      );
      let results = saved;
      for (;;) {
        const input = await runLocally(run, results, stop.signal);
        const isReady = input.report.verdict !== 'not-ready';
        if (isReady || !options.watch) return printed(input, options, language);
        process.stderr.write(`${terminalReport(input, language, paper())}\n`);
        const found = input.report.phases.flatMap(({ items }) => items.flatMap(({ result }) => result ?? []));
        results = [...new Map([...results, ...found].map((result) => [result.item, result])).values()];
        await delay(againMs, undefined, { signal: stop.signal }).catch(() => {});
        stop.signal.throwIfAborted();
      }
    }),
  );
}

/** A service has neither a slash nor an ending. */
function isFile(given: string): boolean {
  return existsSync(given) || /[/\\.]/.test(given);
}

/** What only a file can have is refused beside a service. */
function ofService(options: Options): Options {
  for (const name of ['set', 'confirmations', 'save'] as const)
    if (options[name] !== undefined)
      throw new UserError('E_INPUT', `--${name} is for the document of a file`, {
        where: `--${name}`,
        fix: 'leave it out: a service under control keeps its runs and confirmations, and its document has the parameters',
      });
  return options;
}

function savedFix({ save }: Options): string {
  return save === undefined ? 'start it again; with --save it goes on where it was' : 'start it again: it goes on where it was';
}

function printed(input: ReportInput, options: Options, language: Language): number {
  print(options.json === true, reportJson(input, language), terminalReport(input, language, paper()));
  return input.report.verdict === 'not-ready' ? exitCodes.no : exitCodes.done;
}

async function localRun(file: string, options: Options) {
  if (!existsSync(file))
    throw new UserError('E_SPEC_UNREADABLE', `there is no file ${file}`, {
      where: file,
      fix: 'name the document of the service',
    });
  const spec = await onlyService(file);
  const folder = dirname(resolve(file));
  const ready = spec.readiness;
  const asked = options.checklist ?? ready?.checklist ?? 'production';
  const isOwn = options.checklist === undefined || options.checklist === (ready?.checklist ?? 'production');
  const set = Object.fromEntries((options.set ?? []).map(parameterOf));
  const checklist = await checklistFor(asked, folder, { ...ready?.parameters, ...set }, isOwn);
  const before = options.save === undefined ? null : await readRun(options.save);
  const version = options.version ?? null;
  const isSame = before?.service === spec.name && before.version === version && before.checklist === asked;
  if (before && !isSame)
    throw new UserError(
      'E_RUN_FILE',
      `it keeps a run of ${before.service} ${before.version ?? ''} with checklist ${before.checklist}`,
      {
        where: options.save ?? '',
        fix: 'name another file, or remove it',
      },
    );
  const exemptions = (ready?.exemptions ?? []).map(
    ({ item, reason, approvedBy, untilMs }): Exemption => ({ item, reason, by: approvedBy, atMs: 0, untilMs }),
  );
  const isShown = process.stderr.isTTY === true && options.json !== true;
  const run: LocalRun = {
    checklist,
    asked,
    place: {
      service: spec.name,
      version,
      folder,
      environment: environment.all,
      readSecret: readSecretFile,
      own: null,
      now: () => Date.now(),
    },
    confirmations: options.confirmations === undefined ? [] : await readConfirmations(options.confirmations, checklist),
    exemptions,
    only: options.phase || options.item ? { phases: options.phase ?? [], items: options.item ?? [] } : null,
    save: options.save ?? null,
    progress: isShown
      ? {
          ended: ({ item, status, tookMs }) =>
            void process.stderr.write(
              `${paint(status === 'pass' ? 'good' : status === 'fail' ? 'bad' : 'risk', status.padEnd(8))} ${item} ${paint('quiet', `${tookMs} ms`)}\n`,
            ),
        }
      : {},
  };
  return { run, saved: options.again ? [] : (before?.results ?? []) };
}

async function onlyService(file: string): Promise<ServiceSpec> {
  const [spec, second] = await loadServices(file, kinds);
  if (spec && !second) return spec;
  throw new UserError('E_INPUT', `expected one Service document, found ${second ? 'several' : 'none'}`, {
    where: file,
    fix: 'put the service into a file of its own',
  });
}

function parameterOf(text: string): readonly [string, unknown] {
  const at = text.indexOf('=');
  if (at < 1)
    throw new UserError('E_INPUT', `expected name=value, found ${JSON.stringify(text)}`, {
      where: '--set',
      fix: 'such as --set kubernetes=false',
    });
  try {
    return [text.slice(0, at), parse(text.slice(at + 1))];
  } catch {
    return [text.slice(0, at), text.slice(at + 1)];
  }
}

function width(): number {
  return Math.max(40, Math.min(process.stdout.columns ?? 100, 120));
}

const styles = { good: 'green', bad: 'red', risk: 'yellow', strong: 'bold', quiet: 'dim' } as const;
const paint: ReportPaper['paint'] = (tone, text) => styleText(styles[tone], text, { stream: process.stdout });

function paper(): ReportPaper {
  return { width: width(), paint };
}
