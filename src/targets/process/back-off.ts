/** An instance that was ready for this long without a break has recovered: its next end counts as the first. */
export const healthyMs = 60_000;

/**
 * How often an instance has ended in a row, now that it ended once more.
 *
 * @param before - Ends in a row before this one (count, ≥ 0).
 * @param readyMs - How long it was ready without a break until it ended, in ms; `null` when it was not ready.
 */
export function endsInRow(before: number, readyMs: number | null): number {
  return (hasRecovered(readyMs) ? 0 : before) + 1;
}

/** Whether an instance that is ready for `readyMs` (`null`: not ready) has left its last bad end behind. */
export function hasRecovered(readyMs: number | null): boolean {
  return readyMs !== null && readyMs >= healthyMs;
}

/**
 * Wait before the next start in ms: `backoff` after the first end, doubled for each further one, at most `max`. Without jitter: the
 * instances of one machine are few, and each has its own moment of death.
 *
 * @param ends - Ends in a row (count); 0 waits not at all.
 */
export function restartDelayMs(ends: number, policy: { readonly backoff: number; readonly max: number }): number {
  if (ends <= 0) return 0;
  // Past 2^40 the product only grows beyond any `max` that the schema allows.
  return Math.min(policy.max, policy.backoff * 2 ** Math.min(ends - 1, 40));
}

/**
 * What is left of a wait that an earlier controller wrote down, in ms. Never more than `max`, so that a clock that was set back does
 * not keep an instance down.
 */
export function remainingDelayMs(retryAtMs: number, nowMs: number, policy: { readonly max: number }): number {
  return Math.max(0, Math.min(retryAtMs - nowMs, policy.max));
}
