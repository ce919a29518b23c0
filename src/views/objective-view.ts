import type { Alert } from '../alerts/types.ts';
import type { SloState } from '../slo/types.ts';
import type { Objective } from '../spec/types.ts';

export type { SloState } from '../slo/types.ts';

/** An error budget over the period of its objective. */
export type BudgetView = {
  /** Bad events that the period allows: of the traffic of the last complete period, frozen at its beginning (calendar), or of the window (rolling). */
  readonly allowedEvents: number;
  readonly badEvents: number;
  readonly totalEvents: number;
  /** Part that is left, against the allowance (0.4 is 40 %, negative is overspent): for gates. null: nothing is expected, so nothing is allowed. */
  readonly leftOfAllowance: number | null;
  /** The same against what was observed so far: what most tools show. null: there were no events. */
  readonly leftOfObserved: number | null;
  /** What is left of the allowance, as minutes of a full outage at even traffic, and as bad events. */
  readonly leftMinutes: number | null;
  readonly leftEvents: number | null;
};

/** One burn-rate alert of an objective as it is now. */
export type TierView = {
  readonly name: string;
  readonly tells: 'page' | 'chat' | 'email';
  readonly state: SloState;
  /** Of its alert; `quiet`: there is none. */
  readonly alert: 'quiet' | 'pending' | 'firing' | 'recovering';
  /** Key of the more urgent alert that speaks for it. */
  readonly silencedBy: string | null;
  /** P·W/L: it fires above this burn in both windows. */
  readonly factor: number;
  readonly minBad: number;
  readonly long: WindowView;
  readonly short: WindowView;
};

/** What a window holds. `burn`: times faster than evenly over the objective's window; null without events. */
export type WindowView = { readonly ms: number; readonly bad: number; readonly total: number; readonly burn: number | null };

/** Time that does not count, with its reason. */
export type CorrectionView = {
  readonly id: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly why: string;
  readonly by: string;
  /** Events that it takes out of the period. */
  readonly bad: number;
  readonly total: number;
};

/** An objective as it is now. Answer of `GET /api/v1/objectives` and `/objectives/ID`. */
export type ObjectiveView = {
  /** `checkout/availability`; of one without a service, `slo/NAME`. */
  readonly id: string;
  readonly service: string | null;
  readonly objective: Objective;
  /** Where its counts come from: `router`, or the kind of the source. */
  readonly source: string;
  readonly state: SloState;
  /** What people should know beside the numbers: its counts begin later than its window, Prometheus cannot be asked … */
  readonly notes: readonly string[];
  readonly period: { readonly fromMs: number; readonly toMs: number };
  /** Part of the period that counts are known for (0–1). */
  readonly known: number;
  /** Share of good events in the period; null without events. */
  readonly ratio: number | null;
  readonly budget: BudgetView;
  /** With the corrections left out of account; null where there are none in the period. */
  readonly budgetWithoutCorrections: BudgetView | null;
  readonly corrections: readonly CorrectionView[];
  /** Burn over the last hour (or the shortest long window), and when the budget is gone at that burn; null: never. */
  readonly burn: number | null;
  readonly exhaustedInMs: number | null;
  readonly tiers: readonly TierView[];
  /** Targets that it has had, the newest first: each counts from its moment on. */
  readonly versions: readonly {
    readonly sinceMs: number;
    readonly targetPpm: number;
    readonly windowMs: number;
    readonly by: string;
  }[];
  /** Bad events of the period by version, the most first; sums equal `budgetWithoutCorrections ?? budget`. Empty in lists. */
  readonly byVersion: readonly {
    readonly version: string;
    readonly bad: number;
    readonly total: number;
    readonly ofBudget: number | null;
  }[];
};

/** One point of a burn-down: what was left at the end of this piece of time. Answer of `GET /api/v1/objectives/ID/budget`. */
export type BurnDownPoint = {
  readonly fromMs: number;
  readonly bad: number;
  readonly total: number;
  /** Left of the allowance at its end (1 is all); null: not known. */
  readonly left: number | null;
};

/** The burn-down of the period with what was released in it. */
export type BurnDownView = {
  readonly everyMs: number;
  readonly points: readonly BurnDownPoint[];
  readonly releases: readonly {
    readonly id: string;
    readonly version: string;
    readonly atMs: number;
    readonly outcome: string | null;
  }[];
  /** The sum behind the number, in words: `1,000,000 × 0.1 % = 1,000 allowed; 420 bad; 58 % left`. */
  readonly sum: readonly string[];
};

/** Alerts, the open ones first, then the newest. Answer of `GET /api/v1/alerts`. */
export type AlertsView = {
  readonly alerts: readonly Alert[];
  /** Of those that belong to an incident, by their ids: the id of that. */
  readonly incidents: Readonly<Record<string, string>>;
};
