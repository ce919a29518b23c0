import type { Objective } from '../../spec/types.ts';
import {
  isUnseen,
  type JudgedStep,
  type ObjectiveSight,
  objectiveSight,
  stepObjectives,
  type UnseenObjective,
} from './objectives.ts';
import { type Sight, sight } from './sight.ts';
import type { SightInput } from './step.ts';

/** What a plan as a whole cannot see; `english.ts` and `russian.ts` put it into words. */
export type PlanSight =
  /** Faults that would page at full traffic can get there unnoticed. */
  | { readonly kind: 'objectives'; readonly worst: UnseenObjective; readonly others: readonly UnseenObjective[] }
  /** No objective is at stake, but not even a large rise of errors will be noticed before full traffic. */
  | {
      readonly kind: 'weak';
      /** The step that sees most. */
      readonly weight: number;
      readonly stepS: number;
      readonly smallestRisePpm: number | null;
      readonly usefulRisePpm: number;
    };

/** A rise of the error rate that any release should be able to see, where no objective says what matters. */
const usefulRisePpm = 50_000;

/** A step that watches traffic: what is known about it, and what the guard will notice there. */
export type WatchedStep = JudgedStep & { readonly noticed: Sight };

export function watchedStep(input: SightInput, objectives: readonly Objective[]): WatchedStep {
  return { input, noticed: sight(input), objectives: stepObjectives(input, objectives) };
}

/**
 * The objectives of a service as a plan can see them, and what it cannot see; null when all is well, or nothing can be said.
 *
 * @param steps - Those that watch traffic, in their order.
 */
export function planSight(
  steps: readonly WatchedStep[],
  objectives: readonly Objective[],
): { readonly objectives: readonly ObjectiveSight[]; readonly problem: PlanSight | null } {
  const before = steps.filter(({ input }) => input.weight < 100);
  // Where all requests move at once, what is noticed at full traffic is all that there is.
  const deciding = before.length > 0 ? before : steps;
  const seen = objectives.flatMap((objective) => objectiveSight(deciding, objective) ?? []);
  const [worst, ...others] = seen.filter(isUnseen).toSorted((a, b) => severity(b) - severity(a));
  if (worst) return { objectives: seen, problem: { kind: 'objectives', worst, others } };
  return { objectives: seen, problem: weakness(deciding) };
}

function severity({ unseen, pagingBurn }: UnseenObjective): number {
  return unseen.burn / pagingBurn;
}

function weakness(deciding: readonly WatchedStep[]): PlanSight | null {
  const useful = Math.max(usefulRisePpm, ...deciding.map(({ input }) => 2 * input.policy.errors.worseByPpm));
  const seen = deciding.flatMap(({ noticed }) =>
    noticed.kind === 'forecast' && (noticed.basis === 'stable' || noticed.basis === 'history') ? [noticed] : [],
  );
  const [first] = seen;
  if (!first) return null;
  const best = seen.reduce((a, b) => (riseOf(b) < riseOf(a) ? b : a), first);
  if (riseOf(best) <= useful) return null;
  const { weight, stepS, errors } = best;
  return { kind: 'weak', weight, stepS, smallestRisePpm: errors.smallestRisePpm, usefulRisePpm: useful };
}

function riseOf(seen: Extract<Sight, { kind: 'forecast' }>): number {
  return seen.errors.smallestRisePpm ?? Number.POSITIVE_INFINITY;
}
