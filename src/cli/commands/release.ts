import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { documentText } from '../../spec/load.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { follow } from '../follow.ts';
import { lastingControllerOf } from '../lasting-client.ts';
import { exitCodes, print } from '../output.ts';
import { optionalMoment } from './releases.ts';

type Options = CommonOptions & { version: string; why: string; committed?: string; wait?: boolean };

/** `release`: starts a release of a version, and with `--wait` follows it to its end. */
export function releaseCommand(program: Command): void {
  withCommon(
    program
      .command('release <file>')
      .description('release a version of the service that the file describes')
      .requiredOption('--version <version>', 'the version to release')
      .option('--why <text>', 'reason, for the timeline', '')
      .option('--committed <time>', 'when the change was committed, for lead time: "$(git log -1 --format=%ct)"')
      .option('--wait', 'follow it to its end; exit code 1 when it did not succeed'),
  ).action(
    action(async (file: string, options: Options) => {
      const committedAtMs = optionalMoment(options.committed, '--committed');
      const document = await documentText(file);
      const api = await lastingControllerOf(options.data);
      const body = {
        document,
        file,
        folder: dirname(resolve(file)),
        version: options.version,
        by: api.by,
        why: options.why,
        ...(committedAtMs === undefined ? {} : { committedAtMs }),
      };
      const started = await api.post<{ release: string; service: string }>('/releases', body, document);
      if (!options.wait) {
        print(
          options.json === true,
          started,
          `release ${started.release} of ${started.service} ${options.version} has begun; watch it with: rampart watch ${started.service}`,
        );
        return exitCodes.done;
      }
      const { outcome } = await follow(api, started.release, options.json === true);
      return outcome === 'succeeded' ? exitCodes.done : exitCodes.no;
    }),
  );
}
