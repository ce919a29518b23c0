import type { ItemState, ReadinessReport } from './types.ts';

/** Whether an item keeps a version from its release: a blocker that failed, or that nothing proves. */
export function isBlocking({ severity, status }: Pick<ItemState, 'severity' | 'status'>): boolean {
  return severity === 'blocker' && (status === 'fail' || status === 'unproven');
}

/** Items that keep a version from its release, in the order of the checklist. */
export function blockersOf({ phases }: ReadinessReport): readonly ItemState[] {
  return phases.flatMap(({ items }) => items.filter(isBlocking));
}
