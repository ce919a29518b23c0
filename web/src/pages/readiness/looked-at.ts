import type { ReadinessSearch } from '../../router.tsx';

/** The address with some of it changed; `null` takes a part out. Pure. */
export function lookedAt(
  search: ReadinessSearch,
  change: Readonly<Partial<Record<keyof ReadinessSearch, string | null>>>,
): ReadinessSearch {
  const next = Object.entries({ ...search, ...change }).filter(([, value]) => typeof value === 'string' && value !== '');
  return Object.fromEntries(next);
}
