/**
 * Runs `work` with a limit of its own, so that what is slow takes no time from what comes after it.
 *
 * @param late - What is said when the limit is over. Where the caller has given up, `work`'s own error counts.
 */
export async function limited<T>(
  limitMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
  late: (cause: unknown) => Error,
): Promise<T> {
  const limit = AbortSignal.timeout(limitMs);
  try {
    return await work(AbortSignal.any([signal, limit]));
  } catch (error) {
    signal.throwIfAborted();
    throw limit.aborted ? late(error) : error;
  }
}
