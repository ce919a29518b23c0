import { allowedRatio, defaultPolicy, factorOf } from '../../slo/policy.ts';
import { toNumber } from '../../slo/rational.ts';
import type { BurnPolicy } from '../../slo/types.ts';
import type { Objective, ServiceSpec } from '../../spec/types.ts';
import { durationText, percentText } from '../../spec/unit-text.ts';
import { type Board, chart, type Panel, type Query, type Section, stat } from './board.ts';
import { falling, levelsOf } from './levels.ts';
import { type ObjectiveEvents, objectiveEvents } from './objective-events.ts';
import type { Requests } from './requests.ts';

const dayMs = 86_400_000;
/** Of the budget: critical below a quarter, warning below a half. */
const budgetColors = falling(0.25, 0.5);

/** Every objective of a service: what is left of its budget, how fast it is spent, and from where alerts fire. */
export function sloBoard(spec: ServiceSpec, requests: Requests): Board {
  const sections = objectivesOf(spec).flatMap((objective) => objectiveSection(spec, objective, requests) ?? []);
  return {
    key: 'slo',
    title: 'SLO and error budget',
    description: 'Objectives, what is left of each budget, how fast it is spent over each window, and from where alerts fire.',
    from: 'now-24h',
    sections,
  };
}

/** What is left of the budgets of availability, latency and errors. */
export function budgetPanels(spec: ServiceSpec, requests: Requests): readonly Panel[] {
  const objectives = objectivesOf(spec);
  const availability = objectives.find(isAvailability) ?? assumed(spec).availability;
  const latency = objectives.find(isLatency) ?? assumed(spec).latency;
  const errors: Objective = assumed(spec).errors;
  return [
    ['Availability budget', availability] as const,
    ['Latency budget', latency] as const,
    ['Error rate budget', errors] as const,
  ].map(([title, objective]) => {
    const events = objectiveEvents(spec, objective, requests);
    const isGiven = objectives.includes(objective);
    const assumption = isGiven
      ? ''
      : ' The document has no objective for it: this one follows from the levels of its golden signals.';
    return stat(
      { title, description: `${objectiveText(objective)}: what is left of its error budget.${assumption}`, unit: 'percentunit' },
      events ? leftOf(objective, events) : 'vector(0) < 0',
      { width: 8, decimals: 1, max: 1, nothing: 'no data', ...budgetColors },
    );
  });
}

/** The objectives of a document; without any, those that follow from its levels. */
export function objectivesOf(spec: ServiceSpec): readonly Objective[] {
  if (spec.objectives.length > 0) return spec.objectives;
  const { availability, latency } = assumed(spec);
  return [availability, latency];
}

function isAvailability({ belowMs, events, slices }: Objective): boolean {
  return belowMs === null && !events && !slices;
}

function isLatency({ belowMs, events }: Objective): boolean {
  return belowMs !== null && !events;
}

/** What follows from levels: 99.9 % over 30 days, 95 of 100 requests faster than the target of P95, errors below their target. */
function assumed(spec: ServiceSpec): Readonly<Record<'availability' | 'latency' | 'errors', Objective>> {
  const of = (name: string, targetPpm: number, belowMs: number | null): Objective => ({
    name,
    targetPpm,
    windowMs: 30 * dayMs,
    belowMs,
  });
  return {
    availability: of('availability', 999_000, null),
    latency: of('latency', 950_000, levelsOf(spec, 'latencyP95').target ?? 500),
    errors: of('error rate', 1_000_000 - (levelsOf(spec, 'errors').target ?? 10_000), null),
  };
}

/** Its window; of the calendar in whole days, without the hours that clocks may be put back in it. */
function windowMsOf({ windowMs, calendar }: Objective): number {
  return calendar ? Math.floor(windowMs / dayMs) * dayMs : windowMs;
}

function objectiveText(objective: Objective): string {
  const { name, targetPpm, belowMs, calendar, slices } = objective;
  const window = durationText(windowMsOf(objective));
  const good = belowMs === null ? 'good' : `faster than ${durationText(belowMs)}`;
  const what = slices
    ? `${percentText(targetPpm)} of slices of ${durationText(slices.everyMs)} with ${percentText(slices.targetPpm)} ${good}`
    : `${percentText(targetPpm)} ${good}`;
  const when = calendar ? `a ${calendar.unit} of the calendar, shown over the last ${window}` : window;
  return `${name}: ${what} over ${when}`;
}

/** Bad of all within a window; nothing without events. */
function badShare({ slices }: Objective, events: ObjectiveEvents, window: string): string {
  if (!slices) return `${events.bad(window)} / (${events.total(window)} > 0)`;
  // A slice without events is neither good nor bad.
  const each = durationText(slices.everyMs);
  const isBad = `(${events.bad(each)} / (${events.total(each)} > 0)) > bool ${(1_000_000 - slices.targetPpm) / 1_000_000}`;
  return `avg_over_time((${isBad})[${window}:${each}])`;
}

function leftOf(objective: Objective, events: ObjectiveEvents): string {
  return `1 - ${badShare(objective, events, durationText(windowMsOf(objective)))} / ${allowedOf(objective)}`;
}

function allowedOf(objective: Objective): number {
  return toNumber(allowedRatio(objective));
}

function objectiveSection(spec: ServiceSpec, objective: Objective, requests: Requests): Section | null {
  const events = objectiveEvents(spec, objective, requests);
  if (!events) return null;
  const windowMs = windowMsOf(objective);
  const window = durationText(windowMs);
  const text = objectiveText(objective);
  const allowed = allowedOf(objective);
  const left = leftOf(objective, events);
  const burn = (over: string) => `${badShare(objective, events, over)} / ${allowed}`;
  const target = objective.targetPpm / 1_000_000;
  const wide = { width: 12 };
  return {
    title: text,
    panels: [
      stat(
        { title: 'Good', description: `${text}. The share of good events in that time.`, unit: 'percentunit' },
        `1 - ${badShare(objective, events, window)}`,
        { decimals: 3, nothing: 'no traffic', ...falling(target, target) },
      ),
      stat(
        {
          title: 'Budget left',
          description:
            'Of the events that were there. It differs from the allowance of gates until the window is full of even traffic.',
          unit: 'percentunit',
        },
        left,
        { decimals: 1, max: 1, nothing: 'no traffic', ...budgetColors },
      ),
      stat({ title: 'Bad events', description: `Within ${window}.`, unit: 'short' }, events.bad(window), {
        decimals: 0,
        nothing: '0',
      }),
      stat(
        {
          title: 'Budget is gone in',
          description: 'At the burn rate of the last hour. Nothing while no budget is being spent.',
          unit: 's',
        },
        `clamp_min(${left}, 0) * ${windowMs / 1_000} / ((${burn('1h')}) > 0)`,
        { nothing: 'not in sight', ...falling(86_400, 3 * 86_400) },
      ),
      chart(
        {
          title: 'Burn rate by window',
          description: `1 spends the budget in exactly ${window}. An alert fires while both of its windows are above its line.`,
          unit: 'short',
        },
        burnQueries(objective, burn),
        { ...wide, min: 0, decimals: 2 },
      ),
      chart(
        {
          title: 'Budget left over time',
          description: `Of ${window}, at each moment. Below 0 the objective is missed.`,
          unit: 'percentunit',
        },
        [{ expr: left, legend: 'budget left' }],
        { ...wide, max: 1, ...budgetColors },
      ),
    ],
  };
}

/** Each window of the policy once, and a line for each of its alerts. */
function burnQueries(objective: Objective, burn: (window: string) => string): readonly Query[] {
  const policy: BurnPolicy = objective.alerts ?? defaultPolicy;
  const windows = new Set(policy.flatMap(({ longMs, shortMs }) => [shortMs, longMs]));
  const shown = policy.length === 0 ? [3_600_000, 6 * 3_600_000] : [...windows].toSorted((a, b) => a - b);
  return [
    ...shown.map((ms) => ({ expr: burn(durationText(ms)), legend: `over ${durationText(ms)}` })),
    ...policy.map((tier) => ({
      expr: `vector(${toNumber(factorOf(tier, objective))})`,
      legend: `${tier.name}: ${percentText(tier.sharePpm)} in ${durationText(tier.longMs)} and ${durationText(tier.shortMs)}`,
    })),
  ];
}
