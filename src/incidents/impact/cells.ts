import type { Events } from '../../slo/types.ts';
import type { CountCell, SpanCounts } from './types.ts';

/** A piece of time with the events of all versions. */
export type Piece = Events & { readonly fromS: number; readonly toS: number };

/** Cells as pieces of time, oldest first, without what is left out. Where one overlaps the one before it is dropped: no event counts twice. */
export function piecesOf(cells: readonly CountCell[]): readonly Piece[] {
  const pieces: { fromS: number; toS: number; bad: number; total: number }[] = [];
  for (const { fromS, toS, isLeftOut, bad, total } of cells.toSorted((a, b) => a.fromS - b.fromS || a.toS - b.toS)) {
    if (isLeftOut) continue;
    const last = pieces.at(-1);
    if (last && last.fromS === fromS && last.toS === toS) {
      last.bad += bad;
      last.total += total;
    } else if (!last || fromS >= last.toS) pieces.push({ fromS, toS, bad, total });
  }
  return pieces;
}

/** Whether a cell belongs to a span: it overlaps it. So a span is counted to the cell. */
export function isIn({ fromS, toS }: { readonly fromS: number; readonly toS: number }, fromMs: number, toMs: number): boolean {
  return fromS * 1_000 < toMs && toS * 1_000 > fromMs;
}

/** What was counted in a span, in whole cells: those that overlap it. */
export function countsIn(pieces: readonly Piece[], fromMs: number, toMs: number): SpanCounts {
  const inside = pieces.filter((piece) => isIn(piece, fromMs, toMs));
  return {
    fromMs: Math.min(fromMs, ...inside.map(({ fromS }) => fromS * 1_000)),
    toMs: Math.max(toMs, ...inside.map(({ toS }) => toS * 1_000)),
    bad: inside.reduce((sum, { bad }) => sum + bad, 0),
    total: inside.reduce((sum, { total }) => sum + total, 0),
  };
}

/** The same in whole cells that lie in the span and overlap nothing else: for what must not mix with its neighbour. */
export function countsWithin(pieces: readonly Piece[], fromMs: number, toMs: number): SpanCounts {
  const inside = pieces.filter(({ fromS, toS }) => fromS * 1_000 >= fromMs && toS * 1_000 <= toMs);
  return {
    fromMs,
    toMs,
    bad: inside.reduce((sum, { bad }) => sum + bad, 0),
    total: inside.reduce((sum, { total }) => sum + total, 0),
  };
}

/** Pieces joined so that there are at most so many. */
export function thinned(pieces: readonly Piece[], max: number): readonly SpanCounts[] {
  const each = Math.max(1, Math.ceil(pieces.length / max));
  const thin: SpanCounts[] = [];
  for (let index = 0; index < pieces.length; index += each) {
    const group = pieces.slice(index, index + each);
    const [first, last] = [group[0], group.at(-1)];
    if (!first || !last) continue;
    thin.push({
      fromMs: first.fromS * 1_000,
      toMs: last.toS * 1_000,
      bad: group.reduce((sum, { bad }) => sum + bad, 0),
      total: group.reduce((sum, { total }) => sum + total, 0),
    });
  }
  return thin;
}
