/**
 * Compares versions of numbers and dots, such as `15.4` and `15.10`; what follows the numbers does not count.
 *
 * @returns Whether `found` is `least` or newer.
 */
export function isAtLeast(found: string, least: string): boolean {
  const [a, b] = [numbers(found), numbers(least)];
  for (const [index, part] of b.entries()) if ((a[index] ?? 0) !== part) return (a[index] ?? 0) > part;
  return true;
}

function numbers(version: string): readonly number[] {
  return (/^\d+(\.\d+)*/.exec(version)?.[0] ?? '').split('.').map(Number);
}
