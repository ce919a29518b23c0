import type { Command } from 'commander';
import { UserError } from '../../errors.ts';
import type { OverrideWish, PersonTime, StandingOverride } from '../../incidents/on-call/overrides.ts';
import { controllerOf } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { comingMs } from '../moment.ts';
import { overrideRow, overridesText } from '../on-call-text.ts';
import { print } from '../output.ts';
import { table } from '../table.ts';

type Options = CommonOptions & { readonly why: string };
type OverrideOptions = Options & { readonly person: string; readonly from: string; readonly until: string };

/** `oncall override swap cancel overrides`: who is on call otherwise than the documents say, on record. */
export function oncallOverrideCommands(oncall: Command): void {
  const deed = (name: string, description: string): Command =>
    withCommon(oncall.command(name).description(description)).option('--why <text>', 'reason, for the record', '');

  deed('override <schedule>', 'let somebody be on call for a time')
    .requiredOption('--person <name>', 'who')
    .requiredOption('--from <moment>', 'from when: 2026-12-01T10:00:00Z, or +2h from now')
    .requiredOption('--until <moment>', 'until when')
    .action(
      action(async (schedule: string, { person, ...options }: OverrideOptions) => {
        const nowMs = Date.now();
        const fromMs = comingMs(options.from, '--from', nowMs);
        const untilMs = comingMs(options.until, '--until', nowMs);
        return await ask({ schedule, times: [{ person, fromMs, untilMs }] }, options);
      }),
    );

  deed(
    'swap <schedule> <time> <other>',
    'let two people swap their times, each PERSON=FROM/UNTIL with times such as 2026-12-01T10:00:00Z',
  ).action(
    action(async (schedule: string, one: string, other: string, options: Options) =>
      ask({ schedule, times: [personTime(one), personTime(other)] }, options),
    ),
  );

  deed('cancel <id>', 'take an override or a swap back').action(
    action(async (id: string, options: Options) => {
      const api = await controllerOf(options.data);
      const path = `/on-call/overrides/${encodeURIComponent(id)}/cancel`;
      const answer = await api.post<unknown>(path, { by: api.by, why: options.why });
      print(options.json === true, answer, `${id} is taken back`);
      return undefined;
    }),
  );

  withCommon(oncall.command('overrides').description('print the overrides and swaps that were asked for')).action(
    action(async (options: CommonOptions) => {
      const api = await controllerOf(options.data);
      const { overrides } = await api.get<{ overrides: readonly StandingOverride[] }>('/on-call');
      print(options.json === true, { overrides }, overridesText(overrides));
      return undefined;
    }),
  );
}

async function ask(wish: OverrideWish, { data, json, why }: Options): Promise<undefined> {
  const api = await controllerOf(data);
  const made = await api.post<StandingOverride>('/on-call/overrides', { ...wish, by: api.by, why });
  print(json === true, made, table([overrideRow(made)]));
  return undefined;
}

/** `anna=2026-12-01T09:00:00Z/2026-12-02T09:00:00Z`. */
function personTime(text: string): PersonTime {
  const [, person, from, until] = /^([^=]+)=([^/]+)\/(.+)$/.exec(text) ?? [];
  if (person === undefined || from === undefined || until === undefined)
    throw new UserError('E_INPUT', `expected somebody's time, found ${text}`, {
      where: 'oncall swap',
      fix: 'write it as anna=2026-12-01T09:00:00Z/2026-12-02T09:00:00Z',
    });
  const nowMs = Date.now();
  return { person, fromMs: comingMs(from, person, nowMs), untilMs: comingMs(until, person, nowMs) };
}
