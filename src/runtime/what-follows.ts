import type { Clock } from './clock.ts';
import { type Entry, RecordedState } from './recorded-state.ts';

/** What follows from two states at a moment. */
export type Following<AEvent extends Entry, BEvent extends Entry> = {
  /** For the one and for the other; empty both: nothing does. */
  readonly events: readonly [readonly AEvent[], readonly BEvent[]];
  /** When something follows by time alone, unix milliseconds; infinity: never. */
  readonly nextMs: number;
};

/**
 * Puts what follows from two states on record in one append. It is asked twice: where nothing follows nobody waits for the log, and what
 * is recorded follows from the states as they are by then.
 *
 * @param follow - Pure.
 * @returns When something follows by time alone, unix milliseconds.
 * @throws As `RecordedState.change`.
 */
export async function recordFollowing<A, AEvent extends Entry, B, BEvent extends Entry>(
  a: RecordedState<A, AEvent>,
  b: RecordedState<B, BEvent>,
  clock: Clock,
  follow: (a: A, b: B, atMs: number) => Following<AEvent, BEvent>,
): Promise<number> {
  let found = follow(a.state, b.state, clock.now());
  if (found.events.some((events) => events.length > 0))
    await RecordedState.changeBoth(a, b, (now, other, atMs) => {
      found = follow(now, other, atMs);
      return found.events;
    });
  return found.nextMs;
}
