import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { builtin } from '../src/routers/builtin/index.ts';
import { BuiltinConfig } from '../src/routers/builtin/schema.ts';
import type { Route } from '../src/routers/router.ts';
import type { Bench } from './parts/figure.ts';
import { lostIn, seenOf, startLoad } from './parts/load.ts';
import { weighLikeUs, workplace } from './parts/processes.ts';
import { spreadOf } from './parts/spread.ts';
import type { UserCounts } from './parts/users.ts';

const perSecond = 500;
const betweenMs = 100;
const weights = [0, 10, 25, 50, 75, 100];

/** Changes of weight in the running built-in router, under users who notice every connection that breaks. */
export const bench: Bench = async ({ quick, signal }) => {
  const changes = quick ? 30 : 200;
  const place = workplace('weight');
  const backends = new Worker(new URL('./parts/versions.ts', import.meta.url));
  const config = BuiltinConfig.parse({ listen: '127.0.0.1:0' });
  const router = builtin.create(config, {
    service: 'bench',
    folder: join(place.folder, 'router'),
    edgesMs: [500],
    leaseMs: 30_000,
  });
  try {
    const ports = await new Promise<Record<string, number>>((resolve, reject) => {
      backends.once('message', resolve);
      backends.once('error', reject);
    });
    const backend = (version: string) => ({ version, endpoints: [{ host: '127.0.0.1', port: ports[version] ?? 0 }] });
    const route = (weight: number): Route => ({ stable: backend('stable'), candidate: backend('candidate'), weight, match: [] });
    await router.open(signal);
    let seq = 1;
    await router.setRoute(route(0), { token: 1, seq }, signal);
    const { listen, pid } = await router.health(signal);
    weighLikeUs(pid);
    const load = startLoad({ port: listen.port, perSecond, users: 2_000 });
    const times: number[] = [];
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
      }
    } finally {
      counts = await load.stop();
    }
    const time = spreadOf(times);
    const failed = lostIn(counts, new Set());
    const shares = `${seenOf(counts, 'stable').answers} by stable, ${seenOf(counts, 'candidate').answers} by the candidate`;
    return [
      {
        figure: 'weight-change',
        limit: { p99Ms: { atMost: 50 }, failed: { atMost: 0 }, unconfirmed: { atMost: 0 } },
        measured: {
          changes: time.n,
          p50Ms: time.p50,
          p99Ms: time.p99,
          maxMs: time.max,
          unconfirmed,
          requests: counts.answered,
          failed,
          clientLateMaxMs: Math.round(counts.lateMaxMs),
        },
        text: `${time.n} changes of weight: in force and read back after ${time.p50} ms (p50), ${time.p99} ms (p99, ≤ 50), ${time.max} ms (max); ${failed} of ${counts.answered} requests failed (${shares})${counts.examples.length > 0 ? `: ${counts.examples.join('; ')}` : ''}`,
      },
    ];
  } finally {
    await router.close(AbortSignal.timeout(20_000)).catch(() => {});
    await backends.terminate();
    await place.remove();
  }
};
