import { copyEvidence, type Evidence, elapse, grow, openEvidence, weigh } from './evidence.ts';
import { gaugeTier } from './rules.ts';

/**
 * One of the user's own levels (processor use, queue length): candidate against stable, and its limits. Changed in place.
 *
 * Readings of a level are neither counts nor independent, so nothing is assumed of their distribution: every quarter of a minute is
 * one trial, "is the candidate's mean beyond stable's by more than the margin?". While the candidate is acceptable that is so in at
 * most half of them, whatever came before; the likelihood ratio against one half is then evidence that may be looked at all the time
 * (the sign test as a bet; Waudby-Smith & Ramdas, "Estimating means of bounded random variables by betting", 2023).
 */
export type Gauge = {
  /** Newest readings; null before the first. */
  candidate: number | null;
  stable: number | null;
  /** Unix second of the candidate's newest reading; null before. */
  at: number | null;
  /** The open quarter of a minute. */
  sumC: number;
  readingsC: number;
  sumS: number;
  readingsS: number;
  ageS: number;
  readonly evidence: Evidence;
  /** Prior mass since the last trial. */
  owed: number;
  /** Trials on this step, and how many went against the candidate. */
  trials: number;
  beyond: number;
  /** ln of the evidence that the candidate is good, on this step: the same bet turned round. */
  good: number;
  /** Unix milliseconds since when trials speak against the candidate, and their running score. */
  sinceMs: number | null;
  score: number;
  readonly max: Held;
  readonly warn: Held;
};

/** Unix seconds of the first and the newest reading above a limit without one below it between them; null: it is not exceeded. */
type Above = { readonly from: number; to: number };
type Held = { candidate: Above | null; stable: Above | null };

export function openGauge(): Gauge {
  return {
    candidate: null,
    stable: null,
    at: null,
    sumC: 0,
    readingsC: 0,
    sumS: 0,
    readingsS: 0,
    ageS: 0,
    evidence: openEvidence(gaugeTier.grid, gaugeTier.cap),
    owed: 0,
    trials: 0,
    beyond: 0,
    good: 0,
    sinceMs: null,
    score: 0,
    max: { candidate: null, stable: null },
    warn: { candidate: null, stable: null },
  };
}

export function copyGauge(g: Gauge): Gauge {
  return { ...g, evidence: copyEvidence(g.evidence), max: copyHeld(g.max), warn: copyHeld(g.warn) };
}

/** What a gauge is asked to keep to; null where it is not. */
export type GaugeLimits = { readonly worseByPpm: number | null; readonly max: number | null; readonly warn: number | null };

/** What one sample brings: readings (null: no news) and the time. */
export type GaugeReading = {
  readonly candidate: number | null;
  readonly stable: number | null;
  /** Unix second. */
  readonly second: number;
  readonly dtS: number;
  /** Prior mass of a fault that begins now. */
  readonly mass: number;
  readonly newStep: boolean;
  /** Stable has traffic beside the candidate; the level of an idle version is none to compare with. */
  readonly accompanied: boolean;
};

/** Adds one sample. Readings that are no finite numbers are no news. */
export function addToGauge(g: Gauge, limits: GaugeLimits, given: GaugeReading): void {
  const candidate = finite(given.candidate);
  const stable = finite(given.stable);
  if (given.newStep) g.trials = g.beyond = g.good = 0;
  g.owed += given.mass;
  g.ageS += given.dtS;
  if (candidate !== null) {
    g.candidate = candidate;
    g.at = given.second;
    g.sumC += candidate;
    g.readingsC += 1;
  }
  if (stable !== null) {
    g.stable = stable;
    g.sumS += stable;
    g.readingsS += 1;
  }
  follow(g.max, limits.max, candidate, stable, given.second);
  follow(g.warn, limits.warn, candidate, stable, given.second);
  if (g.ageS < gaugeTier.trialS) return;
  // A source that reads less often than once in a trial stretches it.
  if (limits.worseByPpm !== null && (g.readingsC === 0 || g.readingsS === 0) && g.ageS < gaugeTier.trialMaxS) return;
  const canTry = given.accompanied && g.readingsC > 0 && g.readingsS > 0;
  if (canTry && limits.worseByPpm !== null) addTrial(g, limits.worseByPpm, given.second);
  g.sumC = g.readingsC = g.sumS = g.readingsS = g.ageS = 0;
}

/** Chance that a trial goes against a candidate that is as good as stable, of a margin that means something. */
const goodChance = 0.15;

/** The gauge's growths: ln 2p where the trial went against the candidate, ln 2(1 − p) where it did not. */
const growth: number[] = [];

function addTrial(g: Gauge, worseByPpm: number, second: number): void {
  const meanS = g.sumS / g.readingsS;
  // Of nothing there is no relative rise.
  if (meanS === 0) return;
  const accepted = meanS + Math.abs(meanS) * (worseByPpm / 1e6);
  const isBeyond = g.sumC / g.readingsC > accepted;
  const { grid, cap } = gaugeTier;
  for (let k = 0; k < grid.effects.length; k++) {
    const p = grid.effects[k] ?? 0.5;
    growth[k] = Math.log(2 * (isBeyond ? p : 1 - p));
  }
  elapse(g.evidence, grid, 0, g.owed, true, 0, cap);
  grow(g.evidence, growth);
  weigh(g.evidence);
  g.owed = 0;
  g.trials += 1;
  if (isBeyond) g.beyond += 1;
  g.good += Math.log(2 * (isBeyond ? goodChance : 1 - goodChance));
  g.score = Math.max(0, g.score + (isBeyond ? 1 : -1));
  if (g.score === 0) g.sinceMs = null;
  else g.sinceMs ??= (second - g.ageS) * 1000;
}

/** How long a limit has been exceeded, in seconds, as far as readings show; null: it is not. */
export function heldS(above: Above | null): number | null {
  return above && above.to - above.from;
}

function copyHeld({ candidate, stable }: Held): Held {
  return { candidate: candidate && { ...candidate }, stable: stable && { ...stable } };
}

function follow(held: Held, limit: number | null, candidate: number | null, stable: number | null, second: number): void {
  if (limit === null) return;
  held.candidate = longer(held.candidate, candidate, limit, second);
  held.stable = longer(held.stable, stable, limit, second);
}

/** Silence proves nothing: only another reading makes it longer. */
function longer(above: Above | null, value: number | null, limit: number, second: number): Above | null {
  if (value === null) return above;
  if (value <= limit) return null;
  return { from: above?.from ?? second, to: second };
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
