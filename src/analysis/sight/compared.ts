import { likelyBad } from '../comparison.ts';
import { splitPrior } from '../dispersion.ts';
import type { Grid } from '../evidence.ts';
import { blockPrior, historyBlockS } from '../history.ts';
import { normalQuantile } from '../kayenta/normal.ts';
import { type Margin, pairGrowth } from '../likelihood.ts';
import { alonePriorBetween, aloneTier, priorStart, priorStepShare, priorSteps, sharedThreshold, type Tier } from '../rules.ts';
import { type Growth, normalBelow, passageSeconds } from './passage.ts';

/** The traffic of a step. */
export type StepTraffic = {
  /** Of both versions together, > 0. */
  readonly requestsPerSecond: number;
  /** Candidate's share of them, in (0, 1]; from 0.999 on there is no concurrent stable. */
  readonly share: number;
  /** Stable's requests that the guard remembers when the step begins; 0 without a stable version. */
  readonly historyRequests: number;
  /** How many weights were in force before this one. */
  readonly stepsBefore: number;
  /** Seconds that one reading of the counts covers, ≥ 1. */
  readonly everyS: number;
};

/** Shares of bad requests of both versions (0–1), and what is accepted. */
export type Fault = { readonly badC: number; readonly badS: number; readonly margin: Margin };

/** Up to this share of the candidate some of stable is left to compare with at the same time. */
export const shareAlone = 0.999;

/** Prior mass of a fault that begins with the step: what the guard gives to that moment, before it knows anything. */
export function priorMass(stepsBefore: number): number {
  if (stepsBefore === 0) return priorStart;
  return priorSteps * priorStepShare * (1 - priorStepShare) ** (stepsBefore - 1);
}

/**
 * Seconds until a fault is noticed by comparison with the stable version at the same time, or with its history as well once the
 * concurrent part agrees, whichever is sooner. Infinity when that takes more than a day or never happens.
 *
 * @param faults - One per bucket edge; their evidence is averaged. For errors it is one.
 * @param members - How many comparisons share what one alone is allowed.
 */
export function besideStableSeconds(tier: Tier, faults: readonly Fault[], traffic: StepTraffic, members: number): number {
  const threshold = sharedThreshold(tier.threshold, members);
  const nC = traffic.requestsPerSecond * traffic.share;
  const nH = traffic.historyRequests;
  const mass = priorMass(traffic.stepsBefore) / faults.length;
  const temper = (badPerS: number, { badS }: Fault) =>
    Math.max(tier.useSplit ? roughness(badS * nH, splitPrior) : 1, 1 + tier.clustering * Math.max(0, badPerS - 1));
  const block = { seconds: Math.max(tier.blockS, traffic.everyS), cap: tier.cap };
  const concurrent = faults.flatMap((fault) => concurrentGrowths(tier.grid, mass, fault, traffic, temper));
  const soonest = passageSeconds(concurrent, threshold, block);
  if (!(nH > 0)) return soonest;
  const pooled = faults.flatMap((fault) =>
    historyGrowths(tier.grid, mass, fault, nC, nH, temper(nC * fault.badC, fault), oneWorse),
  );
  const agreed = passageSeconds(concurrent, tier.agree, block);
  return Math.min(soonest, Math.max(agreed, passageSeconds(pooled, threshold, block)));
}

/** Seconds until a fault is noticed while all requests go to the candidate and stable is known from its history alone. */
export function aloneSeconds(grid: Grid, faults: readonly Fault[], traffic: StepTraffic, members: number): number {
  const nH = traffic.historyRequests;
  if (!(nH > 0)) return Number.POSITIVE_INFINITY;
  const mass = alonePriorBetween(0, historyBlockS) / faults.length;
  const growths = faults.flatMap((fault) =>
    historyGrowths(grid, mass, fault, traffic.requestsPerSecond, nH, roughness(fault.badS * nH, blockPrior), (bad) =>
      likelyBad({ bad }),
    ),
  );
  const threshold = sharedThreshold(aloneTier.threshold, members);
  const block = {
    seconds: Math.max(historyBlockS, traffic.everyS),
    cap: Math.min(...faults.map((one) => aloneCap(one, traffic))),
  };
  // Only whole blocks count.
  return Math.ceil(passageSeconds(growths, threshold, block) / block.seconds) * block.seconds;
}

/** The most that a block adds: little when it is no worse than the worst that stable has shown for so long. */
function aloneCap({ badC, badS }: Fault, { requestsPerSecond, historyRequests }: StepTraffic): number {
  const n = requestsPerSecond * historyBlockS;
  const blocks = Math.max(2, historyRequests / n);
  const worst = badS + normalQuantile(1 - 1 / blocks) * Math.sqrt(badS / n);
  const usual = normalBelow((worst - badC) / Math.sqrt((badC + badS) / n));
  return usual * aloneTier.capUsual + (1 - usual) * aloneTier.cap;
}

/** When what is shown after some seconds is read: a step may begin in the middle of what one reading covers. */
export function readAfter(seconds: number, { everyS }: StepTraffic): number {
  return everyS <= 1 ? seconds : (Math.ceil(seconds / everyS) + 1) * everyS;
}

/**
 * How rough independent counts are taken to be now and then, for estimates of roughness scatter: the more, the less the prior
 * holds them. From a few minutes of stable one in five estimates lies above 1.3; with a quarter more the forecasts hold in 95 of
 * 100 runs, which `promise.test.ts` watches.
 */
function roughness(badInHistory: number, prior: number): number {
  return 1 + (0.25 * badInHistory) / (badInHistory + prior);
}

function concurrentGrowths(
  grid: Grid,
  mass: number,
  fault: Fault,
  traffic: StepTraffic,
  temper: (badPerSecond: number, fault: Fault) => number,
): Growth[] {
  const nC = traffic.requestsPerSecond * traffic.share;
  const nS = traffic.requestsPerSecond - nC;
  const [xC, xS] = [nC * fault.badC, nS * fault.badS];
  const growth = (badC: number, badS: number, allC: number, allS: number) =>
    pairGrowth(grid.effects, badC, badS, allS, allC / allS, fault.margin, 1);
  const drift = growth(xC, xS, nC, nS);
  const none = growth(0, 0, nC, nS);
  // Exposures are counted, not known: one request more or less moves the odds that everything is divided by.
  const step = 0.01;
  const sources = [
    { effect: difference(growth(1, 0, nC, nS), none), perSecond: xC },
    { effect: difference(growth(0, 1, nC, nS), none), perSecond: xS },
    { effect: difference(growth(xC, xS, nC * (1 + step), nS), drift), perSecond: 1 / (step * step * nC) },
    { effect: difference(growth(xC, xS, nC, nS * (1 + step)), drift), perSecond: 1 / (step * step * nS) },
  ];
  const rough = temper(xC + xS, fault);
  return drift.map((mean, k) => ({
    lead: Math.log(mass * (grid.shares[k] ?? 0)),
    drift: mean / rough,
    variance: sources.reduce((sum, { effect, perSecond }) => sum + perSecond * ((effect[k] ?? 0) / rough) ** 2, 0),
    unsure: 0,
  }));
}

/** Beside a stable the guard takes history for one bad request worse than it was. */
function oneWorse(bad: number): number {
  return bad + 1;
}

function historyGrowths(
  grid: Grid,
  mass: number,
  { badC, badS, margin }: Fault,
  nC: number,
  nH: number,
  rough: number,
  takenFor: (bad: number) => number,
): Growth[] {
  const growth = (bad: number, badH: number, n: number) => pairGrowth(grid.effects, bad, badH, n, nC / nH, margin, 1);
  const drift = growth(nC * badC, takenFor(nH * badS), nH);
  const perBad = growth(1, 0, 0);
  const perHistory = growth(0, 1, 0);
  return drift.map((mean, k) => ({
    lead: Math.log(mass * (grid.shares[k] ?? 0)),
    drift: mean / rough,
    variance: nC * badC * ((perBad[k] ?? 0) / rough) ** 2,
    unsure: (Math.abs(perHistory[k] ?? 0) * Math.sqrt(nH * badS)) / rough,
  }));
}

function difference(a: readonly number[], b: readonly number[]): number[] {
  return a.map((one, k) => one - (b[k] ?? 0));
}
