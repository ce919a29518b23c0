import type { BlueGreen, Strategy } from './types.ts';

/** The switch from one version to the other as of blue-green: the whole strategy, or the end of a canary; null where there is none. */
export function switchOf<AnyHook>(strategy: Strategy<AnyHook>): BlueGreen<AnyHook> | null {
  if (strategy.kind === 'blueGreen') return strategy;
  return strategy.kind === 'canary' ? (strategy.switch ?? null) : null;
}
