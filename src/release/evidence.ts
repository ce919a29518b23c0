import type { Said } from '../analysis/said.ts';
import { sentenceOf, type Told } from '../analysis/sentence.ts';
import { isExposed } from './phase-name.ts';
import { comparedBy } from './reason.ts';
import type { ReleaseState, Step } from './types.ts';

/** Evidence older than this does not let a release advance; from a source that is read seldom, older than two readings. */
const evidenceFreshMs = 10_000;

/** Where nothing is needed: no weight yet, or no user and no version before. */
export function isSilenceEnough(release: ReleaseState, needed: number): boolean {
  return needed === 0 && (release.exposure.weight === 0 || release.plan.strategy === 'first');
}

/** Where silence is not enough, the guard must have seen enough, lately, and found nothing. */
export function hasEvidence(release: ReleaseState, needed: number, requests: number, atMs: number): boolean {
  if (isSilenceEnough(release, needed)) return release.verdict?.kind !== 'fail';
  const isFresh = atMs - release.seenAtMs <= freshMs(release);
  return release.verdict?.kind === 'pass' && requests >= needed && isFresh;
}

function freshMs({ guard }: ReleaseState): number {
  return Math.max(evidenceFreshMs, 2_000 * (guard?.everyS ?? 1));
}

/** Requests of the candidate that a step asks for before the next one begins. */
export function neededRequests(step: Step | undefined): number {
  return step?.kind === 'observe' || step?.kind === 'bake' ? step.minRequests : 0;
}

/** What is missing where `hasEvidence` says no: the guard's own words, or a text of ours. */
export function missingEvidence(release: ReleaseState, needed: number, requests: number, atMs: number): Told | string {
  const { verdict } = release;
  if (verdict && verdict.kind !== 'pass') return { sentence: verdict.sentence, said: verdict.said };
  if (verdict) {
    if (atMs - release.seenAtMs > freshMs(release))
      return `nothing is known about ${release.version} since ${Math.round((atMs - release.seenAtMs) / 1_000)} s`;
    if (requests >= needed) return `${release.version} had its traffic for too little of the time`;
    const said: Said = { kind: 'asks-for-more', n: requests, asked: needed };
    return { sentence: sentenceOf(said, comparedBy(release), 'en'), said };
  }
  return isExposed(release)
    ? `nothing is known yet about ${release.version} under traffic`
    : `${release.version} has had no traffic yet`;
}
