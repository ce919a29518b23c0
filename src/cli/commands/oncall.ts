import { type Command, Option } from 'commander';
import { stringify } from 'yaml';
import { UserError } from '../../errors.ts';
import { policySnapshot } from '../../incidents/escalation.ts';
import { calendarText } from '../../incidents/on-call/calendar-text.ts';
import { clockText, exactClockText } from '../../incidents/on-call/finding-texts.ts';
import { findings, type OnCallFinding } from '../../incidents/on-call/findings.ts';
import { type ImportedShift, importedShifts } from '../../incidents/on-call/imported.ts';
import { escalationStory, type ToldStep } from '../../incidents/on-call/story.ts';
import type { Severity } from '../../incidents/types.ts';
import { readCalendar } from '../../runtime/on-call/read-calendar.ts';
import { parseDocuments } from '../../spec/document.ts';
import { documentText } from '../../spec/load.ts';
import { nearest } from '../../spec/nearest.ts';
import { type OnCallDocuments, readOnCall } from '../../spec/on-call-documents.ts';
import { severities } from '../../spec/person.ts';
import { scheduleDocument } from '../../spec/schedule.ts';
import { textIn } from '../../spec/text.ts';
import { type OnCallView, onCallView, type ShiftView } from '../../views/on-call-view.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { type LanguageOption, languageOf, withLanguage } from '../language.ts';
import { comingMs } from '../moment.ts';
import { exitCodes, print } from '../output.ts';
import { table } from '../table.ts';

const dayMs = 86_400_000;

type Options = CommonOptions &
  LanguageOption & { readonly file: readonly string[]; readonly at?: string; readonly days?: string };

type ImportOptions = Options & { readonly name: string; readonly zone: string };

/** `oncall`: who is on call, what would go wrong, and who would be told of an incident when. */
export function oncallCommand(program: Command): void {
  const oncall = program.command('oncall').description('who is on call, now and in the days to come');
  const deed = (command: Command): Command =>
    withLanguage(withCommon(command))
      .requiredOption('--file <files...>', 'documents of people, schedules and escalation policies')
      .option('--at <moment>', 'as of when: 2026-12-01T10:00:00Z, or +2h from now (default: now)');

  deed(oncall.command('show', { isDefault: true }).description('print who is on call; exit code 1: of some schedule nobody is'))
    .option('--schedule <name>', 'of that schedule only')
    .option('--person <name>', 'only the shifts of that person')
    .option('--days <days>', 'print the shifts of so many days as well, 1 to 366')
    .option('--ical', 'print the shifts as an iCalendar, of 90 days unless --days says otherwise')
    .action(action(show));

  deed(
    oncall
      .command('lint')
      .description('find times in which nobody is on call, and steps that tell nobody; exit code 1: there are some'),
  )
    .option('--days <days>', 'how many days are looked at, 1 to 366 (default: 30)')
    .action(action(lint));

  deed(oncall.command('escalate <policy>').description('print who would be told of an incident that nobody answers, and when'))
    .addOption(new Option('--severity <severity>', 'how bad it is').choices([...severities]).default('P0'))
    .action(action(escalate));

  deed(
    oncall
      .command('import <calendar>')
      .description('print the events of an iCalendar as a Schedule document with overrides, to be put into a file'),
  )
    .requiredOption('--name <name>', 'name of the schedule')
    .option('--zone <zone>', 'zone of the schedule, and of times in the calendar that name none', 'UTC')
    .option('--days <days>', 'how many days are read, 1 to 366 (default: 90)')
    .action(action(importCalendar));
}

type ShowOptions = Options & { readonly schedule?: string; readonly person?: string; readonly ical?: boolean };

async function show(options: ShowOptions): Promise<number> {
  const documents = await documentsOf(options);
  const { people } = documents;
  const { schedule: one, person = null } = options;
  const schedules = one === undefined ? documents.schedules : [named('schedule', one, documents.schedules)];
  if (schedules.length === 0)
    throw new UserError('E_INPUT', 'no file has a Schedule document', { where: '--file', fix: 'name the file that has one' });
  if (person !== null) namedPerson(person, documents);
  const atMs = atOf(options);
  if (options.ical) {
    const untilMs = atMs + daysOf(options, 90) * dayMs;
    const language = languageOf(options);
    process.stdout.write(calendarText({ schedules, people, person, fromMs: atMs, untilMs, nowMs: atMs, language }));
    return exitCodes.done;
  }
  const days = options.days === undefined ? 0 : daysOf(options, 0);
  const all = schedules.map((schedule) => onCallView(schedule, people, atMs, days));
  const views = all.map((view) => ({
    ...view,
    shifts: view.shifts.filter((shift) => person === null || shift.person === person),
  }));
  const text = days === 0 ? table(views.map(headOf)) : views.map(viewText).join('\n');
  print(options.json === true, { schedules: views }, text);
  return views.every(({ now }) => now.person !== null) ? exitCodes.done : exitCodes.no;
}

function headOf({ schedule, timeZone, now, next }: OnCallView): readonly string[] {
  const until = now.untilMs === null ? 'from now on' : `until ${clockText(now.untilMs, timeZone)}`;
  return [schedule, nameOf(now), `${until}${next ? `, then ${nameOf(next)}` : ''} (${timeZone})`];
}

function viewText(view: OnCallView): string {
  const { timeZone, shifts } = view;
  const rows = shifts.map((shift) => [
    `  ${clockText(shift.fromMs, timeZone)}`,
    shift.untilMs === null ? '' : clockText(shift.untilMs, timeZone),
    nameOf(shift),
    reasonOf(shift),
  ]);
  return [headOf(view).join('  '), ...(rows.length > 0 ? [table(rows)] : [])].join('\n');
}

function nameOf({ person, fullName }: ShiftView): string {
  if (person === null) return 'nobody';
  return fullName === null || fullName === person ? person : `${fullName} (${person})`;
}

function reasonOf({ by }: ShiftView): string {
  if (by === null) return '';
  if (by.kind === 'layer') return by.layer;
  const what = by.insteadOf === null ? 'override' : `swapped with ${by.insteadOf}`;
  return by.why === null ? what : `${what}: ${by.why}`;
}

async function lint(options: Options): Promise<number> {
  const documents = await documentsOf(options);
  const fromMs = atOf(options);
  const days = daysOf(options, 30);
  const found = findings(documents, fromMs, fromMs + days * dayMs);
  const language = languageOf(options);
  const values = found.map(({ text, ...one }) => ({ ...one, text: textIn(text, language) }));
  const fine = `somebody is on call and is reached at any time of ${days} ${days === 1 ? 'day' : 'days'}`;
  print(options.json === true, { findings: values }, values.length === 0 ? fine : values.map(findingText).join('\n'));
  return found.some(({ level }) => level === 'error') ? exitCodes.no : exitCodes.done;
}

function findingText({ level, document, path, text }: Omit<OnCallFinding, 'text'> & { readonly text: string }): string {
  return `${level}: ${document.kind} ${document.name}${path === '' ? '' : `, ${path}`}: ${text}`;
}

async function escalate(name: string, options: Options & { readonly severity: Severity }): Promise<number> {
  const documents = await documentsOf(options);
  const policy = named('escalation policy', name, documents.policies);
  const atMs = atOf(options);
  const told = escalationStory(policy, options.severity, atMs, documents);
  const zone = policySnapshot(policy, documents.schedules).workingDays.timeZone ?? 'UTC';
  const rows = told.map((step) => [exactClockText(step.atMs, zone), `step ${step.step + 1}`, receiversText(step)]);
  const last = told.at(-1);
  const rounds = last === undefined ? 0 : last.round + 1;
  const head = `${name}, ${options.severity}: ${told.length} ${told.length === 1 ? 'step' : 'steps'} in ${rounds} ${rounds === 1 ? 'round' : 'rounds'} while nobody acknowledges (${zone})`;
  print(
    options.json === true,
    { policy: name, severity: options.severity, timeZone: zone, told },
    [head, ...(rows.length > 0 ? [table(rows)] : [])].join('\n'),
  );
  return told.length > 0 && told.every(({ receivers }) => receivers.length > 0) ? exitCodes.done : exitCodes.no;
}

/** `anna by sms +7 900, mail; payments-slack`. */
function receiversText({ receivers }: ToldStep): string {
  if (receivers.length === 0) return 'nobody';
  const ways = new Map<string, readonly string[]>();
  for (const { person, notifier, to } of receivers) {
    const who = person ?? '';
    ways.set(who, [...(ways.get(who) ?? []), to === null ? notifier : `${notifier} ${to}`]);
  }
  return [...ways].map(([who, by]) => (who === '' ? by.join(', ') : `${who} by ${by.join(', ')}`)).join('; ');
}

async function importCalendar(file: string, options: ImportOptions): Promise<undefined> {
  const { people } = await documentsOf(options);
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

async function documentsOf({ file }: Options): Promise<OnCallDocuments> {
  const names = [...new Set(file)];
  return readOnCall(await Promise.all(names.map(async (one) => ({ file: one, text: await documentText(one) }))));
}

function named<Document extends { readonly name: string }>(what: string, name: string, all: readonly Document[]): Document {
  const found = all.find((one) => one.name === name);
  if (found) return found;
  throw unknownName(
    what,
    name,
    all.map((one) => one.name),
  );
}

/** Somebody with a document, or in a schedule: files of a part of a setup may lack the people. */
function namedPerson(name: string, { people, schedules }: OnCallDocuments): void {
  const called = schedules.flatMap(({ layers, overrides }) => [
    ...layers.flatMap((layer) => layer.people),
    ...overrides.map(({ person }) => person),
  ]);
  const all = [...new Set([...people.map((one) => one.name), ...called])];
  if (!all.includes(name)) throw unknownName('person', name, all);
}

function unknownName(what: string, name: string, all: readonly string[]): UserError {
  const near = nearest(name, all);
  const known = all.length === 0 ? 'none is in the files' : `known: ${all.slice(0, 20).join(', ')}`;
  return new UserError('E_INPUT', `there is no ${what} ${name}`, {
    where: '--file',
    fix: near === undefined ? known : `did you mean ${near}?`,
  });
}

function atOf({ at }: Options): number {
  const nowMs = Date.now();
  return at === undefined ? nowMs : comingMs(at, '--at', nowMs);
}

function daysOf({ days }: Options, otherwise: number): number {
  if (days === undefined) return otherwise;
  const count = /^\d{1,3}$/.test(days) ? Number(days) : 0;
  if (count >= 1 && count <= 366) return count;
  throw new UserError('E_INPUT', `--days: expected a number from 1 to 366, found ${days}`, {
    where: '--days',
    fix: 'give --days 14',
  });
}
