/**
 * Since when the counts speak against the candidate: the last time from which a running sum of log likelihood ratios never
 * fell to 0, which is the maximum likelihood estimate of the start of the fault (Page, "Continuous inspection schemes", 1954).
 */
export type RunUp = {
  /** Running sum, ≥ 0; 0 when nothing speaks against the candidate. */
  readonly score: number;
  /** Unix milliseconds of the first bad request; null when the score is 0. */
  readonly sinceMs: number | null;
  /** Requests of both versions since then. */
  readonly badC: number;
  readonly nC: number;
  readonly badS: number;
  readonly nS: number;
};

type Counted = {
  readonly badC: number;
  readonly nC: number;
  readonly badS: number;
  readonly nS: number;
  readonly sinceMs: number;
};

export const noRunUp: RunUp = { score: 0, sinceMs: null, badC: 0, nC: 0, badS: 0, nS: 0 };

/** The run-up of the effect that explains the counts best. `noRunUp` when nothing speaks against the candidate. */
export function likeliest(runUps: readonly RunUp[]): RunUp {
  return runUps.reduce((best, other) => (other.score > best.score ? other : best), noRunUp);
}

/** Adds one sample that changes the sum by `step`. */
export function follow(r: RunUp, step: number, o: Counted): RunUp {
  const score = r.score + step;
  if (!(score > 0)) return noRunUp;
  return {
    score,
    sinceMs: r.sinceMs ?? o.sinceMs,
    badC: r.badC + o.badC,
    nC: r.nC + o.nC,
    badS: r.badS + o.badS,
    nS: r.nS + o.nS,
  };
}
