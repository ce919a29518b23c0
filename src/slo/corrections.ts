/** Time whose events do not count, such as maintenance that was announced. Times are unix milliseconds; `toMs` is not in it. */
export type Correction = {
  readonly id: string;
  /** The objective, or `service/*` for all of a service. */
  readonly objective: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly why: string;
  readonly by: string;
};

/** Whether it is about an objective. */
export function concerns({ objective }: Correction, id: string): boolean {
  return objective === id || (objective.endsWith('/*') && id.startsWith(objective.slice(0, -1)));
}

/** Spans of time that do not overlap, in their order: what lies in several corrections is left out once. */
export function spansOf(
  corrections: readonly Pick<Correction, 'fromMs' | 'toMs'>[],
): readonly { fromMs: number; toMs: number }[] {
  const spans: { fromMs: number; toMs: number }[] = [];
  for (const { fromMs, toMs } of corrections.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = spans.at(-1);
    if (last && fromMs <= last.toMs) last.toMs = Math.max(last.toMs, toMs);
    else if (toMs > fromMs) spans.push({ fromMs, toMs });
  }
  return spans;
}

/**
 * Whether what was counted from a moment on is left out. Counts are kept in cells, and a cell is left out as a whole: when it begins in a
 * correction.
 */
export function isLeftOut(spans: readonly { readonly fromMs: number; readonly toMs: number }[], atMs: number): boolean {
  return spans.some(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs);
}
