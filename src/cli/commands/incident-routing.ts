import type { Command } from 'commander';
import { UserError } from '../../errors.ts';
import { explain } from '../../incidents/routing/explain.ts';
import { momentText } from '../../incidents/routing/explain-text.ts';
import type { Explanation } from '../../incidents/routing/explanation.ts';
import { lintRouting } from '../../incidents/routing/lint.ts';
import type { Labels } from '../../incidents/routing/matching.ts';
import type { RecordedAlert } from '../../incidents/routing/recorded-alert.ts';
import { type Simulation, simulate } from '../../incidents/routing/simulate.ts';
import { type AlertHistory, alertHistory } from '../../runtime/alerts/alert-history.ts';
import { documentText } from '../../spec/load.ts';
import { renderProblems } from '../../spec/problem.ts';
import { readRouting, routingIn } from '../../spec/routing-text.ts';
import { textIn } from '../../spec/text.ts';
import { action, type CommonOptions, several, withCommon } from '../command.ts';
import { type LanguageOption, languageOf, withLanguage } from '../language.ts';
import { openLog } from '../log-file.ts';
import { momentMs } from '../moment.ts';
import { exitCodes, print } from '../output.ts';
import { countText } from '../screen.ts';
import { table } from '../table.ts';
import { incidentsCommand } from './incident-setup.ts';

type Options = CommonOptions & LanguageOption;

/** Differences that a terminal shows; `--json` has the first 1,000. */
const shownMax = 50;

/** `incidents explain`, `simulate` and `lint`: who is told of an alert. They read the log themselves and need no controller. */
export function incidentRoutingCommands(program: Command): void {
  const incidents = incidentsCommand(program);
  const deed = (name: string, description: string): Command =>
    withLanguage(withCommon(incidents.command(name).description(description)));

  deed('explain', 'print who is told of an alert, who is not, and why')
    .argument('[alert]', 'id of an alert on record, or its key or name: the last one of that name')
    .option('--labels <name=value>', 'an alert of these labels that begins at the moment, instead of one on record', several)
    .requiredOption('--routing <file>', 'AlertRouting document, or an alertmanager.yml')
    .option('--at <moment>', 'as it stands at this moment: 2026-05-01T17:04:00Z, or how long ago (default: now)')
    .action(
      action(
        async (given: string | undefined, options: Options & { labels?: readonly string[]; routing: string; at?: string }) => {
          if ((given === undefined) === (options.labels === undefined))
            throw new UserError('E_INPUT', 'expected an alert, or its labels', {
              where: 'rampart incidents explain',
              fix: 'give one of them: `explain ALERT` or `explain --labels alertname=HighLatency --labels team=payments`',
            });
          const language = languageOf(options);
          const routing = routingIn(await documentText(options.routing), options.routing);
          const atMs = options.at === undefined ? Date.now() : momentMs(options.at, '--at', Date.now());
          const { alerts: history, silences } = await historyOf(options.data, atMs, given === undefined);
          const alert = given === undefined ? alertOf(labelsIn(options.labels ?? []), atMs) : alertNamed(history, given);
          const explanation = explain({ routing, alert, history, silences, atMs });
          print(options.json === true, explanation, explanationText(explanation, language));
        },
      ),
    );

  deed(
    'simulate',
    'play the alerts on record through two routings and print what is different; exit code 1: of an alert nobody would hear any more',
  )
    .requiredOption('--routing <file>', 'the routing that is tried: an AlertRouting document, or an alertmanager.yml')
    .requiredOption('--against <file>', 'the routing that it is compared with')
    .option('--until <moment>', 'play up to this moment (default: now)')
    .action(
      action(async (options: Options & { routing: string; against: string; until?: string }) => {
        const language = languageOf(options);
        const after = routingIn(await documentText(options.routing), options.routing);
        const before = routingIn(await documentText(options.against), options.against);
        const untilMs = options.until === undefined ? Date.now() : momentMs(options.until, '--until', Date.now());
        const { alerts, silences } = await historyOf(options.data, untilMs, false);
        const found = simulate(before, after, alerts, silences, untilMs);
        print(options.json === true, found, simulationText(found, language));
        return found.lostCount > 0 ? exitCodes.no : exitCodes.done;
      }),
    );

  deed('lint', 'print what in a routing is allowed and hardly meant; exit code 1: there is something')
    .argument('<file>', 'AlertRouting document, or an alertmanager.yml')
    .action(
      action(async (file: string, options: Options) => {
        const language = languageOf(options);
        const text = await documentText(file);
        const { routing, problemAt } = readRouting(text, file);
        const found = lintRouting(routing);
        const problems = found.map(({ place, said }) => problemAt(place, textIn(said, language)));
        print(options.json === true, { found }, problems.length === 0 ? `${file}: fine` : renderProblems(problems, text));
        return found.length > 0 ? exitCodes.no : exitCodes.done;
      }),
    );
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
  return { id: `${name}@${atMs}`, name, labels, firedAtMs: atMs, resolvedAtMs: null, spokenFor: [] };
}

/** The one of that id, else the last one of that key or name. */
function alertNamed(history: readonly RecordedAlert[], given: string): RecordedAlert {
  const isCalled = ({ id, name }: RecordedAlert): boolean => name === given || id.slice(0, id.lastIndexOf('@')) === given;
  const found = history.find(({ id }) => id === given) ?? history.findLast(isCalled);
  if (found) return found;
  const last = history.at(-1);
  throw new UserError('E_UNKNOWN_ALERT', `no alert ${given} has fired on record up to then`, {
    where: given,
    fix: last
      ? `give an id such as ${last.id}; \`rampart alerts --all\` prints names`
      : 'no alert is on record yet: give --labels',
  });
}

function explanationText({ alert, atMs, nodes }: Explanation, language: 'en' | 'ru'): string {
  const labels = Object.entries(alert.labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(' ');
  const over = alert.resolvedAtMs === null ? '' : `, over ${momentText(alert.resolvedAtMs)}`;
  return [
    `${alert.name} (${alert.id}), fired ${momentText(alert.firedAtMs)}${over}, as of ${momentText(atMs)}`,
    `  ${labels}`,
    ...nodes.flatMap(({ said }) => ['', ...said.map((text, at) => `${at === 0 ? '' : '  '}${textIn(text, language)}`)]),
  ].join('\n');
}

function simulationText(found: Simulation, language: 'en' | 'ru'): string {
  const { alerts, fromMs, untilMs, before, after, lost, lostCount, differences, differenceCount } = found;
  if (fromMs === null) return 'no alert has fired on record';
  const names = [...new Set([...before.receivers, ...after.receivers].map(({ kind, name }) => `${kind} ${name}`))];
  const count = ({ receivers }: Simulation['before'], wanted: string): string =>
    countText(receivers.find(({ kind, name }) => `${kind} ${name}` === wanted)?.messages ?? 0);
  const left = differenceCount - Math.min(shownMax, differences.length);
  return [
    `${countText(alerts)} alerts from ${momentText(fromMs)} to ${momentText(untilMs)}`,
    '',
    table([
      ['', 'before', 'after'],
      ['alerts that somebody is told of', countText(before.told), countText(after.told)],
      ['messages', countText(before.messages), countText(after.messages)],
      ...names.map((name) => [`  ${name}`, count(before, name), count(after, name)]),
    ]),
    '',
    ...differences.slice(0, shownMax).map(({ said }) => textIn(said, language)),
    ...(left > 0 ? [`… and ${countText(left)} more differences`] : []),
    ...(differenceCount === 0 ? ['nobody hears of any alert otherwise'] : []),
    ...(lostCount > 0
      ? ['', `of ${countText(lostCount)} alerts nobody would hear any more: ${lost.slice(0, 10).join(', ')}`]
      : []),
  ].join('\n');
}
