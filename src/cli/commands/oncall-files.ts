import { type Command, Option } from 'commander';
import { stringify } from 'yaml';
import { UserError } from '../../errors.ts';
import { exactClockText } from '../../incidents/on-call/finding-texts.ts';
import { type ImportedShift, importedShifts } from '../../incidents/on-call/imported.ts';
import type { Severity } from '../../incidents/types.ts';
import { readCalendar } from '../../runtime/on-call/read-calendar.ts';
import { parseDocuments } from '../../spec/document.ts';
import { severities } from '../../spec/person.ts';
import { scheduleDocument } from '../../spec/schedule.ts';
import { documentText } from '../../spec/text-file.ts';
import { type EscalationView, escalationView } from '../../views/on-call-view.ts';
import { controllerOf } from '../api-client.ts';
import { action } from '../command.ts';
import { atOf, daysOf, documentsOf, named, type TimeOptions, withTime } from '../on-call-files.ts';
import { exitCodes, print } from '../output.ts';
import { table } from '../table.ts';
import { queryOf } from './releases.ts';

const dayMs = 86_400_000;

type Options = TimeOptions & { readonly file: readonly string[] };
type EscalateOptions = TimeOptions & { readonly file?: readonly string[]; readonly severity: Severity };
type ImportOptions = Options & { readonly name: string; readonly zone: string };

/** `oncall escalate`, of the setup in force or of files, and `oncall import`: documents from calendars. */
export function oncallFileCommands(oncall: Command): void {
  withTime(
    oncall.command('escalate <policy>').description('print who would be told of an incident that nobody answers, and when'),
  )
    .option('--file <files...>', 'documents of people, schedules and escalation policies, in place of the setup in force')
    .addOption(new Option('--severity <severity>', 'how bad it is').choices([...severities]).default('P0'))
    .action(action(escalate));

  withTime(
    oncall
      .command('import <calendar>')
      .description('print the events of an iCalendar as a Schedule document with overrides, to be put into a file'),
  )
    .requiredOption('--file <files...>', 'documents of people')
    .requiredOption('--name <name>', 'name of the schedule')
    .option('--zone <zone>', 'zone of the schedule, and of times in the calendar that name none', 'UTC')
    .option('--days <days>', 'how many days are read, 1 to 366 (default: 90)')
    .action(action(importCalendar));
}

async function escalate(name: string, options: EscalateOptions): Promise<number> {
  const view = await escalationOf(name, options);
  const { severity, timeZone, told } = view;
  const rows = told.map((step) => [exactClockText(step.atMs, timeZone), `step ${step.step + 1}`, receiversText(step)]);
  const last = told.at(-1);
  const rounds = last === undefined ? 0 : last.round + 1;
  const head = `${name}, ${severity}: ${told.length} ${told.length === 1 ? 'step' : 'steps'} in ${rounds} ${rounds === 1 ? 'round' : 'rounds'} while nobody acknowledges (${timeZone})`;
  print(options.json === true, view, [head, ...(rows.length > 0 ? [table(rows)] : [])].join('\n'));
  return told.length > 0 && told.every(({ receivers }) => receivers.length > 0) ? exitCodes.done : exitCodes.no;
}

async function escalationOf(name: string, options: EscalateOptions): Promise<EscalationView> {
  const { file, severity, data } = options;
  const atMs = atOf(options);
  if (file === undefined) {
    const api = await controllerOf(data);
    return await api.get<EscalationView>(`/on-call/escalate${queryOf({ policy: name, severity, at: `${atMs}` })}`);
  }
  const documents = await documentsOf(file);
  return escalationView(named('escalation policy', name, documents.policies), severity, atMs, documents, true);
}

/** `anna by sms +7 900, mail; payments-slack`. */
function receiversText({ receivers }: EscalationView['told'][number]): string {
  if (receivers.length === 0) return 'nobody';
  const ways = new Map<string, readonly string[]>();
  for (const { person, notifier, to = null } of receivers) {
    const who = person ?? '';
    ways.set(who, [...(ways.get(who) ?? []), to === null ? notifier : `${notifier} ${to}`]);
  }
  return [...ways].map(([who, by]) => (who === '' ? by.join(', ') : `${who} by ${by.join(', ')}`)).join('; ');
}

async function importCalendar(file: string, options: ImportOptions): Promise<undefined> {
  const { people } = await documentsOf(options.file);
  const { name, zone } = options;
  const fromMs = atOf(options);
  const untilMs = fromMs + daysOf(options, 90) * dayMs;
  // Checks name and zone before the calendar is read.
  const empty = parseDocuments(scheduleText(name, zone, []), '--name, --zone', { Schedule: scheduleDocument });
  const events = await readCalendar(await documentText(file), file, { zone, fromMs, untilMs });
  const { shifts, unknown } = importedShifts(events, people);
  if (unknown.length > 0) {
    const titles = unknown.slice(0, 5).map((title) => JSON.stringify(title.slice(0, 100)));
    const more = unknown.length > 5 ? `, and ${unknown.length - 5} more` : '';
    throw new UserError('E_CALENDAR', `it cannot be told whose these are: ${titles.join(', ')}${more}`, {
      where: file,
      fix: 'give each a Person whose fullName is in the title, or one of whose contacts is invited',
    });
  }
  print(options.json === true, { schedule: empty[0]?.value.name, overrides: shifts }, scheduleText(name, zone, shifts).trimEnd());
  return undefined;
}

function scheduleText(name: string, zone: string, shifts: readonly ImportedShift[]): string {
  const iso = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');
  return stringify({
    apiVersion: 'rampart/v1',
    kind: 'Schedule',
    metadata: { name },
    spec: {
      timeZone: zone,
      overrides: shifts.map(({ person, fromMs, untilMs }) => ({ person, from: iso(fromMs), until: iso(untilMs) })),
    },
  });
}
