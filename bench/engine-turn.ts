import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EngineResult, EngineTask } from './parts/engine-process.ts';
import type { Bench } from './parts/figure.ts';
import { outputIn, workplace } from './parts/processes.ts';
import { rounded } from './parts/spread.ts';

const entry = fileURLToPath(new URL('./parts/engine-process.ts', import.meta.url));
/** The controller looks this long after a second has ended: before that a router's counts of it may not be complete. */
const dueAfterSecondMs = 30;
const limitKiB = 64;

/** 1,000 live releases in one controller on one core, with its log on the real disk. */
export const bench: Bench = async ({ quick, profile, signal, say }) => {
  const place = workplace('engine');
  try {
    const task: EngineTask = {
      file: join(place.folder, 'log.db'),
      releases: 1_000,
      seconds: quick ? 15 : 60,
      spoiled: quick ? 5 : 20,
    };
    const args = [
      '--expose-gc',
      // One core is one core: the collector gets no second one. Not bound to a core by name, which other work may be on.
      '--single-threaded-gc',
      '--disable-warning=ExperimentalWarning',
      ...(profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]),
      entry,
      JSON.stringify(task),
    ];
    const child = place.start(process.execPath, args);
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
        text: `${task.releases} live releases on one core: looks decided ${measured.latenessP50Ms} ms (p50), ${measured.latenessP99Ms} ms (p99, ≤ 100) after they were due, ${toRouteMs.n} bad candidates off the router ${toRouteMs.p50} ms (p50), ${toRouteMs.max} ms (max) after the second that proved it; ${measured.corePercent} % of the core, ${measured.kiBPerRelease} KiB each (≤ ${limitKiB})`,
      },
    ];
  } finally {
    await place.remove();
  }
};
