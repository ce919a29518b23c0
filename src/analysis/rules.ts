import type { Grid } from './evidence.ts';
import type { Margin } from './likelihood.ts';

/** How one comparison collects evidence and when it is enough. */
export type Tier = {
  /** Effect sizes in multiples of the margin. */
  readonly grid: Grid;
  /** Length of the blocks in which a fault may begin. */
  readonly blockS: number;
  /** The most that one block adds to the logarithm, before and after the counts have shown to be independent. */
  readonly cap: number;
  readonly capTrusted: number;
  /** ln of the evidence that fails. */
  readonly threshold: number;
  /** ln of the evidence from the concurrent stable that must back the pooled history. */
  readonly agree: number;
  /** Correlation that is assumed between bad requests of the same second. */
  readonly clustering: number;
  /** Whether the split between the versions counts as a source of roughness beside single seconds. */
  readonly useSplit: boolean;
  /** The effects by which the beginning of a fault is dated. */
  readonly references: readonly number[];
};

/** Fine: finds small rises, needs many failures. */
export const fineTier: Tier = {
  grid: { effects: [2, 3.5, 7, 15, 40], shares: [0.15, 0.25, 0.2, 0.2, 0.2] },
  blockS: 5,
  cap: 2.5,
  capTrusted: 6,
  threshold: 3.8,
  agree: 1.7,
  clustering: 0,
  useSplit: true,
  references: [2, 4, 12],
};

/** Gross: asks for a rise that cannot be roughness, and then believes a single second. */
export const grossTier: Tier = {
  grid: { effects: [2, 5, 15, 40], shares: [0.15, 0.25, 0.35, 0.25] },
  blockS: 5,
  cap: 20,
  capTrusted: 20,
  threshold: 4,
  agree: 2,
  clustering: 0.05,
  useSplit: false,
  references: [3, 15],
};

/** Latency, one 0/1 outcome per edge. */
export const latencyTier: Tier = {
  grid: { effects: [1.3, 1.8, 3, 6], shares: [0.3, 0.35, 0.25, 0.1] },
  blockS: 10,
  cap: 2.4,
  capTrusted: 4,
  threshold: 3.4,
  agree: 1.7,
  clustering: 0,
  useSplit: true,
  references: [1.5, 3],
};

/** Without a concurrent stable: history alone cannot tell a fault from a change of the times, so the bar is higher. */
export const aloneTier = { errors: evenly([1.5, 3, 8, 30]), latency: evenly([1.3, 2, 4]), cap: 3.5, capUsual: 0.7, threshold: 6 };

/**
 * A level of the user's own is compared once in a quarter of a minute: chances that a trial goes against a candidate that is worse,
 * where one half is accepted. Shorter trials would repeat each other, because levels change slowly.
 */
export const gaugeTier = { grid: evenly([0.75, 0.9, 0.98]), cap: 5, threshold: 3.8, trialS: 15, trialMaxS: 60 };

/**
 * Several metrics of one family (quantiles, classes of errors, the user's own) share what one alone is allowed: the chance of a false
 * alarm is split evenly between them, which adds the logarithm of their number to the evidence that each needs (Bonferroni, valid
 * whatever depends on what).
 */
export function sharedThreshold(threshold: number, members: number): number {
  return threshold + Math.log(Math.max(1, members));
}

/** Classes of errors get half of what errors as a whole get, shared between the four there are. */
export const classMembers = 8;

/** Smallest ratio of error rates that is not noise: no two groups of machines fail exactly alike. */
const fineFactor = 1.15;
const grossFactor = 1.5;
const aloneFactor = 2;
/** The gross tier starts where a rise is an outage for some: one request in a hundred. */
const grossDeltaMin = 0.01;
/** As `fineFactor`, for the share of requests slower than an edge. */
export const latencyFactor = 1.15;
export const aloneLatencyFactor = 1.6;

/** The error margins that follow from the policy's accepted rise: itself; twice it, at least 1 %; and itself without a concurrent stable. */
export function errorMargins(worseByPpm: number): { fine: Margin; gross: Margin; alone: Margin } {
  const delta = worseByPpm / 1e6;
  return {
    fine: { factor: fineFactor, delta },
    gross: { factor: grossFactor, delta: Math.max(grossDeltaMin, 2 * delta) },
    alone: { factor: aloneFactor, delta },
  };
}

/** Above this ln of evidence a step is not passed, for ten minutes at most: a candidate must not advance into doubt. */
export const amber = 1.6;
export const amberMaxS = 600;

/** Latency evidence of the first minute with traffic of each step is left out: caches and compilers are cold. Errors have no such excuse. */
export const warmUpS = 60;

/** Seconds without a sample, and seconds of a step with fewer requests than that, after which the guard calls itself blind. */
export const blindAfterS = 60;

/** The same for a source that is read every so many seconds: three readings that do not come are needed to tell it from a late one. */
export function blindAfter(everyS: number): number {
  return Math.max(blindAfterS, 3 * everyS);
}
export const trafficAfterS = 300;
export const trafficMin = 20;

/**
 * Prior mass of a fault that begins now: 0.45 at the first candidate request, 0.25 over the later steps (each takes a third
 * of what the earlier ones left), 0.3 over time with density H/(H + t)², whose tail keeps a long bake watched.
 */
export const priorStart = 0.45;
export const priorSteps = 0.25;
export const priorStepShare = 1 / 3;
const priorTime = 0.3;
const horizonS = 1800;

/**
 * Without a concurrent stable another prior begins, all of whose mass is for that time: 0.4 for its start, 0.6 over time with a
 * shorter horizon, for the last step and the bake are watched in minutes.
 */
const aloneStart = 0.4;
const aloneTime = 0.6;
const aloneHorizonS = 600;

/** Prior mass of the time from `fromS` to `toS` seconds after stable was left without traffic. */
export function alonePriorBetween(fromS: number, toS: number): number {
  const spread = aloneTime * aloneHorizonS * (1 / (aloneHorizonS + fromS) - 1 / (aloneHorizonS + toS));
  return fromS === 0 ? aloneStart + spread : spread;
}

/** Prior mass of the time from `fromS` to `toS` seconds after the first candidate request. */
export function priorBetween(fromS: number, toS: number): number {
  return priorTime * horizonS * (1 / (horizonS + fromS) - 1 / (horizonS + toS));
}

function evenly(effects: readonly number[]): Grid {
  return { effects, shares: effects.map(() => 1 / effects.length) };
}
