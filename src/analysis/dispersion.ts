/**
 * How much rougher than independent requests the counts are: failures come in clusters, rates wander. Evidence is divided by
 * it, because likelihoods of independent requests would take one burst for many facts.
 *
 * All estimates are ratios of summed squares to summed variances, shrunk to 1 by a prior of that many variances
 * (McCullagh & Nelder, "Generalized Linear Models", 2nd ed., §4.5.2: quasi-likelihood dispersion).
 */
type Ratio = { readonly squares: number; readonly variances: number };

/** Stable's failures from one sample to the next, given both totals: clusters within a sample. */
export type PairSpread = Ratio & {
  /** The first sample of the pair, or null. */
  readonly first: readonly [bad: number, n: number] | null;
  /** Bad requests seen. */
  readonly events: number;
};

/** Four blocks of 15 s make a group, inside which a rate is taken as constant, so that trends do not count. */
export type GroupSpread = Ratio & {
  readonly blocks: readonly number[];
  readonly open: readonly [bad: number, n: number];
  readonly ageS: number;
};

/**
 * The split of bad requests between candidate and stable inside one group: noise that is not common to both. Each group is
 * compared with its own share, so a lasting fault does not excuse itself, and it counts one group late for the same reason.
 */
export type SplitSpread = Ratio & {
  /** Quadruples candidate bad, n, stable bad, n. */
  readonly blocks: readonly number[];
  readonly open: readonly [badC: number, nC: number, badS: number, nS: number];
  readonly ageS: number;
  readonly waiting: readonly [squares: number, variances: number] | null;
};

const prior = 10;
const splitPrior = 2 * prior;
const splitMax = 4;
const blockS = 15;
const groupBlocks = 4;
/** Squares about a mean of four estimated from the same four are too small by 3/4. */
const unbias = groupBlocks / (groupBlocks - 1);

export const noPairSpread: PairSpread = { squares: prior, variances: prior, first: null, events: 0 };
export const noGroupSpread: GroupSpread = { squares: prior, variances: prior, blocks: [], open: [0, 0], ageS: 0 };
export const noSplitSpread: SplitSpread = {
  squares: splitPrior,
  variances: splitPrior,
  blocks: [],
  open: [0, 0, 0, 0],
  ageS: 0,
  waiting: null,
};

/** Dimensionless, ≥ 1. */
export function dispersion(r: Ratio): number {
  return Math.max(1, r.squares / r.variances);
}

/** As `dispersion`, capped: an unlucky estimate must not blind the guard. */
export function splitDispersion(s: SplitSpread): number {
  return Math.min(splitMax, dispersion(s));
}

export function addPair(p: PairSpread, bad: number, n: number): PairSpread {
  const events = p.events + bad;
  if (!p.first) return { ...p, events, first: [bad, n] };
  const [bad1, n1] = p.first;
  const both = bad1 + bad;
  if (!(both > 0 && n1 > 0 && n > 0)) return { ...p, events, first: null };
  const share = n / (n1 + n);
  return {
    squares: p.squares + (bad - both * share) ** 2,
    variances: p.variances + both * share * (1 - share),
    first: null,
    events,
  };
}

export function addGroup(g: GroupSpread, bad: number, n: number, dtS: number): GroupSpread {
  const ageS = g.ageS + dtS;
  const open = [g.open[0] + bad, g.open[1] + n] as const;
  if (ageS < blockS) return { ...g, open, ageS };
  const blocks = [...g.blocks, ...open];
  if (blocks.length < 2 * groupBlocks) return { ...g, blocks, open: [0, 0], ageS: 0 };
  let bads = 0;
  let all = 0;
  for (let i = 0; i < blocks.length; i += 2) {
    bads += blocks[i] ?? 0;
    all += blocks[i + 1] ?? 0;
  }
  let squares = 0;
  if (bads > 0)
    for (let i = 0; i < blocks.length; i += 2) squares += ((blocks[i] ?? 0) - (bads * (blocks[i + 1] ?? 0)) / all) ** 2;
  return { squares: g.squares + squares * unbias, variances: g.variances + bads, blocks: [], open: [0, 0], ageS: 0 };
}

/** Before the first comparison all that is known is how rough stable alone was: an upper bound for what is not common to both. */
export function startSplit(s: SplitSpread, group: GroupSpread): SplitSpread {
  return { ...s, squares: s.squares + splitPrior * (Math.min(splitMax, dispersion(group)) - 1) };
}

/** A new share of traffic: blocks of different weights are not one group. */
export function restartSplit(s: SplitSpread): SplitSpread {
  return { ...s, blocks: [], open: [0, 0, 0, 0], ageS: 0, waiting: null };
}

export function addSplit(s: SplitSpread, badC: number, nC: number, badS: number, nS: number, dtS: number): SplitSpread {
  const ageS = s.ageS + dtS;
  const open = [s.open[0] + badC, s.open[1] + nC, s.open[2] + badS, s.open[3] + nS] as const;
  if (ageS < blockS) return { ...s, open, ageS };
  const blocks = [...s.blocks, ...open];
  if (blocks.length < 4 * groupBlocks) return { ...s, blocks, open: [0, 0, 0, 0], ageS: 0 };
  const counted = s.waiting ?? [0, 0];
  return {
    squares: s.squares + counted[0],
    variances: s.variances + counted[1],
    blocks: [],
    open: [0, 0, 0, 0],
    ageS: 0,
    waiting: splitSquares(blocks),
  };
}

function splitSquares(blocks: readonly number[]): [squares: number, variances: number] {
  const sums = [0, 0, 0, 0];
  blocks.forEach((value, i) => {
    sums[i % 4] = (sums[i % 4] ?? 0) + value;
  });
  const [badC = 0, nC = 0, badS = 0, nS = 0] = sums;
  if (badC < 3 || !(badS > 0) || !(nC > 0) || !(nS > 0)) return [0, 0];
  const ratio = (badC / badS) * (nS / nC);
  let squares = 0;
  let variances = 0;
  for (let i = 0; i < blocks.length; i += 4) {
    const [x = 0, n = 0, y = 0, m = 0] = blocks.slice(i, i + 4);
    if (!(x + y > 0 && n > 0 && m > 0)) continue;
    const share = (ratio * n) / (ratio * n + m);
    squares += (x - (x + y) * share) ** 2;
    variances += (x + y) * share * (1 - share);
  }
  return [squares * unbias, variances];
}
