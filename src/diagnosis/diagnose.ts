import { releaseCauses } from './releases.ts';
import { similarCauses } from './similar.ts';
import { dependencyCauses, instanceCauses, saturationCauses } from './surroundings.ts';
import type { Cause, CauseKind, DiagnosisInput, Strength } from './types.ts';

const strengths: readonly Strength[] = ['strong', 'some', 'weak', 'against'];
const kinds: readonly CauseKind[] = ['release', 'dependency', 'instances', 'saturation', 'no-release', 'similar'];
/** Causes that are kept on record. */
const causesMax = 30;

/**
 * What may have done it, from what is known exactly: what speaks most for comes first. Each has the numbers that speak for it and what would
 * refute it. Pure: the same record gives the same causes in the same order.
 */
export function diagnose(input: DiagnosisInput): readonly Cause[] {
  return [
    ...releaseCauses(input),
    ...dependencyCauses(input),
    ...instanceCauses(input),
    ...saturationCauses(input),
    ...similarCauses(input),
  ]
    .map((cause, index) => ({ cause, index }))
    .toSorted(
      (a, b) =>
        strengths.indexOf(a.cause.strength) - strengths.indexOf(b.cause.strength) ||
        kinds.indexOf(a.cause.kind) - kinds.indexOf(b.cause.kind) ||
        a.index - b.index,
    )
    .map(({ cause }) => cause)
    .slice(0, causesMax);
}
