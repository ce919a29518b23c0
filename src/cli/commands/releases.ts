import type { Command } from 'commander';
import type { ReleaseRow } from '../../server/read-model/release-list.ts';
import { controllerOf } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { type LanguageOption, languageOf, withLanguage } from '../language.ts';
import { momentMs } from '../moment.ts';
import { print } from '../output.ts';
import { dayText, table } from '../table.ts';

type Options = CommonOptions &
  LanguageOption & {
    readonly state?: string;
    readonly outcome?: string;
    readonly by?: string;
    readonly version?: string;
    readonly after?: string;
    readonly before?: string;
    readonly cursor?: string;
    readonly limit: string;
  };

/** `releases`: lists releases, also those of long ago. */
export function releasesCommand(program: Command): void {
  withCommon(
    withLanguage(
      program
        .command('releases [service]')
        .description('list releases, newest first')
        .option('--state <state>', 'live or ended')
        .option('--outcome <outcome>', 'succeeded, rolled-back, rejected, cancelled or superseded')
        .option('--by <name>', 'who asked for it')
        .option('--version <version>', 'the version that was released')
        .option('--after <time>', 'asked for at this time or later: 2026-05-01, 7d (ago)')
        .option('--before <time>', 'asked for before this time')
        .option('--cursor <cursor>', 'go on where the list before ended')
        .option('--limit <count>', 'how many, up to 200', '50'),
    ),
  ).action(
    action(async (service: string | undefined, options: Options) => {
      const { state, outcome, by, version, cursor, limit } = options;
      const api = await controllerOf(options.data);
      const query = queryOf({
        service,
        state,
        outcome,
        by,
        version,
        cursor,
        limit,
        after: optionalMoment(options.after, '--after'),
        before: optionalMoment(options.before, '--before'),
        lang: languageOf(options),
      });
      const answer = await api.get<{ releases: readonly ReleaseRow[]; next: string | null }>(`/releases${query}`);
      print(options.json === true, answer, releasesText(answer.releases, answer.next));
      return undefined;
    }),
  );
}

/** A query of what was given; nothing where nothing was. */
export function queryOf(values: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, String(value));
  return query.size === 0 ? '' : `?${query}`;
}

export function optionalMoment(text: string | undefined, option: string): number | undefined {
  return text === undefined ? undefined : momentMs(text, option, Date.now());
}

/** The last line of a list that goes on. */
export function moreText(next: string | null): string {
  return next === null ? '' : `\nmore: add --cursor ${next}`;
}

function releasesText(releases: readonly ReleaseRow[], next: string | null): string {
  if (releases.length === 0) return 'no release that fits';
  const rows = releases.map(({ id, service, version, by, state, requestedAtMs, reason }) => [
    dayText(requestedAtMs),
    id,
    service,
    version,
    state,
    `by ${by}`,
    reason ?? '',
  ]);
  return `${table(rows)}${moreText(next)}`;
}
