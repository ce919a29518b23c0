import { hostPort } from '../../spec/host-port.ts';
import { commonDivisor } from '../common-divisor.ts';
import type { Route } from '../router.ts';

/** Entries of one list of upstreams up to which instances of a version share its requests exactly. */
const exactEntries = 2_000;
/** Most entries of one list; loading them takes Caddy up to half a second. */
export const entriesMax = 20_000;

/**
 * The list that `round_robin` goes round for this weight: as many entries of each version as its share asks for, reduced, with the
 * candidate's spread evenly, and the instances of a version in turn. Both versions have an instance.
 *
 * @param stable - Addresses of stable, at least one when the weight is below 100.
 * @returns The addresses in order; null when it would be longer than `entriesMax`.
 */
export function entriesOf(stable: readonly string[], candidate: readonly string[], weight: number): readonly string[] | null {
  if (weight === 0) return stable;
  if (weight === 100) return candidate;
  const parts = Math.round(weight * 100);
  const divisor = commonDivisor(parts, 10_000);
  const [of, all] = [parts / divisor, 10_000 / divisor];
  const rest = all - of;
  const exact = lcm(candidate.length / commonDivisor(candidate.length, of), stable.length / commonDivisor(stable.length, rest));
  const least = Math.max(Math.ceil(candidate.length / of), Math.ceil(stable.length / rest));
  const rounds = all * exact <= exactEntries ? exact : Math.max(least, Math.floor(exactEntries / all));
  const length = all * rounds;
  if (length > entriesMax) return null;
  const entries: string[] = [];
  let given = 0;
  for (let i = 0; i < length; i++) {
    // Every prefix has the candidate's share to within one entry.
    const due = Math.floor(((i + 1) * of) / all);
    const side = due > given ? candidate : stable;
    entries.push(side[(due > given ? given : i - given) % side.length] as string);
    given = due;
  }
  return entries;
}

/** Addresses of a version's instances as Caddy writes them. */
export function dialsOf(backend: Route['stable']): readonly string[] {
  return (backend?.endpoints ?? []).map(hostPort);
}

function lcm(a: number, b: number): number {
  return (a / commonDivisor(a, b)) * b;
}
