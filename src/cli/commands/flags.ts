import type { Command } from 'commander';
import { UserError } from '../../errors.ts';
import type { SetChanges } from '../../server/flags/flags.ts';
import { documentText } from '../../spec/text-file.ts';
import { percentPpm } from '../../spec/unit-text.ts';
import type { FlagRow, FlagView } from '../../views/flag-view.ts';
import { type ApiClient, controllerOf } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { print } from '../output.ts';
import { dayText, table } from '../table.ts';
import { asked } from './users.ts';

type Options = CommonOptions & { readonly why: string };
type ShareOptions = Options & { readonly variant?: string };

const wholePpm = 1_000_000;

/** `flag`: feature flags, and their switches. */
export function flagCommands(program: Command): void {
  const flag = program.command('flag').description('feature flags: what they are, who has them, and their kill switch');
  const changing = (name: string, description: string): Command =>
    withCommon(flag.command(name).description(description).option('--why <text>', 'reason, for the record', ''));

  changing('apply <file>', 'put the flags of a FlagSet document into force; what was switched stays switched')
    .option('--dry-run', 'only say what would change')
    .action(
      action(async (file: string, options: Options & { dryRun?: boolean }) => {
        const document = await documentText(file);
        const api = await controllerOf(options.data);
        const body = { document, file, dryRun: options.dryRun ?? false, by: api.by, why: options.why };
        const done = await api.post<{ sets: readonly SetChanges[] }>('/flag-sets', body, document);
        print(options.json === true, done, done.sets.map(changesText).join('\n') || `${file}: no set of flags`);
        return undefined;
      }),
    );

  withCommon(flag.command('list').description('print every flag')).action(
    action(async (options: CommonOptions) => {
      const api = await controllerOf(options.data);
      const answer = await api.get<{ flags: readonly FlagRow[] }>('/flags');
      print(options.json === true, answer, listText(answer.flags));
      return undefined;
    }),
  );

  withCommon(
    flag.command('show <flag>').description('print one flag: who has which variant, and how often it was given out'),
  ).action(
    action(async (key: string, options: CommonOptions) => {
      const api = await controllerOf(options.data);
      const view = await api.get<FlagView>(`/flags/${encodeURIComponent(key)}`);
      print(options.json === true, view, flagText(view));
      return undefined;
    }),
  );

  changing('off <flag>', 'the kill switch: everybody has the off variant, at once').action(
    action(async (key: string, options: Options) => {
      const api = await controllerOf(options.data);
      return await put(api, key, 'off', { by: api.by, why: options.why }, options);
    }),
  );

  changing('on <flag>', 'give everybody the variant that is on')
    .option('--variant <name>', 'the variant, where it is not clear which one is on')
    .action(action((key: string, options: ShareOptions) => share(key, wholePpm, options)));

  changing('share <flag> <percent>', 'give a share of the users the variant that is on, such as 10%; sticky by targeting key')
    .option('--variant <name>', 'the variant, where it is not clear which one is on')
    .action(
      action(async (key: string, percent: string, options: ShareOptions) => {
        const sharePpm = percentPpm(percent);
        if (sharePpm !== undefined && sharePpm <= wholePpm) return await share(key, sharePpm, options);
        throw new UserError('E_INPUT', `expected a percentage from 0% to 100%, found ${percent}`, {
          where: 'percent',
          fix: 'write it with its sign, such as 10%',
        });
      }),
    );

  changing('reset <flag>', 'let the document say again what the flag is').action(
    action(async (key: string, options: Options) => {
      const api = await controllerOf(options.data);
      return await put(api, key, 'reset', { by: api.by, why: options.why }, options);
    }),
  );

  changing('remove <set>', 'take a set out of force, with all of its flags').action(
    action(async (name: string, options: Options) => {
      const api = await controllerOf(options.data);
      await api.delete(`/flag-sets/${encodeURIComponent(name)}${asked(api.by, options.why)}`);
      print(options.json === true, { removed: name }, `${name} is removed`);
      return undefined;
    }),
  );
}

async function share(key: string, sharePpm: number, options: ShareOptions): Promise<undefined> {
  const api = await controllerOf(options.data);
  const { variant, why } = options;
  return await put(api, key, 'share', { sharePpm, by: api.by, why, ...(variant === undefined ? {} : { variant }) }, options);
}

async function put(api: ApiClient, key: string, how: string, body: unknown, options: CommonOptions): Promise<undefined> {
  const view = await api.post<FlagView>(`/flags/${encodeURIComponent(key)}/${how}`, body);
  print(options.json === true, view, `${key}: ${view.said}`);
  return undefined;
}

function changesText({ name, added, changed, removed }: SetChanges): string {
  const parts = Object.entries({ added, changed, removed }).filter(([, keys]) => keys.length > 0);
  const said = parts.map(([what, keys]) => `${what} ${keys.join(', ')}`).join('; ');
  return `${name}: ${said === '' ? 'nothing has changed' : said}`;
}

function listText(flags: readonly FlagRow[]): string {
  if (flags.length === 0) return 'no flag; put a FlagSet document into force with `rampart flag apply FILE`';
  return table(
    flags.map(({ key, set, said, level, exposures }) => [
      key,
      set,
      said,
      level === null ? '' : `by ${level.by}`,
      exposures.variants.map(({ variant, single, bulk }) => `${variant} ${single + bulk}`).join(', '),
    ]),
  );
}

function flagText(view: FlagView): string {
  const { key, set, said, level, exposures, variants, targeting } = view;
  const lines = [`${key}  of ${set}`, said];
  if (level) lines.push(`since ${dayText(level.atMs)} by ${level.by}${level.why === '' ? '' : `: ${level.why}`}`);
  if (targeting) lines.push(`targeting  ${JSON.stringify(targeting)}`);
  const rows = exposures.variants.map(({ variant, single, bulk }) => [
    `  ${variant}`,
    JSON.stringify(variants[variant]),
    `given out ${single}`,
    `in bulk ${bulk}`,
  ]);
  return [...lines, table(rows), `errors  ${exposures.errors}`].join('\n');
}
