import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { messageOf, UserError } from '../../errors.ts';
import { type ReportFormName, reportForms } from '../../views/readiness/forms.ts';
import { controllerOf } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { type LanguageOption, languageOf, withLanguage } from '../language.ts';
import { exitCodes } from '../output.ts';

type Options = CommonOptions &
  LanguageOption & {
    readonly format?: string;
    readonly out?: string;
    readonly checklist?: string;
    readonly version?: string;
    readonly run?: string;
    readonly against?: string;
  };

/** `report`: how ready a service is, to read or to hand on, without looking at anything again. */
export function reportCommand(program: Command): void {
  const forms = Object.keys(reportForms).join('|');
  withLanguage(
    withCommon(
      program
        .command('report <service>')
        .description('print how ready a service is, as it was found: nothing is checked again; exit code 1: not ready')
        .option(`--format <${forms}>`, 'form of the report (default: text; with --json: json)')
        .option('--out <file>', 'write it there')
        .option('--checklist <name>', 'default: that of the service')
        .option('--version <version>', 'default: the candidate of the release under way, else the stable version')
        .option('--run <id>', 'the report of a run as it ended; see `rampart check`')
        .option('--against <id>', 'an earlier run to compare with'),
    ),
  ).action(
    action(async (service: string, options: Options) => {
      const lang = languageOf(options);
      const format = formOf(options);
      const api = await controllerOf(options.data);
      const { checklist, version, run, against } = options;
      const given = Object.entries({ lang, checklist, version, run, against });
      const asked = given.filter((one): one is [string, string] => one[1] !== undefined);
      const of = `/services/${encodeURIComponent(service)}/readiness`;
      const query = new URLSearchParams(asked);
      const { report } = await api.get<{ report: { verdict: string } }>(`${of}?${query}`);
      let text = '';
      for await (const part of api.text(`${of}/report?${query}&format=${format}`)) text += part;
      if (options.out === undefined) process.stdout.write(text);
      else await written(options.out, text);
      return report.verdict === 'not-ready' ? exitCodes.no : exitCodes.done;
    }),
  );
}

/** @throws UserError `E_INPUT` when there is no such form. */
function formOf({ format, json }: Options): ReportFormName {
  const asked = format ?? (json ? 'json' : 'text');
  if (Object.hasOwn(reportForms, asked)) return asked as ReportFormName;
  throw new UserError('E_INPUT', `a report has no form ${asked}`, {
    where: '--format',
    fix: `use one of ${Object.keys(reportForms).join(', ')}`,
  });
}

async function written(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new UserError('E_INPUT', `${file} cannot be written: ${messageOf(error)}`, {
      where: '--out',
      fix: 'name a file in a folder that is there, with room',
      cause: error,
    });
  }
}
