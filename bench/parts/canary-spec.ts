import type { ServiceSpec } from '../../src/spec/types.ts';

/** A service as most are: errors and p95, compared and limited; its first step lasts for as long as is measured. */
export function canarySpec(name: string): ServiceSpec {
  return {
    name,
    owner: 'bench',
    description: null,
    target: { kind: 'process', config: {} },
    router: { kind: 'builtin', config: {} },
    objectives: [{ name: 'latency', targetPpm: 990_000, windowMs: 2_592_000_000, belowMs: 500 }],
    release: {
      strategy: {
        kind: 'canary',
        steps: [{ kind: 'weight', weightPpm: 100_000, minMs: 3_600_000, maxMs: 7_200_000, minRequests: 0 }],
      },
      guard: {
        errors: { worseByPpm: 5_000, maxPpm: 50_000 },
        latency: [{ quantilePpm: 950_000, worseByPpm: 200_000, maxMs: 500 }],
        minRequests: 20,
      },
      bakeMs: 0,
      hold: { maxMs: 600_000, then: 'rollback' },
      approval: null,
      deadlines: { readyMs: 60_000, routeMs: 30_000, drainMs: 5_000, hookMs: 10_000 },
      retire: { afterMs: 0 },
      smoke: [],
      leaseMs: 10_000,
      preflight: null,
    },
    folder: null,
  };
}
