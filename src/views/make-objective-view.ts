import type { Alert } from '../alerts/types.ts';
import { percentText, thousands } from '../analysis/wording.ts';
import { alertKey } from '../slo/alerting.ts';
import { budgetOf, burnNumber } from '../slo/budget.ts';
import type { Reading, WindowReading } from '../slo/evaluate.ts';
import { stateOf } from '../slo/evaluate.ts';
import type { Period } from '../slo/period.ts';
import { factorOf } from '../slo/policy.ts';
import { toNumber } from '../slo/rational.ts';
import type { Events } from '../slo/types.ts';
import { cellOf, slotS } from '../slo/windows.ts';
import type { Objective } from '../spec/types.ts';
import { durationText } from '../spec/unit-text.ts';
import type { BudgetView, BurnDownPoint, CorrectionView, ObjectiveView, TierView, WindowView } from './objective-view.ts';

/** Everything that a view of an objective follows from. */
export type ObjectiveInput = {
  readonly id: string;
  readonly service: string | null;
  readonly objective: Objective;
  readonly source: string;
  readonly reading: Reading;
  readonly notes: readonly string[];
  readonly nowMs: number;
  readonly period: Period;
  /** What counts of the period, and with what corrections have left out. */
  readonly counted: Events;
  readonly all: Events;
  /** Unix milliseconds since and until when counts are known; 0: never. */
  readonly knownFromMs: number;
  readonly knownToMs: number;
  /** Events of the complete period before a calendar's; null: not known. */
  readonly before: number | null;
  readonly corrections: readonly CorrectionView[];
  readonly versions: ObjectiveView['versions'];
  readonly byVersion: readonly ({ readonly version: string } & Events)[];
  readonly open: ReadonlyMap<string, Alert>;
};

/** An objective as people and programs read it. */
export function objectiveView(input: ObjectiveInput): ObjectiveView {
  const { id, service, objective, source, reading, counted, all, nowMs } = input;
  const { period } = input;
  const expected = expectedEvents(input);
  const budget = budgetView(objective, counted, expected.events);
  const fast = reading.tiers[0]?.long;
  const burn = fast && !reading.isStale ? burnNumber(objective, fast) : null;
  return {
    id,
    service,
    objective,
    source,
    state: stateOf(objective, counted, !reading.isStale),
    notes: [...input.notes, ...expected.notes, ...(reading.isStale ? [staleText(input)] : [])],
    period: { fromMs: period.fromMs, toMs: period.toMs },
    known: knownShare(input),
    ratio: counted.total === 0 ? null : (counted.total - counted.bad) / counted.total,
    budget,
    budgetWithoutCorrections:
      all.total === counted.total ? null : budgetView(objective, all, expected.events + all.total - counted.total),
    corrections: input.corrections,
    burn,
    exhaustedInMs: exhaustedInMs(objective, budget.leftOfAllowance, burn, period.toMs - nowMs),
    tiers: reading.tiers.map((tier) => tierView(input, tier)),
    versions: input.versions,
    byVersion: input.byVersion.map(({ version, bad, total }) => ({
      version,
      bad,
      total,
      ofBudget: budget.allowedEvents > 0 ? bad / budget.allowedEvents : null,
    })),
  };
}

function tierView({ id, objective, open }: ObjectiveInput, { tier, long, short }: Reading['tiers'][number]): TierView {
  const alert = open.get(alertKey(id, tier.name));
  return {
    name: tier.name,
    tells: tier.tells,
    state: long.state === 'breaching' && short.state !== 'breaching' ? short.state : long.state,
    alert: alert === undefined || alert.state === 'resolved' ? 'quiet' : alert.state,
    silencedBy: alert?.silencedBy ?? null,
    factor: toNumber(factorOf(tier, objective)),
    minBad: tier.minBad,
    long: windowView(objective, long),
    short: windowView(objective, short),
  };
}

function windowView(objective: Objective, { ms, bad, total, state }: WindowReading): WindowView {
  return { ms, bad, total, burn: state === 'no-data' ? null : burnNumber(objective, { bad, total }) };
}

/** A budget of a period in which so many events are expected. */
export function budgetView(
  objective: Pick<Objective, 'targetPpm' | 'windowMs'>,
  { bad, total }: Events,
  expected: number,
): BudgetView {
  const { allowance, ofAllowance, ofObserved } = budgetOf(objective, { bad, total }, expected);
  const allowed = toNumber(allowance);
  const left = ofAllowance && toNumber(ofAllowance);
  const outageMs = (objective.windowMs * (1_000_000 - objective.targetPpm)) / 1_000_000;
  return {
    allowedEvents: allowed,
    badEvents: bad,
    totalEvents: total,
    leftOfAllowance: left,
    leftOfObserved: ofObserved && toNumber(ofObserved),
    leftMinutes: left === null ? null : (left * outageMs) / 60_000,
    leftEvents: left === null ? null : allowed - bad,
  };
}

/**
 * Events that a whole period has: of a calendar those of the complete one before, frozen at its beginning; of a rolling one those that
 * are in it. Where not so much is known, what is known goes on evenly.
 */
export function expectedEvents(
  input: Pick<ObjectiveInput, 'objective' | 'before' | 'counted' | 'period' | 'knownFromMs' | 'knownToMs' | 'nowMs'>,
): {
  readonly events: number;
  readonly notes: readonly string[];
} {
  const { objective, before, counted, period, knownFromMs, knownToMs } = input;
  if (objective.calendar && before !== null && before > 0) return { events: Math.max(before, counted.total), notes: [] };
  const knownMs = Math.max(0, knownToMs - Math.max(knownFromMs, period.fromMs));
  const wholeMs = period.toMs - period.fromMs;
  // The newest slot, and part of a cell, may be missing.
  if (knownMs === 0 || knownMs >= wholeMs - 1_000 * (cellOf(objective.windowMs) + 2 * slotS))
    return { events: counted.total, notes: [] };
  const events = Math.round((counted.total * wholeMs) / knownMs);
  const why = objective.calendar ? 'nothing is known of the period before' : `counts begin ${ago(input.nowMs - knownFromMs)} ago`;
  return {
    events,
    notes: [
      `${why}: the allowance is reckoned with ${thousands(events)} events in the whole period, if they come as they have so far`,
    ],
  };
}

function knownShare({ period, knownFromMs, knownToMs, nowMs }: ObjectiveInput): number {
  const endMs = Math.min(nowMs, period.toMs);
  const known = Math.min(knownToMs, endMs) - Math.max(knownFromMs, period.fromMs);
  // The newest slot is still being counted.
  const whole = Math.max(1, Math.min(endMs, knownToMs || endMs) - period.fromMs);
  return knownFromMs === 0 ? 0 : Math.max(0, Math.min(1, known / whole));
}

function staleText({ knownToMs, nowMs }: ObjectiveInput): string {
  return knownToMs === 0 ? 'nothing has been counted yet' : `nothing has been counted for ${ago(nowMs - knownToMs)}`;
}

function ago(ms: number): string {
  const unit = ms >= 2 * 86_400_000 ? 86_400_000 : ms >= 7_200_000 ? 3_600_000 : ms >= 120_000 ? 60_000 : 1_000;
  return durationText(Math.max(unit, Math.floor(ms / unit) * unit));
}

/** At this burn the budget is gone in so long; null: never, in this period. */
function exhaustedInMs(
  { windowMs, calendar }: Objective,
  left: number | null,
  burn: number | null,
  restMs: number,
): number | null {
  if (left === null || burn === null) return null;
  if (left <= 0) return 0;
  if (burn <= (calendar ? 0 : 1)) return null;
  const ms = Math.round((windowMs * left) / burn);
  return calendar && ms > restMs ? null : ms;
}

/**
 * What was left at the end of each piece of time, against the allowance.
 *
 * @param pieces - What was counted in each; null: nothing is known of it.
 */
export function burnDownPoints(
  pieces: readonly (({ readonly fromMs: number } & Events) | { readonly fromMs: number; readonly bad: null })[],
  allowed: number,
): readonly BurnDownPoint[] {
  let spent = 0;
  return pieces.map((piece) => {
    if (piece.bad === null) return { fromMs: piece.fromMs, bad: 0, total: 0, left: null };
    spent += piece.bad;
    return { fromMs: piece.fromMs, bad: piece.bad, total: piece.total, left: allowed > 0 ? 1 - spent / allowed : null };
  });
}

/** The sum behind what is left, line by line. */
export function sumText(view: ObjectiveView): readonly string[] {
  const { objective, budget, budgetWithoutCorrections: without, notes } = view;
  const share = 1_000_000 - objective.targetPpm;
  const expected = Math.round((budget.allowedEvents * 1_000_000) / share);
  const what = objective.slices ? `slices of ${durationText(objective.slices.everyMs)}` : 'events';
  const lines = [
    `${thousands(expected)} ${what} in ${windowText(objective)} × ${percentText(share)} that may be bad = ${amount(budget.allowedEvents)} allowed`,
    `${thousands(budget.badEvents)} of ${thousands(budget.totalEvents)} so far were bad`,
  ];
  if (budget.leftOfAllowance !== null)
    lines.push(
      `1 − ${thousands(budget.badEvents)} / ${amount(budget.allowedEvents)} = ${leftText(budget.leftOfAllowance)} of the allowance`,
    );
  if (budget.leftOfObserved !== null)
    lines.push(
      `1 − (${thousands(budget.badEvents)} / ${thousands(budget.totalEvents)}) / ${percentText(share)} = ${leftText(budget.leftOfObserved)} of what was observed, as most tools reckon`,
    );
  if (without)
    lines.push(
      `with what corrections leave out: ${thousands(without.badEvents)} of ${thousands(without.totalEvents)} bad, ${without.leftOfAllowance === null ? 'nothing allowed' : leftText(without.leftOfAllowance)}`,
    );
  return [...lines, ...notes];
}

function windowText({ calendar, windowMs }: Objective): string {
  return calendar ? `a ${calendar.unit} (${calendar.zone})` : durationText(windowMs);
}

/** Allowances are no whole numbers, and matter most when they are small. */
function amount(value: number): string {
  return value >= 1_000 ? thousands(value) : String(Number(value.toPrecision(4)));
}

function leftText(left: number): string {
  return left < 0 ? `overspent by ${percentText(Math.round(-left * 1e6))}` : `${percentText(Math.round(left * 1e6))} left`;
}
