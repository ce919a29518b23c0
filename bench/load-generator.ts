import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadPlan, LoadResult } from '../src/load/plan.ts';
import { runLoad } from '../src/load/run-load.ts';
import type { Bench, BenchOptions, Figure } from './parts/figure.ts';
import { workplace } from './parts/processes.ts';
import { program } from './parts/programs.ts';
import { median, rounded } from './parts/spread.ts';
import { type WrkResult, wrk } from './parts/wrk.ts';

const serverPath = fileURLToPath(new URL('./parts/delayed-server.ts', import.meta.url));

/** As wrk has them. */
const users = 64;

/** Requests a second that have to be kept. */
const rates = [500, 2_000, 5_000] as const;

type Round = { readonly wrk: WrkResult; readonly users: LoadResult };
type Kept = { readonly rate: number; readonly result: LoadResult; readonly came: number; readonly cpu: number };

/** The load generator beside wrk on the same server, and how well it keeps a rate. */
export const bench: Bench = async (options) => {
  const { signal, say, quick } = options;
  const path = program('wrk', say);
  if (!path) return [{ figure: 'load-generator', skipped: 'there is no wrk here' }];
  const place = workplace('load');
  try {
    const server = place.start(process.execPath, [serverPath]);
    const [{ port }] = (await once(server, 'message', { signal })) as [{ port: number }];
    const seconds = quick ? 2 : 5;
    const loaded = async (shape: LoadPlan['shape']): Promise<LoadResult> => {
      const result = await runLoad(planOf(port, shape, seconds * 1_000), signal);
      if (result.answers !== result.requests || result.statuses['2xx'] !== result.answers)
        throw new Error(`${result.requests - result.statuses['2xx']} requests failed`);
      return result;
    };
    await wrk(path, port, 2, [], signal);
    const rounds: Round[] = [];
    for (let round = 0; round < (quick ? 2 : 9); round += 1) {
      // Whoever goes first in one round goes second in the next: other work on the machine comes and goes.
      const isFirst = round % 2 === 0;
      const before = isFirst ? await wrk(path, port, seconds, [], signal) : null;
      const own = await loaded({ kind: 'users', users, thinkMs: 0 });
      const other = before ?? (await wrk(path, port, seconds, [], signal));
      rounds.push({ wrk: other, users: own });
      say(
        `round ${round + 1}: p95 wrk ${other.p95Us / 1_000} ms, own ${own.latency.p95} ms; ${Math.round(other.perSecond)} and ${Math.round(own.answeredPerSecond)}/s`,
      );
    }
    const kept: Kept[] = [];
    for (const rate of rates) kept.push(await keep(rate, loaded, server, options));
    return [agreement(rounds), keeping(kept)];
  } finally {
    await place.remove();
  }
};

/** A rate, with what came to the server in its own words. */
async function keep(
  rate: number,
  loaded: (shape: LoadPlan['shape']) => Promise<LoadResult>,
  server: ChildProcess,
  { say, signal }: BenchOptions,
): Promise<Kept> {
  const before = await countAt(server, signal);
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  const result = await loaded({ kind: 'rate', perSecond: rate, arrivals: 'constant' });
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpu = (user + system) / 1_000 / (performance.now() - startMs);
  const came = (await countAt(server, signal)) - before;
  say(
    `${rate}/s: ${came} requests came, ${result.answeredPerSecond} answers/s, late by p99 ${result.lag.p99} ms, ${rounded(cpu)} of a core`,
  );
  return { rate, result, came, cpu };
}

async function countAt(server: ChildProcess, signal: AbortSignal): Promise<number> {
  const answered = once(server, 'message', { signal });
  server.send('count');
  return ((await answered)[0] as { count: number }).count;
}

function planOf(port: number, shape: LoadPlan['shape'], forMs: number): LoadPlan {
  return {
    targets: [{ url: `http://127.0.0.1:${port}/`, weight: 1, method: 'GET', headers: {}, body: null }],
    shape,
    rampUpMs: 0,
    warmUpMs: 500,
    forMs,
    timeoutMs: 10_000,
    connectionsMax: shape.kind === 'users' ? shape.users : 512,
    insecure: false,
    seed: 1,
  };
}

function agreement(rounds: readonly Round[]): Figure {
  const ratios = rounds.map(({ wrk: other, users: own }) => (own.latency.p95 * 1_000) / other.p95Us);
  const of = (pick: (round: Round) => number): number => rounded(median(rounds.map(pick)));
  const ratio = rounded(median(ratios));
  const measured = {
    rounds: rounds.length,
    p95OffWrkPercent: rounded(Math.abs(ratio - 1) * 100),
    p95ByWrk: ratio,
    p95ByWrkMin: rounded(Math.min(...ratios)),
    p95ByWrkMax: rounded(Math.max(...ratios)),
    p50ByWrk: of(({ wrk: other, users: own }) => (own.latency.p50 * 1_000) / other.p50Us),
    p99ByWrk: of(({ wrk: other, users: own }) => (own.latency.p99 * 1_000) / other.p99Us),
    wrkP95Ms: of(({ wrk: other }) => other.p95Us / 1_000),
    wrkPerSecond: of(({ wrk: other }) => other.perSecond),
    ownPerSecond: of(({ users: own }) => own.answeredPerSecond),
  };
  return {
    figure: 'load-generator',
    limit: { p95OffWrkPercent: { atMost: 5 } },
    measured,
    text: `with ${users} users its p95 is ${ratio} of wrk's on the same server (within 5 %; rounds from ${measured.p95ByWrkMin} to ${measured.p95ByWrkMax}), p50 ${measured.p50ByWrk}, p99 ${measured.p99ByWrk}; ${measured.ownPerSecond} and ${measured.wrkPerSecond} answers/s`,
  };
}

function keeping(kept: readonly Kept[]): Figure {
  const off = kept.map(
    ({ rate, result }) =>
      Math.max(Math.abs(result.begunPerSecond / rate - 1), Math.abs(result.answeredPerSecond / rate - 1)) * 100,
  );
  // Half a second of warm-up is sent as well.
  const lost = kept.map(({ rate, result, came }) => Math.round(rate * (result.measuredMs / 1_000 + 0.5)) - came);
  const measured: Record<string, number> = {
    rateOffPercent: rounded(Math.max(...off)),
    requestsNotSeen: lost.reduce((sum, count) => sum + Math.abs(count), 0),
  };
  for (const { rate, result, cpu } of kept) {
    measured[`at${rate}PerSecond`] = rounded(result.answeredPerSecond);
    measured[`at${rate}LagP99Ms`] = result.lag.p99;
    measured[`at${rate}P95Ms`] = result.latency.p95;
    measured[`at${rate}Cores`] = rounded(cpu);
  }
  return {
    figure: 'load-generator-rate',
    limit: { rateOffPercent: { atMost: 2 }, requestsNotSeen: { atMost: 0 } },
    measured,
    text: `it keeps ${kept.map(({ rate }) => rate).join(', ')} requests/s within ${measured.rateOffPercent} % (≤ 2) as the server counts them, late by p99 ${kept.map(({ result }) => result.lag.p99).join(', ')} ms, on ${kept.map(({ cpu }) => rounded(cpu)).join(', ')} of a core`,
  };
}
