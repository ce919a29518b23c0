import type { ItemStatus } from '../../readiness/types.ts';
import type { ReportWords } from './words.ts';

/** The order in which counts are read. */
export const statusOrder: readonly ItemStatus[] = ['pass', 'warn', 'fail', 'unproven', 'exempt', 'skipped'];

/** How many items stand how, without those of which there are none. */
export function countsText(counts: Readonly<Record<ItemStatus, number>>, words: ReportWords): string {
  return statusOrder
    .filter((status) => counts[status] > 0)
    .map((status) => words.counted(status, counts[status]))
    .join(', ');
}
