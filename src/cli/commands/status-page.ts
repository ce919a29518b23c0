import type { Command } from 'commander';
import { UserError } from '../../errors.ts';
import { textIn } from '../../spec/text.ts';
import { type Post, type PostState, postStates } from '../../status/types.ts';
import type { StatusBoard } from '../../views/status/board.ts';
import { controllerOf } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { type LanguageOption, languageOf, withLanguage } from '../language.ts';
import { print } from '../output.ts';
import { localTimeText, table } from '../table.ts';
import { maintenancesText, statusMaintenanceCommands } from './status-maintenance.ts';
import { statusSubscriberCommands } from './status-subscribers.ts';

type Options = CommonOptions & LanguageOption;
type PublishOptions = Options & {
  readonly state?: string;
  readonly title?: string;
  readonly body?: string;
  readonly why: string;
};

/** `status-page`: what customers see, and what waits to be published. */
export function statusPageCommands(program: Command): void {
  const group = program.command('status-page').description('what customers see, and what waits to be published');

  withLanguage(
    withCommon(
      group.command('show', { isDefault: true }).description('print how components are, what is published, and what is drafted'),
    ),
  ).action(
    action(async (options: Options) => {
      const api = await controllerOf(options.data);
      const board = await api.get<StatusBoard>('/status-page');
      print(options.json === true, board, boardText(board, languageOf(options)));
      return undefined;
    }),
  );

  withLanguage(
    withCommon(
      group
        .command('publish <post>')
        .description('publish a draft as it is, or with another text')
        .option('--state <state>', `one of ${postStates.join(', ')}`)
        .option('--title <text>', 'what it is called')
        .option('--body <text>', 'what customers read'),
    ),
  ).action(
    action(async (post: string, options: PublishOptions) => {
      const { state, title, body } = options;
      if (state !== undefined && !postStates.includes(state as PostState))
        throw new UserError('E_INPUT', `--state: there is no ${state}`, {
          where: '--state',
          fix: `give one of ${postStates.join(', ')}`,
        });
      const api = await controllerOf(options.data);
      const published = await api.post<Post>(`/status-page/posts/${encodeURIComponent(post)}/publish`, {
        by: api.by,
        ...(state === undefined ? {} : { state }),
        ...(title === undefined ? {} : { title }),
        ...(body === undefined ? {} : { body }),
      });
      print(
        options.json === true,
        published,
        `customers read: ${textIn(published.title, languageOf(options))}, ${published.state}`,
      );
      return undefined;
    }),
  );

  withCommon(
    group
      .command('decline <post>')
      .description('drop a draft; it does not come again for the same state')
      .requiredOption('--why <text>', 'reason, for the record'),
  ).action(
    action(async (post: string, options: CommonOptions & { why: string }) => {
      const api = await controllerOf(options.data);
      const declined = await api.post<Post>(`/status-page/posts/${encodeURIComponent(post)}/decline`, {
        by: api.by,
        why: options.why,
      });
      print(options.json === true, declined, `${declined.id} is not told as ${declined.declined}`);
      return undefined;
    }),
  );
  statusMaintenanceCommands(group);
  statusSubscriberCommands(group);
}

function boardText(
  { url, components, provenAtMs, unmeasured, posts, maintenances, subscribers }: StatusBoard,
  language: 'en' | 'ru',
): string {
  if (url === null)
    return 'there is no status page; describe one in a StatusPage document, and apply it with `rampart incidents apply FILE`';
  const lacking = unmeasured.length === 0 ? '' : `: nothing is known of requests to ${unmeasured.join(', ')}`;
  const proof =
    provenAtMs === null ? `not everything can be measured now${lacking}` : `measured until ${localTimeText(provenAtMs)}`;
  const rows = components.map(({ name, title, state, changedAtMs, isMaintained }) => [
    `  ${name}`,
    isMaintained ? `${state} (under maintenance)` : state,
    `since ${localTimeText(changedAtMs)}`,
    textIn(title, language),
  ]);
  const lines = posts.flatMap((post) => {
    const told = post.publishedAtMs === null ? 'not published' : post.state;
    const draft = post.draft
      ? [
          `    draft, ${post.draft.state}: ${textIn(post.draft.title, language)}. ${textIn(post.draft.body, language)}`,
          `    publish it with: rampart status-page publish ${post.id}`,
        ]
      : [];
    return [`  ${post.id}  ${told}  ${textIn(post.title, language)}`, ...draft];
  });
  const works = maintenances.filter(({ state }) => state === 'scheduled' || state === 'in_progress');
  const told = subscribers
    ? [`subscribers: ${subscribers.confirmed}, ${subscribers.waiting} not confirmed, ${subscribers.suspended} suspended`]
    : [];
  return [
    `${url}, ${proof}`,
    table(rows),
    ...told,
    ...(lines.length > 0 ? ['incidents:', ...lines] : []),
    ...(works.length > 0 ? ['maintenance:', maintenancesText(works, language).replace(/^/gm, '  ')] : []),
  ].join('\n');
}
