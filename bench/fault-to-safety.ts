import { setTimeout as delay } from 'node:timers/promises';
import { uniform } from '../src/analysis/simulated-traffic.fixture.ts';
import { onStage } from '../src/cli/demo/stage.ts';
import { releaseSummary } from '../src/release/summary.ts';
import { documentsIn } from '../src/runtime/documents.ts';
import type { Bench } from './parts/figure.ts';
import { lostIn, seenOf, startLoad } from './parts/load.ts';
import { faultyVersion, requestsPerSecond, shopDocument, shopFolder, users } from './parts/shop.ts';
import { spreadOf } from './parts/spread.ts';
import { until } from './parts/wait.ts';

const releaseMaxMs = 60_000;

/** From the first faulty answer that a user got to no traffic for the candidate, in the set-up of the demo, again and again. */
export const bench: Bench = async ({ quick, signal, say }) => {
  const runs = quick ? 3 : 20;
  const random = uniform(1);
  const seconds: number[] = [];
  const failed: number[] = [];
  const own: number[] = [];
  let lost = 0;
  let wrong = 0;
  await onStage(
    async ({ host, port }) => {
      const [spec] = documentsIn(await shopDocument(port), 'shop.yaml', shopFolder);
      if (!spec) throw new Error('the shop has no document');
      const release = async (version: string) => {
        const id = await host.controller.request({ spec, version, by: 'bench', why: '' });
        return await until(`the end of ${version}`, releaseMaxMs, signal, () => {
          const found = host.controller.release(id);
          return found && releaseSummary(found.release);
        });
      };
      await release('1.0.0');
      const load = startLoad({ port, perSecond: requestsPerSecond, users });
      try {
        // Stable has to have some traffic before there is something to compare with.
        await delay(3_000);
        lost += lostIn(await load.take(), new Set());
        for (let run = 1; run <= runs; run += 1) {
          // A release ends just after a look; the next one must not always begin at the same moment of a second.
          await delay(random() * 1_000);
          const summary = await release(faultyVersion);
          const reading = await host.controller.agent('shop')?.ports?.router.readRoute(signal);
          const counts = await load.take();
          const seen = seenOf(counts, faultyVersion);
          lost += lostIn(counts, new Set([faultyVersion]));
          if (
            summary.outcome !== 'rolled-back' ||
            !reading ||
            reading.route.candidate !== null ||
            seen.firstFailureAtMs === null
          ) {
            wrong += 1;
            say(`run ${run}: ${summary.outcome}, ${summary.reason}`);
            continue;
          }
          // The router says when the route came into force; an answer of the candidate after that would be the truth instead.
          const safeAtMs = Math.max(reading.appliedAtMs, seen.lastAnswerAtMs);
          seconds.push((safeAtMs - seen.firstFailureAtMs) / 1_000);
          failed.push(seen.failures);
          if (summary.secondsToSafety !== null) own.push(summary.secondsToSafety);
          say(
            `run ${run}: ${seconds.at(-1)} s and ${seen.failures} of ${seen.answers} requests (its own summary: ${summary.secondsToSafety} s, ${summary.failedRequests})`,
          );
        }
      } finally {
        lost += lostIn(await load.stop(), new Set([faultyVersion]));
      }
    },
    (text) => say(text),
  );
  const time = spreadOf(seconds);
  const price = spreadOf(failed);
  const measured = {
    runs: time.n,
    secondsP50: time.p50,
    secondsP95: time.p95,
    secondsMax: time.max,
    failedP50: price.p50,
    failedP95: price.p95,
    failedMax: price.max,
    ownSecondsP50: spreadOf(own).p50,
    lost,
    notRolledBack: wrong,
  };
  return [
    {
      figure: 'fault-to-safety',
      limit: {
        secondsP50: { atMost: 3 },
        failedP50: { atMost: 8 },
        lost: { atMost: 0 },
        notRolledBack: { atMost: 0 },
      },
      measured,
      text: `${time.n} releases that fail one request in five: ${time.p50} s (p50, ≤ 3), ${time.p95} s (p95), ${time.max} s (max) from the first faulty answer to none; ${price.p50} failed requests (p50, ≤ 8), ${price.p95} (p95), ${price.max} (max); ${lost} lost for any other reason`,
    },
  ];
};
