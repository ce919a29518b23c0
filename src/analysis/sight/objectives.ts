import type { Objective } from '../../spec/types.ts';
import { positionOf, shareAbove } from '../exceedance.ts';
import { errorSeconds } from './errors.ts';
import { isLatencyKnown, slowRequestsSeconds } from './latency.ts';
import { smallestRise } from './sight.ts';
import { type SightInput, type Step, stepOf } from './step.ts';

/** What an objective asks of a release. Rises are absolute rises of the share of bad (failed, or slow) requests. */
export type ObjectiveNeed = {
  readonly name: string;
  readonly targetPpm: number;
  readonly windowMs: number;
  readonly belowMs: number | null;
  /**
   * The burn rate from which on a fault should be noticed before it gets all traffic: 2 % of the error budget an hour, so 14.4 for
   * 30 days. That is what pages a person at once under the usual alerts, so whoever is on call would have to get up for it.
   * Never below 1: what burns more slowly ends within the budget.
   *
   * @see Google SRE Workbook, "Alerting on SLOs", recommended parameters for an SLO of 30 days: 1 h, 14.4, 2 % of the budget.
   */
  readonly pagingBurn: number;
  /** The rise that burns so fast; all requests where not even a total failure does. */
  readonly neededRisePpm: number;
};

/** How one step stands to an objective. */
export type StepObjective = ObjectiveNeed & {
  /** Whether the step notices what the objective needs; null: nothing can be said (stable's latency is unknown; another judge). */
  readonly seen: boolean | null;
  /** The largest fault that passes the step without being noticed (with 5 % probability or more); null as `seen`. */
  readonly unseen: Unseen | null;
};

export type Unseen = {
  readonly risePpm: number;
  /** How many times too fast it spends the error budget once it gets all traffic. */
  readonly burn: number;
  /** What it costs at the step's weight over the step's time, in millionths of the error budget of the whole window. */
  readonly costPpm: number;
};

/** How a whole release stands to an objective: by the step before full traffic that sees most. */
export type ObjectiveSight = StepObjective & {
  /** How long the error budget of the window lasts under the largest fault that passes unseen; null when that is unknown. */
  readonly exhaustedAfterS: number | null;
  /** Of that step, in percent. */
  readonly weight: number;
  readonly stepS: number;
  /** What would be enough; null when it is seen, or unknown. */
  readonly remedy: Remedy | null;
};

/** An objective that a release cannot see enough for. */
export type UnseenObjective = ObjectiveSight & {
  readonly seen: false;
  readonly unseen: Unseen;
  readonly exhaustedAfterS: number;
  readonly remedy: Remedy;
};

export function isUnseen(one: ObjectiveSight): one is UnseenObjective {
  return one.seen === false && one.unseen !== null && one.exhaustedAfterS !== null && one.remedy !== null;
}

export type Remedy =
  /** The policy accepts such a fault, so neither time nor traffic makes it show. */
  | { readonly kind: 'margin' }
  /** At that weight so many seconds, or in that time so much weight; null where a day, or half of the traffic, is not enough. */
  | { readonly kind: 'exposure'; readonly seconds: number | null; readonly weight: number | null };

const budgetPerHour = 0.02;
const hourMs = 3_600_000;
const dayS = 86_400;
/** Weights that people give, in percent; beyond half too little of stable is left to compare with. */
const weights = [5, 10, 15, 20, 25, 30, 40, 50];
/** More traffic than any service has: what does not show in it is accepted. */
const boundlessRequestsPerSecond = 1e8;

/** What an objective needs to see, and at what burn rate. */
export function needOf(objective: Objective): ObjectiveNeed {
  const { name, targetPpm, windowMs, belowMs } = objective;
  const pagingBurn = Math.max(1, (budgetPerHour * windowMs) / hourMs);
  const neededRisePpm = Math.min(1_000_000, Math.round(pagingBurn * (1_000_000 - targetPpm)));
  return { name, targetPpm, windowMs, belowMs, pagingBurn, neededRisePpm };
}

/** How a step stands to each objective. Empty without traffic, and without a stable version: nobody's promise is at risk yet. */
export function stepObjectives(input: SightInput, objectives: readonly Objective[]): readonly StepObjective[] {
  const step = watchable(input);
  if (!step) return [];
  const rises = new Map<number | null, number | null>();
  return objectives.map((objective) => {
    const { belowMs } = objective;
    const need = needOf(objective);
    if (!isKnown(step, belowMs)) return { ...need, seen: null, unseen: null };
    if (!rises.has(belowMs)) rises.set(belowMs, unseenRise(step, belowMs, input.stepS));
    const most = mostOf(step, belowMs);
    const needed = Math.min(need.neededRisePpm, most);
    const seen = secondsTo(step, belowMs, needed) <= input.stepS;
    const smallest = rises.get(belowMs) ?? most;
    // The smallest rise is rounded up, which must not say that what is needed passes unseen, nor the other way round.
    const risePpm = seen ? Math.min(smallest, needed) : Math.max(smallest, needed);
    return { ...need, seen, unseen: unseenOf(risePpm, input, objective) };
  });
}

/** A step with how it stands to each objective, see `stepObjectives`. */
export type JudgedStep = { readonly input: SightInput; readonly objectives: readonly StepObjective[] };

/**
 * How a release stands to an objective.
 *
 * @param steps - Those that have to see it: all before full traffic, or the bake where there is none before.
 * @returns null where none of the steps says anything about it.
 */
export function objectiveSight(steps: readonly JudgedStep[], objective: Objective): ObjectiveSight | null {
  const each = steps.flatMap(({ input, objectives }) => {
    const found = objectives.find(({ name }) => name === objective.name);
    return found ? [{ input, found }] : [];
  });
  const [first] = each;
  if (!first) return null;
  const { input, found } = each.reduce((a, b) => (isBetter(b, a) ? b : a), first);
  return {
    ...found,
    exhaustedAfterS: found.unseen === null ? null : objective.windowMs / 1000 / found.unseen.burn,
    weight: input.weight,
    stepS: input.stepS,
    remedy: found.seen === false ? remedyOf(input, stepOf(input), objective) : null,
  };
}

type Candidate = { readonly input: SightInput; readonly found: StepObjective };

function isBetter(a: Candidate, b: Candidate): boolean {
  const [riseA, riseB] = [a.found.unseen?.risePpm ?? 0, b.found.unseen?.risePpm ?? 0];
  // Where no step sees anything, the one with most requests is nearest to seeing something.
  return riseA === riseB ? a.input.weight * a.input.stepS > b.input.weight * b.input.stepS : riseA < riseB;
}

function watchable(input: SightInput): Step | null {
  const has = input.traffic.requestsPerSecond > 0 && input.weight > 0 && input.historyRequests !== null;
  return has ? stepOf(input) : null;
}

function isKnown(step: Step, belowMs: number | null): boolean {
  return step.basis !== 'kayenta' && (belowMs === null || isLatencyKnown(step));
}

/** The largest rise that there is room for. */
function mostOf(step: Step, belowMs: number | null): number {
  return Math.floor(1e6 * (1 - (belowMs === null ? step.stableErrors : shareAbove(step.latency, positionOf(belowMs)))));
}

function unseenRise(step: Step, belowMs: number | null, stepS: number): number | null {
  return smallestRise((rise) => secondsTo(step, belowMs, rise), stepS, mostOf(step, belowMs), 100);
}

function secondsTo(step: Step, belowMs: number | null, risePpm: number): number {
  return belowMs === null ? errorSeconds(step, risePpm) : slowRequestsSeconds(step, belowMs, risePpm);
}

function unseenOf(risePpm: number, { weight, stepS }: SightInput, { targetPpm, windowMs }: Objective): Unseen {
  const burn = risePpm / (1_000_000 - targetPpm);
  return { risePpm, burn, costPpm: 1e6 * burn * (weight / 100) * (stepS / (windowMs / 1000)) };
}

function remedyOf(input: SightInput, step: Step, objective: Objective): Remedy {
  const { belowMs } = objective;
  const needed = Math.min(needOf(objective).neededRisePpm, mostOf(step, belowMs));
  const secondsIf = (change: Partial<SightInput>) => secondsTo(stepOf({ ...input, ...change }), belowMs, needed);
  const boundless = {
    traffic: { ...input.traffic, requestsPerSecond: boundlessRequestsPerSecond },
    weight: 50,
    historyRequests: 300 * boundlessRequestsPerSecond,
  };
  if (!(secondsIf(boundless) <= dayS)) return { kind: 'margin' };
  const seconds = secondsIf({});
  const weight = weights.find((more) => more > input.weight && secondsIf({ weight: more }) <= input.stepS);
  return { kind: 'exposure', seconds: seconds <= dayS ? seconds : null, weight: weight ?? null };
}
