import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { UserError } from '../../errors.ts';
import { documentsIn } from '../../runtime/documents.ts';
import { groupIn, groupText, hasGroup } from '../../runtime/group-documents.ts';
import { documentText } from '../../spec/load.ts';
import { type PlanView, planView } from '../../views/plan-view.ts';
import { controllerOf } from '../api-client.ts';
import { action, type CommonOptions, several, withCommon } from '../command.ts';
import { type GroupPlan, groupPlanText, memberVersions } from '../group.ts';
import { print } from '../output.ts';
import { planText } from '../plan-text.ts';

type Options = CommonOptions & {
  version: string;
  member?: readonly string[];
  rps?: string;
  stable?: string;
  first?: boolean;
};

/** `plan`: every step of a release before anything moves. */
export function planCommand(program: Command): void {
  withCommon(
    program
      .command('plan <file>')
      .description('print what a release would do, step by step, and what its guard would see; moves nothing')
      .option('--version <version>', 'the version to release', 'next')
      .option('--member <name=v>', 'another version of one member of a group; may be given again', several)
      .option('--rps <number>', 'requests per second to reckon with, instead of the measured ones')
      .option('--stable <version>', 'the stable version to reckon with, when no controller runs')
      .option('--first', 'reckon with no stable version: this is the first one'),
  ).action(
    action(async (file: string, options: Options) => {
      const document = await documentText(file);
      const folder = dirname(resolve(file));
      const rps = options.rps === undefined ? undefined : requestsPerSecond(options.rps);
      if (hasGroup(document, file)) return await planGroup(file, document, options);
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

/** The plan of a group needs a controller: what is left out follows from what is stable. */
async function planGroup(file: string, document: string, options: Options): Promise<undefined> {
  const text = await groupText(file, document);
  groupIn(text);
  const api = await controllerOf(options.data);
  const body = { ...text, version: options.version, versions: memberVersions(options.member) };
  const plan = await api.post<GroupPlan>('/groups/plan', body, document);
  print(options.json === true, plan, groupPlanText(plan));
}

function requestsPerSecond(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0 && text.trim() !== '') return value;
  throw new UserError('E_INPUT', `--rps ${text} is no number of requests per second`, {
    where: '--rps',
    fix: 'give a number such as 40',
  });
}
