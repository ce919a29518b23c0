import { stableText } from './stable-text.ts';
import type { ReadinessReport, SignOff } from './types.ts';

/**
 * What is signed of a report, as one text. All of it counts but for the moment at which it was asked: the same proofs give the same text
 * until one of them expires, is renewed, or says something else.
 */
export function canonicalText({ atMs: _, ...report }: ReadinessReport): string {
  return stableText(report);
}

/** The signatures that hold for a report, the newest of each role, and the roles that have not signed it. */
export function signaturesFor(
  hash: string,
  all: readonly SignOff[],
  roles: readonly string[],
): { readonly signOffs: readonly SignOff[]; readonly unsigned: readonly string[] } {
  const found = roles.flatMap((role) => {
    const own = all.filter((one) => one.role === role && one.hash === hash);
    const last = own.sort((a, b) => b.atMs - a.atMs)[0];
    return last ? [last] : [];
  });
  return { signOffs: found, unsigned: roles.filter((role) => !found.some((one) => one.role === role)) };
}
