import type { Instance } from '../targets/target.ts';
import type { ReleaseState } from './types.ts';

/** Restarts of one candidate instance after which it counts as crashing in a loop. */
export const restartsMax = 3;

/** Why a release goes back whose instances do not stay up, or can never be started as they are wanted; null while waiting may help. */
export function neverRunsText({ version }: ReleaseState, instances: readonly Instance[]): string | null {
  const hopeless = instances.find((instance) => instance.hopeless);
  if (hopeless) return `${version} cannot be started: ${hopeless.problem ?? hopeless.id}`;
  if (!instances.some(({ restarts }) => restarts >= restartsMax)) return null;
  const problem = instances.find((instance) => instance.problem)?.problem;
  return `${version} crashes again and again${problem ? `: ${problem}` : ''}`;
}
