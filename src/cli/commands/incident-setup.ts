import type { Command } from 'commander';
import { documentText } from '../../spec/text-file.ts';
import type { IncidentSetupView, SetupAppliedView } from '../../views/incident-setup-view.ts';
import { controllerOf } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { incidentsCommand } from '../groups.ts';
import { print } from '../output.ts';
import { localTimeText, table } from '../table.ts';

/** `incidents apply` and `incidents setup`: the documents that say who is told of what. */
export function incidentSetupCommands(program: Command): void {
  const incidents = incidentsCommand(program);

  withCommon(
    incidents
      .command('apply <files...>')
      .description(
        'put documents into force that say who is told of what (Notifier, Person, Schedule, …), in place of all before',
      )
      .option('--why <text>', 'reason, for the record', '')
      .option('--replaces <version>', 'refuse when the setup in force is another version by now')
      .option('--dry-run', 'only check them, and say what they would change'),
  ).action(
    action(async (files: string[], options: CommonOptions & { why: string; replaces?: string; dryRun?: boolean }) => {
      const read = await Promise.all([...new Set(files)].map(async (file) => ({ file, text: await documentText(file) })));
      const api = await controllerOf(options.data);
      const { why, replaces, dryRun = false } = options;
      const body = { files: read, by: api.by, why, dryRun, ...(replaces === undefined ? {} : { replaces: Number(replaces) }) };
      const applied = await api.put<SetupAppliedView>('/incidents/setup', body, read.length === 1 ? read[0]?.text : '');
      print(options.json === true, applied, appliedText(applied, dryRun));
      return undefined;
    }),
  );

  withCommon(incidents.command('setup').description('print who is told of what: the documents in force')).action(
    action(async (options: CommonOptions) => {
      const api = await controllerOf(options.data);
      const setup = await api.get<IncidentSetupView>('/incidents/setup');
      print(options.json === true, setup, setupText(setup));
      return undefined;
    }),
  );
}

function appliedText({ version, changes }: SetupAppliedView, isDryRun: boolean): string {
  if (changes.length === 0) return `nothing changes; version ${version} is in force`;
  const rows = changes.map(({ change, kind, name }) => [`  ${change}`, kind, name]);
  const head = isDryRun ? `these would change (version ${version} is in force):` : `version ${version} is in force:`;
  return [head, table(rows)].join('\n');
}

function setupText(setup: IncidentSetupView): string {
  if (setup.version === 0)
    return 'nobody is told of anything yet; write Notifier documents and put them into force with `rampart incidents apply FILE`';
  const {
    version,
    appliedAtMs,
    by,
    why,
    notifiers,
    people,
    schedules,
    policies,
    routing,
    runbooks,
    statusPage,
    alertSources,
    narration,
    releaseNotices,
  } = setup;
  const at = appliedAtMs === null ? '' : ` at ${localTimeText(appliedAtMs)}`;
  const rows = [
    ['  notifiers', notifiers.map(({ name, kind }) => `${name} (${kind})`).join(', ')],
    ['  people', people.join(', ')],
    ['  schedules', schedules.join(', ')],
    ['  policies', policies.join(', ')],
    ['  routing', routing ?? ''],
    ['  runbooks', runbooks.join(', ')],
    ['  status page', statusPage ?? ''],
    ['  alert sources', alertSources.map(({ name, kind }) => `${name} (${kind})`).join(', ')],
    ['  narration', narration ?? ''],
    ['  notices', releaseNotices ?? ''],
  ].filter(([, names]) => names !== '');
  return [`version ${version}, applied by ${by}${at}${why === '' ? '' : `: ${why}`}`, table(rows)].join('\n');
}
