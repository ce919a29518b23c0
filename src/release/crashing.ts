import type { Instance } from '../targets/target.ts';
import type { ReleaseState } from './types.ts';

/** Restarts of one candidate instance after which it counts as crashing in a loop. */
export const restartsMax = 3;

/** Whether one of the candidate's instances does not stay up, or cannot be started as it is wanted. */
export function isCrashing(instances: readonly Instance[]): boolean {
  return instances.some((instance) => instance.hopeless || instance.restarts >= restartsMax);
}

/** Why a release goes back whose instances do not stay up. */
export function crashText({ version }: ReleaseState, instances: readonly Instance[]): string {
  const hopeless = instances.find((instance) => instance.hopeless);
  if (hopeless) return `${version} cannot be started: ${hopeless.problem ?? hopeless.id}`;
  const problem = instances.find((instance) => instance.problem)?.problem;
  return `${version} crashes again and again${problem ? `: ${problem}` : ''}`;
}
