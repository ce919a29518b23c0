import type { Command } from 'commander';
import { UserError } from '../../errors.ts';
import { durationText } from '../../spec/unit-text.ts';
import type { RunbookStepView, RunbookView } from '../../views/runbook-view.ts';
import { controllerOf } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { incidentsCommand } from '../groups.ts';
import { type LanguageOption, languageOf, withLanguage } from '../language.ts';
import { print } from '../output.ts';
import { queryOf } from './releases.ts';

type Options = CommonOptions & LanguageOption;
type Answer = { readonly runbooks: readonly RunbookView[] };

/** `incidents runbook`: what has been looked at by itself in an incident, and what people do. */
export function incidentRunbookCommands(program: Command): void {
  const command = withLanguage(
    withCommon(
      incidentsCommand(program)
        .command('runbook <id>')
        .description('print the runbooks of an incident: what was looked at by itself, and what is to be done until when')
        .option('--done <step>', 'say that a step is done: 1, or latency/1 where there are several runbooks')
        .option('--text <text>', 'what came of it')
        .option('--again <step>', 'run a step again that runs by itself'),
    ),
  );
  command.action(
    action(async (id: string, options: Options & { done?: string; text?: string; again?: string }) => {
      if (options.done !== undefined && options.again !== undefined)
        throw new UserError('E_INPUT', '--done and --again are two questions', {
          where: '--again',
          fix: 'ask one after the other',
        });
      const api = await controllerOf(options.data);
      const of = `/incidents/${encodeURIComponent(id)}/runbooks`;
      const language = queryOf({ lang: languageOf(options) });
      let answer = await api.get<Answer>(`${of}${language}`);
      const asked = options.done ?? options.again;
      if (asked !== undefined) {
        const { runbook, step } = stepOf(asked, answer, options.done === undefined ? '--again' : '--done');
        const path = `${of}/${encodeURIComponent(runbook)}/steps/${step}`;
        answer =
          options.done === undefined
            ? await api.post<Answer>(`${path}/run${language}`, { by: api.by })
            : await api.post<Answer>(`${path}/done${language}`, { by: api.by, text: options.text ?? '' });
      }
      print(options.json === true, answer, runbooksText(answer, Date.now()));
      return undefined;
    }),
  );
}

function stepOf(asked: string, { runbooks }: Answer, where: string): { readonly runbook: string; readonly step: number } {
  const [, name, number] = /^(?:(.+)\/)?([1-9]\d{0,2})$/.exec(asked) ?? [];
  const runbook = name ?? (runbooks.length === 1 ? runbooks[0]?.name : undefined);
  if (number !== undefined && runbook !== undefined) return { runbook, step: Number(number) };
  throw new UserError('E_INPUT', `${where}: ${asked.slice(0, 100)} is no step`, {
    where,
    fix: `give its number${runbooks.length > 1 ? ` with its runbook: ${runbooks.map((one) => `${one.name}/1`).join(', ')}` : ', such as 1'}`,
  });
}

function runbooksText({ runbooks }: Answer, nowMs: number): string {
  if (runbooks.length === 0) return 'no runbook is for the alerts of this incident; write one as a Runbook document';
  return runbooks
    .map(({ title, name, steps }) => [`${title} (${name})`, ...steps.flatMap((step) => stepLines(step, nowMs))].join('\n'))
    .join('\n\n');
}

function stepLines({ number, title, text, dueAtMs, does, outcome }: RunbookStepView, nowMs: number): readonly string[] {
  const left = Math.round((dueAtMs - nowMs) / 60_000) * 60_000;
  const budget = left > 0 ? `within ${durationText(left)}` : `was to be done ${durationText(-left)} ago`;
  const head = `  ${number}. ${title}`;
  if (!outcome)
    return [`${head}: ${does === 'person' ? budget : 'is being looked at'}`, ...(text === null ? [] : [`     ${text}`])];
  const who = outcome.state === 'done' ? ` (${outcome.by})` : outcome.state === 'failed' ? ' (could not be found out)' : '';
  return [`${head}: ${outcome.said}${who}`, ...outcome.lines.map((line) => `     ${line}`)];
}
