import type { Text } from '../spec/text.ts';
import type { ItemState, ItemStatus, ReadinessReport, ReadinessVerdict } from './types.ts';

/** What has become of the items of a checklist between two reports. */
export type Comparison = {
  readonly before: { readonly atMs: number; readonly score: number | null; readonly verdict: ReadinessVerdict };
  readonly after: { readonly atMs: number; readonly score: number | null; readonly verdict: ReadinessVerdict };
  readonly changes: readonly Change[];
  /** Figures of checks that are in both and differ. */
  readonly figures: readonly {
    readonly item: string;
    readonly figure: string;
    readonly before: number;
    readonly after: number;
  }[];
};

export type Change = {
  readonly item: string;
  readonly title: Text;
  readonly kind: 'better' | 'worse' | 'new' | 'gone';
  readonly before: ItemStatus | null;
  readonly after: ItemStatus | null;
};

/** The higher, the better. */
const rank: Readonly<Record<ItemStatus, number>> = { fail: 0, unproven: 1, exempt: 2, warn: 3, skipped: 4, pass: 4 };

/** What differs, in the order of the later report and then of the earlier one. */
export function compareReports(before: ReadinessReport, after: ReadinessReport): Comparison {
  const old = itemsOf(before);
  const now = itemsOf(after);
  const changes: Change[] = [];
  const figures: Comparison['figures'][number][] = [];
  for (const [item, { title, status, result }] of now) {
    const last = old.get(item);
    if (!last) changes.push({ item, title, kind: 'new', before: null, after: status });
    else if (rank[last.status] !== rank[status])
      changes.push({
        item,
        title,
        kind: rank[status] > rank[last.status] ? 'better' : 'worse',
        before: last.status,
        after: status,
      });
    for (const [figure, value] of Object.entries(result?.figures ?? {})) {
      const was = last?.result?.figures[figure];
      if (was !== undefined && was !== value) figures.push({ item, figure, before: was, after: value });
    }
  }
  for (const [item, { title, status }] of old)
    if (!now.has(item)) changes.push({ item, title, kind: 'gone', before: status, after: null });
  return { before: headOf(before), after: headOf(after), changes, figures };
}

function headOf({ atMs, score, verdict }: ReadinessReport): Comparison['before'] {
  return { atMs, score, verdict };
}

function itemsOf({ phases }: ReadinessReport): ReadonlyMap<string, ItemState> {
  return new Map(phases.flatMap(({ items }) => items.map((item) => [item.id, item])));
}
