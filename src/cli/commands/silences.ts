import type { Command } from 'commander';
import type { SilenceView } from '../../views/silence-view.ts';
import { controllerOf } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { type LanguageOption, languageOf, withLanguage } from '../language.ts';
import { print } from '../output.ts';
import { localTimeText } from '../table.ts';
import { queryOf } from './releases.ts';

/** `silences`: alerts that are known and tell nobody for a while. */
export function silenceCommands(program: Command): void {
  const group = program.command('silences').description('alerts that are known and tell nobody for a while');

  withCommon(
    group
      .command('list', { isDefault: true })
      .description('print silences, the newest first')
      .option('--all', 'also those that are over'),
  ).action(
    action(async (options: CommonOptions & { all?: boolean }) => {
      const api = await controllerOf(options.data);
      const answer = await api.get<{ silences: readonly SilenceView[] }>(`/silences?state=${options.all ? 'all' : 'live'}`);
      print(options.json === true, answer, answer.silences.map(silenceText).join('\n\n') || 'no silence');
    }),
  );

  withCommon(
    group
      .command('add')
      .description('keep alerts still for a time, or until one of them is over')
      .argument('[matchers...]', 'what labels have to be like, all of it: team="payments" \'severity=~"page|chat"\'')
      .option('--for <duration>', 'how long: 2h (with --until-resolved: 7d)')
      .option(
        '--until-resolved <alert>',
        'id or key of an alert that fires: it ends with that one; without matchers it is about that one alone',
      )
      .option('--comment <text>', 'why, for whoever wonders', ''),
  ).action(
    action(async (matchers: string[], options: CommonOptions & { for?: string; untilResolved?: string; comment: string }) => {
      const api = await controllerOf(options.data);
      const { for: span, untilResolved, comment } = options;
      const made = await api.post<SilenceView>('/silences', {
        matchers,
        comment,
        by: api.by,
        ...(span !== undefined && { for: span }),
        ...(untilResolved !== undefined && { untilResolved }),
      });
      print(options.json === true, made, silenceText(made));
    }),
  );

  withLanguage(
    withCommon(group.command('end <id>').description('end a silence').option('--why <text>', 'reason, for the record', '')),
  ).action(
    action(async (id: string, options: CommonOptions & LanguageOption & { why: string }) => {
      const path = `/silences/${encodeURIComponent(id)}/end${queryOf({ lang: languageOf(options) })}`;
      const api = await controllerOf(options.data);
      const answer = await api.post<{ done: boolean; said: string }>(path, { why: options.why, by: api.by });
      print(options.json === true, answer, answer.said);
    }),
  );
}

function silenceText({ id, state, matchers, startsAtMs, endsAtMs, untilResolved, by, comment }: SilenceView): string {
  const waits = untilResolved === null ? '' : `, or with ${untilResolved}`;
  return [
    `${state.toUpperCase()}  ${id}  ${localTimeText(startsAtMs)} to ${localTimeText(endsAtMs)}${waits}`,
    `  ${matchers.map((set) => set.join(', ')).join('\n  or ')}`,
    `  by ${by}${comment === '' ? '' : `: ${comment}`}`,
  ].join('\n');
}
