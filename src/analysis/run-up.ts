/**
 * Since when the counts speak against the candidate: the last time from which a running sum of log likelihood ratios never
 * fell to 0, which is the maximum likelihood estimate of the start of the fault (Page, "Continuous inspection schemes", 1954).
 * Changed in place.
 */
export type RunUp = {
  /** Running sum, ≥ 0; 0 when nothing speaks against the candidate. */
  score: number;
  /** Unix milliseconds of the first bad request; null when the score is 0. */
  sinceMs: number | null;
  /** Requests of both versions since then. */
  badC: number;
  nC: number;
  badS: number;
  nS: number;
};

/** Counts of one yes/no outcome in one sample. */
export type Outcome = {
  readonly badC: number;
  readonly nC: number;
  readonly badS: number;
  readonly nS: number;
  /** When the first bad candidate request happened, as exactly as known (unix milliseconds). */
  readonly sinceMs: number;
};

export function openRunUp(): RunUp {
  return { score: 0, sinceMs: null, badC: 0, nC: 0, badS: 0, nS: 0 };
}

const none: RunUp = Object.freeze(openRunUp());

/** The run-up of the effect that explains the counts best, to be read only. One without a score when nothing speaks against the candidate. */
export function likeliest(runUps: readonly RunUp[]): Readonly<RunUp> {
  let best: Readonly<RunUp> = none;
  for (const runUp of runUps) if (runUp.score > best.score) best = runUp;
  return best;
}

/** Nothing speaks against the candidate any more. */
export function endRunUp(r: RunUp): void {
  r.score = 0;
  r.sinceMs = null;
  r.badC = r.nC = r.badS = r.nS = 0;
}

/** Adds one sample that changes the sum by `step`. */
export function follow(r: RunUp, step: number, o: Outcome): void {
  const score = r.score + step;
  if (!(score > 0)) {
    if (r.score > 0) endRunUp(r);
    return;
  }
  r.score = score;
  r.sinceMs ??= o.sinceMs;
  r.badC += o.badC;
  r.nC += o.nC;
  r.badS += o.badS;
  r.nS += o.nS;
}
