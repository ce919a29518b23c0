import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import type { GuardPolicy } from '../../analysis/guard.ts';
import { UserError } from '../../errors.ts';
import { serviceIn } from '../../runtime/documents.ts';
import { LoggedReplay, replayGood } from '../../runtime/replays.ts';
import { documentText } from '../../spec/text-file.ts';
import type { GoodReleases, Replay } from '../../views/replay.ts';
import { type Resolution, resolutions } from '../../views/series.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { type LanguageOption, languageOf, withLanguage } from '../language.ts';
import { openLog, releaseOf } from '../log-file.ts';
import { exitCodes, print } from '../output.ts';
import { countText, timeText } from '../screen.ts';

type Options = CommonOptions & LanguageOption & { guard?: string; allGood?: string; every?: string };

/**
 * `replay`: what the guard saw in a recorded release, and what another policy would have done. Reads the log itself.
 */
export function replayCommand(program: Command): void {
  withCommon(
    withLanguage(
      program
        .command('replay [service-or-release]')
        .description(
          'look at a recorded release again, with its own guard or with that of another document; exit code 1: it would abort',
        )
        .option('--guard <file>', 'Service document whose `guard` section is tried, instead of the one of the release')
        .option('--all-good <service>', 'try it on every release of the service that succeeded, and count false aborts')
        .option('--every <seconds>', `with --json: seconds per point, one of ${resolutions.join(', ')} (default: 1)`),
    ),
  ).action(
    action(async (given: string | undefined, options: Options) => {
      if ((given === undefined) === (options.allGood === undefined))
        throw new UserError('E_INPUT', 'expected a release, or --all-good with a service', {
          where: 'rampart replay',
          fix: 'give one of them: `rampart replay RELEASE` or `rampart replay --all-good SERVICE`',
        });
      const language = languageOf(options);
      const every = resolutionOf(options.every);
      const policy = options.guard === undefined ? null : await guardOf(options.guard);
      const log = await openLog(options.data);
      try {
        if (given === undefined) {
          const good = await replayGood(log, options.allGood ?? '', policy, language);
          print(options.json === true, good, goodText(good, options.guard ?? null));
          return good.falseAborts.length > 0 ? exitCodes.no : exitCodes.done;
        }
        const logged = await LoggedReplay.of(log, await releaseOf(log, given), policy);
        const replay = await logged.read({ every, after: 0, language });
        print(options.json === true, replay, replayText(replay, options.guard ?? null));
        return replay.abort ? exitCodes.no : exitCodes.done;
      } finally {
        await log.close();
      }
    }),
  );
}

async function guardOf(file: string): Promise<GuardPolicy> {
  return serviceIn(await documentText(file), file, dirname(resolve(file))).release.guard;
}

function resolutionOf(given: string | undefined): Resolution {
  const found = given === undefined ? 1 : resolutions.find((every) => String(every) === given);
  if (found !== undefined) return found;
  throw new UserError('E_INPUT', `there are no points of ${given} seconds`, {
    where: '--every',
    fix: `give one of ${resolutions.join(', ')}`,
  });
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
  const turns = replay.marks.filter((mark) => mark.kind === 'verdict');
  if (turns.length > 0) {
    lines.push('', `verdicts of ${whose}`);
    for (const { second, weight, verdict, sentence } of turns.slice(-verdictsMax))
      lines.push(`  ${timeText(second * 1_000)}  ${`${weight} %`.padStart(7)}  ${verdict.padEnd(9)}  ${sentence}`);
  }
  if (replay.differences.length > 0) lines.push('', 'last differences, with intervals that hold at every look (95 %)');
  for (const line of replay.differences) lines.push(differenceText(line, replay));
  lines.push('', abort ? abortText(replay, whose) : goOnText(replay, whose));
  return lines.join('\n');
}

/** Changes of the verdict that a terminal shows; `--json` has every second. */
const verdictsMax = 30;

/** `latency-p95  50 %  1.1.0 167ms, 1.0.0 138ms: 29.2ms more, -5.1ms to 61.5ms; 27.6ms is accepted`. */
function differenceText(one: Replay['differences'][number], { version, stable }: Replay): string {
  const { metric, unit, weight, difference, low, high, margin } = one;
  const text = (value: number | null) => valueText(value ?? 0, unit);
  const span =
    low !== null && high !== null
      ? `, ${text(low)} to ${text(high)}`
      : low !== null
        ? `, at least ${text(low)}`
        : high !== null
          ? `, at most ${text(high)}`
          : '';
  const how = (difference ?? 0) < 0 ? 'less' : 'more';
  const apart = `${valueText(Math.abs(difference ?? 0), unit)} ${how}${span}`;
  const accepted = margin === null ? '' : `; ${text(margin)} is accepted`;
  const sides = `${version} ${text(one.candidate)}, ${stable} ${text(one.stable)}`;
  return `  ${metric.padEnd(20)}  ${`${weight} %`.padStart(7)}  ${sides}: ${apart}${accepted}`;
}

/** Three digits; shares in percent. */
function valueText(value: number, unit: Replay['differences'][number]['unit']): string {
  const short = Number((unit === 'share' ? value * 100 : value).toPrecision(3));
  return unit === 'share' ? `${short} %` : unit === 'ms' ? `${short}ms` : String(short);
}

function abortText({ abort, version }: Replay, whose: string): string {
  if (!abort) return '';
  const { atMs, sentence, secondsFromFault, failedRequests, candidateRequests } = abort;
  const time = secondsFromFault === null ? '' : `, ${secondsFromFault} s after the first sign of the fault`;
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

function goodText({ service, releases, falseAborts }: GoodReleases, guardFile: string | null): string {
  const whose = guardFile === null ? 'their own guards' : `the guard of ${guardFile}`;
  const lines = [
    `${service}: ${countText(releases)} releases succeeded, of which ${whose} would have aborted ${falseAborts.length}`,
  ];
  for (const { release, version, abort } of falseAborts)
    if (abort) lines.push(`  ${version} (${release}) at ${timeText(abort.atMs)}: ${abort.sentence}`);
  return lines.join('\n');
}
