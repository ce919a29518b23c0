/** What an objective asks: so many good events of all, over a rolling window. */
export type Target = {
  /** Share that has to be good, in parts per million: 99.9 % is 999_000. */
  readonly targetPpm: number;
  /** The period that the error budget is for, in milliseconds. */
  readonly windowMs: number;
};

/** Events of some time. `bad` is a part of `total`. */
export type Events = { readonly bad: number; readonly total: number };

/**
 * One condition of a burn-rate policy: in both windows the budget is spent faster than at `sharePpm` of it in the long one (Google, "The
 * Site Reliability Workbook", ch. 5: multiwindow, multi-burn-rate alerts).
 */
export type Tier = {
  /** `P0`, `P1` …: the first of the list is the most urgent. */
  readonly name: string;
  /** Part of the budget that is spent when it fires, in parts per million: 2 % is 20_000. */
  readonly sharePpm: number;
  readonly longMs: number;
  /** It resolves so soon after the errors stop. */
  readonly shortMs: number;
  /** Bad events in the long window below which it does not fire: a single failure of few requests wakes nobody. 0: no such floor. */
  readonly minBad: number;
  /** Who is told: `page` at once, `chat` within the half hour, `email` on the next working day. */
  readonly tells: 'page' | 'chat' | 'email';
};

/** Tiers, the most urgent first. Any that fires silences those behind it. */
export type BurnPolicy = readonly Tier[];
