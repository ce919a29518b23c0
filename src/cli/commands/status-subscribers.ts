import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { messageOf, UserError } from '../../errors.ts';
import type { ImportAnswer, SubscriberEntry } from '../../runtime/status/subscriber-keeper.ts';
import { type ApiClient, controllerOf } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { print } from '../output.ts';
import { localTimeText, table } from '../table.ts';

type Options = CommonOptions;

/** People in one request of an import. */
const portion = 500;
const fileMax = 20_000_000;

type Entry = { readonly address: string; readonly language?: string; readonly components?: readonly string[] | null };

/** `status-page subscribers`: who is told by mail. */
export function statusSubscriberCommands(group: Command): void {
  const subscribers = group.command('subscribers').description('who is told of the status page by mail');

  withCommon(subscribers.command('list', { isDefault: true }).description('print them with their addresses')).action(
    action(async (options: Options) => {
      const all = await everybody(await controllerOf(options.data));
      const rows = all.map(({ id, address, state, language, components, sinceMs }) => [
        id,
        address ?? '(address lost)',
        state,
        language,
        components === null ? 'everything' : components.join(', '),
        `since ${localTimeText(sinceMs)}`,
      ]);
      print(options.json === true, all, rows.length === 0 ? 'nobody has subscribed' : table(rows));
      return undefined;
    }),
  );

  withCommon(
    subscribers.command('remove <subscriber>').description('take somebody out by address or id, and delete the address'),
  ).action(
    action(async (subscriber: string, options: Options) => {
      const api = await controllerOf(options.data);
      const removed = await api.post<{ id: string }>('/status-page/subscribers/remove', { by: api.by, subscriber });
      print(options.json === true, removed, `${removed.id} is told no more, and the address is deleted`);
      return undefined;
    }),
  );

  withCommon(
    subscribers.command('export').description('print everybody who has confirmed, one JSON object a line, for import elsewhere'),
  ).action(
    action(async (options: Options) => {
      const all = await everybody(await controllerOf(options.data));
      const told = all.flatMap(({ address, state, language, components }) =>
        address !== null && state === 'confirmed' ? [{ address, language, components }] : [],
      );
      print(options.json === true, told, told.map((one) => JSON.stringify(one)).join('\n'));
      return undefined;
    }),
  );

  withCommon(
    subscribers
      .command('import <file>')
      .description('take in people who have agreed elsewhere, from lines as export prints them, or with an address first (CSV)'),
  ).action(
    action(async (file: string, options: Options) => {
      const entries = entriesOf(await textOf(file), file);
      const api = await controllerOf(options.data);
      let [added, changed] = [0, 0];
      const refused: { line: number; why: string }[] = [];
      for (let from = 0; from < entries.length; from += portion) {
        const part = entries.slice(from, from + portion);
        const answer = await api.post<ImportAnswer>('/status-page/subscribers/import', {
          by: api.by,
          subscribers: part.map(({ entry }) => entry),
        });
        added += answer.added;
        changed += answer.changed;
        refused.push(...answer.refused.map(({ index, why }) => ({ line: part[index]?.line ?? 0, why })));
      }
      const text = [
        `${added} added, ${changed} changed, ${refused.length} refused`,
        ...refused.map(({ line, why }) => `  ${file}:${line} ${why}`),
      ].join('\n');
      print(options.json === true, { added, changed, refused }, text);
      return refused.length > 0 ? 1 : undefined;
    }),
  );
}

async function everybody(api: ApiClient): Promise<readonly SubscriberEntry[]> {
  const all: SubscriberEntry[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const query: string = after === '' ? '' : `?after=${encodeURIComponent(after)}`;
    const page: { subscribers: readonly SubscriberEntry[]; next: string | null } = await api.get(
      `/status-page/subscribers${query}`,
    );
    all.push(...page.subscribers);
    after = page.next;
  }
  return all;
}

async function textOf(file: string): Promise<string> {
  try {
    const text = await readFile(file, 'utf8');
    if (text.length <= fileMax) return text;
    throw new Error('it is larger than 20 MB');
  } catch (error) {
    throw new UserError('E_INPUT', `cannot read ${file}: ${messageOf(error)}`, {
      where: file,
      fix: 'name a file that can be read',
    });
  }
}

/** One for each line that has somebody; a first line without an address is the head of a table. */
function entriesOf(text: string, file: string): readonly { readonly line: number; readonly entry: Entry }[] {
  return text.split(/\r?\n/).flatMap((raw, index) => {
    const [line, number] = [raw.trim(), index + 1];
    if (line === '') return [];
    if (line.startsWith('{')) return [{ line: number, entry: objectOf(line, `${file}:${number}`) }];
    const address = (line.split(/[,;\t]/)[0] ?? '').replace(/^"|"$/g, '').trim();
    if (address.includes('@')) return [{ line: number, entry: { address } }];
    if (index === 0) return [];
    throw new UserError('E_INPUT', `${file}:${number}: expected an address first, found ${line.slice(0, 40)}`, {
      where: `${file}:${number}`,
      fix: 'begin each line with an address, or write lines as `rampart status-page subscribers export` prints them',
    });
  });
}

function objectOf(line: string, where: string): Entry {
  try {
    const { address, language, components } = JSON.parse(line) as Entry;
    return {
      address,
      ...(language === undefined ? {} : { language }),
      ...(components === undefined ? {} : { components }),
    };
  } catch (error) {
    throw new UserError('E_INPUT', `${where}: ${messageOf(error)}`, { where, fix: 'write one JSON object a line' });
  }
}
