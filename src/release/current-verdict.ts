import type { Verdict } from '../analysis/guard.ts';
import { absence } from '../analysis/watch.ts';
import type { ReleaseState } from './types.ts';

/** What the guard says now: its last verdict, or `blind` once nothing has come for too long. Null before there was any traffic to judge. */
export function currentVerdict(release: ReleaseState, nowMs: number): Verdict | null {
  if (!release.guard || !release.verdict) return release.verdict;
  // By arrival, not by the seconds of the source: its clock may be another one.
  const silentSeconds = Math.max(0, Math.floor((nowMs - release.seenAtMs) / 1_000));
  return absence(release.guard, release.lastSecond + silentSeconds) ?? release.verdict;
}
