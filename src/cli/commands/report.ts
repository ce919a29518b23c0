import { type Command, Option } from 'commander';
import { stringify } from 'yaml';
import { UserError } from '../../errors.ts';
import { signaturesFor } from '../../readiness/canonical.ts';
import { builtinChecklists } from '../../readiness/checklists/index.ts';
import { compareReports } from '../../readiness/compare.ts';
import type { ReadinessReport } from '../../readiness/types.ts';
import { builtinChecklist, builtinNames } from '../../runtime/readiness/checklists.ts';
import { reportHash } from '../../runtime/readiness/report-hash.ts';
import { readRun } from '../../runtime/readiness/run-file.ts';
import type { SignOffRole } from '../../spec/checklist-types.ts';
import { nearest } from '../../spec/nearest.ts';
import { textIn } from '../../spec/text.ts';
import { replaceFile } from '../../system/replace-file.ts';
import { type ReportFormName, reportForms } from '../../views/readiness/forms.ts';
import { controllerOf } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { type LanguageOption, languageOf, withLanguage } from '../language.ts';
import { print } from '../output.ts';
import { table } from '../table.ts';

type Options = CommonOptions &
  LanguageOption & {
    from?: string;
    run?: string;
    against?: string;
    checklist?: string;
    version?: string;
    format: ReportFormName;
    out?: string;
  };

/** `report` and `checklists`: what was found, in a form to hand on, and what can be asked. */
export function reportCommands(program: Command): void {
  withLanguage(
    withCommon(
      program
        .command('report [service]')
        .description('write the readiness report of a service, or of a run that `rampart check --save` has kept')
        .option('--from <file>', 'a run that was kept, in place of a service')
        .option('--run <id>', 'the report of this run as it ended; default: as it is now')
        .option('--against <id|file>', 'an earlier run to compare with')
        .option('--checklist <name>', 'default: that of the service')
        .option('--version <version>', 'default: the candidate of the release under way, else the stable version')
        .addOption(new Option('--format <form>', 'form').choices(Object.keys(reportForms)).default('text'))
        .option('--out <file>', 'file to write to, in place of the output'),
    ),
  ).action(
    action(async (service: string | undefined, options: Options) => {
      const form = options.json ? 'json' : options.format;
      const text = service === undefined ? await ofFile(options, form) : await ofService(service, options, form);
      if (options.out === undefined) process.stdout.write(text);
      else {
        await replaceFile(options.out, text, { durable: false, mode: 0o644 });
        print(options.json === true, { written: options.out }, `written to ${options.out}`);
      }
    }),
  );
  const checklists = withLanguage(
    withCommon(program.command('checklists').description('list the built-in checklists; `show` prints one as a document')),
  ).action(
    action((options: CommonOptions & LanguageOption) => {
      const language = languageOf(options);
      const all = builtinNames.flatMap((name) => builtinChecklist(name) ?? []);
      const rows = all.map(({ name, title, phases }) => ({
        name,
        title: textIn(title, language),
        phases: phases.length,
        items: phases.reduce((sum, { items }) => sum + items.length, 0),
      }));
      const text = table([
        ['name', 'title', 'phases', 'items'],
        ...rows.map((row) => [row.name, row.title, String(row.phases), String(row.items)]),
      ]);
      print(options.json === true, { checklists: rows }, text);
    }),
  );
  withCommon(checklists.command('show <name>').description('print a built-in checklist as a document, to be extended')).action(
    action((name: string, options: CommonOptions) => {
      if (!builtinNames.includes(name)) {
        const near = nearest(name, builtinNames);
        throw new UserError('E_CHECKLIST', `there is no checklist ${name}`, {
          where: 'name',
          fix: near ? `did you mean ${near}?` : `use one of ${builtinNames.join(', ')}`,
        });
      }
      const document = builtinChecklists[name];
      print(options.json === true, document, stringify(document, { lineWidth: 120 }).trimEnd());
    }),
  );
}

async function ofFile({ from, against, run, lang }: Options, form: ReportFormName): Promise<string> {
  if (from === undefined)
    throw new UserError('E_INPUT', 'the report of what is not said', {
      where: 'service',
      fix: 'name a service, or a run that was kept: rampart report --from run.json',
    });
  if (run !== undefined)
    throw new UserError('E_INPUT', '--run is for a service under control', { where: '--run', fix: 'leave it out beside --from' });
  const { report, roles } = await keptReport(from);
  const before = against === undefined ? null : (await keptReport(against)).report;
  const hash = reportHash(report);
  const unsigned = signaturesFor(
    hash,
    [],
    roles.map(({ role }) => role),
  );
  const input = { report, hash, roles, ...unsigned, comparison: before && compareReports(before, report) };
  return reportForms[form].write(input, languageOf(lang === undefined ? {} : { lang }));
}

async function keptReport(file: string): Promise<{ readonly report: ReadinessReport; readonly roles: readonly SignOffRole[] }> {
  const run = await readRun(file);
  if (run?.report) return { report: run.report, roles: run.roles };
  throw new UserError('E_RUN_FILE', run ? 'the run that it keeps has not ended' : 'there is no such file', {
    where: file,
    fix: 'end it first: rampart check --save with the same file',
  });
}

async function ofService(service: string, options: Options, form: ReportFormName): Promise<string> {
  const { from, run, against, checklist, version } = options;
  if (from !== undefined)
    throw new UserError('E_INPUT', 'either a service or --from', { where: '--from', fix: 'leave one of them out' });
  const api = await controllerOf(options.data);
  const query = new URLSearchParams({ format: form, lang: languageOf(options) });
  for (const [name, value] of Object.entries({ run, against, checklist, version }))
    if (value !== undefined) query.set(name, value);
  const parts: string[] = [];
  for await (const part of api.text(`/services/${encodeURIComponent(service)}/readiness/report?${query}`)) parts.push(part);
  return parts.join('');
}
