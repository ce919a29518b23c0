import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EngineResult, EngineTask } from './parts/engine-process.ts';
import type { Bench } from './parts/figure.ts';
import { outputIn, workplace } from './parts/processes.ts';
import { rounded } from './parts/spread.ts';

const entry = fileURLToPath(new URL('./parts/engine-process.ts', import.meta.url));
const taskset = '/usr/bin/taskset';
/** The controller looks this long after a second has ended: before that a router's counts of it may not be complete. */
const dueAfterSecondMs = 30;
const limitKiB = 64;

/** 1,000 live releases in one controller on one core, with its log on the real disk. */
export const bench: Bench = async ({ quick, signal, say }) => {
  const place = workplace('engine');
  try {
    const task: EngineTask = {
      file: join(place.folder, 'log.db'),
      releases: 1_000,
      seconds: quick ? 15 : 60,
      spoiled: quick ? 5 : 20,
    };
    const profile = process.env.RAMPART_BENCH_PROFILE;
    const args = [
      '--expose-gc',
      '--disable-warning=ExperimentalWarning',
      ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]),
      entry,
      JSON.stringify(task),
    ];
    // The collector's helper threads count too: one core is one core.
    const isPinned = existsSync(taskset);
    const child = isPinned ? place.start(taskset, ['-c', '0', process.execPath, ...args]) : place.start(process.execPath, args);
    const kill = (): void => void child.kill('SIGKILL');
    signal.addEventListener('abort', kill, { once: true });
    const late = setTimeout(kill, (task.seconds + 240) * 1_000);
    say(`${task.releases} releases for ${task.seconds} s`);
    const ended = once(child, 'exit');
    const result = await Promise.race([
      once(child, 'message').then(([message]) => message as EngineResult),
      ended.then(() => {
        throw new Error(`the engine's process ended early: ${outputIn(place)}`);
      }),
    ]);
    await ended;
    clearTimeout(late);
    signal.removeEventListener('abort', kill);
    const { afterSecondMs: after, toRouteMs } = result;
    const measured = {
      releases: task.releases,
      looks: result.looks,
      latenessP50Ms: rounded(after.p50 - dueAfterSecondMs),
      latenessP99Ms: rounded(after.p99 - dueAfterSecondMs),
      latenessMaxMs: rounded(after.max - dueAfterSecondMs),
      afterSecondP99Ms: after.p99,
      rollbacks: toRouteMs.n,
      toRouteP50Ms: toRouteMs.p50,
      toRouteMaxMs: toRouteMs.max,
      corePercent: rounded(result.cpuShare * 100),
      longestPauseMs: rounded(result.longestPauseMs),
      secondsMissed: result.secondsMissed,
      kiBPerRelease: rounded(result.bytesPerRelease / 1_024),
      rssKiBPerRelease: rounded(result.rssBytesPerRelease / 1_024),
    };
    return [
      {
        figure: 'engine-turn',
        limit: { latenessP99Ms: { atMost: 100 }, kiBPerRelease: { atMost: limitKiB }, secondsMissed: { atMost: 0 } },
        measured,
        text: `${task.releases} live releases${isPinned ? ' on one core' : ''}: looks decided ${measured.latenessP50Ms} ms (p50), ${measured.latenessP99Ms} ms (p99, ≤ 100) after they were due, ${toRouteMs.n} bad candidates off the router ${toRouteMs.p50} ms (p50), ${toRouteMs.max} ms (max) after the second that proved it; ${measured.corePercent} % of the core, ${measured.kiBPerRelease} KiB each (≤ ${limitKiB})`,
      },
    ];
  } finally {
    await place.remove();
  }
};
