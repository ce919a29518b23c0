import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { exceedance, quantileEdgeMs } from '../../analysis/exceedance.ts';
import type { ServiceTraffic } from '../../analysis/sight/step.ts';
import { UserError } from '../../errors.ts';
import { documentsIn } from '../../runtime/documents.ts';
import { documentText } from '../../spec/load.ts';
import { durationText, percentText } from '../../spec/units.ts';
import { type PlanView, planView } from '../../views/plan-view.ts';
import { controllerOf } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { print } from '../output.ts';

type Options = CommonOptions & { version: string; rps?: string; stable?: string; first?: boolean };

/** `plan`: every step of a release before anything moves. */
export function planCommand(program: Command): void {
  withCommon(
    program
      .command('plan <file>')
      .description('print what a release would do, step by step, and what its guard would see; moves nothing')
      .option('--version <version>', 'the version to release', 'next')
      .option('--rps <number>', 'requests per second to reckon with, instead of the measured ones')
      .option('--stable <version>', 'the stable version to reckon with, when no controller runs')
      .option('--first', 'reckon with no stable version: this is the first one'),
  ).action(
    action(async (file: string, options: Options) => {
      const document = await documentText(file);
      const folder = dirname(resolve(file));
      const rps = options.rps === undefined ? undefined : requestsPerSecond(options.rps);
      // Read here first: a mistake in the document needs no controller to be found.
      const [spec, second] = documentsIn(document, file, folder);
      if (!spec || second)
        throw new UserError('E_INPUT', `expected one Service document, found ${second ? 'several' : 'none'}`, {
          where: file,
          fix: 'put the service into a file of its own',
        });
      const view = options.stable === undefined && !options.first ? await askController() : null;
      const plan =
        view ??
        planView(
          spec,
          options.first ? null : (options.stable ?? 'stable'),
          options.version,
          rps === undefined ? null : { requestsPerSecond: rps, errorPpm: null, histogram: [] },
        );
      print(options.json === true, plan, planText(plan));

      async function askController(): Promise<PlanView | null> {
        try {
          const api = await controllerOf(options.data);
          return await api.post<PlanView>(
            '/plan',
            { document, file, folder, version: options.version, requestsPerSecond: rps },
            document,
          );
        } catch (error) {
          if (error instanceof UserError && (error.code === 'E_NO_CONTROLLER' || error.code === 'E_UNREACHABLE')) return null;
          throw error;
        }
      }
    }),
  );
}

function requestsPerSecond(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0 && text.trim() !== '') return value;
  throw new UserError('E_INPUT', `--rps ${text} is no number of requests per second`, {
    where: '--rps',
    fix: 'give a number such as 40',
  });
}

/** The plan for a terminal. */
export function planText(plan: PlanView): string {
  const lines = [
    `${plan.service}: ${plan.stable ?? 'nothing'} → ${plan.candidate} (${plan.strategy}), at least ${durationText(plan.shortestMs)}`,
  ];
  if (plan.traffic) lines.push(`traffic: ${trafficText(plan.traffic)}`, ...plan.assumed.map((text) => `         ${text}`));
  lines.push('', 'steps');
  const first = plan.steps.findIndex(({ kind }) => kind !== 'backup' && kind !== 'migrate');
  for (const [index, step] of plan.steps.entries()) {
    if (index === first) lines.push(`      start ${plan.candidate}, wait until it is ready`);
    lines.push(`  ${String(index + 1).padStart(2)}. ${step.text}${step.weight > 0 ? `  [${step.weight} %]` : ''}`);
    if (step.deadline) lines.push(`      ${step.deadline}`);
    for (const [line, sentence] of step.sight?.sentences.entries() ?? [])
      lines.push(`      ${line === 0 ? 'guard: ' : '       '}${sentence}`);
  }
  lines.push('', 'guard, from the first request to the end', ...plan.guard.map((text) => `      ${text}`));
  lines.push('', 'deadlines', ...plan.deadlines.map((text) => `      ${text}`));
  if (plan.warnings.length > 0) lines.push('', ...plan.warnings.map((text) => `warning: ${text}`));
  return lines.join('\n');
}

function trafficText({ requestsPerSecond, errorPpm, histogram }: ServiceTraffic): string {
  const texts = [`${Number(requestsPerSecond.toFixed(requestsPerSecond < 1 ? 3 : 1))} requests/s`];
  if (errorPpm !== null) texts.push(`${percentText(errorPpm)} of them fail`);
  const p95 = quantileEdgeMs(exceedance(histogram), 950_000);
  if (p95 !== null) texts.push(`p95 at most ${durationText(p95)}`);
  return texts.join(', ');
}
