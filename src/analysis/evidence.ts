/**
 * Evidence that may be looked at all the time: a mixture over effect sizes and over start times of likelihood ratios.
 *
 * For every effect of a grid it sums, over the blocks in which a fault may have begun, prior mass × likelihood ratio of all
 * counts since then (Shiryaev–Roberts form); mass that no start has used yet counts 1. The total prior mass is 1, so under
 * "no worse" the sum is a non-negative supermartingale with mean ≤ 1, and by Ville's inequality it ever exceeds 1/α with
 * probability ≤ α, however often somebody looks. A fault that begins late is not diluted by the good time before it.
 *
 * Plain numbers and arrays: it survives JSON. Values are never changed, so that states may share them.
 *
 * @see Shiryaev 1963; Roberts 1966; Pollak 1987 (mixtures); Shin, Ramdas, Rinaldo, "E-detectors", 2022, §3–4.
 */
export type Evidence = {
  /** Prior mass (0–1) that no start time has been given yet. */
  readonly unspent: number;
  /** Prior mass that falls to the start of the next block. */
  readonly owed: number;
  /** Seconds since the open block began. */
  readonly ageS: number;
  /** The most that the open block may add to each effect's logarithm. */
  readonly cap: number;
  /** Per effect: ln of its mass × likelihood ratio over all starts, up to the end of the last closed block. */
  readonly closed: readonly number[];
  /** Per effect: growth of the log likelihood ratio in the open block. */
  readonly open: readonly number[];
  /** ln of the evidence now; 0 is 1 : 1. */
  readonly log: number;
};

/** Stands for ln 0: JSON has no −∞, and e^−1000 is 0 in a double all the same. */
const nothing = -1000;

/** The effect sizes that a mixture is made of, and what part of the prior mass each is given. */
export type Grid = {
  readonly effects: readonly number[];
  /** As many as effects, > 0, with sum 1. */
  readonly shares: readonly number[];
};

/** No evidence yet. The cap is that of the first block. */
export function noEvidence(grid: Grid, cap: number): Evidence {
  const closed = grid.effects.map(() => nothing);
  return { unspent: 1, owed: 0, ageS: 0, cap, closed, open: grid.effects.map(() => 0), log: 0 };
}

/**
 * Lets time pass: once `blockS` seconds have passed, or at once when `fresh`, closes the open block and starts a new one,
 * which is given the prior mass owed since the last.
 *
 * A cap on what one block may add keeps the supermartingale (the smaller of it and a constant is no larger) and keeps one
 * burst from deciding alone.
 */
export function elapse(
  e: Evidence,
  grid: Grid,
  dtS: number,
  mass: number,
  fresh: boolean,
  blockS: number,
  cap: number,
): Evidence {
  const ageS = e.ageS + dtS;
  const owed = e.owed + mass;
  if (!fresh && ageS < blockS) return { ...e, ageS, owed };
  const spent = Math.min(owed, e.unspent);
  const closed = e.closed.map((c, k) => {
    const before = c + Math.min(e.open[k] ?? 0, e.cap);
    // The floor keeps the sum of a long calm finite.
    return Math.max(nothing, spent > 0 ? addLogs(before, Math.log(spent * (grid.shares[k] ?? 0))) : before);
  });
  const open = e.open.map(() => 0);
  // The floor keeps a logarithm finite when a very long release has spent everything.
  const unspent = Math.max(1e-300, e.unspent - spent);
  return { unspent, owed: 0, ageS: 0, cap, closed, open, log: total(unspent, closed, open, cap) };
}

/** Adds the growth of the log likelihood ratio, one number per effect. */
export function grow(e: Evidence, growth: readonly number[]): Evidence {
  const open = e.open.map((o, k) => o + (growth[k] ?? 0));
  return { ...e, open, log: total(e.unspent, e.closed, open, e.cap) };
}

/** ln of the mean of several evidences, each worth the same: the mean of e-values is one. −∞ is never returned; empty is 0. */
export function meanLog(logs: readonly number[]): number {
  if (logs.length === 0) return 0;
  let sum = nothing;
  for (const log of logs) sum = addLogs(sum, log);
  return sum - Math.log(logs.length);
}

function total(unspent: number, closed: readonly number[], open: readonly number[], cap: number): number {
  const base = Math.log(unspent);
  let top = base;
  for (let k = 0; k < closed.length; k++) top = Math.max(top, (closed[k] ?? 0) + Math.min(open[k] ?? 0, cap));
  let sum = Math.exp(base - top);
  for (let k = 0; k < closed.length; k++) sum += Math.exp((closed[k] ?? 0) + Math.min(open[k] ?? 0, cap) - top);
  return top + Math.log(sum);
}

/** ln(e^a + e^b) without overflow. */
function addLogs(a: number, b: number): number {
  return a > b ? a + Math.log1p(Math.exp(b - a)) : b + Math.log1p(Math.exp(a - b));
}
