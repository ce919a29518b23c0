import { locationShift } from './mann-whitney.ts';
import { defaultNoise, type Noise } from './noise.ts';
import type { NanStrategy } from './outliers.ts';
import { cles, meanRatio } from './statistics.ts';

/** Kayenta's own labels, so that its users and their reports keep their words. */
export type Label = 'High' | 'Low' | 'Pass' | 'Nodata' | 'NodataFailMetric' | 'Error';

/** Which change is a fault: `increase` for errors and latency, `decrease` for throughput. */
export type Direction = 'increase' | 'decrease' | 'either';

/** How large a change has to be, beside being significant. */
export type EffectRule = {
  /** `meanRatio`: candidate's mean per stable's; `cles`: share of pairs in which the candidate is above (0–1). */
  readonly measure: 'meanRatio' | 'cles';
  /** `High` only at or above this, `Low` only at or below that; dimensionless, in terms of the measure. */
  readonly allowedIncrease: number;
  readonly allowedDecrease: number;
  /** The same for a critical metric to bring the whole score to 0. */
  readonly criticalIncrease: number;
  readonly criticalDecrease: number;
};

/** What decides about one metric. */
export type MetricRule = {
  readonly direction: Direction;
  readonly nanStrategy: NanStrategy;
  readonly isCritical: boolean;
  readonly mustHaveData: boolean;
  readonly effect: EffectRule;
  /** Share of the estimated shift that the interval has to clear (0–1). */
  readonly tolerance: number;
  /** Two-sided confidence (0–1, exclusive). */
  readonly confidence: number;
};

export type Classification = {
  readonly label: Label;
  /** One plain sentence. */
  readonly reason: string;
  /** The effect size in terms of the measure; `null` when there is none: no data, an error, or a mean of 0. */
  readonly effect: number | null;
  /** This result alone brings the score to 0. */
  readonly isCritical: boolean;
};

/** An effect rule that accepts no change at all, as Kayenta has it by default: significance alone decides. */
export function anyEffect(measure: EffectRule['measure']): EffectRule {
  const same = measure === 'cles' ? 0.5 : 1;
  return { measure, allowedIncrease: same, allowedDecrease: same, criticalIncrease: same, criticalDecrease: same };
}

/** Kayenta's defaults. Tolerance and confidence are fixed in its judge; its properties of those names have no effect. */
export const defaultRule: MetricRule = {
  direction: 'either',
  nanStrategy: 'remove',
  isCritical: false,
  mustHaveData: false,
  effect: anyEffect('meanRatio'),
  tolerance: 0.25,
  confidence: 0.98,
};

/**
 * Whether the candidate's values of one metric lie above or below stable's. Kayenta says experiment and control.
 *
 * @param candidate - Values without NaN, any order, in the metric's unit. @param stable - The same.
 * @param noise - Used only where both series are constant and differ; see `noise.ts`.
 * @returns With an empty series `Nodata`, or `NodataFailMetric` where data must be there, or `Pass` where NaN is replaced by 0.
 * @see Kayenta, MannWhitneyClassifier.scala.
 */
export function classify(
  candidate: readonly number[],
  stable: readonly number[],
  rule: MetricRule,
  noise: Noise = defaultNoise,
): Classification {
  if (candidate.length === 0 || stable.length === 0) return withoutData(candidate, stable, rule);
  if (isSame(candidate, stable)) return pass('candidate and stable have the same values', 1);
  const isFlat = isConstant(candidate) && isConstant(stable);
  if (isFlat && candidate[0] === stable[0]) return pass('candidate and stable have one value, the same', 1);
  const shift = isFlat
    ? locationShift(rough(candidate, noise, 0), rough(stable, noise, candidate.length), rule.confidence)
    : locationShift(candidate, stable, rule.confidence);
  if (shift === undefined) return failed('the values allow no confidence interval: all are tied, or some are not finite');

  // The effect is that of the values as they are: noise exists only to break ties.
  const effect = (rule.effect.measure === 'cles' ? cles : meanRatio)(candidate, stable);
  // Sums of very large values overflow; a ratio of infinities would pass every comparison as false.
  if (effect !== null && !Number.isFinite(effect)) return failed('the effect size is not finite');
  const bound = rule.tolerance * Math.abs(shift.estimate);
  const { allowedIncrease, allowedDecrease, criticalIncrease, criticalDecrease } = rule.effect;
  if (rule.direction !== 'decrease' && shift.lower > bound && (effect === null || effect >= allowedIncrease)) {
    return changed('High', effect, rule.isCritical && (effect === null || effect >= criticalIncrease));
  }
  if (rule.direction !== 'increase' && shift.upper < -bound && (effect === null || effect <= allowedDecrease)) {
    return changed('Low', effect, rule.isCritical && (effect === null || effect <= criticalDecrease));
  }
  return pass('no significant difference that the rule does not allow', effect);
}

function withoutData(candidate: readonly number[], stable: readonly number[], rule: MetricRule): Classification {
  const sides = [candidate.length === 0 ? 'candidate' : '', stable.length === 0 ? 'stable' : ''].filter((side) => side !== '');
  const reason = `no data of ${sides.join(' and ')}`;
  if (rule.nanStrategy === 'replace') return pass(`${reason}, which counts as 0 here`, null);
  // A critical metric keeps `Nodata`, because its flag alone already brings the score to 0.
  if (rule.mustHaveData && !rule.isCritical) return { label: 'NodataFailMetric', reason, effect: null, isCritical: false };
  return { label: 'Nodata', reason, effect: null, isCritical: rule.isCritical };
}

function pass(reason: string, effect: number | null): Classification {
  return { label: 'Pass', reason, effect, isCritical: false };
}

function failed(reason: string): Classification {
  return { label: 'Error', reason, effect: null, isCritical: false };
}

function changed(label: 'High' | 'Low', effect: number | null, isCritical: boolean): Classification {
  const size = effect === null ? 'its size is not known, because a mean is 0' : `effect size ${Number(effect.toPrecision(4))}`;
  return {
    label,
    reason: `the candidate is significantly ${label === 'High' ? 'higher' : 'lower'}; ${size}`,
    effect,
    isCritical,
  };
}

/** Whether both have the same values in any order. */
function isSame(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  const [first, second] = [Float64Array.from(a).sort(), Float64Array.from(b).sort()];
  return first.every((value, index) => value === second[index]);
}

function isConstant(data: readonly number[]): boolean {
  return data.every((value) => value === data[0]);
}

/** Standard deviation 1e-5 of the value itself, as Kayenta adds; a series of zeros stays as it is. */
function rough(data: readonly number[], noise: Noise, from: number): number[] {
  return data.map((value, index) => value + value * 1e-5 * noise(from + index));
}
