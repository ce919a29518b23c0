import { sumHistograms } from '../analysis/exceedance.ts';
import type { Sample } from '../analysis/sample.ts';
import type { ServiceTraffic } from '../analysis/sight/step.ts';
import { systemClock, within } from './clock.ts';
import type { Controller } from './controller.ts';

/** Enough to know the usual traffic and its latency; a guard begins with as much of stable's past. */
const recentSeconds = 300;

/** Longest wait for the answer: a plan is worth more at once and without traffic than late. */
const waitMs = 2_000;

/** Traffic of the stable version over the last minutes, as the router counts it, or the source where it does not; null when there is none to ask. */
export async function recentTraffic(controller: Controller, service: string): Promise<ServiceTraffic | null> {
  const agent = controller.agent(service);
  const stable = agent?.turn.head.stable?.version ?? null;
  const ports = agent?.ports;
  if (!ports || stable === null) return null;
  const { router, source } = ports;
  const query = {
    stable,
    candidate: null,
    afterSecond: Math.floor(systemClock.now() / 1_000) - recentSeconds,
    limit: recentSeconds,
  };
  try {
    return trafficIn(
      await within(systemClock, waitMs, 'the counts', new AbortController().signal, async (signal) => {
        if (router.capabilities.counts) return await router.samples(query, signal);
        return source?.capabilities.counts ? await source.recent(stable, recentSeconds, signal) : [];
      }),
    );
  } catch {
    // The plan says itself that it does not know the traffic.
    return null;
  }
}

/** What stable got in some samples, oldest first; null when none of them has an answer about it. */
export function trafficIn(samples: readonly Sample[]): ServiceTraffic | null {
  let seconds = 0;
  let requests = 0;
  let errors = 0;
  const histograms: (readonly number[])[] = [];
  const each: number[] = [];
  let before: Sample | null = null;
  // A service that has just begun is not one with little traffic.
  const first = samples.findIndex(({ stable }) => (stable?.n ?? 0) > 0);
  for (const sample of first < 0 ? samples : samples.slice(first)) {
    const covered = sample.seconds ?? (before === null ? 1 : sample.second - before.second);
    before = sample;
    if (sample.stable === null) continue;
    seconds += covered;
    each.push(covered);
    requests += sample.stable.n;
    errors += sample.stable.errors;
    histograms.push(sample.stable.histogram);
  }
  if (seconds <= 0) return null;
  return {
    requestsPerSecond: requests / seconds,
    errorPpm: requests > 0 ? Math.round((errors / requests) * 1e6) : null,
    histogram: sumHistograms(histograms),
    // The usual one: a single gap does not make a source slow.
    everyS: each.toSorted((a, b) => a - b)[Math.floor(each.length / 2)] ?? 1,
  };
}
