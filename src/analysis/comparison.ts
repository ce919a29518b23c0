import {
  addGroup,
  addPair,
  addSplit,
  dispersion,
  type GroupSpread,
  noGroupSpread,
  noPairSpread,
  noSplitSpread,
  type PairSpread,
  restartSplit,
  type SplitSpread,
  splitDispersion,
  startSplit,
} from './dispersion.ts';
import { type Evidence, elapse, type Grid, grow, noEvidence } from './evidence.ts';
import { blockDispersion, type History, historyBlockS, noHistory, remember, shareOf } from './history.ts';
import { type Margin, pairGrowth } from './likelihood.ts';
import { alonePriorBetween, aloneTier, type Tier } from './rules.ts';
import { follow, likeliest, noRunUp, type RunUp } from './run-up.ts';

/** One yes/no outcome per request (failed; slower than an edge): the candidate against stable. */
export type Comparison = {
  /** One per tier of the rules, in their order. */
  readonly tiers: readonly TierState[];
  /** Against stable's history alone, while there is no concurrent stable. */
  readonly alone: Alone;
  readonly history: History;
  readonly pair: PairSpread;
  readonly group: GroupSpread;
  readonly split: SplitSpread;
  /** The candidate has had a request. */
  readonly begun: boolean;
};

export type TierState = { readonly concurrent: Evidence; readonly pooled: Evidence; readonly runUps: readonly RunUp[] };

type Alone = {
  readonly evidence: Evidence;
  readonly bad: number;
  readonly n: number;
  readonly ageS: number;
  /** Seconds without a concurrent stable up to the last closed block. */
  readonly seconds: number;
  /** Stable's roughness, fixed when it was left alone; null before. */
  readonly dispersion: number | null;
  readonly runUp: RunUp;
};

/** Counts of one outcome in one sample. */
export type Outcome = {
  readonly badC: number;
  readonly nC: number;
  readonly badS: number;
  readonly nS: number;
  /** When the first bad candidate request happened, as exactly as known. */
  readonly sinceMs: number;
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
      concurrent: noEvidence(tier.grid, tier.cap),
      pooled: noEvidence(tier.grid, tier.cap),
      runUps: tier.references.map(() => noRunUp),
    })),
    alone: {
      evidence: noEvidence(rules.alone.grid, aloneTier.cap),
      bad: 0,
      n: 0,
      ageS: 0,
      seconds: 0,
      dispersion: null,
      runUp: noRunUp,
    },
    history: noHistory,
    pair: noPairSpread,
    group: noGroupSpread,
    split: noSplitSpread,
    begun: false,
  };
}

/** Stable's counts while there is no candidate yet: they make the history and show how rough stable is. */
export function observeStable(c: Comparison, bad: number, n: number, dtS: number): Comparison {
  if (n <= 0) return c;
  return {
    ...c,
    history: remember(c.history, bad, n, dtS),
    pair: addPair(c.pair, bad, n),
    group: c.begun ? c.group : addGroup(c.group, bad, n, dtS),
  };
}

/** Adds one sample. */
export function compare(before: Comparison, rules: ComparisonRules, o: Outcome, m: Moment): Comparison {
  const c = observeStable(before, o.badS, o.nS, m.dtS);
  let split = c.begun ? c.split : startSplit(c.split, c.group);
  const pairs = dispersion(c.pair);
  const splits = splitDispersion(split);
  const trusted = c.pair.events >= 30 && pairs < 1.3 && splits < 1.5;
  const tiers = c.tiers.map((state, i) => {
    const rule = rules.tiers[i];
    return rule
      ? advance(state, rule.tier, rule.margin, o, m, c.history, trusted, rule.tier.useSplit ? Math.max(pairs, splits) : pairs)
      : state;
  });
  const alone = advanceAlone(c.alone, rules.alone, o, m, c.history);
  if (m.newStep) split = restartSplit(split);
  if (!m.skip && m.odds !== null) split = addSplit(split, o.badC, o.nC, o.badS, o.nS, m.dtS);
  return { ...c, tiers, alone, split, begun: true };
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

function advance(
  state: TierState,
  tier: Tier,
  margin: Margin,
  o: Outcome,
  m: Moment,
  history: History,
  trusted: boolean,
  spread: number,
): TierState {
  const cap = trusted ? tier.capTrusted : tier.cap;
  let concurrent = elapse(state.concurrent, tier.grid, m.dtS, m.mass, m.fresh, tier.blockS, cap);
  let pooled = elapse(state.pooled, tier.grid, m.dtS, m.mass, m.fresh, tier.blockS, cap);
  let runUps = state.runUps;
  if (!m.skip && m.odds !== null) {
    // Slight roughness is what an estimate from few events shows anyway.
    const rough = spread < 1.3 ? 1 : spread;
    const weight = (bad: number) => 1 / Math.max(rough, 1 + tier.clustering * (bad - 1));
    const growth = pairGrowth(tier.grid.effects, o.badC, o.badS, o.nS, m.odds, margin, weight(o.badC + o.badS));
    concurrent = grow(concurrent, growth);
    if (o.nC > 0 && history.n > 0) {
      pooled = grow(
        pooled,
        pairGrowth(tier.grid.effects, o.badC, history.bad + 1, history.n, o.nC / history.n, margin, weight(o.badC)),
      );
    }
    const steps = pairGrowth(tier.references, o.badC, o.badS, o.nS, m.odds, margin, 1);
    runUps = runUps.map((runUp, k) => follow(runUp, steps[k] ?? 0, o));
  }
  return { concurrent, pooled, runUps };
}

function advanceAlone(a: Alone, rule: ComparisonRules['alone'], o: Outcome, m: Moment, history: History): Alone {
  if (m.odds !== null || m.skip || history.n <= 0) return a;
  const reference = rule.grid.effects[1] ?? 2;
  const [step = 0] =
    o.nC > 0 ? pairGrowth([reference], o.badC, history.bad + 1, history.n, o.nC / history.n, rule.margin, 1) : [];
  const runUp = follow(a.runUp, step, o);
  const bad = a.bad + o.badC;
  const n = a.n + o.nC;
  const ageS = a.ageS + m.dtS;
  if (ageS < historyBlockS) return { ...a, bad, n, ageS, runUp };
  const rough = a.dispersion ?? blockDispersion(history);
  const growth = pairGrowth(rule.grid.effects, bad, history.bad + 1, history.n, n / history.n, rule.margin, 1 / rough);
  const mass = alonePriorBetween(a.seconds, a.seconds + ageS);
  const evidence = grow(elapse(a.evidence, rule.grid, 0, mass, true, historyBlockS, aloneTier.cap), growth);
  return { evidence, bad: 0, n: 0, ageS: 0, seconds: a.seconds + ageS, dispersion: rough, runUp };
}
