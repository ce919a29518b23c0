import { planRelease } from '../release/plan.ts';
import type { Plan, Step } from '../release/types.ts';
import { durationText } from '../spec/unit-text.ts';
import type { MemberRequest } from './types.ts';

/**
 * The members that would wait at a barrier for longer than it lasts even if nothing is ever held, in one sentence each: with such
 * times no release of the group can succeed. Members stand in an order that keeps every `after`.
 */
export function waitProblems(members: readonly MemberRequest[], barrierMs: number): readonly string[] {
  const readyAt = new Map<string, number>();
  const bakes: { readonly service: string; readonly ms: number }[] = [];
  for (const { service, spec, version, before, after } of members) {
    // One that has its version already keeps nobody waiting.
    const plan = version === before ? null : planRelease(spec, before, version, false);
    const startMs = Math.max(0, ...after.map((name) => readyAt.get(name) ?? 0));
    readyAt.set(service, startMs + (plan ? stepsMs(plan, 'before') : 0));
    if (plan) bakes.push({ service, ms: stepsMs(plan, 'behind') });
  }
  const lastMs = Math.max(...readyAt.values());
  const longestMs = Math.max(0, ...bakes.map(({ ms }) => ms));
  return bakes.flatMap(({ service, ms }) => {
    const problem = (waitMs: number, where: string): readonly string[] =>
      waitMs <= barrierMs
        ? []
        : [
            `${service} would wait at least ${durationText(waitMs)} ${where}, longer than the ${durationText(barrierMs)} of barrier.max`,
          ];
    return [
      ...problem(lastMs - (readyAt.get(service) ?? 0), 'until the last member is ready'),
      ...problem(longestMs - ms, 'until the last member has baked'),
    ];
  });
}

/** How long the steps before the promotion, or those behind it, take at least. */
function stepsMs({ steps, drainMs }: Plan, side: 'before' | 'behind'): number {
  const promote = steps.findIndex(({ kind }) => kind === 'promote');
  const part = side === 'before' ? steps.slice(0, promote) : steps.slice(promote);
  return part.reduce((total, step) => total + leastMs(step, drainMs), 0);
}

function leastMs(step: Step, drainMs: number): number {
  if (step.kind === 'scale') return step.of === 'stable' ? drainMs : 0;
  if (step.kind === 'observe') return step.earlyMs ?? step.minMs;
  if (step.kind === 'bake') return step.minMs;
  return step.kind === 'pause' ? (step.ms ?? 0) : 0;
}
