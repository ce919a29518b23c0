import { askedOf } from '../../readiness/asked.ts';
import type { ResolvedChecklist } from '../../readiness/resolved.ts';
import type { ItemResult } from '../../readiness/types.ts';

/**
 * Which items have to be looked at, and which are known to be there. What was not as expected is looked at again, whenever that was.
 *
 * @param sinceMs - What was found before counts for nothing; null: it counts as long as it is valid.
 */
export function unproven(
  checklist: ResolvedChecklist,
  results: readonly ItemResult[],
  sinceMs: number | null,
  nowMs: number,
): { readonly wanted: ReadonlySet<string>; readonly known: ReadonlySet<string> } {
  const byItem = new Map(results.map((result) => [result.item, result]));
  const wanted = new Set<string>();
  const known = new Set<string>();
  for (const { id, check, applies, validForMs } of checklist.phases.flatMap(({ items }) => items)) {
    if (!check || applies !== true) continue;
    const result = byItem.get(id);
    const isFresh =
      result !== undefined &&
      result.asked === askedOf(check) &&
      result.startedMs <= nowMs &&
      result.startedMs + validForMs > nowMs &&
      (sinceMs === null || result.startedMs >= sinceMs);
    const isThere = isFresh && (result.status === 'pass' || result.status === 'warn' || result.status === 'skipped');
    if (isThere) known.add(id);
    else wanted.add(id);
  }
  return { wanted, known };
}
