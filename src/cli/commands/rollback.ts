import type { Command } from 'commander';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { follow } from '../follow.ts';
import { lastingControllerOf } from '../lasting-client.ts';
import { print } from '../output.ts';

type Options = CommonOptions & { to?: string; dryRun?: boolean; why: string; wait: boolean };
type Answer = {
  readonly dryRun: boolean;
  readonly kind: 'abort' | 'restore';
  readonly version: string | null;
  readonly said: string;
  readonly release: string | null;
};

/** `rollback`: back to the version before, found by itself, or to a named one. */
export function rollbackCommand(program: Command): void {
  withCommon(
    program
      .command('rollback <service>')
      .description('bring the previous version back: aborts the live release, or releases an earlier version at once')
      .option('--to <version>', 'an earlier version by name')
      .option('--dry-run', 'only say what would happen')
      .option('--why <text>', 'reason, for the timeline', '')
      .option('--no-wait', 'do not wait for the end'),
  ).action(
    action(async (service: string, options: Options) => {
      const api = await lastingControllerOf(options.data);
      const body = { to: options.to ?? null, dryRun: options.dryRun === true, by: api.by, why: options.why };
      const answer = await api.post<Answer>(`/services/${encodeURIComponent(service)}/rollback`, body);
      if (answer.dryRun || !options.wait || answer.release === null) {
        print(options.json === true, answer, answer.dryRun ? `would do this: ${answer.said}` : answer.said);
        return;
      }
      const ending = await follow(api, answer.release, options.json === true);
      // A rollback has done its work when the version that was asked for has the traffic, by whichever way.
      return answer.kind === 'abort'
        ? ending.outcome === 'rolled-back' || ending.outcome === 'cancelled'
          ? 0
          : 1
        : ending.outcome === 'succeeded'
          ? 0
          : 1;
    }),
  );
}
