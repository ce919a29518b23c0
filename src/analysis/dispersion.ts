/**
 * How much rougher than independent requests the counts are: failures come in clusters, rates wander. Evidence is divided by
 * it, because likelihoods of independent requests would take one burst for many facts.
 *
 * All estimates are ratios of summed squares to summed variances, shrunk to 1 by a prior of that many variances
 * (McCullagh & Nelder, "Generalized Linear Models", 2nd ed., §4.5.2: quasi-likelihood dispersion). Changed in place.
 */
type Ratio = { squares: number; variances: number };

/** Stable's failures from one sample to the next, given both totals: clusters within a sample. */
export type PairSpread = Ratio & {
  /** The first sample of the pair; −1 bad where there is none. */
  firstBad: number;
  firstN: number;
  /** Bad requests seen. */
  events: number;
};

/** Four blocks of 15 s make a group, inside which a rate is taken as constant, so that trends do not count. */
export type GroupSpread = Ratio & {
  /** Pairs bad, n. Replaced and never changed, so that copies may share it. */
  blocks: readonly number[];
  openBad: number;
  openN: number;
  ageS: number;
};

/**
 * The split of bad requests between candidate and stable inside one group: noise that is not common to both. Each group is
 * compared with its own share, so a lasting fault does not excuse itself, and it counts one group late for the same reason.
 */
export type SplitSpread = Ratio & {
  /** Quadruples candidate bad, n, stable bad, n. Replaced and never changed, so that copies may share it. */
  blocks: readonly number[];
  openBadC: number;
  openNC: number;
  openBadS: number;
  openNS: number;
  ageS: number;
  waitingSquares: number;
  waitingVariances: number;
};

const prior = 10;
/** How many variances stand for a split dispersion of 1 before anything is seen. */
export const splitPrior = 2 * prior;
const splitMax = 4;
const blockS = 15;
const groupBlocks = 4;
/** Of the candidate less is believed: it may be at fault. */
export const candidatePrior = 20;
export const candidateRatioMax = 4;
/** Squares about a mean of four estimated from the same four are too small by 3/4. */
const unbias = groupBlocks / (groupBlocks - 1);

/** @param weight - Of the prior: how many variances stand for a dispersion of 1. */
export function openPairSpread(weight: number = prior): PairSpread {
  return { squares: weight, variances: weight, firstBad: -1, firstN: 0, events: 0 };
}

export function openGroupSpread(): GroupSpread {
  return { squares: prior, variances: prior, blocks: [], openBad: 0, openN: 0, ageS: 0 };
}

export function openSplitSpread(): SplitSpread {
  return {
    squares: splitPrior,
    variances: splitPrior,
    blocks: [],
    openBadC: 0,
    openNC: 0,
    openBadS: 0,
    openNS: 0,
    ageS: 0,
    waitingSquares: 0,
    waitingVariances: 0,
  };
}

/** Dimensionless, ≥ 1. */
export function dispersion(r: Readonly<Ratio>): number {
  return Math.max(1, r.squares / r.variances);
}

/**
 * What stable's own roughness still says about the split between the versions: all while nothing else is known, less the more the
 * split itself has shown. Bursts that both versions share make stable rough and leave the split as it is.
 */
export function remainingDispersion(p: Readonly<PairSpread>, s: Readonly<SplitSpread>): number {
  return 1 + ((dispersion(p) - 1) * splitPrior) / s.variances;
}

/** As `dispersion`, capped: an unlucky estimate must not blind the guard. */
export function splitDispersion(s: Readonly<SplitSpread>): number {
  return Math.min(splitMax, dispersion(s));
}

/** @param ratioMax - The most that one pair counts, in multiples of its variance: where a fault begins there is one rough pair. */
export function addPair(p: PairSpread, bad: number, n: number, ratioMax: number = Number.POSITIVE_INFINITY): void {
  p.events += bad;
  if (p.firstBad < 0) {
    p.firstBad = bad;
    p.firstN = n;
    return;
  }
  const both = p.firstBad + bad;
  if (both > 0 && p.firstN > 0 && n > 0) {
    const share = n / (p.firstN + n);
    const variance = both * share * (1 - share);
    p.squares += Math.min((bad - both * share) ** 2, ratioMax * variance);
    p.variances += variance;
  }
  p.firstBad = -1;
}

export function addGroup(g: GroupSpread, bad: number, n: number, dtS: number): void {
  g.ageS += dtS;
  g.openBad += bad;
  g.openN += n;
  if (g.ageS < blockS) return;
  const blocks = [...g.blocks, g.openBad, g.openN];
  g.openBad = g.openN = g.ageS = 0;
  g.blocks = blocks.length < 2 * groupBlocks ? blocks : [];
  if (blocks.length < 2 * groupBlocks) return;
  let bads = 0;
  let all = 0;
  for (let i = 0; i < blocks.length; i += 2) {
    bads += blocks[i] ?? 0;
    all += blocks[i + 1] ?? 0;
  }
  if (!(bads > 0)) return;
  let squares = 0;
  for (let i = 0; i < blocks.length; i += 2) squares += ((blocks[i] ?? 0) - (bads * (blocks[i + 1] ?? 0)) / all) ** 2;
  g.squares += squares * unbias;
  g.variances += bads;
}

/** Before the first comparison all that is known is how rough stable alone was: an upper bound for what is not common to both. */
export function startSplit(s: SplitSpread, group: Readonly<GroupSpread>): void {
  s.squares += splitPrior * (Math.min(splitMax, dispersion(group)) - 1);
}

/** A new share of traffic: blocks of different weights are not one group. */
export function restartSplit(s: SplitSpread): void {
  s.blocks = [];
  s.openBadC = s.openNC = s.openBadS = s.openNS = s.ageS = 0;
  s.waitingSquares = s.waitingVariances = 0;
}

export function addSplit(s: SplitSpread, badC: number, nC: number, badS: number, nS: number, dtS: number): void {
  s.ageS += dtS;
  s.openBadC += badC;
  s.openNC += nC;
  s.openBadS += badS;
  s.openNS += nS;
  if (s.ageS < blockS) return;
  const blocks = [...s.blocks, s.openBadC, s.openNC, s.openBadS, s.openNS];
  s.openBadC = s.openNC = s.openBadS = s.openNS = s.ageS = 0;
  s.blocks = blocks.length < 4 * groupBlocks ? blocks : [];
  if (blocks.length < 4 * groupBlocks) return;
  s.squares += s.waitingSquares;
  s.variances += s.waitingVariances;
  const { squares, variances } = splitSquares(blocks);
  s.waitingSquares = squares;
  s.waitingVariances = variances;
}

function splitSquares(blocks: readonly number[]): Ratio {
  const sums = [0, 0, 0, 0];
  blocks.forEach((value, i) => {
    sums[i % 4] = (sums[i % 4] ?? 0) + value;
  });
  const [badC = 0, nC = 0, badS = 0, nS = 0] = sums;
  if (badC < 3 || !(badS > 0) || !(nC > 0) || !(nS > 0)) return { squares: 0, variances: 0 };
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
  return { squares: squares * unbias, variances };
}
