import { policyOf } from '../slo/evaluate.ts';
import { lintPolicy, type PolicyFinding } from '../slo/lint.ts';
import { type Detection, detectionOf } from '../slo/policy.ts';
import { one, over, type Rational, rational } from '../slo/rational.ts';
import type { Target } from '../slo/types.ts';
import type { Objective } from '../spec/types.ts';

/** What alerts on the error budget of an objective would do: how soon each fires and resolves, and what is wrong with it. */
export type ObjectivePolicyView = {
  readonly objective: string;
  readonly targetPpm: number;
  readonly windowMs: number;
  /** Time of a full outage that the budget allows, in milliseconds. */
  readonly allowedMs: number;
  readonly tiers: readonly Detection[];
  readonly findings: readonly PolicyFinding[];
};

/** Ratios of bad events that people reckon with: everything, half, a tenth, a hundredth, a thousandth. */
const ratios: readonly Rational[] = [
  one,
  over(one, rational(2)),
  over(one, rational(10)),
  over(one, rational(100)),
  over(one, rational(1_000)),
];

/** Counts are kept for as long as the longest objective asks. */
export function objectivePolicy(objective: Objective, requestsPerSecond: number | null): ObjectivePolicyView {
  const { name, targetPpm, windowMs } = objective;
  const policy = policyOf(objective);
  const target: Target = { targetPpm, windowMs };
  return {
    objective: name,
    targetPpm,
    windowMs,
    allowedMs: (windowMs * (1_000_000 - targetPpm)) / 1_000_000,
    tiers: targetPpm === 1_000_000 ? [] : policy.map((tier) => detectionOf(tier, target, ratios)),
    findings: lintPolicy(policy, target, requestsPerSecond, windowMs),
  };
}
