import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { UserError } from '../../errors.ts';
import { hasGroup } from '../../spec/has-group.ts';
import { documentText } from '../../spec/text-file.ts';
import type { PlanView } from '../../views/plan-view.ts';
import { controllerOf } from '../api-client.ts';
import { action, type CommonOptions, several, withCommon } from '../command.ts';
import { print } from '../output.ts';
import { planText } from '../plan-text.ts';
import { requestsPerSecond } from '../requests-per-second.ts';

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
      if (hasGroup(document, file)) {
        const { planGroup } = await import('../plan-group.ts');
        await planGroup(file, document, options);
        return;
      }
      const asked = { ...options, document, file, folder, rps };
      const plan = (options.stable === undefined && !options.first ? await planThere(asked) : null) ?? (await planHere(asked));
      print(options.json === true, plan, planText(plan));
    }),
  );
}

type Asked = Omit<Options, 'rps'> & { document: string; file: string; folder: string; rps: number | undefined };

/** As a controller sees it; null where none can be asked. */
async function planThere({ data, document, file, folder, version, rps }: Asked): Promise<PlanView | null> {
  try {
    const api = await controllerOf(data);
    return await api.post<PlanView>('/plan', { document, file, folder, version, requestsPerSecond: rps }, document);
  } catch (error) {
    if (error instanceof UserError && (error.code === 'E_NO_CONTROLLER' || error.code === 'E_UNREACHABLE')) return null;
    throw error;
  }
}

/** Without a controller: every kind of document is read here, which takes longer than to ask. */
async function planHere({ first, stable = 'stable', version, rps, document, file, folder }: Asked): Promise<PlanView> {
  const [{ serviceIn }, { planView }] = await Promise.all([
    import('../../runtime/documents.ts'),
    import('../../views/plan-view.ts'),
  ]);
  const traffic = rps === undefined ? null : { requestsPerSecond: rps, errorPpm: null, histogram: [] };
  return planView(serviceIn(document, file, folder), first ? null : stable, version, traffic);
}
