import type { Command } from 'commander';
import { spanText } from '../../analysis/wording.ts';
import { UserError } from '../../errors.ts';
import { isOver } from '../../incidents/severity.ts';
import type { IncidentRow, IncidentView } from '../../views/incident-view.ts';
import type { NarrationView } from '../../views/narration-view.ts';
import { type ApiClient, controllerOf } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { incidentsCommand } from '../groups.ts';
import { type LanguageOption, languageOf, withLanguage } from '../language.ts';
import { momentMs } from '../moment.ts';
import { exitCodes, print } from '../output.ts';
import { dayText, localTimeText, table } from '../table.ts';
import { narrateCommand, narrationText } from './incident-narrate.ts';
import { moreText, optionalMoment, queryOf } from './releases.ts';

type Options = CommonOptions & LanguageOption;
type WhyOptions = Options & { readonly why: string };
type Answered = { readonly done: boolean; readonly said: string };
type EventLine = { readonly seq: number; readonly at: number; readonly actor: string; readonly said: string };

/** Lines of the timeline that are shown: the last ones. */
const eventsMax = 1_000;

/** `incidents`: what alerts have become, and what people decide about it. */
export function incidentCommands(program: Command): void {
  const incidents = incidentsCommand(program);
  const command = (name: string, description: string): Command =>
    withLanguage(withCommon(incidents.command(name).description(description)));
  const withWhy = (one: Command): Command => one.option('--why <text>', 'reason, for the record', '');

  withLanguage(
    withCommon(
      incidents
        .command('list', { isDefault: true })
        .description('list incidents, newest first; exit code 1 while one is not over')
        .argument('[service]', 'only those of a service')
        .option('--all', 'also those that are over')
        .option('--severity <severity>', 'P0, P1 or P2')
        .option('--after <time>', 'opened at this time or later: 2026-05-01, 7d (ago)')
        .option('--before <time>', 'opened before this time')
        .option('--cursor <cursor>', 'go on where the list before ended')
        .option('--limit <count>', 'how many, up to 200', '50'),
    ),
  ).action(action(list));

  command('show <id>', 'print an incident: its alerts, what was tried, who was told, and what happened').action(
    action(async (id: string, options: Options) => {
      const api = await controllerOf(options.data);
      const path = `/incidents/${encodeURIComponent(id)}`;
      const query = { lang: languageOf(options) };
      const incident = await api.get<IncidentView>(`${path}${queryOf(query)}`);
      const { events } = await api.get<{ events: readonly EventLine[] }>(
        `${path}/events${queryOf({ ...query, limit: eventsMax })}`,
      );
      const narration = await api.get<NarrationView>(`${path}/narration${queryOf(query)}`);
      const narrated = narrationText(narration);
      const text = [incidentText(incident, events, Date.now()), ...(narrated === null ? [] : ['', narrated])].join('\n');
      print(options.json === true, { ...incident, events, narration }, text);
      return undefined;
    }),
  );

  withWhy(
    command('open <title>', 'open an incident by hand')
      .option('--service <name>', 'the service that it is about')
      .option('--severity <severity>', 'P0, P1 or P2', 'P1')
      .option('--started <time>', 'when users were hurt first: 2026-05-01T17:04:00Z, 10m (ago)'),
  ).action(
    action(async (title: string, options: WhyOptions & { service?: string; severity: string; started?: string }) => {
      const api = await controllerOf(options.data);
      const { service = null, severity, started, why } = options;
      const startedAtMs = started === undefined ? {} : { startedAtMs: momentMs(started, '--started', Date.now()) };
      const body = { title, service, severity, why, by: api.by, ...startedAtMs };
      const opened = await api.post<Answered & { id: string }>(`/incidents${queryOf({ lang: languageOf(options) })}`, body);
      print(options.json === true, opened, `${opened.said}; see it with: rampart incidents show ${opened.id}`);
      return opened.done ? exitCodes.done : exitCodes.no;
    }),
  );

  withWhy(
    command('ack <id>', 'take an incident: it is yours until your word expires').option(
      '--for <time>',
      'how long your word counts, and after each sign of your work; left out: as the escalation policy says, else 30m',
    ),
  ).action(
    action(async (id: string, options: WhyOptions & { for?: string }) => {
      const more = options.for === undefined ? {} : { for: options.for };
      return await give(id, { verb: 'acknowledge', ...more, why: options.why }, options);
    }),
  );

  for (const [verb, description] of [
    ['mitigate', 'say that users are not hurt any more'],
    ['resolve', 'say that it is over'],
    ['reopen', 'say that it is not over'],
  ] as const)
    withWhy(command(`${verb} <id>`, description)).action(
      action(async (id: string, options: WhyOptions) => await give(id, { verb, why: options.why }, options)),
    );

  withWhy(command('severity <id> <severity>', 'set how bad it is: P0, P1 or P2')).action(
    action(
      async (id: string, severity: string, options: WhyOptions) =>
        await give(id, { verb: 'severity', severity, why: options.why }, options),
    ),
  );

  withWhy(
    command('started <id> <time>', 'say when it really began: clocks and impact of its post-mortem count from there'),
  ).action(
    action(async (id: string, time: string, options: WhyOptions) => {
      const startedAtMs = momentMs(time, 'time', Date.now());
      return await give(id, { verb: 'started', startedAtMs, why: options.why }, options);
    }),
  );

  command('note <id> <text>', 'note something in an incident').action(
    action(async (id: string, text: string, options: Options) => {
      if (text.trim() === '') throw new UserError('E_INPUT', 'the note is empty', { where: 'text', fix: 'write something' });
      return await give(id, { verb: 'note', text }, options);
    }),
  );

  narrateCommand(incidents);
}

type ListOptions = Options & {
  readonly all?: boolean;
  readonly severity?: string;
  readonly after?: string;
  readonly before?: string;
  readonly cursor?: string;
  readonly limit: string;
};

async function list(service: string | undefined, options: ListOptions) {
  const api = await controllerOf(options.data);
  const { all, severity, cursor, limit } = options;
  const query = queryOf({
    service,
    severity,
    cursor,
    limit,
    state: all ? undefined : 'live',
    after: optionalMoment(options.after, '--after'),
    before: optionalMoment(options.before, '--before'),
    lang: languageOf(options),
  });
  const answer = await api.get<{ incidents: readonly IncidentRow[]; next: string | null }>(`/incidents${query}`);
  print(options.json === true, answer, listText(answer.incidents, answer.next));
  return answer.incidents.every(isOver) ? exitCodes.done : exitCodes.no;
}

async function give(id: string, asked: object, options: Options) {
  const api: ApiClient = await controllerOf(options.data);
  const path = `/incidents/${encodeURIComponent(id)}/verbs${queryOf({ lang: languageOf(options) })}`;
  const answered = await api.post<Answered>(path, { ...asked, by: api.by });
  print(options.json === true, { id, ...answered }, answered.said);
  return answered.done ? exitCodes.done : exitCodes.no;
}

function listText(incidents: readonly IncidentRow[], next: string | null): string {
  if (incidents.length === 0) return 'no incident that fits';
  const rows = incidents.map(({ id, title, severity, state, openedAtMs, alertCount, ack, release }) => [
    dayText(openedAtMs),
    id,
    severity,
    ack !== null && state === 'acknowledged' ? `${state} by ${ack.by}` : state,
    title,
    `${alertCount} ${alertCount === 1 ? 'alert' : 'alerts'}${release === null ? '' : `, release ${release}`}`,
  ]);
  return `${table(rows)}${moreText(next)}`;
}

/** An incident with what happened, in the reader's time zone. */
function incidentText(incident: IncidentView, events: readonly EventLine[], nowMs: number): string {
  const { id, title, severity, state, startedAtMs, startedBy, openedAtMs, resolvedAtMs, ack, alertCount, firing, recovering } =
    incident;
  const lasts = spanText(Math.max(1, (resolvedAtMs ?? nowMs) - startedAtMs) / 1_000);
  const taken = ack === null ? '' : `, taken by ${ack.by} until ${localTimeText(ack.untilMs)}`;
  const lines = [
    `${id}  ${severity} ${state}  ${title}`,
    `  began ${localTimeText(startedAtMs)}${startedBy === null ? '' : ` (says ${startedBy})`}, known ${localTimeText(openedAtMs)}, ${resolvedAtMs === null ? 'for' : 'lasted'} ${lasts}${taken}`,
    `  ${alertCount} ${alertCount === 1 ? 'alert' : 'alerts'}: ${firing} firing, ${recovering} recovering`,
  ];
  if (incident.attribution) lines.push(`  ${incident.attribution.said}`);
  if (incident.person && (incident.state === 'open' || incident.state === 'acknowledged'))
    lines.push(`  a person has to come since ${localTimeText(incident.person.atMs)}: ${incident.person.why}`);
  for (const { kind, outcome, said } of incident.actions) lines.push(`  ${kind} (${outcome ?? 'under way'}): ${said}`);
  if (incident.room) lines.push(`  war room: ${roomText(incident.room)}`);
  lines.push(
    '',
    table(events.map(({ seq, at, actor, said }) => [localTimeText(at), `#${seq}`, actor, said.replaceAll('\n', ' ')])),
  );
  return lines.join('\n');
}

function roomText({ state, name, channel, url, said, notifier }: NonNullable<IncidentView['room']>): string {
  const where = `${name === null ? (channel ?? '') : `#${name}`} at ${notifier}`.trim();
  if (state === 'failed') return `none (${notifier}): ${said}`;
  return `${where}${url === null ? '' : `, ${url}`}${state === 'archived' ? ' (archived)' : ''}`;
}
