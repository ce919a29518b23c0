import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { GuardPolicy } from '../../analysis/guard.ts';
import { UserError } from '../../errors.ts';
import { documentsIn } from '../../runtime/documents.ts';
import { loadService, streamOf } from '../../runtime/record.ts';
import { LoggedReplay, replayGood } from '../../runtime/replays.ts';
import { documentText } from '../../spec/load.ts';
import type { EventLog } from '../../stores/log.ts';
import { openSqliteLog } from '../../stores/sqlite/index.ts';
import type { GoodReleases, Replay } from '../../views/replay.ts';
import { dataFolder } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { exitCodes, print } from '../output.ts';
import { countText, timeText } from '../screen.ts';

type Options = CommonOptions & { guard?: string; allGood?: string };

/**
 * `replay`: what the guard saw in a recorded release, and what another policy would have done. Reads the log itself, also beside a
 * running controller: nothing that is asked for out of interest takes time from the guard of a live release.
 */
export function replayCommand(program: Command): void {
  withCommon(
    program
      .command('replay [service-or-release]')
      .description(
        'look at a recorded release again, with its own guard or with that of another document; exit code 1: it would abort',
      )
      .option('--guard <file>', 'Service document whose `guard` section is tried, instead of the one of the release')
      .option('--all-good <service>', 'try it on every release of the service that succeeded, and count false aborts'),
  ).action(
    action(async (given: string | undefined, options: Options) => {
      if ((given === undefined) === (options.allGood === undefined))
        throw new UserError('E_INPUT', 'expected a release, or --all-good with a service', {
          where: 'rampart replay',
          fix: 'give one of them: `rampart replay RELEASE` or `rampart replay --all-good SERVICE`',
        });
      const policy = options.guard === undefined ? null : await guardOf(options.guard);
      const log = await openLog(options.data);
      try {
        if (given === undefined) {
          const good = await replayGood(log, options.allGood ?? '', policy);
          print(options.json === true, good, goodText(good));
          return good.falseAborts.length > 0 ? exitCodes.no : exitCodes.done;
        }
        const replay = await (await LoggedReplay.of(log, await releaseOf(log, given), policy)).read();
        print(options.json === true, replay, replayText(replay, options.guard ?? null));
        return replay.abort ? exitCodes.no : exitCodes.done;
      } finally {
        await log.close();
      }
    }),
  );
}

async function guardOf(file: string): Promise<GuardPolicy> {
  const [spec, second] = documentsIn(await documentText(file), file, dirname(resolve(file)));
  if (spec && !second) return spec.release.guard;
  throw new UserError('E_INPUT', `expected one Service document, found ${second ? 'several' : 'none'}`, {
    where: file,
    fix: 'put the service into a file of its own',
  });
}

async function openLog(data: string | undefined): Promise<EventLog> {
  const file = join(dataFolder(data), 'log.db');
  if (existsSync(file)) return await openSqliteLog(file, { verifyTail: 0 });
  throw new UserError('E_LOG_UNAVAILABLE', `there is no log at ${file}`, {
    where: file,
    fix: 'name the data folder with --data',
  });
}

/** The release of that id, or the newest of the service of that name. */
async function releaseOf(log: EventLog, given: string): Promise<string> {
  if (!(await log.streams()).includes(streamOf(given))) return given;
  const { state } = await loadService(log, given);
  return state.live?.id ?? state.ended[0]?.id ?? given;
}

/** A replay for a terminal. */
export function replayText(replay: Replay, guardFile: string | null): string {
  const { recorded, abort, version, stable, candidateRequests, failedRequests } = replay;
  const whose = guardFile === null ? 'its own guard' : `the guard of ${guardFile}`;
  const lines = [
    `${replay.service} ${version} over ${stable ?? 'nothing'} (${replay.release})`,
    `recorded: ${recorded ? `${recorded.outcome}. ${recorded.reason}` : 'it is under way'}`,
    `          ${countText(failedRequests)} of ${countText(candidateRequests)} requests to ${version} failed in ${replay.seconds} s under the guard`,
  ];
  const turns = replay.points.filter((point, index) => point.verdict !== replay.points[index - 1]?.verdict);
  if (turns.length > 0) {
    lines.push('', `verdicts of ${whose}`);
    for (const { second, weight, verdict, sentence } of turns.slice(-verdictsMax))
      lines.push(`  ${timeText(second * 1_000)}  ${`${weight} %`.padStart(7)}  ${verdict.padEnd(9)}  ${sentence}`);
  }
  lines.push('', abort ? abortText(replay, whose) : goOnText(replay, whose));
  return lines.join('\n');
}

/** Changes of the verdict that a terminal shows; `--json` has every second. */
const verdictsMax = 30;

function abortText({ abort, version }: Replay, whose: string): string {
  if (!abort) return '';
  const { atMs, sentence, secondsFromFault, failedRequests, candidateRequests } = abort;
  const time = secondsFromFault === null ? '' : `, ${secondsFromFault} s after the first failure`;
  return (
    `${whose} aborts at ${timeText(atMs)}${time}: ${sentence}\n` +
    `until then ${countText(failedRequests)} of ${countText(candidateRequests)} requests to ${version} failed`
  );
}

function goOnText({ recorded, recordedByGuard }: Replay, whose: string): string {
  // After a rollback there are no more counts: nobody knows what the policy would have said next.
  const end =
    recordedByGuard || recorded?.outcome === 'rolled-back' ? ' up to the rollback; what came after is not on record' : '';
  return `${whose} does not abort${end}`;
}

function goodText({ service, releases, falseAborts }: GoodReleases): string {
  const lines = [
    `${service}: ${countText(releases)} releases succeeded, of which this guard would have aborted ${falseAborts.length}`,
  ];
  for (const { release, version, abort } of falseAborts)
    if (abort) lines.push(`  ${version} (${release}) at ${timeText(abort.atMs)}: ${abort.sentence}`);
  return lines.join('\n');
}
