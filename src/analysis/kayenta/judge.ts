import { type Classification, classify, defaultRule, type MetricRule } from './classifier.ts';
import { defaultNoise, type Noise } from './noise.ts';
import { iqrOutliers, withoutNan, withoutOutliers } from './outliers.ts';
import { type Score, type ScoreLabel, score, scoreLabel, type Thresholds } from './scorer.ts';
import { type Summary, summary } from './statistics.ts';

/** One metric of both versions over the same window: usually one value a minute, NaN where there was none. */
export type MetricPair = {
  readonly name: string;
  readonly groups: readonly string[];
  readonly candidate: readonly number[];
  readonly stable: readonly number[];
  /** What differs from `defaultRule`. */
  readonly rule?: Partial<MetricRule>;
  /** Absent: no. */
  readonly isMuted?: boolean;
  /** IQR fences outside of which values are dropped, in interquartile ranges. Absent: all values stay, as in Kayenta. */
  readonly outlierFactor?: number;
};

/** Kayenta's own factor where a metric asks for the removal of outliers and names none. */
export const defaultOutlierFactor = 3;

export type JudgedMetric = Classification & {
  readonly name: string;
  readonly groups: readonly string[];
  readonly isMuted: boolean;
  /** Of what was compared, after NaN and outliers. */
  readonly candidate: Summary;
  readonly stable: Summary;
};

export type Judgement = Score & {
  readonly label: ScoreLabel;
  /** In the given order. */
  readonly metrics: readonly JudgedMetric[];
};

export type JudgePolicy = {
  /** Percent by group; see `score`. */
  readonly weights: Readonly<Record<string, number>>;
  readonly thresholds: Thresholds;
};

/**
 * Judges a candidate as Kayenta's NetflixACAJudge-v1.0 does.
 *
 * @param pairs - Without any, the score is 0 and the label that of 0.
 * @param noise - See `seededNoise`. The same input and noise always give the same judgement.
 * @see Kayenta, NetflixACAJudge.scala; `docs/guides/kayenta.md` for what to expect of it.
 */
export function kayentaJudge(pairs: readonly MetricPair[], policy: JudgePolicy, noise: Noise = defaultNoise): Judgement {
  const metrics = pairs.map((pair) => judged(pair, noise));
  const total = score(metrics, policy.weights);
  return { ...total, label: scoreLabel(total.score, policy.thresholds), metrics };
}

function judged(pair: MetricPair, noise: Noise): JudgedMetric {
  const rule = { ...defaultRule, ...pair.rule };
  const cleaned = (data: readonly number[]) => {
    const values = withoutNan(data, rule.nanStrategy);
    const factor = pair.outlierFactor;
    return factor === undefined ? values : withoutOutliers(values, iqrOutliers(values, factor, true));
  };
  const [candidate, stable] = [cleaned(pair.candidate), cleaned(pair.stable)];
  const { name, groups, isMuted = false } = pair;
  const sides = { candidate: summary(candidate), stable: summary(stable) };
  return { name, groups, isMuted, ...sides, ...classify(candidate, stable, rule, noise) };
}
