import { setTimeout as delay } from 'node:timers/promises';
import type { Route } from '../src/routers/router.ts';
import { type Backends, startBackends } from './parts/backends.ts';
import type { Bench, BenchOptions, Figure, Skipped } from './parts/figure.ts';
import { seenOf, startLoad } from './parts/load.ts';
import { lossesOf, lossLimits, lossText } from './parts/losses.ts';
import { workplace } from './parts/processes.ts';
import { type RouterAtWork, routersAtWork } from './parts/routers.ts';
import { spreadOf } from './parts/spread.ts';
import type { UserCounts } from './parts/users.ts';

const perSecond = 500;
const betweenMs = 100;
/** So that some requests are under way at every change. */
const slowEvery = 50;
/** Far above the last request of the changes of weight. */
const movesFrom = 10_000_000;
/** Three of eight take all traffic back to stable, from a small share, from all, and from most. */
const weights = [0, 10, 50, 0, 100, 0, 25, 75];

/** Changes of weight and moves of a release in every running router, under users who notice every connection that breaks. */
export const bench: Bench = async (options) => {
  const figures: (Figure | Skipped)[] = [];
  for (const [name, start] of Object.entries(routersAtWork)) {
    const place = workplace('weight');
    const backends = await startBackends();
    let atWork: RouterAtWork | undefined;
    try {
      const started = await start(place, options.say, options.signal);
      if ('missing' in started) figures.push({ figure: `weight-change-${name}`, skipped: started.missing });
      else {
        atWork = started;
        figures.push(await weightChanges(name, atWork, backends, options));
        figures.push(await routeMoves(name, atWork, backends, options));
      }
    } finally {
      await atWork?.end().catch(() => {});
      await backends.end();
      await place.remove();
    }
  }
  return figures;
};

/** Writes of one bench have rising numbers, whatever figure they are for. */
let seq = 0;

async function weightChanges(
  name: string,
  { router, port, promised }: RouterAtWork,
  backends: Backends,
  { quick, signal, say }: BenchOptions,
): Promise<Figure> {
  const changes = quick ? 40 : 500;
  say(`${name}: ${changes} changes of weight under ${perSecond} requests/s`);
  const route = (weight: number): Route => ({
    stable: backends.version('stable'),
    candidate: backends.version('candidate'),
    weight,
    match: [],
  });
  const resetsIdle = router.capabilities.resetsIdle ?? false;
  await router.setRoute(route(0), { token: 1, seq: (seq += 1) }, signal);
  const load = startLoad({ port, perSecond, users: 2_000, slowEvery, from: 1 });
  const times: number[] = [];
  const backTimes: number[] = [];
  let unconfirmed = 0;
  let counts: UserCounts;
  await delay(1_000);
  try {
    for (let change = 0; change < changes; change += 1) {
      signal.throwIfAborted();
      seq += 1;
      const weight = weights[(change + 1) % weights.length] ?? 0;
      const startedMs = performance.now();
      await router.setRoute(route(weight), { token: 1, seq }, signal);
      const reading = await router.readRoute(signal);
      times.push(performance.now() - startedMs);
      if (reading?.fence.seq !== seq || reading.route.weight !== weight || reading.lapsed) unconfirmed += 1;
      await delay(betweenMs);
      if (weight === 0) backTimes.push(Math.max(0, (await backends.lastOfCandidate()) - performance.timeOrigin - startedMs));
    }
  } finally {
    counts = await load.stop();
  }
  const time = spreadOf(times);
  const back = spreadOf(backTimes);
  const losses = await lossesOf(counts, backends);
  const shares = `${seenOf(counts, 'stable').answers} by stable, ${seenOf(counts, 'candidate').answers} by the candidate`;
  const { inForceMs, backMs } = promised;
  return {
    figure: `weight-change-${name}`,
    limit: {
      ...(inForceMs === null ? {} : { p99Ms: { atMost: inForceMs } }),
      backP99Ms: { atMost: backMs },
      ...lossLimits(resetsIdle),
      unconfirmed: { atMost: 0 },
    },
    measured: {
      changes: time.n,
      p50Ms: time.p50,
      p99Ms: time.p99,
      maxMs: time.max,
      takenBack: back.n,
      backP50Ms: back.p50,
      backP99Ms: back.p99,
      backMaxMs: back.max,
      unconfirmed,
      requests: counts.answered,
      ...losses,
      clientLateMaxMs: Math.round(counts.lateMaxMs),
    },
    text: `${name}: ${time.n} changes of weight in force and read back after ${time.p50} ms (p50), ${time.p99} ms (p99${inForceMs === null ? '' : `, ≤ ${inForceMs}`}), ${time.max} ms (max); of ${back.n} back to stable the candidate's last request came ${back.p50} ms (p50), ${back.p99} ms (p99, ≤ ${backMs}) after they began; ${lossText(losses, counts.answered)}, ${shares}${examplesOf(counts)}`,
  };
}

/** What releases do with a route, one after the other: each begins where the one before has ended. */
function movesOf({ version }: Backends): readonly (readonly [name: string, route: Route])[] {
  const split = (stableCount: number, candidateCount: number, weight: number): Route => ({
    stable: version('stable', stableCount),
    candidate: version('candidate', candidateCount),
    weight,
    match: [],
  });
  const alone = (name: 'stable' | 'candidate', count: number): Route => ({
    stable: version(name, count),
    candidate: null,
    weight: 0,
    match: [],
  });
  return [
    ['the candidate is there', split(2, 2, 0)],
    ['blue-green switch', split(2, 2, 100)],
    ['switch back', split(2, 2, 0)],
    ['blue-green switch', split(2, 2, 100)],
    ['promotion', alone('candidate', 2)],
    ['cutover', alone('stable', 2)],
    ['one instance of two is new', split(1, 1, 50)],
    ['both are new', split(1, 2, 100)],
    ['promotion', alone('candidate', 2)],
    ['cutover', alone('stable', 2)],
  ];
}

async function routeMoves(
  name: string,
  { router, port }: RouterAtWork,
  backends: Backends,
  { quick, signal, say }: BenchOptions,
): Promise<Figure> {
  const rounds = quick ? 2 : 20;
  const moves = movesOf(backends);
  say(`${name}: ${rounds * moves.length} switches, promotions, cutovers and instances replaced`);
  const resetsIdle = router.capabilities.resetsIdle ?? false;
  await router.setRoute(moves.at(-1)?.[1] as Route, { token: 1, seq: (seq += 1) }, signal);
  const load = startLoad({ port, perSecond, users: 2_000, slowEvery, from: movesFrom });
  let unconfirmed = 0;
  let counts: UserCounts;
  await delay(1_000);
  try {
    for (let round = 0; round < rounds; round += 1)
      for (const [, route] of moves) {
        signal.throwIfAborted();
        seq += 1;
        await router.setRoute(route, { token: 1, seq }, signal);
        const reading = await router.readRoute(signal);
        if (reading?.fence.seq !== seq || reading.route.stable?.version !== route.stable?.version) unconfirmed += 1;
        await delay(betweenMs);
      }
  } finally {
    counts = await load.stop();
  }
  const losses = await lossesOf(counts, backends);
  return {
    figure: `route-moves-${name}`,
    limit: { ...lossLimits(resetsIdle), unconfirmed: { atMost: 0 } },
    measured: { moves: rounds * moves.length, unconfirmed, requests: counts.answered, ...losses },
    text: `${name}: ${rounds * moves.length} moves (blue-green switches and back, promotions, cutovers, instances replaced one by one) under ${perSecond} requests/s; ${lossText(losses, counts.answered)}${examplesOf(counts)}`,
  };
}

function examplesOf({ examples }: UserCounts): string {
  return examples.length > 0 ? `: ${[...new Set(examples)].join('; ')}` : '';
}
