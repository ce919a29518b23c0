import type { BurnTier } from '../spec/types.ts';

/** What an objective asks: so many good events of all, over a rolling window. */
export type Target = {
  /** Share that has to be good, in parts per million: 99.9 % is 999_000. */
  readonly targetPpm: number;
  /** The period that the error budget is for, in milliseconds. */
  readonly windowMs: number;
};

/** Events of some time. `bad` is a part of `total`. */
export type Events = { readonly bad: number; readonly total: number };

/** One condition of a burn-rate policy. */
export type Tier = BurnTier;

/** Tiers, the most urgent first. Any that fires silences those behind it. */
export type BurnPolicy = readonly Tier[];

/** `no-traffic`: there were no events, so nothing is broken. `no-data`: nobody knows, which neither resolves nor passes anything. */
export type SloState = 'ok' | 'breaching' | 'no-traffic' | 'no-data';
