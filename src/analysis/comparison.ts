import {
  addGroup,
  addPair,
  addSplit,
  candidatePrior,
  candidateRatioMax,
  dispersion,
  type GroupSpread,
  openGroupSpread,
  openPairSpread,
  openSplitSpread,
  type PairSpread,
  remainingDispersion,
  restartSplit,
  type SplitSpread,
  splitDispersion,
  startSplit,
} from './dispersion.ts';
import { copyEvidence, type Evidence, elapse, type Grid, grow, openEvidence, restart, weigh } from './evidence.ts';
import { blockDispersion, type History, historyBlockS, openHistory, remember, shareOf } from './history.ts';
import { type Margin, pairGrowthInto } from './likelihood.ts';
import { alonePriorBetween, aloneTier, type Tier } from './rules.ts';
import { endRunUp, follow, likeliest, type Outcome, openRunUp, type RunUp } from './run-up.ts';

/** One yes/no outcome per request (failed; slower than an edge): the candidate against stable. Changed in place. */
export type Comparison = {
  /** One per tier of the rules, in their order. */
  readonly tiers: readonly TierState[];
  /** Against stable's history alone, while there is no concurrent stable. */
  readonly alone: Alone;
  readonly history: History;
  readonly pair: PairSpread;
  /** As `pair`, of the candidate: its own clusters are no faults, a lasting fault makes none. */
  readonly pairC: PairSpread;
  readonly group: GroupSpread;
  readonly split: SplitSpread;
  /** Running sum of log likelihood ratios of "stable has left its history" (CUSUM, ≥ 0). */
  shift: number;
  /** The candidate has had a request. */
  begun: boolean;
};

export type TierState = { readonly concurrent: Evidence; readonly pooled: Evidence; readonly runUps: readonly RunUp[] };

type Alone = {
  readonly evidence: Evidence;
  bad: number;
  n: number;
  ageS: number;
  /** Seconds without a concurrent stable up to the last closed block. */
  seconds: number;
  /** Stable's roughness, fixed when it was left alone; null before. */
  dispersion: number | null;
  readonly runUp: RunUp;
};

/** What all outcomes of one sample share. */
export type Moment = {
  /** Seconds that the sample covers. */
  readonly dtS: number;
  /** Prior mass of a fault that begins now. */
  readonly mass: number;
  /** Earlier blocks must not go on: a step began, or a warm-up ended. */
  readonly fresh: boolean;
  /** A new share of traffic is in force. */
  readonly newStep: boolean;
  /** Evidence of this sample is left out (warm-up, missing side). */
  readonly skip: boolean;
  /** Candidate's exposure per stable exposure; null without a concurrent stable. */
  readonly odds: number | null;
};

/** The rules of one outcome: tiers with their margins, and the rule without a concurrent stable. */
export type ComparisonRules = {
  readonly tiers: readonly { readonly tier: Tier; readonly margin: Margin }[];
  readonly alone: { readonly grid: Grid; readonly margin: Margin };
};

export function openComparison(rules: ComparisonRules): Comparison {
  return {
    tiers: rules.tiers.map(({ tier }) => ({
      concurrent: openEvidence(tier.grid, tier.cap),
      pooled: openEvidence(tier.grid, tier.cap),
      runUps: tier.references.map(openRunUp),
    })),
    alone: {
      evidence: openEvidence(rules.alone.grid, aloneTier.cap),
      bad: 0,
      n: 0,
      ageS: 0,
      seconds: 0,
      dispersion: null,
      runUp: openRunUp(),
    },
    history: openHistory(),
    pair: openPairSpread(),
    pairC: openPairSpread(candidatePrior),
    group: openGroupSpread(),
    split: openSplitSpread(),
    shift: 0,
    begun: false,
  };
}

/** The same comparison, to be changed apart. */
export function copyComparison(c: Comparison): Comparison {
  return {
    tiers: c.tiers.map(({ concurrent, pooled, runUps }) => ({
      concurrent: copyEvidence(concurrent),
      pooled: copyEvidence(pooled),
      runUps: runUps.map((runUp) => ({ ...runUp })),
    })),
    alone: { ...c.alone, evidence: copyEvidence(c.alone.evidence), runUp: { ...c.alone.runUp } },
    history: { ...c.history },
    pair: { ...c.pair },
    pairC: { ...c.pairC },
    group: { ...c.group },
    split: { ...c.split },
    shift: c.shift,
    begun: c.begun,
  };
}

/** Stable's counts while there is no candidate yet: they make the history and show how rough stable is. */
export function observeStable(c: Comparison, bad: number, n: number, dtS: number): void {
  if (n <= 0) return;
  remember(c.history, bad, n, dtS);
  addPair(c.pair, bad, n);
  if (!c.begun) addGroup(c.group, bad, n, dtS);
}

/** Adds one sample. */
export function compare(c: Comparison, rules: ComparisonRules, o: Outcome, m: Moment): void {
  if (!c.begun) startSplit(c.split, c.group);
  // All of this before the sample is added: what weighs it must not depend on how it fell.
  const pairs = dispersion(c.pair);
  const splits = splitDispersion(c.split);
  const remaining = remainingDispersion(c.pair, c.split);
  const own = dispersion(c.pairC);
  const trusted = c.pair.events >= 30 && remaining < 1.3 && splits < 1.5;
  addShift(c, o.badS, o.nS);
  const isUsual = c.shift < shiftUnusual;
  observeStable(c, o.badS, o.nS, m.dtS);
  for (let i = 0; i < rules.tiers.length; i++) {
    const state = c.tiers[i];
    const rule = rules.tiers[i];
    if (!state || !rule) continue;
    const spread = rule.tier.useSplit ? Math.max(remaining, splits, own) : remaining;
    const spreadPooled = rule.tier.useSplit ? Math.max(pairs, splits, own) : pairs;
    advance(state, rule.tier, rule.margin, o, m, isUsual ? c.history : null, trusted, spread, spreadPooled);
  }
  advanceAlone(c.alone, rules.alone, o, m, c.history);
  if (m.newStep) restartSplit(c.split);
  if (!m.skip && o.nC > 0) addPair(c.pairC, o.badC, o.nC, candidateRatioMax);
  if (!m.skip && m.odds !== null) addSplit(c.split, o.badC, o.nC, o.badS, o.nS, m.dtS);
  c.begun = true;
}

/**
 * ln of the evidence that also uses stable's history. History says nothing once stable itself has left it since the run-up
 * began: then the times changed for both, and only the concurrent part counts.
 */
export function pooledLog(state: TierState, history: History): number {
  const { badS, nS } = likeliest(state.runUps);
  const expected = 1.25 * nS * shareOf(history, 0);
  const usual = badS <= expected + 2 * Math.sqrt(expected) + 1;
  return usual ? state.pooled.log : Math.min(state.pooled.log, state.concurrent.log);
}

/** ln of the odds that stable has left its history from which on history says nothing, and the most that is remembered of it. */
const shiftUnusual = 5;
const shiftMax = 8;
/** Prior mass of a fault that begins when stable is its usual self again. */
const restartMass = 0.3;

/** Stable at twice its usual share against the usual one. */
function addShift(c: Comparison, badS: number, nS: number): void {
  const { history } = c;
  if (nS <= 0 || history.n <= 0) return;
  const usual = (history.bad + 1) / history.n;
  c.shift = Math.min(shiftMax, Math.max(0, c.shift + badS * Math.LN2 - nS * usual));
}

/** Room for the growths of one look, so that they are no garbage. */
const growth: number[] = [];

function advance(
  { concurrent, pooled, runUps }: TierState,
  tier: Tier,
  margin: Margin,
  o: Outcome,
  m: Moment,
  history: History | null,
  trusted: boolean,
  spread: number,
  spreadPooled: number,
): void {
  const cap = trusted ? tier.capTrusted : tier.cap;
  elapse(concurrent, tier.grid, m.dtS, m.mass, m.fresh, tier.blockS, cap);
  elapse(pooled, tier.grid, m.dtS, m.mass, m.fresh, tier.blockS, cap);
  if (!m.skip && m.odds !== null) {
    const { effects } = tier.grid;
    pairGrowthInto(growth, effects, o.badC, o.badS, o.nS, m.odds, margin, weightOf(tier, spread, o.badC + o.badS));
    grow(concurrent, growth);
    // What was common to both must not be held against the candidate later, so it is forgotten and not only left out.
    if (history === null) restart(pooled, restartMass);
    else if (o.nC > 0 && history.n > 0) {
      const weight = weightOf(tier, spreadPooled, o.badC);
      pairGrowthInto(growth, effects, o.badC, history.bad + 1, history.n, o.nC / history.n, margin, weight);
      grow(pooled, growth);
    }
    pairGrowthInto(growth, tier.references, o.badC, o.badS, o.nS, m.odds, margin, 1);
    for (let k = 0; k < runUps.length; k++) {
      const runUp = runUps[k];
      if (runUp) follow(runUp, growth[k] ?? 0, o);
    }
  }
  weigh(concurrent);
  weigh(pooled);
}

/** What the evidence of a sample is multiplied by: roughness over time, or bad requests of one second that have one cause. */
function weightOf(tier: Tier, spread: number, bad: number): number {
  // Slight roughness is what an estimate from few events shows anyway.
  return 1 / Math.max(spread < 1.3 ? 1 : spread, 1 + tier.clustering * (bad - 1));
}

function advanceAlone(a: Alone, rule: ComparisonRules['alone'], o: Outcome, m: Moment, history: History): void {
  // Stable is back: the next time without it is another one.
  if (m.odds !== null && (a.seconds > 0 || a.ageS > 0)) reopen(a);
  if (m.odds !== null || m.skip || history.n <= 0) return;
  const { effects } = rule.grid;
  if (o.nC > 0) {
    const exposure = o.nC / history.n;
    pairGrowthInto(growth, [effects[1] ?? 2], o.badC, likelyBad(history), history.n, exposure, rule.margin, 1);
    follow(a.runUp, growth[0] ?? 0, o);
  }
  a.bad += o.badC;
  a.n += o.nC;
  a.ageS += m.dtS;
  if (a.ageS < historyBlockS) return;
  a.dispersion ??= blockDispersion(history);
  // What stable has shown for a quarter of a minute lately is no news; only its lasting is.
  const cap = a.bad <= history.worst * a.n ? aloneTier.capUsual : aloneTier.cap;
  elapse(a.evidence, rule.grid, 0, alonePriorBetween(a.seconds, a.seconds + a.ageS), true, historyBlockS, cap);
  pairGrowthInto(growth, effects, a.bad, likelyBad(history), history.n, a.n / history.n, rule.margin, 1 / a.dispersion);
  grow(a.evidence, growth);
  weigh(a.evidence);
  a.seconds += a.ageS;
  a.bad = a.n = a.ageS = 0;
}

function reopen(a: Alone): void {
  restart(a.evidence, 0);
  endRunUp(a.runUp);
  a.bad = a.n = a.ageS = a.seconds = 0;
  a.dispersion = null;
}

/**
 * Bad requests that history is taken to have had: the upper 95 % point of what it may have been, for every block is compared with the
 * same history, whose luck would otherwise count again and again.
 */
export function likelyBad({ bad }: Pick<History, 'bad'>): number {
  return bad + 1 + 1.64 * Math.sqrt(bad + 1);
}
