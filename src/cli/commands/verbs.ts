import type { Command } from 'commander';
import type { VerbResult } from '../../runtime/controller.ts';
import { controllerOf, TryLater } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { exitCodes, print } from '../output.ts';
import { resolveRelease } from '../resolve-release.ts';

const verbs = {
  pause: 'stop a release where it is; the guard keeps watching',
  resume: 'go on with a paused release',
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
        .description(description)
        .option('--why <text>', 'reason, for the timeline', ''),
    ).action(
      action(async (given: string, options: CommonOptions & { why: string }) => {
        const api = await controllerOf(options.data);
        const release = await resolveRelease(api, given).catch((error: unknown) => {
          // Looking for it may be refused for having asked too often. An abort never is, and the controller finds it by its service.
          if (verb === 'abort' && error instanceof TryLater) return given;
          throw error;
        });
        const result = await api.post<VerbResult>(`/releases/${encodeURIComponent(release)}/verbs`, {
          verb,
          by: api.by,
          why: options.why,
        });
        print(options.json === true, { release, verb, ...result }, result.said);
        return result.done ? exitCodes.done : exitCodes.no;
      }),
    );
  }
}
