/**
 * Evidence that may be looked at all the time: a mixture over effect sizes and over start times of likelihood ratios.
 *
 * For every effect of a grid it sums, over the blocks in which a fault may have begun, prior mass × likelihood ratio of all
 * counts since then (Shiryaev–Roberts form); mass that no start has used yet counts 1. The total prior mass is 1, so under
 * "no worse" the sum is a non-negative supermartingale with mean ≤ 1, and by Ville's inequality it ever exceeds 1/α with
 * probability ≤ α, however often somebody looks. A fault that begins late is not diluted by the good time before it.
 *
 * Plain numbers and arrays: it survives JSON. The functions here change it in place, because a guard makes two dozen of them
 * move every second; who wants to keep an earlier one copies it first.
 *
 * @see Shiryaev 1963; Roberts 1966; Pollak 1987 (mixtures); Shin, Ramdas, Rinaldo, "E-detectors", 2022, §3–4.
 */
export type Evidence = {
  /** Prior mass (0–1) that no start time has been given yet. */
  unspent: number;
  /** Prior mass that falls to the start of the next block. */
  owed: number;
  /** Seconds since the open block began. */
  ageS: number;
  /** The most that the open block may add to each effect's logarithm. */
  cap: number;
  /** Per effect: ln of its mass × likelihood ratio over all starts, up to the end of the last closed block. */
  readonly closed: number[];
  /** Per effect: growth of the log likelihood ratio in the open block. */
  readonly open: number[];
  /** ln of the evidence at the last `weigh`; 0 is 1 : 1. */
  log: number;
};

/** Stands for ln 0: JSON has no −∞, and e^−1000 is 0 in a double all the same. */
const nothing = -1000;

/** Terms that are e^−40 of the largest or less change no digit that anybody reads. */
const negligible = 40;

/** The effect sizes that a mixture is made of, and what part of the prior mass each is given. */
export type Grid = {
  readonly effects: readonly number[];
  /** As many as effects, > 0, with sum 1. */
  readonly shares: readonly number[];
};

/** No evidence yet. The cap is that of the first block. */
export function openEvidence(grid: Grid, cap: number): Evidence {
  return {
    unspent: 1,
    owed: 0,
    ageS: 0,
    cap,
    closed: grid.effects.map(() => nothing),
    open: grid.effects.map(() => 0),
    log: 0,
  };
}

/** The same evidence, to be changed apart. */
export function copyEvidence(e: Evidence): Evidence {
  return { ...e, closed: e.closed.slice(), open: e.open.slice() };
}

/** Forgets everything: a new test, whose fault may begin at once with prior mass `owed`. */
export function restart(e: Evidence, owed: number): void {
  e.unspent = 1;
  e.owed = owed;
  e.ageS = 0;
  e.closed.fill(nothing);
  e.open.fill(0);
  e.log = 0;
}

/**
 * Lets time pass: once `blockS` seconds have passed, or at once when `fresh`, closes the open block and starts a new one,
 * which is given the prior mass owed since the last.
 *
 * A cap on what one block may add keeps the supermartingale (the smaller of it and a constant is no larger) and keeps one
 * burst from deciding alone.
 */
export function elapse(e: Evidence, grid: Grid, dtS: number, mass: number, fresh: boolean, blockS: number, cap: number): void {
  e.ageS += dtS;
  e.owed += mass;
  if (!fresh && e.ageS < blockS) return;
  const spent = Math.min(e.owed, e.unspent);
  const logSpent = spent > 0 ? Math.log(spent) : nothing;
  for (let k = 0; k < e.closed.length; k++) {
    const before = (e.closed[k] ?? 0) + Math.min(e.open[k] ?? 0, e.cap);
    // The floor keeps the sum of a long calm finite.
    e.closed[k] = Math.max(nothing, spent > 0 ? addLogs(before, logSpent + Math.log(grid.shares[k] ?? 0)) : before);
    e.open[k] = 0;
  }
  // The floor keeps a logarithm finite when a very long release has spent everything.
  e.unspent = Math.max(1e-300, e.unspent - spent);
  e.owed = 0;
  e.ageS = 0;
  e.cap = cap;
}

/** Adds the growth of the log likelihood ratio, one number per effect. */
export function grow(e: Evidence, growth: ArrayLike<number>): void {
  for (let k = 0; k < e.open.length; k++) e.open[k] = (e.open[k] ?? 0) + (growth[k] ?? 0);
}

/** Works out `log`, once all of a look is added. */
export function weigh(e: Evidence): void {
  const base = Math.log(e.unspent);
  let top = base;
  for (let k = 0; k < e.closed.length; k++) top = Math.max(top, (e.closed[k] ?? 0) + Math.min(e.open[k] ?? 0, e.cap));
  let sum = base - top > -negligible ? Math.exp(base - top) : 0;
  for (let k = 0; k < e.closed.length; k++) {
    const term = (e.closed[k] ?? 0) + Math.min(e.open[k] ?? 0, e.cap) - top;
    if (term > -negligible) sum += Math.exp(term);
  }
  e.log = top + Math.log(sum);
}

/** ln of the mean of several evidences, each worth the same: the mean of e-values is one. −∞ is never returned; empty is 0. */
export function meanLog(logs: readonly number[]): number {
  if (logs.length === 0) return 0;
  let sum = nothing;
  for (const log of logs) sum = addLogs(sum, log);
  return sum - Math.log(logs.length);
}

/** ln(e^a + e^b) without overflow. */
function addLogs(a: number, b: number): number {
  const far = Math.abs(a - b) > negligible;
  if (a > b) return far ? a : a + Math.log1p(Math.exp(b - a));
  return far ? b : b + Math.log1p(Math.exp(a - b));
}
