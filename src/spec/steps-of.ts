import type { CanaryStep, Strategy } from './types.ts';

/** The steps that a strategy lists one by one; empty where it follows a rule of its own. */
export function stepsOf<AnyHook>(strategy: Strategy<AnyHook>): readonly CanaryStep<AnyHook>[] {
  return strategy.kind === 'canary' || strategy.kind === 'flag' ? strategy.steps : [];
}
