import { weightOf } from '../release/phase-name.ts';
import type { ReleaseState, ServiceState } from '../release/types.ts';

/**
 * Percent of requests that a release wants its candidate to have now.
 *
 * @param state - The service that it belongs to; null for one that left its service's memory.
 */
export function releaseWeight(release: ReleaseState, state: ServiceState | null): number {
  const { phase } = release;
  if (phase.kind === 'stepping' || phase.kind === 'held') return weightOf(release);
  // On the way back it keeps what stable has no capacity for yet.
  const isRestoring = phase.kind === 'rolling-back' && phase.part === 'restore';
  return isRestoring ? (state?.route.want?.weight ?? 0) : 0;
}
