import type { Label } from './classifier.ts';

/** What the scorer has to know of one metric. */
export type ScoredMetric = {
  readonly label: Label;
  /** Its result alone brings the score to 0 unless it is `Pass`. */
  readonly isCritical: boolean;
  /** Reported, never counted. */
  readonly isMuted: boolean;
  /** A metric in no group counts in no score, silently, as in Kayenta; in several groups it counts in each. */
  readonly groups: readonly string[];
};

export type GroupScore = {
  readonly name: string;
  /** Percent of judged metrics that passed (0–100); `null` when none could be judged, which counts as 100 in the summary. */
  readonly score: number | null;
  /** Percent of the summary that this group makes up; negative when declared weights exceed 100. */
  readonly weight: number;
};

export type Score = {
  /** Percent (0–100 while weights add up to 100 or less), rounded to two places. */
  readonly score: number;
  /** In the order in which groups first occur. */
  readonly groups: readonly GroupScore[];
  /** Why the score is 0 whatever the groups say; `null` when it is their weighted sum. */
  readonly override: 'critical' | 'nodata' | null;
};

/** Percent. */
export type Thresholds = { readonly passMin: number; readonly marginalMin: number };
export type ScoreLabel = 'Pass' | 'Marginal' | 'Fail';

/** Percent of metrics without data from which nothing is believed. */
const nodataMin = 50;

/**
 * Group scores and their weighted sum.
 *
 * @param metrics - All metrics of one judgement; without any in a group the score is 0.
 * @param weights - Percent by group. Groups without a weight share what is left of 100; the weight of an absent group is lost.
 * @see Kayenta, WeightedSumScorer.scala.
 */
export function score(metrics: readonly ScoredMetric[], weights: Readonly<Record<string, number>>): Score {
  const counted = metrics.filter(({ isMuted }) => !isMuted);
  const names = [...new Set(counted.flatMap(({ groups }) => groups))];
  const declared = new Map(Object.entries(weights));
  const unweighted = names.filter((name) => !declared.has(name)).length;
  const rest = 100 - [...declared.values()].reduce((sum, weight) => sum + weight, 0);
  const groups = names.map((name) => {
    const labels = counted.filter((metric) => metric.groups.includes(name)).map(({ label }) => label);
    return { name, score: groupScore(labels), weight: declared.get(name) ?? rest / unweighted };
  });
  const override = overridden(counted);
  const sum = groups.reduce((total, group) => total + ((group.score ?? 100) * group.weight) / 100, 0);
  return { score: override === null ? Math.round(sum * 100) / 100 : 0, groups, override };
}

/** The label of a score. A score on a threshold reaches it here, while `afterJudgement` ends a run at exactly the marginal one. */
export function scoreLabel(score: number, { passMin, marginalMin }: Thresholds): ScoreLabel {
  if (score >= passMin) return 'Pass';
  return score >= marginalMin ? 'Marginal' : 'Fail';
}

/** `Nodata` and `Error` count neither way. */
function groupScore(labels: readonly Label[]): number | null {
  const passed = labels.filter((label) => label === 'Pass').length;
  const judged = labels.filter((label) => label !== 'Nodata' && label !== 'Error').length;
  return judged === 0 ? null : (100 * passed) / judged;
}

function overridden(counted: readonly ScoredMetric[]): Score['override'] {
  if (counted.some(({ isCritical, label }) => isCritical && label !== 'Pass')) return 'critical';
  const missing = counted.filter(({ label }) => label === 'Nodata').length;
  return counted.length > 0 && (100 * missing) / counted.length >= nodataMin ? 'nodata' : null;
}
