import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtin } from '../src/routers/builtin/index.ts';
import { BuiltinConfig } from '../src/routers/builtin/schema.ts';
import type { Route } from '../src/routers/router.ts';
import type { Bench, BenchOptions, Figure, Skipped } from './parts/figure.ts';
import { cpuMs, type Workplace, weighLikeUs, workplace } from './parts/processes.ts';
import { program } from './parts/programs.ts';
import { type Serving, startBackend, startHaproxy, startNginxProxy } from './parts/proxies.ts';
import type { AloneTask, Shares } from './parts/router-alone.ts';
import { median, rounded } from './parts/spread.ts';
import { wrk } from './parts/wrk.ts';

/** Everybody is sent the same requests: those of a user whom the router knows, so that it has a bucket to work out. */
const knownUser = ['Cookie: rampart=5f2d7c1e'];
const alonePath = fileURLToPath(new URL('./parts/router-alone.ts', import.meta.url));

type Contestant = { readonly name: string; readonly serving: Serving; readonly headers: readonly string[] };
type Round = { readonly perSecond: number; readonly p50Us: number; readonly p99Us: number; readonly cpuUs: number };

/** The built-in router beside nginx and HAProxy, one worker each, in front of the same backend, in turns. */
export const bench: Bench = async (options) => {
  const { signal, say } = options;
  const [nginx, haproxy, load] = ['nginx', 'haproxy', 'wrk'].map((name) => program(name, say));
  if (!nginx || !load) return [{ figure: 'router-throughput', skipped: `there is no ${nginx ? 'wrk' : 'nginx'} here` }];
  const place = workplace('router');
  const config = BuiltinConfig.parse({ listen: '127.0.0.1:0' });
  const router = builtin.create(config, {
    service: 'bench',
    folder: join(place.folder, 'router'),
    edgesMs: [500],
    leaseMs: 3_600_000,
  });
  try {
    const backend = await startBackend(place, nginx, signal);
    await router.open(signal);
    const { pid, listen } = await router.health(signal);
    weighLikeUs(pid);
    const own: Serving = { pid, port: listen.port };
    let seq = 0;
    const weigh = (weight: number) => router.setRoute(splitRoute(backend.port, weight), { token: 1, seq: (seq += 1) }, signal);
    const contestants: readonly Contestant[] = [
      { name: 'direct', serving: backend, headers: knownUser },
      { name: 'nginx', serving: await startNginxProxy(place, nginx, backend.port, signal), headers: knownUser },
      ...(haproxy
        ? [{ name: 'haproxy', serving: await startHaproxy(place, haproxy, backend.port, signal), headers: knownUser }]
        : []),
      { name: 'router', serving: own, headers: knownUser },
      { name: 'newUsers', serving: own, headers: [] },
    ];
    await weigh(10);
    const rounds = await compete(contestants, load, options);
    const results: (Figure | Skipped)[] = [throughput(rounds)];
    if (!haproxy) results.push({ figure: 'router-throughput/haproxy', skipped: 'there is no haproxy here' });
    results.push(await ablation(place, backend.port, load, options));
    return results;
  } finally {
    await router.close(AbortSignal.timeout(20_000)).catch(() => {});
    await place.remove();
  }
};

async function compete(
  contestants: readonly Contestant[],
  load: string,
  { quick, signal, say }: BenchOptions,
): Promise<ReadonlyMap<string, readonly Round[]>> {
  const rounds = quick ? 2 : 7;
  const seconds = quick ? 2 : 3;
  const measured = new Map<string, Round[]>(contestants.map(({ name }) => [name, []]));
  for (const { serving, headers } of contestants) await wrk(load, serving.port, 1, headers, signal);
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < contestants.length; turn += 1) {
      // Whoever goes first in one round goes later in the next: other work on the machine comes and goes.
      const contestant = contestants[(turn + round) % contestants.length];
      if (!contestant) continue;
      const before = cpuMs(contestant.serving.pid);
      const result = await wrk(load, contestant.serving.port, seconds, contestant.headers, signal);
      const cpuUs = ((cpuMs(contestant.serving.pid) - before) * 1_000) / result.requests;
      if (result.failed > 0) throw new Error(`${contestant.name}: ${result.failed} of ${result.requests} requests failed`);
      measured.get(contestant.name)?.push({ ...result, cpuUs });
      say(
        `round ${round + 1}, ${contestant.name}: ${Math.round(result.perSecond)}/s, p50 ${result.p50Us} us, p99 ${result.p99Us} us, ${cpuUs.toFixed(1)} us CPU each`,
      );
    }
  }
  return measured;
}

function throughput(rounds: ReadonlyMap<string, readonly Round[]>): Figure {
  const all = (name: string): readonly Round[] => rounds.get(name) ?? [];
  const middle = (name: string, pick: (round: Round) => number): number => rounded(median(all(name).map(pick)));
  const added = (name: string, pick: (round: Round) => number): number =>
    rounded(median(all(name).map((round, index) => pick(round) - pick(all('direct')[index] ?? round))));
  // Round by round: what the machine does beside it then burdens both.
  const ratio = (name: string): number =>
    rounded(median(all('router').map(({ cpuUs }, index) => (all(name)[index]?.cpuUs ?? Number.NaN) / cpuUs)));
  const measured: Record<string, number> = { rounds: all('router').length };
  for (const name of rounds.keys()) {
    measured[`${name}PerSecond`] = Math.round(middle(name, ({ perSecond }) => perSecond));
    if (name !== 'direct') {
      measured[`${name}AddedP50Us`] = added(name, ({ p50Us }) => p50Us);
      measured[`${name}AddedP99Us`] = added(name, ({ p99Us }) => p99Us);
      measured[`${name}CpuUs`] = middle(name, ({ cpuUs }) => cpuUs);
    }
  }
  measured.nginxByRouterCpu = ratio('nginx');
  if (rounds.has('haproxy')) measured.haproxyByRouterCpu = ratio('haproxy');
  const told = [...rounds.keys()]
    .filter((name) => name !== 'direct')
    .map(
      (name) =>
        `${name} ${measured[`${name}PerSecond`]}/s, added to direct ${measured[`${name}AddedP50Us`]} us p50 and ${measured[`${name}AddedP99Us`]} us p99, ${measured[`${name}CpuUs`]} us CPU`,
    );
  return {
    figure: 'router-throughput',
    limit: { nginxByRouterCpu: { atLeast: 0.5 } },
    measured,
    text: `direct ${measured.directPerSecond}/s; ${told.join('; ')}; one request costs nginx ${measured.nginxByRouterCpu} of what it costs the router (≥ 0.5)`,
  };
}

/** What choosing a version and counting cost: by profile, and by leaving them out. */
async function ablation(place: Workplace, backend: number, load: string, { quick, signal, say }: BenchOptions): Promise<Figure> {
  const pairs = quick ? 1 : 5;
  const seconds = quick ? 2 : 3;
  const start = async (bare: boolean) => {
    const task: AloneTask = { backend, bare };
    const child = place.start(process.execPath, ['--disable-warning=ExperimentalWarning', alonePath, JSON.stringify(task)]);
    const [message] = (await Promise.race([
      once(child, 'message', { signal }),
      once(child, 'exit').then(() => Promise.reject(new Error('the router alone did not start'))),
    ])) as [{ port: number }];
    return { child, serving: { port: message.port, pid: child.pid ?? 0 } };
  };
  const cpuUs = async ({ serving }: { serving: Serving }): Promise<number> => {
    const before = cpuMs(serving.pid);
    const { requests } = await wrk(load, serving.port, seconds, knownUser, signal);
    return ((cpuMs(serving.pid) - before) * 1_000) / requests;
  };
  const costs: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    // Two processes that do the same differ by some percent, for as long as they live: each pair is a new one.
    const whole = await start(false);
    const bare = await start(true);
    for (const { serving } of [whole, bare]) await wrk(load, serving.port, 2, knownUser, signal);
    for (const isWholeFirst of [true, false]) {
      const first = await cpuUs(isWholeFirst ? whole : bare);
      const second = await cpuUs(isWholeFirst ? bare : whole);
      const [withThem, without] = isWholeFirst ? [first, second] : [second, first];
      costs.push(((withThem - without) / withThem) * 100);
      say(`pair ${pair + 1}: with weights and counters ${withThem.toFixed(1)} us CPU each, without ${without.toFixed(1)}`);
    }
    for (const { child } of [whole, bare]) child.disconnect();
  }
  const profiled = await start(false);
  // From before its first request on, so that nothing is compiled without the notes that the profiler goes by.
  await answer(profiled.child, 'start', signal);
  await wrk(load, profiled.serving.port, quick ? 4 : 10, knownUser, signal);
  const shares = (await answer(profiled.child, 'stop', signal)) as Shares;
  profiled.child.disconnect();
  const share = rounded(shares.weights + shares.counters);
  const left = rounded(median(costs));
  return {
    figure: 'router-weights-and-counters',
    limit: { profilePercent: { atMost: 5 } },
    measured: {
      profilePercent: share,
      weightsPercent: rounded(shares.weights),
      countersPercent: rounded(shares.counters),
      leftOutPercent: left,
      comparisons: costs.length,
    },
    text: `weights and counters take ${share} % of the router's processor time by profile (≤ 5); leaving them out saves ${left} % (median of ${costs.length} comparisons)`,
  };
}

async function answer(child: ChildProcess, question: string, signal: AbortSignal): Promise<unknown> {
  const answered = once(child, 'message', { signal });
  child.send(question);
  return (await answered)[0];
}

function splitRoute(port: number, weight: number): Route {
  const backend = (version: string) => ({ version, endpoints: [{ host: '127.0.0.1', port }] });
  return { stable: backend('1.0.0'), candidate: backend('1.1.0'), weight, match: [] };
}
