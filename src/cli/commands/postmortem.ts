import { type Command, Option } from 'commander';
import { UserError } from '../../errors.ts';
import type { OwedItem } from '../../incidents/open-items.ts';
import { type ReviewField, reviewFields } from '../../incidents/review.ts';
import { documentText } from '../../spec/text-file.ts';
import { replaceFile } from '../../system/replace-file.ts';
import { type PostMortemFormName, postMortemForms } from '../../views/post-mortem/forms.ts';
import { controllerOf } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { type LanguageOption, languageOf, withLanguage } from '../language.ts';
import { exitCodes, print } from '../output.ts';
import { table } from '../table.ts';
import { queryOf } from './releases.ts';

type Options = CommonOptions & LanguageOption;
type Answered = { readonly done: boolean; readonly said: string };

/** `postmortem`: what the record proves of an incident, and what people write beside it. */
export function postMortemCommands(program: Command): void {
  const group = program
    .command('postmortem')
    .description('the post-mortem of an incident: exact impact, clocks, what helped, causes with their numbers');
  const command = (name: string, description: string): Command =>
    withLanguage(withCommon(group.command(name).description(description)));
  const withWhy = (one: Command): Command => one.option('--why <text>', 'reason, for the record', '');

  withLanguage(
    withCommon(
      group
        .command('show <id>', { isDefault: true })
        .description('write it from the record; of an incident that goes on, how it stands now')
        .addOption(new Option('--format <form>', 'form').choices(Object.keys(postMortemForms)).default('md'))
        .option('-o, --out <file>', 'file to write to, in place of the output'),
    ),
  ).action(
    action(async (id: string, options: Options & { format: PostMortemFormName; out?: string }) => {
      const api = await controllerOf(options.data);
      const format = options.json ? 'json' : options.format;
      const query = queryOf({ format, lang: languageOf(options) });
      const parts: string[] = [];
      for await (const part of api.text(`/incidents/${encodeURIComponent(id)}/post-mortem/report${query}`)) parts.push(part);
      const text = parts.join('');
      if (options.out === undefined) process.stdout.write(text);
      else {
        await replaceFile(options.out, text, { durable: false, mode: 0o644 });
        print(options.json === true, { written: options.out }, `written to ${options.out}`);
      }
    }),
  );

  const write = withWhy(
    command(
      'write <id>',
      'write what only people can say; a text that begins with @ is the name of a file, an empty one takes it back',
    ),
  ).option('--authors <names>', 'who writes it, separated by commas');
  for (const field of reviewFields) write.option(`--${field} <text>`, described[field]);
  write.action(
    action(async (id: string, options: Options & { why: string; authors?: string } & Partial<Record<ReviewField, string>>) => {
      const texts: Partial<Record<ReviewField, string>> = {};
      for (const field of reviewFields) {
        const given = options[field];
        if (given !== undefined) texts[field] = given.startsWith('@') ? await documentText(given.slice(1)) : given;
      }
      const { authors, why } = options;
      if (authors === undefined && Object.keys(texts).length === 0)
        throw new UserError('E_INPUT', 'nothing is to be written', {
          where: 'rampart postmortem write',
          fix: `give one of --authors, ${reviewFields.map((field) => `--${field}`).join(', ')}`,
        });
      const api = await controllerOf(options.data);
      const body = {
        by: api.by,
        why,
        texts,
        ...(authors === undefined ? {} : { authors: authors.split(',').map((name) => name.trim()) }),
      };
      const answered = await api.put<Answered>(`${pathOf(id)}/post-mortem${queryOf({ lang: languageOf(options) })}`, body);
      print(options.json === true, { id, ...answered }, answered.said);
      return answered.done ? exitCodes.done : exitCodes.no;
    }),
  );

  withWhy(
    command('item <id> [item]', 'add an action item, or change the one that is named')
      .option('--text <text>', 'what is to be done')
      .option('--owner <name>', 'who does it')
      .option('--due <day>', 'until when: 2026-12-11')
      .addOption(new Option('--state <state>', 'how it stands').choices(['open', 'done', 'dropped']))
      .option('--proposal <id>', 'the proposal of the post-mortem that it takes up'),
  ).action(
    action(async (id: string, item: string | undefined, options: Options & { why: string } & Item) => {
      const { why, text, owner, due, state, proposal } = options;
      const given = Object.entries({ text, owner, due, state, proposal }).filter(([, value]) => value !== undefined);
      const api = await controllerOf(options.data);
      const body = { by: api.by, why, item: item ?? null, ...Object.fromEntries(given) };
      const path = `${pathOf(id)}/action-items${queryOf({ lang: languageOf(options) })}`;
      const answered = await api.post<Answered & { readonly item: string }>(path, body);
      print(options.json === true, { id, ...answered }, answered.said);
      return answered.done ? exitCodes.done : exitCodes.no;
    }),
  );

  withCommon(
    group
      .command('items')
      .description(
        'action items of all incidents that are to be done, what is due first at the beginning; exit code 1: one is late',
      ),
  ).action(
    action(async (options: CommonOptions) => {
      const api = await controllerOf(options.data);
      const { items } = await api.get<{ items: readonly OwedItem[] }>('/action-items');
      const rows = items.map(({ incident, id, text, owner, due, isLate }) => [
        due,
        isLate ? 'LATE' : '',
        owner,
        incident,
        id,
        text,
      ]);
      print(options.json === true, { items }, rows.length === 0 ? 'nothing is to be done' : table(rows));
      return items.some(({ isLate }) => isLate) ? exitCodes.no : exitCodes.done;
    }),
  );

  withWhy(command('accept <id>', 'accept the post-mortem: the incident is reviewed')).action(
    action(async (id: string, options: Options & { why: string }) => {
      const api = await controllerOf(options.data);
      const path = `${pathOf(id)}/verbs${queryOf({ lang: languageOf(options) })}`;
      const answered = await api.post<Answered>(path, { verb: 'review', why: options.why, by: api.by });
      print(options.json === true, { id, ...answered }, answered.said);
      return answered.done ? exitCodes.done : exitCodes.no;
    }),
  );
}

type Item = { text?: string; owner?: string; due?: string; state?: string; proposal?: string };

const described: Readonly<Record<ReviewField, string>> = {
  summary: 'in short, for whoever reads nothing else',
  causes: 'root cause and what contributed',
  surprise: 'why it was a surprise',
  well: 'what went well',
  wrong: 'what went wrong',
  lucky: 'where luck helped',
  lessons: 'what was learned',
};

function pathOf(id: string): string {
  return `/incidents/${encodeURIComponent(id)}`;
}
