import type { RouterCapabilities } from '../router.ts';

/**
 * What giving a flag out can do. There is no lease: users get variants from the controller alone, so without one nobody gets the
 * candidate, but what their SDK remembers.
 */
export const capabilities: RouterCapabilities = {
  // In parts per million, of which OpenFeature's `fractional` makes shares.
  weightStepPercent: 0.0001,
  match: false,
  lease: false,
  counts: true,
  latency: true,
  sticky: true,
  shares: 'by-chance',
};
