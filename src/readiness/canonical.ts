import { stableText } from './stable-text.ts';
import type { ItemState, ReadinessReport, SignOff } from './types.ts';

/**
 * What is signed of a report, as one text: every status, sentence, claim, exemption and piece of evidence. Moments and measurements of a
 * run do not count (when a check began, how long it took, its figures, until when it holds), so a check that is run again and finds the
 * same leaves a signature as it is: otherwise no signature would outlive the checks that a gate runs again. What a measurement means
 * stands in the sentence of its check, which counts.
 */
export function canonicalText({ atMs: _, phases, ...report }: ReadinessReport): string {
  const signed = phases.map(({ items, ...phase }) => ({ ...phase, items: items.map(signedOf) }));
  return stableText({ ...report, phases: signed });
}

function signedOf({ expiresMs: _, result, ...item }: ItemState) {
  if (result === null) return { ...item, result };
  const { startedMs: _started, tookMs: _took, figures: _figures, ...found } = result;
  return { ...item, result: found };
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
