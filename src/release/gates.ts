import { gateText } from '../spec/gate.ts';
import type { BudgetPolicy, GateCondition } from '../spec/types.ts';
import type { Step } from './types.ts';

/** Longest that objectives are asked: their counts are in memory or on the disk of the controller. */
const askMs = 30_000;

/** Objectives are asked, and the release goes back when they are not kept. */
export function gateStep(gate: GateCondition): Step {
  const hook = {
    name: gateText(gate),
    action: { kind: 'gate' as const, ...gate },
    timeoutMs: askMs,
    attempts: 1,
    compensate: null,
  };
  return { kind: 'gate', hook, then: 'rollback' };
}

const budgetThen = { refuse: 'rollback', shrink: 'shrink', ask: 'hold' } as const;

/** Before each step that brings traffic the error budget is asked whether it can bear it. */
export function withBudget(steps: readonly Step[], policy: BudgetPolicy | undefined): readonly Step[] {
  if (!policy) return steps;
  return steps.flatMap((step, index): readonly Step[] => {
    const percent = step.kind === 'weight' ? step.percent : step.kind === 'promote' ? 100 : null;
    if (percent === null) return [step];
    const watched = steps.slice(index + 1).find(({ kind }) => kind === 'observe' || kind === 'bake');
    const forMs = watched && 'minMs' in watched ? watched.minMs : 0;
    const action = { kind: 'budget' as const, percent, forMs, keepPpm: policy.keepPpm };
    const hook = { name: `error budget for ${percent} %`, action, timeoutMs: askMs, attempts: 1, compensate: null };
    return [{ kind: 'gate', hook, then: budgetThen[policy.then] }, step];
  });
}
