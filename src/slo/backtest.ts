import { fires, thresholdOf } from './policy.ts';
import type { Events, Target, Tier } from './types.ts';
import { beginOf } from './windows.ts';

/** Events of some time, in unix seconds. */
export type BacktestPiece = Events & { readonly fromS: number; readonly toS: number };

/** From when on a tier would have fired, and until when. Null: it still would at the end of the record. */
export type Firing = { readonly fromMs: number; readonly toMs: number | null };

/** When a tier would have fired on a record, and for how much of it the record is fine enough to tell. */
export type Backtest = { readonly firings: readonly Firing[]; readonly judgedMs: number };

/**
 * Replays recorded counts with a tier, at the end of each piece: the same integers, windows and comparison as when it is judged live. A
 * piece that is longer than the short window says nothing about it, and is not judged.
 *
 * @param pieces - Oldest first, without overlaps.
 * @param longestMs - Longest piece that is judged: tiers are compared on the same part of a record.
 */
export function backtest(tier: Tier, target: Target, pieces: readonly BacktestPiece[], longestMs = tier.shortMs): Backtest {
  const threshold = thresholdOf(tier, target);
  const bad = prefixSums(pieces.map((piece) => piece.bad));
  const total = prefixSums(pieces.map((piece) => piece.total));
  const window = (ms: number) => {
    let first = 0;
    return (index: number, endS: number): Events => {
      const fromS = beginOf(ms, endS);
      while (first <= index && (pieces[first]?.fromS ?? Number.POSITIVE_INFINITY) < fromS) first += 1;
      return { bad: (bad[index + 1] ?? 0) - (bad[first] ?? 0), total: (total[index + 1] ?? 0) - (total[first] ?? 0) };
    };
  };
  const [long, short] = [window(tier.longMs), window(tier.shortMs)];
  const firings: { fromMs: number; toMs: number | null }[] = [];
  let sinceMs: number | null = null;
  let isFiring = false;
  let judgedMs = 0;
  for (const [index, { fromS, toS }] of pieces.entries()) {
    const events = [long(index, toS), short(index, toS)] as const;
    if ((toS - fromS) * 1_000 > longestMs) continue;
    judgedMs += (toS - fromS) * 1_000;
    const atMs = toS * 1_000;
    if (!fires(tier, threshold, ...events)) {
      const last = firings.at(-1);
      if (isFiring && last) last.toMs = atMs;
      isFiring = false;
      sinceMs = null;
      continue;
    }
    sinceMs ??= atMs;
    if (isFiring || atMs - sinceMs < (tier.forMs ?? 0)) continue;
    isFiring = true;
    firings.push({ fromMs: atMs, toMs: null });
  }
  return { firings, judgedMs };
}

function prefixSums(values: readonly number[]): readonly number[] {
  const sums = [0];
  for (const value of values) sums.push((sums.at(-1) ?? 0) + value);
  return sums;
}
