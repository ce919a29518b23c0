import { percentText, thousands } from '../analysis/wording.ts';
import type { Events } from './types.ts';

/** All of them together. */
export function sumOf(all: Iterable<Events>): Events {
  let bad = 0;
  let total = 0;
  for (const one of all) {
    bad += one.bad;
    total += one.total;
  }
  return { bad, total };
}

/** `480 of 1,000 bad (48 %)`. */
export function eventsText({ bad, total }: Events): string {
  return total === 0 ? 'no events' : `${thousands(bad)} of ${thousands(total)} bad (${percentText((bad / total) * 1e6)})`;
}
