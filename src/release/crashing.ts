import type { Instance } from '../targets/target.ts';
import type { ReleaseState } from './types.ts';

/** Restarts of one candidate instance after which it counts as crashing in a loop. */
export const restartsMax = 3;

/** Whether one of the candidate's instances does not stay up. */
export function isCrashing(instances: readonly Instance[]): boolean {
  return instances.some((instance) => instance.restarts >= restartsMax);
}

/** Why a release goes back whose instances do not stay up. */
export function crashText({ version }: ReleaseState, problem: string | undefined): string {
  return `${version} crashes again and again${problem ? `: ${problem}` : ''}`;
}
