import { memoryS } from './ledger.ts';
import type { Route } from './router.ts';

type Change = {
  readonly atMs: number;
  readonly stable: string | null;
  readonly candidate: string | null;
  readonly weight: number;
};

/** Which share each version had when, so that every sample can carry it. */
export class WeightHistory {
  private changes: Change[] = [];

  /** Notes a route that came into force. More than ten changes a second for 15 minutes are not kept. */
  note(route: Route, atMs: number): void {
    const last = this.changes.at(-1);
    const change: Change = {
      atMs: Math.max(atMs, last?.atMs ?? 0),
      stable: route.stable?.version ?? null,
      candidate: route.candidate?.version ?? null,
      weight: route.weight,
    };
    this.changes.push(change);
    const keepFrom = this.changes.findLastIndex(({ atMs: at }) => at <= atMs - (memoryS + 60) * 1_000);
    if (keepFrom > 0) this.changes = this.changes.slice(keepFrom);
    if (this.changes.length > 9_000) this.changes = this.changes.slice(-9_000);
  }

  /**
   * Mean share of requests that the route gave this version by weight within that second, in percent. A version that has
   * become stable has what the candidate leaves.
   */
  weightOf(version: string | null, second: number): number {
    if (version === null) return 0;
    const from = second * 1_000;
    const to = from + 1_000;
    let sum = 0;
    for (let i = this.changes.length - 1; i >= 0; i--) {
      const change = this.changes[i] as Change;
      const start = Math.max(change.atMs, from);
      const end = Math.min(this.changes[i + 1]?.atMs ?? to, to);
      if (end > start) sum += share(change, version) * (end - start);
      if (change.atMs <= from) break;
    }
    return sum / 1_000;
  }
}

function share(change: Change, version: string): number {
  if (change.candidate === version) return change.weight;
  return change.stable === version ? 100 - change.weight : 0;
}
