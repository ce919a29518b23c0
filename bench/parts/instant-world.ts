import type { Sample } from '../../src/analysis/sample.ts';
import { simulate, uniform } from '../../src/analysis/simulated-traffic.fixture.ts';
import { capabilities } from '../../src/routers/builtin/capabilities.ts';
import type { Route, RouteReading, SampleQuery, TrafficRouter } from '../../src/routers/router.ts';
import type { Ports } from '../../src/runtime/ports.ts';
import type { Instance, WorkloadTarget } from '../../src/targets/target.ts';

/** Counts that were drawn once and are dealt out again and again, so that the world costs next to nothing while it is measured. */
const drawnSeconds = 64;
const requestsPerSecond = 100;
const weight = 10;

/** Routers and targets that answer at once, for measuring the engine alone. */
export type InstantWorld = {
  readonly ports: Ports;
  /** From now on the candidate of this service fails one request in five. */
  spoil(service: string): void;
  /** Called when a route is set. */
  onRoute: (service: string, route: Route) => void;
};

/** @param edgesMs - Thresholds that the counts are exact for. */
export function instantWorld(edgesMs: readonly number[]): InstantWorld {
  const good = drawn(0.001, edgesMs, 1);
  const bad = drawn(0.2, edgesMs, 2);
  const spoiled = new Map<string, number>();
  const target: WorkloadTarget<unknown> = {
    capabilities: { sideBySide: true, restarts: 'none' },
    ensure: async ({ service, version }) => [instance(service, version)],
    list: async () => [],
    retire: async () => {},
    onChange: () => () => {},
    close: async () => {},
  };
  const world: InstantWorld = {
    onRoute: () => {},
    spoil(service) {
      spoiled.set(service, Math.floor(Date.now() / 1_000));
    },
    ports: {
      router: (spec) => router(spec.name),
      source: () => null,
      target: () => target,
      workload: ({ spec, version }) => ({ service: spec.name, version, replicas: 1, definition: spec.target.config }),
      runHook: async () => ({ ok: true, detail: '' }),
      smoke: async () => ({ ok: true, detail: '' }),
      secrets: () => [],
      problems: () => [],
    },
  };
  function router(service: string): TrafficRouter {
    let reading: RouteReading | null = null;
    // Services are not all in the same second of the drawn traffic.
    const phase = [...service].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
    return {
      capabilities,
      open: async () => {},
      async setRoute(route, fence) {
        reading = { route, fence, appliedAtMs: Date.now(), lapsed: false };
        world.onRoute(service, route);
      },
      readRoute: async () => reading,
      renewLease: async () => reading,
      async samples(query) {
        return samplesFor(query, reading?.route.candidate ? reading.route.weight : 0, phase, spoiled.get(service));
      },
      close: async () => {},
    };
  }
  function samplesFor(
    query: SampleQuery,
    share: number,
    phase: number,
    spoiledSince = Number.POSITIVE_INFINITY,
  ): readonly Sample[] {
    const lastComplete = Math.floor(Date.now() / 1_000) - 1;
    const samples: Sample[] = [];
    for (let second = Math.max(query.afterSecond + 1, lastComplete - 5); second <= lastComplete; second += 1) {
      const texts = second >= spoiledSince ? bad : good;
      // Parsed anew each time, as an answer of a real router is: shared parts would make a release look smaller than it is.
      const sample = JSON.parse(texts[(second + phase) % drawnSeconds] ?? 'null') as Sample;
      const candidate = query.candidate === null ? null : share > 0 ? sample.candidate : noRequests(edgesMs);
      samples.push({
        second,
        edgesMs: sample.edgesMs,
        weight: share,
        stable: query.stable === null ? null : sample.stable,
        candidate,
      });
    }
    return samples;
  }
  return world;
}

function drawn(candidateErrors: number, edgesMs: readonly number[], seed: number): readonly string[] {
  const traffic = { requestsPerSecond, weight, errorsS: () => 0.001, errorsC: () => candidateErrors, edgesMs };
  return [...simulate(traffic, 0, drawnSeconds, uniform(seed))].map(({ sample }) => JSON.stringify(sample));
}

function noRequests(edgesMs: readonly number[]) {
  return { n: 0, errors: 0, classes: {}, histogram: [], slower: edgesMs.map(() => 0) };
}

function instance(service: string, version: string): Instance {
  return {
    id: `${service}/${version}/0`,
    version,
    endpoint: { host: '127.0.0.1', port: version === '1.0.0' ? 1_001 : 1_002 },
    state: 'ready',
    restarts: 0,
  };
}
