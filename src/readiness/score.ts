import type { Severity } from '../spec/checklist-types.ts';
import type { ItemState, ItemStatus, ReadinessReport } from './types.ts';

/** A blocker counts as much as three warnings. */
const weight: Readonly<Record<Severity, number>> = { blocker: 3, warning: 1 };

/** In halves of a point. Absent: it does not count at all. */
const halves: Readonly<Partial<Record<ItemStatus, number>>> = { pass: 2, warn: 1, fail: 0, unproven: 0 };

function sums(items: readonly ItemState[]): { readonly points: number; readonly of: number } {
  let points = 0;
  let of = 0;
  for (const { status, severity } of items) {
    const half = halves[status];
    if (half === undefined) continue;
    points += (half * weight[severity]) / 2;
    of += weight[severity];
  }
  return { points, of };
}

/** Out of 10, rounded down to a tenth, so that nothing but all of it is 10; null: nothing counts. */
export function scoreOf(items: readonly ItemState[]): number | null {
  const { points, of } = sums(items);
  return of === 0 ? null : Math.floor((points * 100) / of) / 10;
}

/** How the score of these items comes about. */
export function formulaOf(items: readonly ItemState[]): ReadinessReport['formula'] {
  const { points, of } = sums(items);
  const score = scoreOf(items);
  const sum = `10 × ${points} / ${of} = ${score === null ? '–' : score.toFixed(1)}`;
  return {
    points,
    of,
    text: {
      en: `${sum}, rounded down: a blocker weighs 3, a warning 1; passed counts whole, warned half, failed and unproven nothing; what is exempt or does not apply is left out`,
      ru: `${sum}, с округлением вниз: блокер весит 3, предупреждение 1; пройденное считается целиком, с замечанием наполовину, проваленное и недоказанное никак; исключённое и неприменимое не считается`,
    },
  };
}
