import type { Command } from 'commander';
import { UserError } from '../../errors.ts';
import { calendarText } from '../../incidents/on-call/calendar-text.ts';
import { findings } from '../../incidents/on-call/findings.ts';
import { textIn } from '../../spec/text.ts';
import { type OnCallView, onCallView } from '../../views/on-call-view.ts';
import { controllerOf } from '../api-client.ts';
import { action } from '../command.ts';
import { languageOf } from '../language.ts';
import { atOf, daysOf, documentsOf, named, namedPerson, type TimeOptions, withTime } from '../on-call-files.ts';
import { type FoundView, findingsText, onCallText } from '../on-call-text.ts';
import { exitCodes, print } from '../output.ts';
import { oncallFileCommands } from './oncall-files.ts';
import { oncallOverrideCommands } from './oncall-overrides.ts';
import { queryOf } from './releases.ts';

const dayMs = 86_400_000;

/** Without files the controller is asked. */
type Options = TimeOptions & { readonly file?: readonly string[] };
type ShowOptions = Options & { readonly schedule?: string; readonly person?: string; readonly ical?: boolean };

/** `oncall`: who is on call, what would go wrong, and who would be told of an incident when. */
export function oncallCommand(program: Command): void {
  const oncall = program.command('oncall').description('who is on call, now and in the days to come');
  const deed = (command: Command): Command =>
    withTime(command).option(
      '--file <files...>',
      'documents of people, schedules and escalation policies, in place of the setup in force',
    );

  deed(oncall.command('show', { isDefault: true }).description('print who is on call; exit code 1: of some schedule nobody is'))
    .option('--schedule <name>', 'of that schedule only')
    .option('--person <name>', 'only the shifts of that person')
    .option('--days <days>', 'print the shifts of so many days as well, 1 to 366')
    .option('--ical', 'print the shifts as an iCalendar, of 90 days unless --days says otherwise')
    .action(action((options: ShowOptions) => (options.ical ? showCalendar(options) : show(options))));

  deed(
    oncall
      .command('lint')
      .description('find times in which nobody is on call, and steps that tell nobody; exit code 1: there are some'),
  )
    .option('--days <days>', 'how many days are looked at, 1 to 92 (default: 30)')
    .action(action(lint));

  oncallFileCommands(oncall);
  oncallOverrideCommands(oncall);
}

async function show(options: ShowOptions): Promise<number> {
  const { person } = options;
  const all = await viewsOf(options);
  const views = all.map((view) => ({
    ...view,
    shifts: view.shifts.filter((shift) => person === undefined || shift.person === person),
  }));
  print(
    options.json === true,
    { schedules: views },
    onCallText(person === undefined ? views : views.map((view) => byClocksOf(person, view))),
  );
  return views.every(({ now }) => now.person !== null) ? exitCodes.done : exitCodes.no;
}

/** The shifts of one person are for that person: by the clocks where they are. */
function byClocksOf(person: string, view: OnCallView): OnCallView {
  const theirs = [view.now, view.next, ...view.shifts].find((shift) => shift?.person === person);
  return { ...view, timeZone: theirs?.timeZone ?? view.timeZone };
}

async function viewsOf(options: ShowOptions): Promise<readonly OnCallView[]> {
  const { file, schedule, person, data } = options;
  const atMs = atOf(options);
  const days = daysOf(options, 0);
  if (file === undefined) {
    const api = await controllerOf(data);
    const query = queryOf({ at: `${atMs}`, days: `${days}`, schedule, person });
    const { schedules } = await api.get<{ schedules: readonly OnCallView[] }>(`/on-call${query}`);
    if (schedules.length === 0)
      throw new UserError('E_INPUT', 'the setup has no schedule', {
        where: 'incident-setup',
        fix: 'put Schedule documents into force with `rampart incidents apply FILE…`, or name files with --file',
      });
    return schedules;
  }
  const { people, schedules } = await documentsOf(file);
  if (schedules.length === 0)
    throw new UserError('E_INPUT', 'no file has a Schedule document', { where: '--file', fix: 'name the file that has one' });
  if (person !== undefined) namedPerson(person, { people, schedules });
  const wanted = schedule === undefined ? schedules : [named('schedule', schedule, schedules)];
  return wanted.map((one) => onCallView(one, people, atMs, days));
}

async function showCalendar(options: ShowOptions): Promise<number> {
  const { file, schedule, person, data } = options;
  const fromMs = atOf(options);
  const days = daysOf(options, 90);
  const language = languageOf(options);
  if (file === undefined) {
    const api = await controllerOf(data);
    const query = queryOf({ at: `${fromMs}`, days: `${days}`, schedule, person, lang: language });
    for await (const part of api.text(`/on-call/calendar.ics${query}`)) process.stdout.write(part);
    return exitCodes.done;
  }
  const { people, schedules: all } = await documentsOf(file);
  if (person !== undefined) namedPerson(person, { people, schedules: all });
  const schedules = schedule === undefined ? all : [named('schedule', schedule, all)];
  const untilMs = fromMs + days * dayMs;
  process.stdout.write(calendarText({ schedules, people, person: person ?? null, fromMs, untilMs, nowMs: fromMs, language }));
  return exitCodes.done;
}

async function lint(options: Options): Promise<number> {
  const fromMs = atOf(options);
  const days = daysOf(options, 30, 92);
  const found = await findingsOf(options, fromMs, days);
  // Files may be a part of a setup; what is in force is all of it.
  const isNobodyCalled = options.file === undefined && found.policies.length === 0;
  print(options.json === true, found, findingsText(found, days, isNobodyCalled));
  return isNobodyCalled || found.findings.some(({ level }) => level === 'error') ? exitCodes.no : exitCodes.done;
}

async function findingsOf(options: Options, fromMs: number, days: number): Promise<FoundView> {
  const language = languageOf(options);
  if (options.file === undefined) {
    const api = await controllerOf(options.data);
    const query = queryOf({ at: `${fromMs}`, days: `${days}`, lang: language });
    return await api.get<FoundView>(`/on-call/findings${query}`);
  }
  const documents = await documentsOf(options.file);
  const [schedules, policies] = [documents.schedules, documents.policies].map((all) => all.map(({ name }) => name));
  if (!schedules?.length && !policies?.length)
    throw new UserError('E_INPUT', 'no file has a Schedule or an EscalationPolicy document', {
      where: '--file',
      fix: 'name the files that have them',
    });
  const found = findings(documents, fromMs, fromMs + days * dayMs);
  return {
    findings: found.map(({ text, ...one }) => ({ ...one, text: textIn(text, language) })),
    schedules: schedules ?? [],
    policies: policies ?? [],
  };
}
