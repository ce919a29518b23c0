import type { RouterCapabilities } from '../router.ts';

/** What the built-in router can do: everything there is. */
export const capabilities: RouterCapabilities = {
  weightStepPercent: 0.01,
  match: true,
  lease: true,
  counts: true,
  latency: true,
  sticky: true,
  shares: 'dealt',
};
