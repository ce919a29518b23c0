/** What a version did lately: bad and all requests in closed blocks of 15 s, ten minutes of them, and the open block. */
export type History = {
  /** Pairs bad, n of the closed blocks, oldest first. Replaced and never changed, so that copies may share it. */
  blocks: readonly number[];
  /** Bad requests in all of it, the open block included. */
  bad: number;
  n: number;
  openBad: number;
  openN: number;
  /** Seconds since the open block began. */
  ageS: number;
  /** Largest share of bad requests of a closed block with at least half of the usual requests; halves within half an hour. */
  worst: number;
};

export const historyBlockS = 15;
const blocksMax = 40;
/** How many bad requests stand for a dispersion of 1 before anything is seen. */
export const blockPrior = 8;
/** Per block: one half in half an hour. */
const worstKept = 0.5 ** (historyBlockS / 1800);

export function openHistory(): History {
  return { blocks: [], bad: 0, n: 0, openBad: 0, openN: 0, ageS: 0, worst: 0 };
}

/** Adds counts; `dtS` is the time that they cover. */
export function remember(h: History, bad: number, n: number, dtS: number): void {
  h.bad += bad;
  h.n += n;
  h.openBad += bad;
  h.openN += n;
  h.ageS += dtS;
  if (h.ageS < historyBlockS) return;
  const excess = h.blocks.length + 2 - 2 * blocksMax;
  const blocks = excess > 0 ? h.blocks.slice(excess) : h.blocks.slice();
  if (excess > 0) {
    h.bad -= h.blocks[0] ?? 0;
    h.n -= h.blocks[1] ?? 0;
  }
  blocks.push(h.openBad, h.openN);
  // Bursts come seldom: ten minutes may not have one.
  h.worst *= worstKept;
  if (h.openN > 0 && h.openN >= h.n / blocks.length) h.worst = Math.max(h.worst, h.openBad / h.openN);
  h.blocks = blocks;
  h.openBad = 0;
  h.openN = 0;
  h.ageS = 0;
}

/** Share of bad requests, estimated one bad request too high so that a short history never promises perfection; `none` when empty. */
export function shareOf(h: History, none: number): number {
  return h.n > 0 ? Math.min(1, (h.bad + 1) / h.n) : none;
}

/**
 * Variance over mean of the blocks' bad counts, with a prior of `blockPrior` at 1: how much rougher than Poisson the version is
 * from one quarter of a minute to the next.
 *
 * @returns Dimensionless, ≥ 1; 1 without bad requests.
 */
export function blockDispersion(h: History): number {
  let bad = 0;
  let n = 0;
  for (let i = 0; i < h.blocks.length; i += 2) {
    bad += h.blocks[i] ?? 0;
    n += h.blocks[i + 1] ?? 0;
  }
  if (!(bad > 0) || !(n > 0)) return 1;
  let squares = blockPrior;
  let means = blockPrior;
  for (let i = 0; i < h.blocks.length; i += 2) {
    const mean = ((h.blocks[i + 1] ?? 0) * bad) / n;
    squares += ((h.blocks[i] ?? 0) - mean) ** 2;
    means += mean;
  }
  return Math.max(1, squares / means);
}
