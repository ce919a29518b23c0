import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench, Figure } from './parts/figure.ts';
import { outputIn, workplace } from './parts/processes.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** `$RAMPART_ARENA`, else `shared/arena` beside the clone, else beside the folder that the clone is in. */
const folders = process.env.RAMPART_ARENA
  ? [process.env.RAMPART_ARENA]
  : [join(root, '..', 'shared', 'arena'), join(root, '..', '..', 'shared', 'arena')];

type Goal = { readonly name: string; readonly value: number | string; readonly pass: boolean; readonly target: string };
type Scored = { readonly goals: readonly Goal[]; readonly runs: number; readonly tick: number };

/**
 * The guard as a black box (`rampart judge`) against the arena's own scorer: false aborts, faults found, sample numbers against Wald's
 * test that knows the fault beforehand, failed requests against Flagger. The arena is not part of the project.
 */
export const bench: Bench = async ({ quick, signal, say }) => {
  const folder = folders.find((path) => existsSync(join(path, 'arena-score.mjs')));
  if (folder === undefined)
    return [{ figure: 'arena', skipped: `no arena at ${folders.join(' or ')}; name its folder in RAMPART_ARENA` }];
  const runs = Number(process.env.RAMPART_ARENA_RUNS ?? (quick ? 10 : 500));
  const figures: Figure[] = [];
  for (const tick of [5, 1]) {
    say(`${runs} runs of each scenario, ticks of ${tick} s`);
    const scored = await score(folder, runs, tick, signal);
    for (const { name, value, pass } of scored.goals) say(`${pass ? 'PASS' : 'FAIL'} ${name}: ${value}`);
    const met = scored.goals.filter(({ pass }) => pass).length;
    figures.push({
      figure: `arena-${tick}s`,
      limit: { goalsMissed: { atMost: 0 } },
      measured: {
        goalsMissed: scored.goals.length - met,
        runs,
        ...Object.fromEntries(scored.goals.flatMap(({ name, value }) => (typeof value === 'number' ? [[name, value]] : []))),
      },
      text: `${met} of ${scored.goals.length} goals with ${runs} runs per scenario: ${scored.goals.map(({ name, value }) => `${name} ${value}`).join('; ')}`,
    });
  }
  return figures;
};

async function score(folder: string, runs: number, tick: number, signal: AbortSignal): Promise<Scored> {
  const place = workplace('arena');
  try {
    const json = join(place.folder, 'scored.json');
    const args = [
      join(folder, 'arena-score.mjs'),
      ...['--file', join(folder, 'arena-dev.json'), '--runs', String(runs), '--tick', String(tick), '--json', json],
      ...['--ref', join(folder, 'arena-ref-flagger5-dev.json')],
      ...['--cmd', `"${process.execPath}" "${join(root, 'bin', 'rampart.js')}" judge`],
    ];
    const child = place.start(process.execPath, args, { cwd: root });
    const kill = (): void => void child.kill('SIGTERM');
    signal.addEventListener('abort', kill, { once: true });
    await once(child, 'exit');
    signal.removeEventListener('abort', kill);
    if (!existsSync(json)) throw new Error(`the scorer ended without a score: ${outputIn(place)}`);
    return JSON.parse(readFileSync(json, 'utf8')) as Scored;
  } finally {
    await place.remove();
  }
}
