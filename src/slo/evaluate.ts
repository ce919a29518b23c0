import type { Objective } from '../spec/types.ts';
import { allowedRatio, defaultPolicy, fires, isAbove, thresholdOf } from './policy.ts';
import { one, type Rational } from './rational.ts';
import type { BurnPolicy, Events, SloState, Target, Tier } from './types.ts';
import { WindowSums } from './windows.ts';

/** What a window holds, and what that means for the threshold that it is held against. */
export type WindowReading = Events & { readonly ms: number; readonly state: SloState };

/** A tier as it stands: `isMet` says that both windows are above its threshold, with enough bad events. */
export type TierReading = {
  readonly tier: Tier;
  readonly long: WindowReading;
  readonly short: WindowReading;
  readonly isMet: boolean;
};

/** An objective as it stands at a moment. */
export type Reading = {
  /** Unix seconds: the end of all windows, that of the newest slot that is known. */
  readonly endS: number;
  /** Whether nothing has been heard for so long that what is known says nothing about now. */
  readonly isStale: boolean;
  /** Seconds up to `endS` that are known without a gap. */
  readonly stretchS: number;
  readonly tiers: readonly TierReading[];
};

/** The alerts of an objective: its own, or the usual ones that fit into its window. */
export function policyOf({ alerts, windowMs }: Pick<Objective, 'alerts' | 'windowMs'>): BurnPolicy {
  return alerts ?? defaultPolicy.filter(({ longMs }) => longMs <= windowMs);
}

/**
 * What events mean for a share of bad ones that is allowed. Without events nothing is broken, and nothing is proven.
 *
 * @param isKnown - Whether anybody has looked at all.
 */
export function stateOf(target: Pick<Target, 'targetPpm'>, events: Events, isKnown: boolean): SloState {
  return windowState(events, allowedRatio(target), !isKnown);
}

/**
 * The events of one objective, in all windows that it is judged by. An evaluation costs the same whatever the windows are long.
 */
export class ObjectiveSums {
  readonly objective: Objective;
  readonly policy: BurnPolicy;
  readonly #sums: WindowSums;
  readonly #thresholds: ReadonlyMap<Tier, Rational>;
  /** Unix seconds: since when, and until when, events are known, and since when without a gap. 0: never. */
  #knownFromS = 0;
  #knownToS = 0;
  #stretchFromS = 0;

  constructor(objective: Objective) {
    this.objective = objective;
    this.policy = policyOf(objective);
    const period = objective.calendar ? [] : [objective.windowMs];
    this.#sums = new WindowSums([...this.policy.flatMap(({ longMs, shortMs }) => [longMs, shortMs]), ...period]);
    this.#thresholds = new Map(this.policy.map((tier) => [tier, thresholdOf(tier, objective)]));
  }

  get knownFromS(): number {
    return this.#knownFromS;
  }

  get knownToS(): number {
    return this.#knownToS;
  }

  /** Takes what happened in some time (seconds of one cell of the shortest window); refused when it is not newer than all before. */
  add(fromS: number, toS: number, events: Events): boolean {
    if (!this.#sums.add(fromS, toS, events)) return false;
    if (this.#knownFromS === 0) this.#knownFromS = fromS;
    if (this.#knownToS !== fromS) this.#stretchFromS = fromS;
    this.#knownToS = toS;
    return true;
  }

  /**
   * Takes back what was counted before a restart. Only of one that is new.
   *
   * @param cells - Answers what was counted in cells of a length (seconds), or shorter ones, between two seconds, oldest first.
   */
  restore(
    knownToS: number,
    cells: (cellS: number, fromS: number, toS: number) => readonly (Events & { readonly fromS: number; readonly toS: number })[],
  ): void {
    this.#sums.through(knownToS);
    for (const { cellS, longestMs } of this.#sums.cells)
      for (const { fromS, toS, bad, total } of cells(cellS, knownToS - longestMs / 1_000 - cellS, knownToS)) {
        this.#sums.refill(cellS, fromS, { bad, total });
        if (this.#knownFromS === 0 || fromS < this.#knownFromS) this.#knownFromS = fromS;
        if (fromS > this.#knownToS) this.#stretchFromS = fromS;
        this.#knownToS = Math.max(this.#knownToS, toS);
      }
    // The windows end here, whether or not all up to here is known.
    if (this.#knownToS > 0) this.#knownToS = Math.min(this.#knownToS, knownToS);
  }

  /** What a rolling window that it is judged by held when something was known last. */
  sum(windowMs: number): Events {
    return this.#sums.sum(windowMs);
  }

  /**
   * How it stands at a moment.
   *
   * @param nowS - Unix second.
   * @param freshS - What ended longer ago than this says nothing about now: then every window is without data, and no tier is met.
   */
  read(nowS: number, freshS: number): Reading {
    const isStale = this.#knownToS === 0 || nowS - this.#knownToS > freshS;
    const tiers = this.policy.map((tier): TierReading => {
      const threshold = this.#thresholds.get(tier) ?? one;
      const long = this.#window(tier.longMs, threshold, isStale);
      const short = this.#window(tier.shortMs, threshold, isStale);
      const isMet = !isStale && fires(tier, threshold, long, short);
      return { tier, long, short, isMet };
    });
    return { endS: this.#knownToS, isStale, stretchS: this.#knownToS - this.#stretchFromS, tiers };
  }

  #window(ms: number, threshold: Rational, isStale: boolean): WindowReading {
    const events = this.#sums.sum(ms);
    return { ms, ...events, state: windowState(events, threshold, isStale) };
  }
}

function windowState(events: Events, threshold: Rational, isStale: boolean): SloState {
  if (isStale) return 'no-data';
  if (events.total === 0) return 'no-traffic';
  return isAbove(events, threshold) ? 'breaching' : 'ok';
}
