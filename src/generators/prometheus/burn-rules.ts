import { factorOf, thresholdOf } from '../../slo/policy.ts';
import { toNumber } from '../../slo/rational.ts';
import type { Tier } from '../../slo/types.ts';
import type { ServiceSpec } from '../../spec/types.ts';
import { durationText, percentText } from '../../spec/unit-text.ts';
import { noBudget } from './budget-rules.ts';
import { badIn, presentOf, totalIn } from './events.ts';
import { exactly, share } from './exact.ts';
import type { Watched } from './objective.ts';
import { inTemplate } from './promql-text.ts';
import type { AlertingRule, Rule, RuleGroup } from './rule-file.ts';

/** Name of every burn-rate alert; the label `tier` tells them apart. */
export const burnAlert = 'SLOBurn';
export const noDataAlert = 'SLONoData';
export const invalidAlert = 'SLOInvalid';

/** An alert that fires when its data goes away is kept for so long: a day without data is somebody's decision. */
const heldFor = '1d';

/** The rules of an objective's burn-rate alerts. */
export function burnGroup(watched: Watched): RuleGroup {
  const { spec, objective, policy, intervalMs } = watched;
  const interval = durationText(intervalMs);
  const windows = [...new Set(policy.flatMap(({ longMs, shortMs }) => [shortMs, longMs]))].sort((a, b) => a - b);
  const own = { service: spec.name, objective: objective.name };
  return {
    name: `${spec.name} ${objective.name} burn`,
    interval,
    says: [
      `${spec.name} ${objective.name}: ${percentText(objective.targetPpm)} over ${windowText(watched)}.`,
      ...watched.says,
      ...sliceSays(watched),
      ...(noBudget(watched) === null ? [] : [`Its budget is ${noBudget(watched)}.`]),
    ],
    rules: [
      { record: 'slo:has_data', expr: presentOf(watched.events), labels: own },
      ...sliceRules(watched, own),
      ...windows.flatMap((ms) => windowRules(watched, durationText(ms), own)),
      ...policy.map((tier) => ({
        record: 'slo:burning',
        expr: burning(watched, tier),
        labels: { ...own, tier: tier.name },
      })),
      ...policy.map((tier, index) => alertOf(watched, tier, policy.slice(0, index))),
      ...(policy.length > 0 ? [noData(watched), invalid(watched, windows.at(-1) ?? 0)] : []),
    ],
  };
}

/** What one window holds: counts, and their quotient. */
function windowRules(watched: Watched, window: string, labels: Readonly<Record<string, string>>): readonly Rule[] {
  const { events, objective, labels: own } = watched;
  const slices = objective.slices && `${sliceRecord(objective.slices.everyMs)}{${own}}[${window}]`;
  const [total, bad] = [`slo:events:increase${window}{${own}}`, `slo:bad:increase${window}{${own}}`];
  return [
    {
      record: `slo:events:increase${window}`,
      expr: slices ? `sum(count_over_time(${slices}))` : totalIn(events, window),
      labels,
    },
    {
      record: `slo:bad:increase${window}`,
      expr: slices ? `sum(sum_over_time(${slices}))` : badIn(events, window, total),
      labels,
    },
    // Sum by sum, and not an average of ratios: a quiet minute must not weigh as much as a busy one. Nothing where there were no events.
    { record: `slo:bad_ratio:increase${window}`, expr: `${bad} / (${total} > 0)`, labels },
  ];
}

/** Name of what is recorded of the slices of an objective. */
export function sliceRecord(everyMs: number): string {
  return `slo:bad_slice:approx${durationText(everyMs)}`;
}

/** 1 for a slice that was bad, 0 for one that was good, nothing for one without events. */
function sliceRules({ objective: { slices }, events }: Watched, labels: Readonly<Record<string, string>>): readonly Rule[] {
  if (!slices) return [];
  const window = durationText(slices.everyMs);
  const total = totalIn(events, window);
  return [
    {
      record: sliceRecord(slices.everyMs),
      expr: `(${badIn(events, window, total)}) / (${total} > 0) > bool ${share(1_000_000 - slices.targetPpm)}`,
      labels,
    },
  ];
}

function sliceSays({ objective: { slices } }: Watched): readonly string[] {
  if (!slices) return [];
  return [
    `Approximated, as the name ${sliceRecord(slices.everyMs)} says: Rampart cuts time into slices of ${durationText(slices.everyMs)} that begin at whole multiples of it;`,
    'Prometheus looks back once per evaluation, from a moment of its own, and a slice in which it was down is not counted. Slices without events are not counted either.',
  ];
}

/** Present while the condition of a tier holds, and for as long as nobody can tell whether it still does. */
function burning({ target, labels, intervalMs }: Watched, tier: Tier): string {
  const threshold = exactly(thresholdOf(tier, target));
  const [long, short] = [durationText(tier.longMs), durationText(tier.shortMs)];
  const conditions = [
    `slo:bad_ratio:increase${long}{${labels}} > ${threshold}`,
    `slo:bad_ratio:increase${short}{${labels}} > ${threshold}`,
    // increase() extrapolates, so what it says of whole events is not whole.
    ...(tier.minBad > 0 ? [`round(slo:bad:increase${long}{${labels}}) >= ${tier.minBad}`] : []),
  ];
  const before = `last_over_time(slo:burning{${labels},tier="${tier.name}"}[${durationText(3 * intervalMs)}])`;
  const held = `${before} unless on (service, objective) slo:has_data{${labels}} and on (service, objective) present_over_time(slo:has_data{${labels}}[${heldFor}:5m])`;
  return `(\n  ${conditions.join('\n  and\n  ')}\n)\nor on (service, objective)\n(\n  ${held}\n)`;
}

function alertOf(watched: Watched, tier: Tier, faster: readonly Tier[]): AlertingRule {
  const { labels, target } = watched;
  const { name, longMs, shortMs, sharePpm, minBad, forMs, tells } = tier;
  const threshold = thresholdOf(tier, target);
  const silent =
    faster.length === 0
      ? ''
      : `\nunless on (service, objective)\nmax_over_time(ALERTS{alertname="${burnAlert}",alertstate="firing",${labels},tier=~"${faster.map((one) => one.name).join('|')}"}[${durationText(shortMs)}])`;
  const above = percentText(Math.round(toNumber(threshold) * 1_000_000));
  const long = durationText(longMs);
  return {
    alert: burnAlert,
    expr: `slo:burning{${labels},tier="${name}"}${silent}`,
    ...(forMs === undefined ? {} : { for: durationText(forMs) }),
    labels: { ...alertLabels(watched), tier: name, severity: tells },
    annotations: {
      summary: `{{ $labels.service }}: the budget of {{ $labels.objective }} is spent faster than ${paceText(tier, watched)}`,
      description:
        `{{ $value | humanizePercentage }} of ${nounOf(watched)} of the last ${long} were bad. At ${above}, ${percentText(sharePpm)} of the budget of ${windowText(watched)} is spent in ${long}. ` +
        `It fires when there is more in the last ${long} and in the last ${durationText(shortMs)}${minBad > 0 ? `, with ${minBad} bad ones at least` : ''}, and resolves at most ${durationText(shortMs)} after the last of them.`,
    },
  };
}

/** What is counted, for people. */
function nounOf({ objective: { slices, events } }: Watched): string {
  if (slices) return `the slices of ${durationText(slices.everyMs)}`;
  return events?.kind === 'ratio' ? 'the events' : 'the requests';
}

function paceText(tier: Tier, { target }: Watched): string {
  const times = String(Number(toNumber(factorOf(tier, target)).toPrecision(4)));
  return times === '1' ? 'it lasts' : `${times} times the pace at which it lasts`;
}

function noData(watched: Watched): AlertingRule {
  return {
    alert: noDataAlert,
    expr: `absent(slo:has_data{${watched.labels}})`,
    for: '10m',
    labels: { ...alertLabels(watched), severity: 'chat' },
    annotations: {
      summary: '{{ $labels.service }}: nothing counts the events of {{ $labels.objective }}',
      description:
        'Its counters are not in Prometheus. Until they are, nothing is known of its budget, and alerts that fired before go on firing for a day.',
    },
  };
}

function invalid(watched: Watched, longestMs: number): AlertingRule {
  const ratio = `slo:bad_ratio:increase${durationText(longestMs)}{${watched.labels}}`;
  return {
    alert: invalidAlert,
    // A hundredth more is what extrapolation may do.
    expr: `${ratio} > 1.01 or ${ratio} < -0.01`,
    for: '10m',
    labels: { ...alertLabels(watched), severity: 'chat' },
    annotations: {
      summary: '{{ $labels.service }}: the counters of {{ $labels.objective }} do not belong together',
      description:
        'Of the last events {{ $value | humanizePercentage }} were bad, so one counter is no part of the other. Correct the objective.',
    },
  };
}

/** Labels of every alert of an objective. promtool wants rules of one name to differ by labels that are written. */
export function alertLabels({ spec, objective }: Watched): Readonly<Record<string, string>> {
  return { service: spec.name, objective: inTemplate(objective.name), ...ownerLabel(spec) };
}

/** The team that answers for a service, where the document names one. */
export function ownerLabel({ owner }: ServiceSpec): Readonly<Record<string, string>> {
  return owner === null ? {} : { owner: inTemplate(owner) };
}

/** The window as people say it. */
export function windowText({ objective: { calendar, windowMs } }: Watched): string {
  return calendar ? `the ${calendar.unit} in ${calendar.zone}` : durationText(windowMs);
}
