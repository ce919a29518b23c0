import { durationText, percentText } from '../../spec/unit-text.ts';
import { badIn, presentOf, totalIn } from './events.ts';
import { exactly, share } from './exact.ts';
import { allowedOf, type Watched } from './objective.ts';
import type { RuleGroup } from './rule-file.ts';

/** Parts of a window in each of which it is looked whether there was anything to count by. */
const partsWanted = 720;

/**
 * The rules of what is left of an objective's budget. `observed` is what most tools show; `allowance` is for gates: it is reckoned with
 * the events that a whole window will have, so it does not grow by traffic that has not come yet.
 *
 * @returns null where PromQL cannot say it: see `says` of the file.
 */
export function budgetGroup(watched: Watched): RuleGroup | null {
  const { spec, objective, events, labels } = watched;
  if (objective.calendar || objective.slices) return null;
  const own = { service: spec.name, objective: objective.name };
  const window = durationText(objective.windowMs);
  const allowed = exactly(allowedOf(watched));
  const part = durationText(partMs(objective.windowMs));
  const parts = partsOf(objective.windowMs);
  const [bad, total] = [`slo:budget_bad{${labels}}`, `slo:budget_events{${labels}}`];
  return {
    name: `${spec.name} ${objective.name} budget`,
    // A month does not change within a minute, and looking at all of it is dear.
    interval: durationText(Math.max(60_000, Math.min(300_000, partMs(objective.windowMs)))),
    says: [`${spec.name} ${objective.name}: ${percentText(objective.targetPpm)} over ${window}.`],
    rules: [
      { record: 'slo:target', expr: `vector(${share(objective.targetPpm)})`, labels: own },
      { record: 'slo:budget_events', expr: totalIn(events, window), labels: own },
      { record: 'slo:budget_bad', expr: badIn(events, window, total), labels: own },
      { record: 'slo:budget_left:observed', expr: `1 - ${bad} / (${total} > 0) / ${allowed}`, labels: own },
      {
        // How much of the window has been seen: events of a whole one are expected to come as those did.
        record: 'slo:budget_known:ratio',
        expr: `clamp(count_over_time((${presentOf(events)})[${window}:${part}]) - 1, 1, ${parts}) / ${parts}`,
        labels: own,
      },
      {
        record: 'slo:budget_left:allowance',
        expr: `1 - ${bad} * slo:budget_known:ratio{${labels}} / (${total} > 0) / ${allowed}`,
        labels: own,
      },
    ],
  };
}

/** Length of a part of a window, in whole seconds. */
export function partMs(windowMs: number): number {
  return Math.max(1_000, Math.round(windowMs / partsWanted / 1_000) * 1_000);
}

/** How many whole parts a window has. */
export function partsOf(windowMs: number): number {
  return Math.floor(windowMs / partMs(windowMs));
}

/** Why an objective has no rules for its budget; null when it has. */
export function noBudget({ objective: { calendar, slices } }: Watched): string | null {
  if (calendar)
    return `left out: PromQL has no window that begins with the ${calendar.unit} in ${calendar.zone}. Rampart reckons its budget; the alerts burn against the longest ${calendar.unit}`;
  if (slices) return 'left out: over a whole window the slices of Prometheus are not those of Rampart, which reckons this budget';
  return null;
}
