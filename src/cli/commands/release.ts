import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { UserError } from '../../errors.ts';
import { hasGroup } from '../../spec/has-group.ts';
import { documentText } from '../../spec/text-file.ts';
import { action, type CommonOptions, several, withCommon } from '../command.ts';
import { follow } from '../follow.ts';
import { lastingControllerOf } from '../lasting-client.ts';
import { exitCodes, print } from '../output.ts';
import type { GroupReleaseOptions } from '../release-group.ts';
import { optionalMoment } from './releases.ts';
import { plan, plannedText } from './timeline.ts';

type Options = CommonOptions & GroupReleaseOptions & { at?: string };

/** `release`: starts a release of a version, and with `--wait` follows it to its end. */
export function releaseCommand(program: Command): void {
  withCommon(
    program
      .command('release <file>')
      .description('release a version of the service, or of the services of the group, that the file describes')
      .requiredOption('--version <version>', 'the version to release')
      .option('--member <name=v>', 'another version of one member of a group; may be given again', several)
      .option('--why <text>', 'reason, for the timeline', '')
      .option('--committed <time>', 'when the change was committed, for lead time: "$(git log -1 --format=%ct)"')
      .option('--at <moment>', 'plan it for later, with its timeline: 2026-12-01T10:00:00Z, or +2h from now')
      .option('--wait', 'follow it to its end; exit code 1 when it did not succeed'),
  ).action(
    action(async (file: string, options: Options) => {
      const committedAtMs = optionalMoment(options.committed, '--committed');
      const document = await documentText(file);
      const api = await lastingControllerOf(options.data);
      if (options.at !== undefined && (options.wait || options.committed !== undefined || hasGroup(document, file)))
        throw new UserError('E_INPUT', '--at is for one service, without --wait and --committed', {
          where: '--at',
          fix: 'leave the others out; `rampart timeline SERVICE --watch` follows it',
        });
      if (hasGroup(document, file)) {
        // Only a group is read here before it is sent, which takes every kind of document.
        const { releaseGroup } = await import('../release-group.ts');
        return await releaseGroup(api, file, document, options);
      }
      if (options.at !== undefined) {
        const planned = await plan(api, file, { ...options, at: options.at });
        print(options.json === true, planned, plannedText(planned));
        return exitCodes.done;
      }
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
