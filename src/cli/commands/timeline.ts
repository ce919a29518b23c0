import { dirname, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Command } from 'commander';
import { UserError } from '../../errors.ts';
import { documentText } from '../../spec/text-file.ts';
import type { TimelineEntryView, TimelineView } from '../../views/timeline-view.ts';
import { type ApiClient, controllerOf } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { type LanguageOption, languageOf, withLanguage } from '../language.ts';
import { comingMs } from '../moment.ts';
import { print } from '../output.ts';
import { localTimeText, table } from '../table.ts';
import { queryOf } from './releases.ts';

type Options = CommonOptions & LanguageOption;
type WhyOptions = Options & { readonly why: string };

/** How often `--watch` looks. */
const watchMs = 2_000;

/** `timeline`: planned releases, their entries, and what people decide about them. */
export function timelineCommands(program: Command): void {
  const timeline = program.command('timeline').description('planned releases: what happens before and after their start');
  const deed = (name: string, description: string): Command =>
    withLanguage(withCommon(timeline.command(name).description(description)));
  const withWhy = (command: Command): Command => command.option('--why <text>', 'reason, for the record', '');

  withLanguage(
    withCommon(
      timeline
        .command('show', { isDefault: true })
        .description('print the planned release of a service with its entries, or every planned release')
        .argument('[service]', 'name of a service, or id of a planned release')
        .option('--watch', 'print it again whenever it has changed, until it is over'),
    ),
  ).action(
    action(async (service: string | undefined, options: Options & { watch?: boolean }) => {
      const api = await controllerOf(options.data);
      if (service === undefined) return await list(api, options);
      await show(api, service, options);
      return undefined;
    }),
  );

  withWhy(
    deed('plan <file>', 'plan a release of the service that the file describes')
      .requiredOption('--version <version>', 'the version to release')
      .requiredOption('--at <moment>', 'when it starts: 2026-12-01T10:00:00Z, or +2h from now'),
  ).action(
    action(async (file: string, options: WhyOptions & { version: string; at: string }) => {
      const api = await controllerOf(options.data);
      const planned = await plan(api, file, options);
      print(options.json === true, planned, plannedText(planned));
      return undefined;
    }),
  );

  withWhy(
    deed('move <service>', 'move the start, and with it what is still to come').requiredOption('--at <moment>', 'the new start'),
  ).action(
    action(async (service: string, options: WhyOptions & { at: string }) => {
      const api = await controllerOf(options.data);
      const startMs = comingMs(options.at, '--at', Date.now());
      return await post(api, `/timelines/${encodeURIComponent(service)}/move`, { startMs }, options);
    }),
  );

  withWhy(deed('cancel <service>', 'cancel what is still to come; a release that has started goes on')).action(
    action(async (service: string, options: WhyOptions) => {
      const api = await controllerOf(options.data);
      return await post(api, `/timelines/${encodeURIComponent(service)}/cancel`, {}, options);
    }),
  );

  for (const [name, description] of [
    ['run', 'run an entry now, such as T-2h; T-0 starts the release'],
    ['skip', 'leave an entry out, with a reason'],
  ] as const)
    withWhy(deed(`${name} <service> <entry>`, description)).action(
      action(async (service: string, entry: string, options: WhyOptions) => {
        if (name === 'skip' && options.why === '')
          throw new UserError('E_INPUT', 'leaving an entry out needs a reason', { where: '--why', fix: 'give it with --why' });
        const api = await controllerOf(options.data);
        const path = `/timelines/${encodeURIComponent(service)}/entries/${encodeURIComponent(entry)}/${name}`;
        return await post(api, path, {}, options);
      }),
    );
}

/** Plans a release of the service in a file. */
export async function plan(
  api: ApiClient,
  file: string,
  { version, at, why, lang }: { readonly version: string; readonly at: string; readonly why: string } & LanguageOption,
): Promise<TimelineView> {
  const document = await documentText(file);
  const startMs = comingMs(at, '--at', Date.now());
  const body = { document, file, folder: dirname(resolve(file)), version, startMs, by: api.by, why };
  return await api.post<TimelineView>(`/timelines${queryOf({ lang: languageOf({ lang } as LanguageOption) })}`, body, document);
}

/** What was planned, in one line. */
export function plannedText({ service, version, startMs, id }: TimelineView): string {
  return `${service} ${version} starts at ${localTimeText(startMs)} (${id}); see it with: rampart timeline ${service}`;
}

async function post(api: ApiClient, path: string, more: object, options: WhyOptions): Promise<undefined> {
  const body = { ...more, by: api.by, why: options.why };
  const planned = await api.post<TimelineView>(`${path}${queryOf({ lang: languageOf(options) })}`, body);
  print(options.json === true, planned, timelineText(planned));
  return undefined;
}

async function list(api: ApiClient, options: Options): Promise<undefined> {
  const answer = await api.get<{ timelines: readonly TimelineView[] }>(`/timelines${queryOf({ lang: languageOf(options) })}`);
  const rows = answer.timelines.map((one) => [one.service, one.version, localTimeText(one.startMs), one.state, one.said ?? '']);
  const none = 'no planned release; plan one with `rampart release FILE --version V --at 2026-12-01T10:00:00Z`';
  print(options.json === true, answer, rows.length === 0 ? none : table(rows));
  return undefined;
}

async function show(api: ApiClient, service: string, options: Options & { watch?: boolean }): Promise<void> {
  const path = `/timelines/${encodeURIComponent(service)}${queryOf({ lang: languageOf(options) })}`;
  for (let before = ''; ; ) {
    const planned = await api.get<TimelineView>(path);
    const now = JSON.stringify(planned);
    if (now !== before) print(options.json === true, planned, timelineText(planned));
    if (!options.watch || planned.state === 'ended' || planned.state === 'cancelled') return;
    before = now;
    await wait(watchMs);
  }
}

/** A planned release with its entries, in the reader's time zone. */
export function timelineText(planned: TimelineView): string {
  const { service, version, by, startMs, startedAtMs, state, said, release } = planned;
  const head = `${service} ${version}  ${state}, start ${localTimeText(startedAtMs ?? startMs)}, planned by ${by}${release ? `, release ${release}` : ''}`;
  const rows = planned.entries.map((entry) => [
    `  ${entry.id}`,
    localTimeText(entry.atMs),
    entry.state === 'planned' || !entry.late ? entry.state : `${entry.state} (late)`,
    entry.role,
    entry.title,
    lastColumn(entry),
  ]);
  return [head, ...(said ? [`  ${said}`] : []), table(rows)].join('\n');
}

function lastColumn({ detail, what, by, state }: TimelineEntryView): string {
  const who = by === null ? '' : `${state === 'skipped' ? 'by' : 'run by'} ${by}`;
  return [detail ?? what ?? '', who].filter((text) => text !== '').join(', ');
}
