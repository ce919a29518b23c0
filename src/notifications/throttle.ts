const minuteMs = 60_000;
/** What is remembered of sendings is bounded (`fold.ts`), so a throttle that lets many through looks back for less long. */
const burstMax = 250;

/** A throttle looks back for one part of a minute, and lets the same part of a minute's messages through in that time. */
function partsOf(perMinute: number): number {
  if (perMinute < 4) return 1;
  return perMinute <= 4 * burstMax ? 4 : 40;
}

/**
 * How many messages may be sent now, and when the next one may be where none may. A quarter of a minute's share (of many a fortieth)
 * goes out at once, so that what is urgent does not wait, and no minute ever has more than `perMinute`.
 *
 * @param sentAtMs - When messages were sent last, oldest first.
 */
export function allowance(
  sentAtMs: readonly number[],
  perMinute: number,
  nowMs: number,
): { readonly free: number; readonly nextMs: number } {
  const parts = partsOf(perMinute);
  const overMs = minuteMs / parts;
  const burst = Math.max(1, Math.min(burstMax, Math.floor(perMinute / parts)));
  // A clock that was set back must not hold anything up for longer than it ever may be.
  const recent = sentAtMs.filter((ms) => ms > nowMs - overMs && ms <= nowMs + overMs);
  const free = Math.max(0, burst - recent.length);
  const next = recent[recent.length - burst];
  return { free, nextMs: free > 0 || next === undefined ? nowMs : next + overMs };
}
