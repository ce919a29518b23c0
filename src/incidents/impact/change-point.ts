import type { Events } from '../../slo/types.ts';
import type { Piece } from './cells.ts';
import type { ChangePoint, SpanCounts } from './types.ts';

/** How much likelier a change has to be than none, as ln of the ratio: e^10 is 22,000 to 1, as many boundaries are tried. */
const evidenceMin = 10;
/** The change lies where its ln likelihood is no more than this below the best one: more than 98 % for a mean (χ², 1 degree of freedom). */
const within = 3;

/**
 * When the share of bad events has risen (`up`) or fallen (`down`): the boundary of cells that makes what was counted the most likely,
 * with one share before it and another one after it. Events count as independent; where failures come in clusters the interval is too
 * narrow.
 *
 * The true moment may lie inside of a cell, so the interval goes from the beginning of the cell before the first likely boundary to the
 * end of the cell after the last one. Null: no change is shown.
 *
 * @see Hinkley, "Inference about the change-point from cumulative sum tests", Biometrika 58 (1971); maximum likelihood for two binomials.
 */
export function changePoint(pieces: readonly Piece[], direction: 'up' | 'down'): ChangePoint | null {
  // A counter that is broken may say more bad events than there were.
  const known = pieces.filter(({ bad, total }) => total > 0 && bad <= total);
  const all = sum(known);
  let before: Events = { bad: 0, total: 0 };
  const found = known.flatMap((piece, index) => {
    if (index === 0) {
      before = piece;
      return [];
    }
    const after = { bad: all.bad - before.bad, total: all.total - before.total };
    const rises = after.bad * before.total > before.bad * after.total;
    const falls = after.bad * before.total < before.bad * after.total;
    const log = logLikelihood(before) + logLikelihood(after);
    before = { bad: before.bad + piece.bad, total: before.total + piece.total };
    return (direction === 'up' ? rises : falls) ? [{ index, log }] : [];
  });
  const best = found.reduce<{ index: number; log: number } | null>(
    (most, one) => (most === null || one.log > most.log ? one : most),
    null,
  );
  if (!best || best.log - logLikelihood(all) < evidenceMin) return null;
  const likely = found.filter(({ log }) => log >= best.log - within).map(({ index }) => index);
  const [first = best.index, last = best.index] = [likely[0], likely.at(-1)];
  const [low, at, high] = [known[first - 1], known[best.index], known[last]];
  if (!low || !at || !high) return null;
  return {
    atMs: at.fromS * 1_000,
    lowMs: low.fromS * 1_000,
    highMs: high.toS * 1_000,
    before: spanOf(known.slice(0, best.index)),
    after: spanOf(known.slice(best.index)),
  };
}

/** Of so many bad ones of all, at their own share. */
function logLikelihood({ bad, total }: Events): number {
  const good = total - bad;
  return part(bad, total) + part(good, total);
}

function part(n: number, total: number): number {
  return n === 0 ? 0 : n * Math.log(n / total);
}

function sum(pieces: readonly Events[]): Events {
  return {
    bad: pieces.reduce((all, { bad }) => all + bad, 0),
    total: pieces.reduce((all, { total }) => all + total, 0),
  };
}

function spanOf(pieces: readonly Piece[]): SpanCounts {
  return { fromMs: (pieces[0]?.fromS ?? 0) * 1_000, toMs: (pieces.at(-1)?.toS ?? 0) * 1_000, ...sum(pieces) };
}
