/**
 * How much one look's counts speak for "worse by this effect" against "still accepted": growths of log likelihood ratios,
 * each the logarithm of a variable whose mean is at most 1 when the candidate is acceptable.
 */

/** What is still accepted of the candidate's rate p_c against stable's p_s: p_c ≤ factor · p_s + delta. */
export type Margin = {
  /** Ratio that counts as noise, ≥ 1. */
  readonly factor: number;
  /** Absolute rise, as a share of requests (0–1). */
  readonly delta: number;
};

/**
 * Candidate against the stable version at the same time: conditional test of two Poisson rates.
 *
 * With a factor alone, the candidate's part of all bad requests is binomial whatever the common rate, and the likelihood
 * ratio for effect r is r^x_c · ((1 + ρo)/(1 + rρo))^(x_c + x_s), o being the odds of the exposures. An absolute rise δ is
 * added by superposition: give stable an independent Poisson count W of mean n_s·δ/ρ; then the candidate's rate is at most
 * ρ times stable's again. W is not drawn but averaged out, E[a^W] = e^(−mean·(1−a)), which leaves an exact e-value for
 * p_c ≤ ρ·p_s + δ. Unlike a margin turned into a ratio by an estimated p_s, it needs no estimate, so it works in the first
 * second and against a stable version that never fails.
 *
 * @param effects - Effect sizes r > 1, in multiples of the margin.
 * @param badC - Bad candidate requests. @param badS - Bad stable requests. @param nS - All stable requests.
 * @param odds - Candidate's exposure per stable exposure, > 0.
 * @param weight - Tempering in (0, 1]; below 1 the counts are known to cluster.
 * @returns Growth per effect; all 0 without requests.
 * @see Lindon, Sanden, Shirikian, "Rapid regression detection in software deployments through sequential testing", KDD 2022;
 *   Lindon & Kallus, "Anytime-valid inference for count processes", 2022 (conditional test of two intensities).
 */
export function pairGrowth(
  effects: readonly number[],
  badC: number,
  badS: number,
  nS: number,
  odds: number,
  margin: Margin,
  weight: number,
): number[] {
  const growth = new Array<number>(effects.length).fill(0);
  pairGrowthInto(growth, effects, badC, badS, nS, odds, margin, weight);
  return growth;
}

/** As `pairGrowth`, written over the first numbers of `into`: the guard asks two dozen times a second for each release. */
export function pairGrowthInto(
  into: number[],
  effects: readonly number[],
  badC: number,
  badS: number,
  nS: number,
  odds: number,
  margin: Margin,
  weight: number,
): void {
  const bad = badC + badS;
  const mean = (nS * margin.delta) / margin.factor;
  const base = 1 + margin.factor * odds;
  for (let k = 0; k < effects.length; k++) {
    const r = effects[k] ?? 1;
    const a = base / (1 + r * margin.factor * odds);
    const counted = bad > 0 ? (badC > 0 ? badC * Math.log(r) : 0) + bad * Math.log(a) : 0;
    into[k] = weight * (counted - mean * (1 - a));
  }
}

/**
 * One version against a limit on its share of bad requests, exact for 0/1 outcomes also where the share is large: binomial
 * likelihood ratio for odds that are `r` times those at the limit, x·ln r − n·ln(1 + limit·(r − 1)).
 *
 * @param limit - Highest accepted share, in (0, 1).
 * @see Wald, "Sequential Analysis", 1947, §5 (binomial).
 */
export function limitGrowth(effects: readonly number[], bad: number, n: number, limit: number): number[] {
  const growth = new Array<number>(effects.length).fill(0);
  limitGrowthInto(growth, effects, bad, n, limit);
  return growth;
}

/** As `limitGrowth`, written over the first numbers of `into`. */
export function limitGrowthInto(into: number[], effects: readonly number[], bad: number, n: number, limit: number): void {
  for (let k = 0; k < effects.length; k++) {
    const r = effects[k] ?? 1;
    into[k] = (bad > 0 ? bad * Math.log(r) : 0) - n * Math.log1p(limit * (r - 1));
  }
}
