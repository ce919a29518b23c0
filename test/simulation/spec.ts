import type { CanaryStep, ReleasePolicy, ServiceSpec } from '../../src/spec/types.ts';

/** A small service for simulations: two weights, ten seconds each, unless said otherwise. */
export function simulatedService(more: Partial<ReleasePolicy> = {}, name = 'shop'): ServiceSpec {
  const watch = { minMs: 10_000, maxMs: 30_000, minRequests: 0 };
  const steps: readonly CanaryStep[] = [
    { kind: 'weight', weightPpm: 100_000, ...watch },
    { kind: 'weight', weightPpm: 500_000, ...watch },
  ];
  return {
    name,
    owner: null,
    description: null,
    target: { kind: 'process', config: {} },
    router: { kind: 'builtin', config: {} },
    objectives: [],
    release: {
      strategy: { kind: 'canary', steps },
      guard: {
        errors: { worseByPpm: 5_000, maxPpm: 50_000 },
        latency: [{ quantilePpm: 950_000, worseByPpm: null, maxMs: 500 }],
        minRequests: 20,
      },
      bakeMs: 10_000,
      hold: { maxMs: 60_000, then: 'rollback' },
      approval: null,
      deadlines: { readyMs: 20_000, routeMs: 10_000, drainMs: 5_000, hookMs: 10_000 },
      retire: { afterMs: 0 },
      smoke: [],
      leaseMs: 5_000,
      preflight: null,
      ...more,
    },
    folder: null,
  };
}
