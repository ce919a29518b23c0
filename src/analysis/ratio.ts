import {
  type Comparison,
  type ComparisonRules,
  compare,
  copyComparison,
  type Moment,
  observeStable,
  openComparison,
} from './comparison.ts';
import { addStableToLimit, addToLimit, copyLimit, type Limit, openLimit } from './limit.ts';
import { addProof, copyProof, openProof, type Proof, restartProof } from './proof.ts';
import type { Outcome } from './run-up.ts';
import { addToWarning, copyWarning, openWarning, type Warning } from './warning.ts';

/** One of the user's own shares (declined payments of all payments): candidate against stable, and its limits. Changed in place. */
export type Ratio = {
  /** null: not compared. */
  readonly comparison: Comparison | null;
  readonly limit: Limit | null;
  readonly warning: Warning | null;
  /** Evidence that the candidate is good, on this step. */
  readonly proof: Proof;
  /** Unix second of the candidate's newest reading; null before. */
  at: number | null;
  /** Counts on this step. */
  badC: number;
  nC: number;
  badS: number;
  nS: number;
  /** Counts that wait until both sides have some: sources read the two apart. */
  waitingBadC: number;
  waitingNC: number;
  waitingBadS: number;
  waitingNS: number;
  /** Seconds and prior mass since the last counts that were compared: a source is read less often than the guard looks. */
  waitingS: number;
  waitingMass: number;
  /** A step began meanwhile. */
  waitingStep: boolean;
  /** Seconds and prior mass since the last counts of any side, for the limits. */
  silentS: number;
  silentMass: number;
};

/** What a ratio is asked to keep to; null where it is not. */
export type RatioLimits = { readonly worseByPpm: number | null; readonly maxPpm: number | null; readonly warnPpm: number | null };

/** Counts since the last reading, 0 ≤ bad ≤ n. */
export type RatioCounts = { readonly bad: number; readonly n: number };

export function openRatio(limits: RatioLimits, rules: ComparisonRules): Ratio {
  return {
    comparison: limits.worseByPpm === null ? null : openComparison(rules),
    limit: limits.maxPpm === null ? null : openLimit(),
    warning: limits.warnPpm === null ? null : openWarning(),
    proof: openProof(),
    at: null,
    badC: 0,
    nC: 0,
    badS: 0,
    nS: 0,
    waitingBadC: 0,
    waitingNC: 0,
    waitingBadS: 0,
    waitingNS: 0,
    waitingS: 0,
    waitingMass: 0,
    waitingStep: false,
    silentS: 0,
    silentMass: 0,
  };
}

export function copyRatio(r: Ratio): Ratio {
  return {
    ...r,
    comparison: r.comparison && copyComparison(r.comparison),
    limit: r.limit && copyLimit(r.limit),
    warning: r.warning && copyWarning(r.warning),
    proof: copyProof(r.proof),
  };
}

/** Stable's counts while there is no candidate yet. */
export function observeRatio(r: Ratio, limits: RatioLimits, stable: RatioCounts, dtS: number): void {
  if (r.comparison) observeStable(r.comparison, stable.bad, stable.n, dtS);
  if (r.limit && limits.maxPpm !== null) addStableToLimit(r.limit, limits.maxPpm / 1e6, stable.bad, stable.n, dtS);
}

/**
 * Adds one sample. `null`: no news of that side. The exposures are the metric's own counts, not the requests: a version that
 * makes fewer payments is compared by its payments.
 */
export function addToRatio(
  r: Ratio,
  limits: RatioLimits,
  rules: ComparisonRules,
  given: { readonly candidate: RatioCounts | null; readonly stable: RatioCounts | null; readonly second: number },
  m: Moment,
): void {
  const { candidate, stable, second } = given;
  if (m.newStep) beginStep(r);
  r.waitingS += m.dtS;
  r.waitingMass += m.mass;
  r.silentS += m.dtS;
  r.silentMass += m.mass;
  if (!candidate && !stable) return;
  // A version that has not been read yet has counts of 0 beside one that has: nothing is known of it until it has some.
  if (candidate && (candidate.n > 0 || r.at !== null)) r.at = second;
  const news = outcomeOf(candidate, stable, second - r.silentS + 1);
  r.badC += news.badC;
  r.nC += news.nC;
  r.badS += news.badS;
  r.nS += news.nS;
  if (r.limit && limits.maxPpm !== null) addToLimit(r.limit, limits.maxPpm / 1e6, news, r.silentS, r.silentMass);
  if (r.warning && limits.warnPpm !== null) addToWarning(r.warning, limits.warnPpm / 1e6, news, r.silentS);
  r.silentS = r.silentMass = 0;
  if (!r.comparison) return;
  if (news.nC === 0 && r.waitingNC === 0) {
    // What stable did before the candidate was read says what is usual, and nothing of the same seconds.
    observeStable(r.comparison, news.badS, news.nS, r.waitingS);
    const { waitingMass } = r;
    stopWaiting(r);
    r.waitingMass = waitingMass;
    return;
  }
  r.waitingBadC += news.badC;
  r.waitingNC += news.nC;
  r.waitingBadS += news.badS;
  r.waitingNS += news.nS;
  if (r.waitingNC === 0 || (r.waitingNS === 0 && m.odds !== null)) return;
  const whole: Outcome = {
    badC: r.waitingBadC,
    nC: r.waitingNC,
    badS: r.waitingBadS,
    nS: r.waitingNS,
    sinceMs: (second - r.waitingS + 1) * 1000,
  };
  const odds = m.odds === null ? null : whole.nC / whole.nS;
  const begun = { newStep: r.waitingStep, fresh: r.waitingStep };
  compare(r.comparison, rules, whole, { dtS: r.waitingS, mass: r.waitingMass, ...begun, skip: false, odds });
  if (odds !== null && limits.worseByPpm !== null) addProof(r.proof, whole, limits.worseByPpm, odds, r.waitingS);
  stopWaiting(r);
  r.waitingStep = false;
}

/** What waits was counted under another weight: of it only stable's history is kept. */
function beginStep(r: Ratio): void {
  r.badC = r.nC = r.badS = r.nS = 0;
  restartProof(r.proof);
  if (r.comparison) observeStable(r.comparison, r.waitingBadS, r.waitingNS, r.waitingS);
  const { waitingMass } = r;
  stopWaiting(r);
  r.waitingMass = waitingMass;
  r.waitingStep = true;
}

function stopWaiting(r: Ratio): void {
  r.waitingBadC = r.waitingNC = r.waitingBadS = r.waitingNS = r.waitingS = r.waitingMass = 0;
}

function outcomeOf(candidate: RatioCounts | null, stable: RatioCounts | null, firstSecond: number): Outcome {
  return {
    badC: candidate?.bad ?? 0,
    nC: candidate?.n ?? 0,
    badS: stable?.bad ?? 0,
    nS: stable?.n ?? 0,
    sinceMs: firstSecond * 1000,
  };
}
