import type { RouteReading } from '../routers/router.ts';

/** Changes of weight that are kept: a release has few steps, and a sample reaches back a few minutes. */
const changesMax = 200;

/** A router is heard once a second, and its answer may take as long again. */
const betweenLooksMs = 2_000;

/** The candidate's weight over time as a router has said it: a source that counts does not know the route. */
export class WeightsRead {
  readonly #changes: { readonly sinceMs: number; readonly weight: number }[] = [];
  #heardMs = Number.NEGATIVE_INFINITY;

  /** What a router says is in force, at unix milliseconds. It knows itself since when. */
  note(atMs: number, reading: RouteReading | null): void {
    this.#heardMs = Math.max(this.#heardMs, atMs);
    const weight = reading?.route.candidate ? reading.route.weight : 0;
    const last = this.#changes.at(-1);
    if (!reading || last?.weight === weight) return;
    this.#changes.push({ sinceMs: Math.max(reading.appliedAtMs, last?.sinceMs ?? Number.NEGATIVE_INFINITY), weight });
    if (this.#changes.length > changesMax) this.#changes.shift();
  }

  /**
   * Mean weight between two moments in unix milliseconds, the later of which is not long ago. Before the first that is known, and for
   * as long as the router was not heard, it counts as 0: its lease may have run out meanwhile, and what is not known to have been in
   * force was not watched. Silence is measured on the caller's clock alone, which need not agree with that of the counts.
   */
  mean(fromMs: number, toMs: number, nowMs: number): number {
    const knownMs = toMs - Math.max(0, nowMs - this.#heardMs - betweenLooksMs);
    let weighted = 0;
    for (const [index, { sinceMs, weight }] of this.#changes.entries()) {
      const untilMs = Math.min(knownMs, this.#changes[index + 1]?.sinceMs ?? knownMs);
      weighted += weight * Math.max(0, untilMs - Math.max(fromMs, sinceMs));
    }
    return Math.round((weighted / (toMs - fromMs)) * 10_000) / 10_000;
  }
}
