import type { Command } from 'commander';
import { UserError } from '../../errors.ts';
import type { VerbResult } from '../../runtime/controller.ts';
import { type ApiClient, controllerOf, TryLater } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { groupNamed } from '../group.ts';
import { exitCodes, print } from '../output.ts';
import { resolveRelease } from '../resolve-release.ts';

const verbs = {
  pause: 'stop a release where it is; the guard keeps watching',
  resume: 'go on with a paused release, or past the gate that holds it (for approvers, with --why)',
  approve: 'approve a release that waits for it',
  promote: 'send all traffic to the candidate now, past the steps in between; the guard keeps watching',
  abort: 'take all traffic back to stable and end the release',
  retry: 'try again what a held release waits for',
} as const;

/** `pause`, `resume`, `approve`, `promote`, `abort`, `retry`. */
export function verbCommands(program: Command): void {
  for (const [verb, description] of Object.entries(verbs)) {
    withCommon(
      program
        .command(`${verb} <service-or-release>`)
        .description(verb === 'abort' ? `${description}; of a group: of all its services` : description)
        .option('--why <text>', 'reason, for the timeline', ''),
    ).action(
      action(async (given: string, options: CommonOptions & { why: string }) => {
        const api = await controllerOf(options.data);
        const release = await resolveRelease(api, given).catch((error: unknown) => {
          // Looking for it may be refused for having asked too often. An abort never is, and the controller finds it by its service.
          if (verb === 'abort' && error instanceof TryLater) return given;
          throw error;
        });
        const asked = { verb, by: api.by, why: options.why };
        const answered = await api.post<VerbResult>(`/releases/${encodeURIComponent(release)}/verbs`, asked).then(
          (result) => ({ release, result }),
          async (error: unknown) => {
            if (!(error instanceof UserError) || error.code !== 'E_UNKNOWN_RELEASE') throw error;
            return { group: given, result: await groupVerb(api, given, asked, error) };
          },
        );
        const { result, ...about } = answered;
        print(options.json === true, { ...about, verb, ...result }, result.said);
        return result.done ? exitCodes.done : exitCodes.no;
      }),
    );
  }
}

type Asked = { readonly verb: string; readonly by: string | undefined; readonly why: string };

/** Gives a verb to a group, where what was named is no release. @throws `unknown` where it is no group either. */
async function groupVerb(api: ApiClient, name: string, asked: Asked, unknown: UserError): Promise<VerbResult> {
  try {
    if (asked.verb === 'abort') return await api.post<VerbResult>(`/groups/${encodeURIComponent(name)}/verbs`, asked);
  } catch (error) {
    throw error instanceof UserError && error.code === 'E_UNKNOWN_GROUP' ? unknown : error;
  }
  if ((await groupNamed(api, name)) === null) throw unknown;
  throw new UserError('E_INPUT', `${asked.verb} is for one release; of a group there is only abort`, {
    where: name,
    fix: `name one of its services, see \`rampart status ${name}\``,
  });
}
