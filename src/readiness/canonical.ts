import { stableText } from './stable-text.ts';
import type { ItemState, ReadinessReport, SignOff } from './types.ts';

/**
 * What is signed of a report, as one text: every status, claim and exemption, what was asked and expected, and of whatever has not passed
 * also what was found. Moments and measurements of a run do not count (when a check began, how long it took, its figures, until when it
 * holds), and neither does the sentence of a check that has passed, which often tells them ("connected after 3 ms"): a check that is run
 * again and passes leaves a signature as it is. Otherwise no signature would outlive the checks that a gate runs again.
 */
export function canonicalText({ atMs: _, phases, ...report }: ReadinessReport): string {
  const signed = phases.map(({ items, ...phase }) => ({ ...phase, items: items.map(signedOf) }));
  return stableText({ ...report, phases: signed });
}

function signedOf({ expiresMs: _, result, ...item }: ItemState) {
  if (result === null) return { ...item, result };
  const { startedMs: _started, tookMs: _took, figures: _figures, ...told } = result;
  if (item.status !== 'pass') return { ...item, result: told };
  const { found: _found, evidence: _evidence, ...passed } = told;
  return { ...item, why: null, result: passed };
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
