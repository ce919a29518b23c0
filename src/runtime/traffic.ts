import { systemClock, within } from './clock.ts';
import type { Controller } from './controller.ts';

/** What a service gets: requests per second and, when there were any, the share of them that failed (parts per million). */
export type Traffic = { readonly requestsPerSecond: number; readonly errorPpm: number | null };

/** Enough to tell the usual traffic from one quiet second. */
const recentSeconds = 60;

/** Longest wait for the answer: a plan is worth more at once and without traffic than late. */
const waitMs = 2_000;

/** Traffic of the stable version over the last minute, as the router counts it, or the source where it does not; null when there is none to ask. */
export async function recentTraffic(controller: Controller, service: string): Promise<Traffic | null> {
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
    const samples = await within(systemClock, waitMs, 'the counts', new AbortController().signal, async (signal) => {
      if (router.capabilities.counts) return await router.samples(query, signal);
      return source?.capabilities.counts ? await source.recent(stable, recentSeconds, signal) : [];
    });
    const seconds = samples.reduce((total, sample) => total + (sample.seconds ?? 1), 0);
    const requests = samples.reduce((total, sample) => total + (sample.stable?.n ?? 0), 0);
    const errors = samples.reduce((total, sample) => total + (sample.stable?.errors ?? 0), 0);
    if (samples.length === 0) return null;
    return {
      requestsPerSecond: requests / seconds,
      errorPpm: requests > 0 ? Math.round((errors / requests) * 1e6) : null,
    };
  } catch {
    // The plan says itself that it does not know the traffic.
    return null;
  }
}
