/** What a version did lately: bad and all requests in closed blocks of 15 s, ten minutes of them, and the open block. */
export type History = {
  /** Pairs bad, n of the closed blocks, oldest first. */
  readonly blocks: readonly number[];
  /** Bad requests in all of it, the open block included. */
  readonly bad: number;
  readonly n: number;
  readonly openBad: number;
  readonly openN: number;
  /** Seconds since the open block began. */
  readonly ageS: number;
};

export const historyBlockS = 15;
const blocksMax = 40;

export const noHistory: History = { blocks: [], bad: 0, n: 0, openBad: 0, openN: 0, ageS: 0 };

/** Adds counts; `dtS` is the time that they cover. */
export function remember(h: History, bad: number, n: number, dtS: number): History {
  const openBad = h.openBad + bad;
  const openN = h.openN + n;
  const ageS = h.ageS + dtS;
  const sum = { bad: h.bad + bad, n: h.n + n };
  if (ageS < historyBlockS) return { ...sum, blocks: h.blocks, openBad, openN, ageS };
  const excess = h.blocks.length + 2 - 2 * blocksMax;
  const blocks = excess > 0 ? h.blocks.slice(excess) : h.blocks.slice();
  blocks.push(openBad, openN);
  if (excess > 0) {
    sum.bad -= h.blocks[0] ?? 0;
    sum.n -= h.blocks[1] ?? 0;
  }
  return { ...sum, blocks, openBad: 0, openN: 0, ageS: 0 };
}

/** Share of bad requests, estimated one bad request too high so that a short history never promises perfection; `none` when empty. */
export function shareOf(h: History, none: number): number {
  return h.n > 0 ? Math.min(1, (h.bad + 1) / h.n) : none;
}

/**
 * Variance over mean of the blocks' bad counts, with a prior of 8 blocks at 1: how much rougher than Poisson the version is
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
  let squares = 8;
  let means = 8;
  for (let i = 0; i < h.blocks.length; i += 2) {
    const mean = ((h.blocks[i + 1] ?? 0) * bad) / n;
    squares += ((h.blocks[i] ?? 0) - mean) ** 2;
    means += mean;
  }
  return Math.max(1, squares / means);
}
