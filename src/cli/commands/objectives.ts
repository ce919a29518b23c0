import type { Command } from 'commander';
import { percentText, spanText, thousands } from '../../analysis/wording.ts';
import { UserError } from '../../errors.ts';
import type { VerifiedObjective } from '../../runtime/objectives/verify.ts';
import { documentText } from '../../spec/text-file.ts';
import { durationMs, durationText, percentText as targetText } from '../../spec/unit-text.ts';
import type { BudgetView, BurnDownView, ObjectiveView, TierView, WindowView } from '../../views/objective-view.ts';
import { controllerOf } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { sloCommand } from '../groups.ts';
import { momentMs } from '../moment.ts';
import { exitCodes, print } from '../output.ts';
import { dayText, table } from '../table.ts';
import { asked } from './users.ts';

/** `slo list | show | correct | uncorrect | verify | apply | remove`: objectives as they are now, and what does not count. */
export function objectiveCommands(program: Command): void {
  const slo = sloCommand(program);
  withCommon(
    slo
      .command('list', { isDefault: true })
      .description('print every objective: what is left of its budget, how fast it is spent, and until when that lasts')
      .argument('[service]', 'only those of a service'),
  ).action(
    action(async (service: string | undefined, options: CommonOptions) => {
      const api = await controllerOf(options.data);
      const query = service === undefined ? '' : `?service=${encodeURIComponent(service)}`;
      const answer = await api.get<{ objectives: readonly ObjectiveView[] }>(`/objectives${query}`);
      print(options.json === true, answer, listText(answer.objectives));
      return undefined;
    }),
  );

  withCommon(slo.command('show <objective>').description('print one objective with its sum: SERVICE/NAME, or slo/NAME')).action(
    action(async (id: string, options: CommonOptions) => {
      const api = await controllerOf(options.data);
      const path = pathOf(id);
      const [objective, burnDown] = await Promise.all([api.get<ObjectiveView>(path), api.get<BurnDownView>(`${path}/budget`)]);
      print(options.json === true, { objective, burnDown }, `${objectiveText(objective)}\n${sumText(burnDown)}`);
      return undefined;
    }),
  );

  withCommon(
    slo
      .command('correct <objective>')
      .description('leave time out of its account, such as maintenance; the budget is shown with and without')
      .requiredOption('--from <moment>', 'its beginning: 2026-05-01T17:00Z, or 2h for two hours ago')
      .requiredOption('--to <moment>', 'its end, also one to come; or a span after the beginning, such as +30m')
      .requiredOption('--why <text>', 'reason, for the record'),
  ).action(
    action(async (id: string, options: CommonOptions & { from: string; to: string; why: string }) => {
      const api = await controllerOf(options.data);
      const nowMs = Date.now();
      const fromMs = momentMs(options.from, '--from', nowMs);
      const toMs = options.to.startsWith('+') ? fromMs + spanMs(options.to.slice(1)) : momentMs(options.to, '--to', nowMs);
      const view = await api.post<ObjectiveView>(`${pathOf(id)}/corrections`, { fromMs, toMs, why: options.why, by: api.by });
      print(options.json === true, view, objectiveText(view));
      return undefined;
    }),
  );

  withCommon(
    slo
      .command('uncorrect <objective> <correction>')
      .description('let time count again')
      .requiredOption('--why <text>', 'reason, for the record'),
  ).action(
    action(async (id: string, correction: string, options: CommonOptions & { why: string }) => {
      const api = await controllerOf(options.data);
      await api.delete(`${pathOf(id)}/corrections/${encodeURIComponent(correction)}${asked(api.by, options.why)}`);
      const view = await api.get<ObjectiveView>(pathOf(id));
      print(options.json === true, view, objectiveText(view));
      return undefined;
    }),
  );

  withCommon(
    slo
      .command('verify <service>')
      .description('say whether the objectives of a service were kept over the last so much time; exit code 1 when one was not')
      .option('--window <duration>', 'the last so much time', '1h')
      .option('--slo <names>', 'only these, separated by commas'),
  ).action(
    action(async (service: string, options: CommonOptions & { window: string; slo?: string }) => {
      const api = await controllerOf(options.data);
      const windowMs = durationMs(options.window);
      if (windowMs === undefined)
        throw new UserError('E_INPUT', `expected a duration, found ${options.window}`, {
          where: '--window',
          fix: 'write it as 1h',
        });
      const query = new URLSearchParams({
        windowMs: String(windowMs),
        ...(options.slo === undefined ? {} : { slo: options.slo }),
      });
      const answer = await api.get<{ ok: boolean; results: readonly VerifiedObjective[] }>(
        `/services/${encodeURIComponent(service)}/verify?${query}`,
      );
      print(options.json === true, answer, answer.results.map(({ ok, said }) => `${ok ? 'ok ' : 'NO '} ${said}`).join('\n'));
      return answer.ok ? exitCodes.done : exitCodes.no;
    }),
  );

  withCommon(
    slo
      .command('apply <file>')
      .description('put the free-standing objectives of a file (OpenSLO v1) into force, all of them or none')
      .option('--why <text>', 'reason, for the record', ''),
  ).action(
    action(async (file: string, options: CommonOptions & { why: string }) => {
      const document = await documentText(file);
      const api = await controllerOf(options.data);
      const body = { document, file, by: api.by, why: options.why };
      const done = await api.post<{ applied: readonly string[]; notes: readonly string[] }>('/slos', body, document);
      const said = done.applied.length === 0 ? [`${file}: no SLO`] : done.applied.map((id) => `${id} is in force`);
      print(options.json === true, done, [...said, ...done.notes].join('\n'));
      return undefined;
    }),
  );

  withCommon(
    slo
      .command('remove <name>')
      .description('end a free-standing objective')
      .option('--why <text>', 'reason, for the record', ''),
  ).action(
    action(async (name: string, options: CommonOptions & { why: string }) => {
      const api = await controllerOf(options.data);
      const bare = name.replace(/^slo\//, '');
      await api.delete(`/slos/${encodeURIComponent(bare)}${asked(api.by, options.why)}`);
      print(options.json === true, { removed: `slo/${bare}` }, `slo/${bare} is ended`);
      return undefined;
    }),
  );
}

/** The path of an objective in the API. @throws UserError `E_INPUT` for what cannot be the id of one. */
export function pathOf(id: string): string {
  const slash = id.indexOf('/');
  if (slash <= 0 || slash === id.length - 1)
    throw new UserError('E_INPUT', `expected an objective such as checkout/availability, found ${id}`, {
      where: 'objective',
      fix: 'see `rampart slo` for those there are',
    });
  return `/objectives/${encodeURIComponent(id.slice(0, slash))}/${encodeURIComponent(id.slice(slash + 1))}`;
}

function spanMs(text: string): number {
  const ms = durationMs(text);
  if (ms !== undefined) return ms;
  throw new UserError('E_INPUT', `expected a duration such as +30m, found +${text}`, { where: '--to', fix: 'write it as +30m' });
}

const stateTexts = { ok: 'ok', breaching: 'BREACHING', 'no-traffic': 'no traffic', 'no-data': 'no data' } as const;

function listText(objectives: readonly ObjectiveView[]): string {
  if (objectives.length === 0)
    return 'no objective; write spec.objectives into the document of a service, or put an SLO into force with `rampart slo apply FILE`';
  const rows = objectives.map((view) => [
    view.id,
    `${targetText(view.objective.targetPpm)} over ${windowText(view)}`,
    stateTexts[view.state],
    leftText(view.budget),
    burnText(view.burn),
    view.exhaustedInMs === null
      ? ''
      : view.exhaustedInMs === 0
        ? 'budget gone'
        : `gone in ${spanText(view.exhaustedInMs / 1_000)}`,
    view.tiers
      .filter(({ alert }) => alert !== 'quiet')
      .map(({ name, alert }) => `${name} ${alert}`)
      .join(', '),
  ]);
  return table([['objective', 'target', 'state', 'budget left', 'burn', '', 'alerts'], ...rows]);
}

function windowText({ objective: { calendar, windowMs } }: ObjectiveView): string {
  return calendar ? `the ${calendar.unit} (${calendar.zone})` : durationText(windowMs);
}

function leftText({ leftOfAllowance, leftMinutes, leftEvents }: BudgetView): string {
  if (leftOfAllowance === null) return 'no events';
  return `${percentText(round(leftOfAllowance * 1e6))}  ${minutesText(leftMinutes)}  ${countText(leftEvents)}`;
}

function minutesText(minutes: number | null): string {
  return minutes === null ? '' : `${Number(minutes.toFixed(Math.abs(minutes) < 10 ? 1 : 0))} min`;
}

function countText(events: number | null): string {
  if (events === null) return '';
  return `${events < 0 ? '−' : ''}${thousands(Math.abs(Math.trunc(events)))} events`;
}

function burnText(burn: number | null): string {
  return burn === null ? 'burn –' : `burn ${Number(burn.toPrecision(3))}`;
}

function objectiveText(view: ObjectiveView): string {
  const { id, objective, budget, budgetWithoutCorrections: without, corrections, tiers, byVersion, notes, versions } = view;
  const below = objective.belowMs === null ? '' : `, below ${durationText(objective.belowMs)}`;
  const lines = [
    `${id}: ${targetText(objective.targetPpm)} over ${windowText(view)}${below}, counted by ${view.source}`,
    `${stateTexts[view.state]}  ${view.ratio === null ? 'no events' : `${percentText(round(view.ratio * 1e6))} good`}: ${thousands(budget.badEvents)} of ${thousands(budget.totalEvents)} bad`,
    `budget left  ${leftText(budget)}${without ? `   (with what is corrected: ${leftText(without)})` : ''}`,
    `${burnText(view.burn)}${view.exhaustedInMs === null ? '' : view.exhaustedInMs === 0 ? ': the budget is gone' : `: gone in ${spanText(view.exhaustedInMs / 1_000)}`}`,
    ...notes,
  ];
  if (tiers.length > 0)
    lines.push('', table([['alert', 'fires above', '', 'now', 'in the short window', ''], ...tiers.map(tierRow)]));
  if (byVersion.length > 0)
    lines.push(
      '',
      table(
        byVersion.map(({ version, bad, total, ofBudget }) => [
          version,
          `${thousands(bad)} of ${thousands(total)} bad`,
          ofBudget === null ? '' : `${percentText(round(ofBudget * 1e6))} of the budget`,
        ]),
      ),
    );
  if (corrections.length > 0)
    lines.push(
      '',
      table(
        corrections.map(({ id: correction, fromMs, toMs, why, by, bad, total }) => [
          correction,
          `${dayText(fromMs)} to ${dayText(toMs)}`,
          `${thousands(bad)} of ${thousands(total)} bad do not count`,
          `${by}: ${why}`,
        ]),
      ),
    );
  if (versions.length > 1)
    lines.push(
      '',
      table(
        versions.map(({ sinceMs, targetPpm, windowMs, by }) => [
          dayText(sinceMs),
          targetText(targetPpm),
          durationText(windowMs),
          by,
        ]),
      ),
    );
  return lines.join('\n');
}

function tierRow({ name, tells, factor, minBad, alert, silencedBy, long, short }: TierView): readonly string[] {
  return [
    `${name} (${tells})`,
    `burn ${Number(factor.toPrecision(3))}, ${minBad} bad`,
    alert === 'quiet' ? '' : `${alert}${silencedBy === null ? '' : `, told by ${silencedBy}`}`,
    windowPart(long),
    windowPart(short),
  ];
}

function windowPart({ ms, bad, total, burn }: WindowView): string {
  return `${durationText(ms)}: ${thousands(bad)} of ${thousands(total)}${burn === null ? '' : `, burn ${Number(burn.toPrecision(3))}`}`;
}

function sumText({ sum }: BurnDownView): string {
  return ['', 'the sum', ...sum.map((line) => `  ${line}`)].join('\n');
}

/** Parts per million that do not claim more than they know. */
function round(ppm: number): number {
  return Math.round(ppm);
}
