/**
 * The server's clock. A browser's may be wrong by hours, so every "12 s ago" and every countdown is reckoned from what the server said
 * last, and goes on by a clock that nobody can set.
 */
let base: { readonly serverMs: number; readonly atMs: number; readonly isExact: boolean } | null = null;

/** The server's time now, in unix milliseconds; the browser's until the server has said any. */
export function serverNow(): number {
  return base === null ? Date.now() : base.serverMs + (performance.now() - base.atMs);
}

/** Takes what the live stream says: to the millisecond, but for the way here. */
export function heardExactTime(nowMs: number): void {
  base = { serverMs: nowMs, atMs: performance.now(), isExact: true };
}

/** Takes the `date` of an answer, which is whole seconds: only as long as nothing better was heard. */
export function heardDate(header: string | null): void {
  if (base?.isExact || header === null) return;
  const ms = Date.parse(header);
  // It was cut to the second, so it is half a second old on average.
  if (Number.isFinite(ms)) base = { serverMs: ms + 500, atMs: performance.now(), isExact: false };
}
