import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { UserError } from '../../errors.ts';
import { explain } from '../../incidents/routing/explain.ts';
import { momentText } from '../../incidents/routing/explain-text.ts';
import { lintRouting } from '../../incidents/routing/lint.ts';
import type { Labels } from '../../incidents/routing/matching.ts';
import type { RecordedAlert } from '../../incidents/routing/recorded-alert.ts';
import { simulate } from '../../incidents/routing/simulate.ts';
import { type AlertHistory, alertHistory } from '../../runtime/alerts/alert-history.ts';
import { alertNamed } from '../../runtime/incidents/routing-questions.ts';
import type { SetupFile } from '../../spec/incident-setup.ts';
import { renderProblems } from '../../spec/problem.ts';
import { readRouting, routingIn } from '../../spec/routing-text.ts';
import { textIn } from '../../spec/text.ts';
import { documentText } from '../../spec/text-file.ts';
import { type ExplanationView, explanationView } from '../../views/explanation-view.ts';
import { type CallsView, type RoutingLintView, type SimulationView, simulationView } from '../../views/routing-view.ts';
import { controllerOf } from '../api-client.ts';
import { action, type CommonOptions, several, withCommon } from '../command.ts';
import { incidentsCommand } from '../groups.ts';
import { type LanguageOption, languageOf, withLanguage } from '../language.ts';
import { openLog } from '../log-file.ts';
import { momentMs } from '../moment.ts';
import { exitCodes, print } from '../output.ts';
import { countText } from '../screen.ts';
import { table } from '../table.ts';
import { queryOf } from './releases.ts';

type Options = CommonOptions & LanguageOption;

/** Differences that a terminal shows; `--json` has the first 1,000. */
const shownMax = 50;

/** `incidents explain`, `simulate` and `lint`: who is told of an alert. With files they read the log themselves and need no controller. */
export function incidentRoutingCommands(program: Command): void {
  const incidents = incidentsCommand(program);
  const deed = (name: string, description: string): Command =>
    withLanguage(withCommon(incidents.command(name).description(description)));

  deed('explain', 'print who was told of an alert, who was not, and why')
    .argument('[alert]', 'id of an alert on record, or its key or name: the last one of that name')
    .option('--labels <name=value>', 'an alert of these labels that begins at the moment, instead of one on record', several)
    .option(
      '--routing <file>',
      'AlertRouting document, or an alertmanager.yml, for the log itself (default: what is in force at the controller)',
    )
    .option('--at <moment>', 'as it stands at this moment: 2026-05-01T17:04:00Z, or how long ago (default: now)')
    .action(
      action(
        async (given: string | undefined, options: Options & { labels?: readonly string[]; routing?: string; at?: string }) => {
          if ((given === undefined) === (options.labels === undefined))
            throw new UserError('E_INPUT', 'expected an alert, or its labels', {
              where: 'rampart incidents explain',
              fix: 'give one of them: `explain ALERT` or `explain --labels alertname=HighLatency --labels team=payments`',
            });
          const language = languageOf(options);
          const atMs = options.at === undefined ? Date.now() : momentMs(options.at, '--at', Date.now());
          if (options.routing === undefined) {
            if (given === undefined)
              throw new UserError('E_INPUT', 'labels are explained with a routing', {
                where: '--labels',
                fix: 'add --routing FILE',
              });
            const api = await controllerOf(options.data);
            const query = queryOf({ lang: language, ...(options.at !== undefined && { at: String(atMs) }) });
            const explained = await api.get<ExplanationView>(`/alerts/${encodeURIComponent(given)}/explain${query}`);
            print(options.json === true, explained, explanationText(explained, language));
            return;
          }
          const routing = routingIn(await documentText(options.routing), options.routing);
          const { alerts: history, silences } = await historyOf(options.data, atMs, given === undefined);
          const alert = given === undefined ? alertOf(labelsIn(options.labels ?? []), atMs) : alertNamed(history, given);
          const explanation = explain({ routing, alert, history, silences, atMs });
          print(
            options.json === true,
            explanation,
            explanationText(explanationView(explanation, [], [], null, language), language),
          );
        },
      ),
    );

  deed(
    'simulate',
    'play the alerts on record through two routings and print what is different; exit code 1: of an alert nobody would hear any more',
  )
    .option('--routing <file>', 'the routing that is tried: an AlertRouting document, or an alertmanager.yml')
    .option(
      '--setup <files...>',
      'the setup that is tried: all its files, or folders of them; its policies, people and schedules are played too',
    )
    .option(
      '--against <file>',
      'the routing that it is compared with, for the log itself (default: what is in force at the controller)',
    )
    .option('--until <moment>', 'play up to this moment (default: now)')
    .action(
      action(async (options: Options & { routing?: string; setup?: readonly string[]; against?: string; until?: string }) => {
        const language = languageOf(options);
        const untilMs = options.until === undefined ? Date.now() : momentMs(options.until, '--until', Date.now());
        const { routing: tried, setup, against } = options;
        if ((tried === undefined) === (setup === undefined) || (setup !== undefined && against !== undefined))
          throw new UserError('E_INPUT', 'expected a routing, or the files of a setup', {
            where: 'rampart incidents simulate',
            fix: 'give one of them: `--routing next.yaml`, with `--against now.yaml` where no controller runs, or `--setup FOLDER`',
          });
        const text = tried === undefined ? '' : await documentText(tried);
        if (tried === undefined || against === undefined) {
          const api = await controllerOf(options.data);
          const given = setup === undefined ? { file: tried, text } : { setup: await setupFilesIn(setup) };
          const body = { ...given, ...(options.until !== undefined && { until: untilMs }) };
          const path = `/incidents/routing/simulate${queryOf({ lang: language })}`;
          const found = await api.post<SimulationView>(path, body, text);
          print(options.json === true, found, simulationText(found));
          return found.lostCount > 0 ? exitCodes.no : exitCodes.done;
        }
        const after = routingIn(text, tried);
        const before = routingIn(await documentText(against), against);
        const { alerts, silences } = await historyOf(options.data, untilMs, false);
        const found = simulate(before, after, alerts, silences, untilMs);
        print(options.json === true, found, simulationText(simulationView(found, null, language)));
        return found.lostCount > 0 ? exitCodes.no : exitCodes.done;
      }),
    );

  deed('lint', 'print what in a routing is allowed and hardly meant; exit code 1: there is something')
    .argument('<file>', 'AlertRouting document, or an alertmanager.yml')
    .option('--names', 'also compare the names in it with the setup in force at the running controller')
    .action(
      action(async (file: string, options: Options & { names?: boolean }) => {
        const language = languageOf(options);
        const text = await documentText(file);
        const { routing, problemAt } = readRouting(text, file);
        if (options.names) {
          const api = await controllerOf(options.data);
          const path = `/incidents/routing/lint${queryOf({ lang: language })}`;
          const { found } = await api.post<{ found: readonly RoutingLintView[] }>(path, { file, text }, text);
          const problems = found.map(({ place, said }) => problemAt(place, said));
          print(options.json === true, { found }, problems.length === 0 ? `${file}: fine` : renderProblems(problems, text));
          return found.length > 0 ? exitCodes.no : exitCodes.done;
        }
        const found = lintRouting(routing);
        const problems = found.map(({ place, said }) => problemAt(place, textIn(said, language)));
        print(options.json === true, { found }, problems.length === 0 ? `${file}: fine` : renderProblems(problems, text));
        return found.length > 0 ? exitCodes.no : exitCodes.done;
      }),
    );
}

/** The files that are named, and the YAML files of the folders that are. */
async function setupFilesIn(given: readonly string[]): Promise<readonly SetupFile[]> {
  const files = await Promise.all(
    given.map(async (path) => {
      const isFolder = (await stat(path).catch(() => null))?.isDirectory() === true;
      if (!isFolder) return [path];
      return (await readdir(path))
        .filter((name) => /\.ya?ml$/.test(name))
        .sort()
        .map((name) => join(path, name));
    }),
  );
  return await Promise.all([...new Set(files.flat())].map(async (file) => ({ file, text: await documentText(file) })));
}

/** @param isOptional - Whether it is fine that there is no log: then there are no alerts. */
async function historyOf(data: string | undefined, untilMs: number, isOptional: boolean): Promise<AlertHistory> {
  try {
    const log = await openLog(data);
    try {
      return await alertHistory(log, untilMs);
    } finally {
      await log.close();
    }
  } catch (error) {
    if (isOptional && error instanceof UserError && error.code === 'E_LOG_UNAVAILABLE') return { alerts: [], silences: [] };
    throw error;
  }
}

function labelsIn(given: readonly string[]): Labels {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=');
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
      throw new UserError('E_INPUT', `--labels ${text} names no label and its value`, {
        where: '--labels',
        fix: 'write it as --labels team=payments, once for each label',
      });
    }),
  );
}

function alertOf(labels: Labels, atMs: number): RecordedAlert {
  const name = labels.alertname ?? 'alert';
  return {
    id: `${name}@${atMs}`,
    name,
    service: labels.service ?? null,
    labels,
    firedAtMs: atMs,
    resolvedAtMs: null,
    spokenFor: [],
  };
}

function explanationText(
  { alert, atMs, nodes, incidents, messages, messageCount, note }: ExplanationView,
  language: 'en' | 'ru',
): string {
  const labels = Object.entries(alert.labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(' ');
  const over = alert.resolvedAtMs === null ? '' : `, over ${momentText(alert.resolvedAtMs)}`;
  return [
    `${alert.name} (${alert.id}), fired ${momentText(alert.firedAtMs)}${over}, as of ${momentText(atMs)}`,
    `  ${labels}`,
    ...nodes.flatMap(({ said }) => ['', ...said.map((text, at) => `${at === 0 ? '' : '  '}${text}`)]),
    ...(note === null ? [] : ['', note]),
    ...(incidents.length === 0 ? [] : ['', `${onRecord[language]} (${incidents.join(', ')}):`]),
    ...(messageCount > messages.length ? [`  … ${countText(messageCount - messages.length)}`] : []),
    ...messages.map(({ text }) => `  ${text}`),
    ...(incidents.length > 0 && messageCount === 0 ? [`  ${nobodyTold[language]}`] : []),
  ].join('\n');
}

const onRecord = { en: 'on record', ru: 'по записи' };
const nobodyTold = { en: 'nobody was told of it', ru: 'о нём никому не сообщалось' };

function simulationText(found: SimulationView): string {
  const { alerts, fromMs, untilMs, before, after, lost, lostCount, differences, differenceCount, calls } = found;
  if (fromMs === null) return 'no alert has fired on record';
  const names = [...new Set([...before.receivers, ...after.receivers].map(({ kind, name }) => `${kind} ${name}`))];
  const count = ({ receivers }: SimulationView['before'], wanted: string): string =>
    countText(receivers.find(({ kind, name }) => `${kind} ${name}` === wanted)?.messages ?? 0);
  const left = differenceCount - Math.min(shownMax, differences.length);
  return [
    `${countText(alerts)} alerts from ${momentText(fromMs)} to ${momentText(untilMs)}`,
    '',
    table([
      ['', 'before', 'after'],
      ['alerts that somebody is told of', countText(before.told), countText(after.told)],
      ['messages of groups', countText(before.messages), countText(after.messages)],
      ...names.map((name) => [`  ${name}`, count(before, name), count(after, name)]),
    ]),
    '',
    ...differences.slice(0, shownMax).map(({ said }) => said),
    ...(left > 0 ? [`… and ${countText(left)} more differences`] : []),
    ...(differenceCount === 0 ? ['nobody hears of any alert otherwise'] : []),
    ...(lostCount > 0
      ? [
          '',
          `of ${countText(lostCount)} ${lostCount === 1 ? 'alert' : 'alerts'} nobody would hear any more: ${lost.slice(0, 10).join(', ')}`,
        ]
      : []),
    ...(calls === null || calls.before + calls.after === 0 ? [] : ['', ...callLines(calls)]),
  ].join('\n');
}

function callLines({ incidents, before, after, totals, differences, differenceCount }: CallsView): readonly string[] {
  const left = differenceCount - Math.min(shownMax, differences.length);
  const night = (count: number, atNight: number): string =>
    `${countText(count)}${atNight === 0 ? '' : ` (${countText(atNight)} at night)`}`;
  return [
    `calls by policies in ${countText(incidents)} incidents, taken and ended when they were`,
    '',
    table([
      ['', 'before', 'after'],
      ['calls', countText(before), countText(after)],
      ...totals.map((one) => [
        `  ${one.person ?? one.notifier ?? ''}`,
        night(one.before, one.beforeAtNight),
        night(one.after, one.afterAtNight),
      ]),
    ]),
    '',
    ...differences.slice(0, shownMax).map(({ said }) => said),
    ...(left > 0 ? [`… and ${countText(left)} more differences`] : []),
    ...(differenceCount === 0 ? ['nobody is called otherwise'] : []),
  ];
}
