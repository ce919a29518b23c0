import type { Command } from 'commander';
import { type Text, textIn } from '../../spec/text.ts';
import type { AnnouncedWork } from '../../status/types.ts';
import type { StatusBoard } from '../../views/status/board.ts';
import { type ApiClient, controllerOf } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { type LanguageOption, languageOf, withLanguage } from '../language.ts';
import { comingMs } from '../moment.ts';
import { print } from '../output.ts';
import { localTimeText, table } from '../table.ts';

type Options = CommonOptions & LanguageOption;
type TextOptions = Options & { readonly body?: string; readonly bodyRu?: string };
type AddOptions = TextOptions & {
  readonly components: string;
  readonly from?: string;
  readonly to: string;
  readonly title?: string;
  readonly titleRu?: string;
};

const moments = '2026-12-01T22:00:00Z, or +2h from now';

/** `status-page maintenance`: work that customers are told of, and that is no planned release. */
export function statusMaintenanceCommands(group: Command): void {
  const maintenance = group.command('maintenance').description('maintenance that is no planned release, for customers');
  const deed = (name: string, description: string): Command =>
    withLanguage(withCommon(maintenance.command(name).description(description)));
  const withBody = (command: Command): Command =>
    command
      .option('--body <text>', 'what customers read of it; left out: the usual words')
      .option('--body-ru <text>', 'the same in Russian');

  withLanguage(
    withCommon(maintenance.command('list', { isDefault: true }).description('print what is announced, and what was')),
  ).action(
    action(async (options: Options) => {
      const api = await controllerOf(options.data);
      const { maintenances } = await api.get<StatusBoard>('/status-page');
      print(options.json === true, maintenances, maintenancesText(maintenances, languageOf(options)));
      return undefined;
    }),
  );

  withBody(
    deed('add', 'announce maintenance; it begins and ends by itself in its time')
      .requiredOption('--components <names>', 'components of the page, apart by commas')
      .option('--from <moment>', `when it begins: ${moments}; left out: now`)
      .requiredOption('--to <moment>', `when it ends: ${moments}`)
      .option('--title <text>', 'what it is called; left out: the names of its components')
      .option('--title-ru <text>', 'the same in Russian'),
  ).action(
    action(async (options: AddOptions) => {
      const nowMs = Date.now();
      const { components, from, to, title, titleRu, body, bodyRu } = options;
      const api = await controllerOf(options.data);
      return await post(api, '', options, {
        components: components
          .split(',')
          .map((name) => name.trim())
          .filter((name) => name !== ''),
        fromMs: from === undefined ? nowMs : comingMs(from, '--from', nowMs),
        untilMs: comingMs(to, '--to', nowMs),
        ...textOption('title', title, titleRu),
        ...textOption('body', body, bodyRu),
      });
    }),
  );

  withBody(
    deed('move <maintenance>', 'move it; one that goes on gets another end')
      .option('--from <moment>', `when it begins: ${moments}`)
      .option('--to <moment>', `when it ends: ${moments}; left out: it takes as long as before`),
  ).action(
    action(async (id: string, options: TextOptions & { from?: string; to?: string }) => {
      const nowMs = Date.now();
      const { from, to, body, bodyRu } = options;
      const api = await controllerOf(options.data);
      return await post(api, `/${encodeURIComponent(id)}/move`, options, {
        ...(from === undefined ? {} : { fromMs: comingMs(from, '--from', nowMs) }),
        ...(to === undefined ? {} : { untilMs: comingMs(to, '--to', nowMs) }),
        ...textOption('body', body, bodyRu),
      });
    }),
  );

  withBody(deed('end <maintenance>', 'end it now')).action(
    action(async (id: string, options: TextOptions) => {
      const api = await controllerOf(options.data);
      return await post(api, `/${encodeURIComponent(id)}/end`, options, textOption('body', options.body, options.bodyRu));
    }),
  );

  withBody(
    deed('cancel <maintenance>', 'call it off before it has begun').option('--why <text>', 'reason, for the record', ''),
  ).action(
    action(async (id: string, options: TextOptions & { why: string }) => {
      const { why, body, bodyRu } = options;
      const api = await controllerOf(options.data);
      return await post(api, `/${encodeURIComponent(id)}/cancel`, options, { why, ...textOption('body', body, bodyRu) });
    }),
  );
}

async function post(api: ApiClient, path: string, options: Options, body: object): Promise<undefined> {
  const work = await api.post<AnnouncedWork>(`/status-page/maintenances${path}`, { by: api.by, ...body });
  print(options.json === true, work, maintenancesText([work], languageOf(options)));
  return undefined;
}

/** A text in one language, or in both. */
function textOption(name: string, en: string | undefined, ru: string | undefined): Readonly<Record<string, Text>> {
  if (en === undefined && ru === undefined) return {};
  if (en !== undefined && ru !== undefined) return { [name]: { en, ru } };
  return { [name]: en ?? ru ?? '' };
}

const words: Readonly<Record<AnnouncedWork['state'], string>> = {
  scheduled: 'planned',
  in_progress: 'under way',
  completed: 'done',
  cancelled: 'called off',
};

/** Maintenances as lines. */
export function maintenancesText(works: readonly AnnouncedWork[], language: 'en' | 'ru'): string {
  if (works.length === 0) return 'no maintenance is announced; announce some with `rampart status-page maintenance add`';
  return table(
    works.map(({ id, state, fromMs, untilMs, title, components }) => [
      id,
      words[state],
      `${localTimeText(fromMs)} – ${localTimeText(untilMs)}`,
      textIn(title, language),
      components.join(', '),
    ]),
  );
}
