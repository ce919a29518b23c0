import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Route } from '../src/routers/router.ts';
import type { Bench, BenchOptions, Figure, Skipped } from './parts/figure.ts';
import { lostIn, seenOf, startLoad } from './parts/load.ts';
import { workplace } from './parts/processes.ts';
import { type RouterAtWork, routersAtWork } from './parts/routers.ts';
import { spreadOf } from './parts/spread.ts';
import type { UserCounts } from './parts/users.ts';

const perSecond = 500;
const betweenMs = 100;
/** Three of eight take all traffic back to stable, from a small share, from all, and from most. */
const weights = [0, 10, 50, 0, 100, 0, 25, 75];

/** Changes of weight in every running router, under users who notice every connection that breaks. */
export const bench: Bench = async (options) => {
  const figures: (Figure | Skipped)[] = [];
  for (const [name, start] of Object.entries(routersAtWork)) {
    const place = workplace('weight');
    const backends = new Worker(new URL('./parts/versions.ts', import.meta.url));
    let atWork: RouterAtWork | undefined;
    try {
      const ports = await heard(backends);
      const started = await start(place, options.say, options.signal);
      if ('missing' in started) figures.push({ figure: `weight-change-${name}`, skipped: started.missing });
      else {
        atWork = started;
        figures.push(await measured(name, atWork, backends, ports, options));
      }
    } finally {
      await atWork?.end().catch(() => {});
      await backends.terminate();
      await place.remove();
    }
  }
  return figures;
};

async function measured(
  name: string,
  { router, port }: RouterAtWork,
  backends: Worker,
  ports: Readonly<Record<string, number>>,
  { quick, signal, say }: BenchOptions,
): Promise<Figure> {
  const changes = quick ? 40 : 500;
  say(`${name}: ${changes} changes of weight under ${perSecond} requests/s`);
  const backend = (version: string) => ({ version, endpoints: [{ host: '127.0.0.1', port: ports[version] ?? 0 }] });
  const route = (weight: number): Route => ({ stable: backend('stable'), candidate: backend('candidate'), weight, match: [] });
  let seq = 1;
  await router.setRoute(route(0), { token: 1, seq }, signal);
  const load = startLoad({ port, perSecond, users: 2_000 });
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
      if (weight > 0) continue;
      backends.postMessage('last');
      const { candidate = 0 } = await heard(backends);
      backTimes.push(Math.max(0, candidate - performance.timeOrigin - startedMs));
    }
  } finally {
    counts = await load.stop();
  }
  const time = spreadOf(times);
  const back = spreadOf(backTimes);
  const failed = lostIn(counts, new Set());
  const shares = `${seenOf(counts, 'stable').answers} by stable, ${seenOf(counts, 'candidate').answers} by the candidate`;
  return {
    figure: `weight-change-${name}`,
    limit: { p99Ms: { atMost: 50 }, backP99Ms: { atMost: 50 }, failed: { atMost: 0 }, unconfirmed: { atMost: 0 } },
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
      failed,
      clientLateMaxMs: Math.round(counts.lateMaxMs),
    },
    text: `${name}: ${time.n} changes of weight in force and read back after ${time.p50} ms (p50), ${time.p99} ms (p99, ≤ 50), ${time.max} ms (max); of ${back.n} back to stable the candidate's last request came ${back.p50} ms (p50), ${back.p99} ms (p99, ≤ 50) after they began; ${failed} of ${counts.answered} requests failed (${shares})${counts.examples.length > 0 ? `: ${counts.examples.join('; ')}` : ''}`,
  };
}

/** The next message of a thread. */
async function heard(worker: Worker): Promise<Record<string, number>> {
  return await new Promise((resolve, reject) => {
    worker.once('message', (message) => {
      worker.off('error', reject);
      resolve(message);
    });
    worker.once('error', reject);
  });
}
