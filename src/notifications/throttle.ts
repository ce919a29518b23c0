/** A throttle looks back so long, and lets so many through in that time that no minute has more than it may. Milliseconds. */
const windowMs = 15_000;
const minuteMs = 60_000;
/** What is remembered of sendings is bounded; so is the burst. */
const burstMax = 250;

/**
 * How many messages may be sent now, and when the next one may be where none may. A quarter of a minute's share goes out at once, so that
 * what is urgent does not wait, and no minute ever has more than `perMinute`.
 *
 * @param sentAtMs - When messages were sent last, oldest first.
 */
export function allowance(
  sentAtMs: readonly number[],
  perMinute: number,
  nowMs: number,
): { readonly free: number; readonly nextMs: number } {
  const [burst, overMs] =
    perMinute >= 4 ? [Math.min(burstMax, Math.floor(perMinute / 4)), windowMs] : [Math.max(1, perMinute), minuteMs];
  // A clock that was set back must not hold anything up for longer than it ever may be.
  const recent = sentAtMs.filter((ms) => ms > nowMs - overMs && ms <= nowMs + overMs);
  const free = Math.max(0, burst - recent.length);
  const next = recent[recent.length - burst];
  return { free, nextMs: free > 0 || next === undefined ? nowMs : next + overMs };
}
