import type { Events } from '../../slo/types.ts';
import type { Piece } from './cells.ts';
import type { ChangePoint, SpanCounts } from './types.ts';

/** How much likelier a change has to be than none, as ln of the ratio: e^10 is 22,000 to 1, as many boundaries are tried. */
const evidenceMin = 10;
/** The change lies where its ln likelihood is no more than this below the best one: more than 98 % for a mean (χ², 1 degree of freedom). */
const within = 3;
/** How much likelier a cell has to be with a share of its own, as ln of the ratio, so that the change is taken to lie inside of it. */
const insideMin = 3;

/**
 * When the share of bad events has risen (`up`) or fallen (`down`): the boundary of cells that makes what was counted the most likely,
 * with one share before it and another one after it. Events count as independent; where failures come in clusters the interval is too
 * narrow.
 *
 * Where a cell beside that boundary has a share between both, the change lies inside of it, as far from its beginning as that share says: what
 * has gone wrong there belongs to neither side. The interval goes from the beginning of the cell before the first likely boundary to the end of
 * the cell after the last one. Null: no change is shown.
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
  const interval = { lowMs: low.fromS * 1_000, highMs: high.toS * 1_000 };
  const inside = insideOf(known, best);
  return inside === null
    ? {
        atMs: at.fromS * 1_000,
        ...interval,
        before: spanOf(known.slice(0, best.index)),
        after: spanOf(known.slice(best.index)),
      }
    : {
        atMs: inside.atMs,
        ...interval,
        before: spanOf(known.slice(0, inside.index)),
        after: spanOf(known.slice(inside.index + 1)),
      };
}

/** The cell beside the best boundary that is a mixture of before and after, and the moment that its share says. Null: neither is. */
function insideOf(
  known: readonly Piece[],
  { index: boundary, log: best }: { readonly index: number; readonly log: number },
): { readonly index: number; readonly atMs: number } | null {
  const mixed = [boundary - 1, boundary].flatMap((index) => {
    const cell = known[index];
    const [before, after] = [sum(known.slice(0, index)), sum(known.slice(index + 1))];
    if (!cell || before.total === 0 || after.total === 0) return [];
    const [was, is, own] = [before, after, cell].map(({ bad, total }) => bad / total) as [number, number, number];
    const part = (is - own) / (is - was);
    const log = logLikelihood(before) + logLikelihood(cell) + logLikelihood(after);
    if (!(part > 0 && part < 1) || log - best < insideMin) return [];
    return [{ index, log, atMs: Math.round((cell.fromS + (cell.toS - cell.fromS) * part) * 1_000) }];
  });
  return mixed.toSorted((a, b) => b.log - a.log)[0] ?? null;
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
