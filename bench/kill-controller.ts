import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { uniform } from '../src/analysis/simulated-traffic.fixture.ts';
import { builtin } from '../src/routers/builtin/index.ts';
import { BuiltinConfig } from '../src/routers/builtin/schema.ts';
import { freePort } from '../src/system/free-port.ts';
import { type ControllerProcess, startController } from './parts/controller-process.ts';
import type { Bench } from './parts/figure.ts';
import { lostIn, seenOf, startLoad } from './parts/load.ts';
import { workplace } from './parts/processes.ts';
import { faultyVersion, leaseMs, requestsPerSecond, shopDocument, shopFolder, users } from './parts/shop.ts';
import { spreadOf } from './parts/spread.ts';
import { until } from './parts/wait.ts';

const releaseMaxMs = 120_000;
/** A supervisor starts a controller again at once or after a moment. */
const awayMaxMs = 2_000;
const seed = 20;

/** `kill -9` of a real controller in the middle of releases: what users lose, how the releases end, and when nobody comes back. */
export const bench: Bench = async ({ quick, signal, say }) => {
  const kills = quick ? 4 : 20;
  const departures = quick ? 1 : 3;
  const random = uniform(seed);
  const place = workplace('kill');
  const data = join(place.folder, 'data');
  const port = await freePort();
  const document = await shopDocument(port);
  let controller: ControllerProcess | null = null;
  const up = async (): Promise<ControllerProcess> => (controller = await startController(place, data, signal));
  const current = (): ControllerProcess => {
    if (!controller) throw new Error('no controller runs');
    return controller;
  };
  /** How the release ended. The controller may be a new one since it began. */
  const outcome = async (id: string) => {
    const view = await until(`the end of ${id}`, releaseMaxMs, signal, async () => {
      const found = await current().release(id);
      return found.summary ?? delay(80, null);
    });
    return view;
  };
  let lost = 0;
  let requests = 0;
  let otherwise = 0;
  const lostExamples: string[] = [];
  try {
    const first = await (await up()).request(document, shopFolder, '1.0.0');
    await outcome(first);
    const load = startLoad({ port, perSecond: requestsPerSecond, users });
    const take = async (): Promise<void> => {
      const counts = await load.take();
      lost += lostIn(counts, new Set([faultyVersion]));
      requests += counts.answered;
      lostExamples.push(...counts.examples.filter((example) => !example.startsWith(`${faultyVersion}:`)));
    };
    const returned: number[] = [];
    const departed: number[] = [];
    let number = 0;
    const nextGood = (): string => `2.${(number += 1)}.0`;
    try {
      await delay(3_000);
      // How long each kind of release takes when nobody is killed: the moments are drawn from all of it.
      const lengthMs: Record<'good' | 'bad', number> = { good: 0, bad: 0 };
      for (const kind of ['bad', 'good'] as const) {
        const startedMs = performance.now();
        const id = await current().request(document, shopFolder, kind === 'bad' ? faultyVersion : nextGood());
        const ended = await outcome(id);
        if ((ended.outcome === 'succeeded') !== (kind === 'good'))
          throw new Error(`undisturbed: ${ended.version} ${ended.reason}`);
        lengthMs[kind] = performance.now() - startedMs;
      }
      for (let kill = 1; kill <= kills; kill += 1) {
        const kind = kill % 2 === 0 ? 'bad' : 'good';
        const version = kind === 'bad' ? faultyVersion : nextGood();
        const id = await current().request(document, shopFolder, version);
        const afterMs = random() * lengthMs[kind];
        await delay(afterMs, undefined, { signal });
        const before = await current().release(id);
        await current().kill();
        const killedMs = performance.now();
        await delay(random() * awayMaxMs, undefined, { signal });
        await up();
        returned.push((performance.now() - killedMs) / 1_000);
        const ended = await outcome(id);
        const isAsExpected = ended.outcome === (kind === 'good' ? 'succeeded' : 'rolled-back');
        if (!isAsExpected) otherwise += 1;
        await take();
        say(
          `kill ${kill} after ${Math.round(afterMs)} ms (${before.state}, ${before.weight} %), away for ${returned.at(-1)?.toFixed(1)} s: ${version} ${ended.outcome}${isAsExpected ? '' : `, against expectation: ${ended.reason}`}; ${lost} lost so far`,
        );
      }
      const config = BuiltinConfig.parse({ listen: `127.0.0.1:${port}` });
      const folder = join(data, 'routers', 'shop');
      const router = builtin.create(config, { service: 'shop', folder, edgesMs: [], leaseMs });
      for (let departure = 1; departure <= departures; departure += 1) {
        const version = nextGood();
        const id = await current().request(document, shopFolder, version);
        await until(`traffic for ${version}`, 30_000, signal, async () => {
          const reading = await router.readRoute(signal);
          return reading?.route.candidate?.version === version && reading.route.weight > 0;
        });
        await delay(500 + random() * 1_500, undefined, { signal });
        await current().kill();
        const killedAtMs = Date.now();
        const reading = await until('the end of the lease', 3 * leaseMs, signal, async () => {
          const now = await router.readRoute(signal);
          return now?.lapsed ? now : delay(50, null);
        });
        // Requests that were under way may end a moment later; new ones may not reach it.
        await delay(1_000);
        const counts = await load.take();
        lost += lostIn(counts, new Set([faultyVersion]));
        requests += counts.answered;
        const goneMs = Math.max(reading.appliedAtMs, seenOf(counts, version).lastAnswerAtMs) - killedAtMs;
        departed.push(goneMs / 1_000);
        say(`controller gone for good: no traffic for ${version} after ${goneMs} ms`);
        await up();
        await outcome(id);
        await take();
      }
    } finally {
      const counts = await load.stop();
      lost += lostIn(counts, new Set([faultyVersion]));
      requests += counts.answered;
    }
    const back = spreadOf(returned);
    const gone = spreadOf(departed);
    return [
      {
        figure: 'kill-controller',
        limit: { lost: { atMost: 0 }, endedOtherwise: { atMost: 0 } },
        measured: {
          kills: back.n,
          requests,
          lost,
          endedOtherwise: otherwise,
          awayP50Seconds: back.p50,
          awayMaxSeconds: back.max,
        },
        text: `${back.n} kills at random moments (away for ${back.p50} s in the median, ${back.max} s at most): ${lost} of ${requests} requests lost, ${otherwise} releases ended otherwise${lostExamples.length > 0 ? `; lost: ${lostExamples.slice(0, 3).join('; ')}` : ''}`,
      },
      {
        figure: 'controller-gone',
        limit: { maxSeconds: { atMost: leaseMs / 1_000 + 1 } },
        measured: { departures: gone.n, p50Seconds: gone.p50, maxSeconds: gone.max, leaseSeconds: leaseMs / 1_000 },
        text: `controller gone for good ${gone.n} times: the candidate's last request after ${gone.p50} s (p50), ${gone.max} s (max, ≤ lease of ${leaseMs / 1_000} s + 1 s)`,
      },
    ];
  } finally {
    await (controller as ControllerProcess | null)?.kill();
    await place.remove();
  }
};
