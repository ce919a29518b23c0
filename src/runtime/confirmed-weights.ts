/** Changes of weight that are kept: a release has few steps, and a sample reaches back a few minutes. */
const changesMax = 200;

/** The candidate's weight over time, as a router confirmed it: a source that counts does not know the route. */
export class ConfirmedWeights {
  #changes: { readonly sinceMs: number; readonly weight: number }[] = [];

  /** A weight (percent) is in force since then (unix milliseconds). What is known already changes nothing. */
  note(sinceMs: number, weight: number): void {
    if (this.#changes.at(-1)?.weight === weight) return;
    this.#changes.push({ sinceMs, weight });
    if (this.#changes.length > changesMax) this.#changes.shift();
  }

  /** Mean weight between two moments in unix milliseconds; before the first that is known it was 0. */
  mean(fromMs: number, toMs: number): number {
    let weighted = 0;
    for (const [index, { sinceMs, weight }] of this.#changes.entries()) {
      const untilMs = this.#changes[index + 1]?.sinceMs ?? Number.POSITIVE_INFINITY;
      weighted += weight * Math.max(0, Math.min(toMs, untilMs) - Math.max(fromMs, sinceMs));
    }
    return Math.round((weighted / (toMs - fromMs)) * 10_000) / 10_000;
  }
}
