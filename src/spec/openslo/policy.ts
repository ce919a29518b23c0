import { explain } from '../explain.ts';
import { burnPolicy } from '../objective.ts';
import type { BurnTier } from '../types.ts';
import { durationText, percentText } from '../unit-text.ts';
import { annotations } from './annotations.ts';
import { type Condition, conditionsOf } from './conditions.ts';
import { fractionOf } from './decimal.ts';
import type { OpenSloEntry } from './documents.ts';
import type { Reading } from './indicator.ts';
import { below, type Spot } from './report.ts';
import type { AlertConditionSpec, AlertPolicySpec } from './schema.ts';

/** Alerts as documents of ours write them, and where that is said; `alerts` left out: the usual ones. */
export type PolicyDocument = { readonly alerts?: unknown; readonly at: Spot };

type Given = { readonly name: string; readonly spec: AlertConditionSpec; readonly at: Spot };

/** Bad events below which alerts taken from OpenSLO are silent, which it has no word for. */
const minBad = 10;

/**
 * The burn-rate alerts of an SLO: those of our annotation, else those of its AlertPolicies where a tier can say them all, else the usual
 * ones. null: a name means nothing.
 *
 * @param windowMs - Of the objective.
 * @param usual - The usual alerts, which the annotation may name.
 */
export function policyOf(
  slo: OpenSloEntry<'SLO'>,
  windowMs: number,
  usual: readonly BurnTier[],
  reading: Reading,
): PolicyDocument | null {
  const { report } = reading;
  const at: Spot = { entry: slo, path: ['spec', 'alertPolicies'] };
  const before = report.problems.length;
  const policies = (slo.document.spec.alertPolicies ?? []).flatMap((policy, index) =>
    givenPolicies(policy, below(at, index), reading),
  );
  const given = policies.flatMap((policy) => conditionsIn(policy, reading));
  if (report.problems.length > before) return null;
  const annotation = slo.document.metadata.annotations?.[annotations.policy];
  if (annotation !== undefined) {
    const annotationAt: Spot = { entry: slo, path: ['metadata', 'annotations', annotations.policy] };
    return annotated(annotation, annotationAt, given, windowMs, usual, at, reading);
  }
  if (policies.length === 0) return { at };
  return taken(policies, given, windowMs, at, reading);
}

function annotated(
  text: string,
  at: Spot,
  given: readonly Given[],
  windowMs: number,
  usual: readonly BurnTier[],
  policiesAt: Spot,
  { report }: Reading,
): PolicyDocument | null {
  const alerts = text === 'usual' || text === 'off' ? text : parsed(text);
  if (alerts === undefined)
    return report.problem(
      at,
      'expected usual, off, or a list of alerts as JSON, such as [{"name":"P0","budget":"2%","in":"1h"}]',
    );
  const own = alerts === 'usual' ? null : explain(burnPolicy, alerts);
  const tiers = own?.ok ? (own.value === 'off' ? [] : own.value) : usual;
  const said = given.map(({ spec }) => conditionOf(spec));
  if (given.length > 0 && own?.ok !== false && JSON.stringify(said) !== JSON.stringify(conditionsOf(tiers, windowMs)))
    report.note(
      policiesAt,
      `these alerts are not taken: the annotation ${annotations.policy} says others, and it is what counts`,
    );
  return alerts === 'usual' ? { at } : { alerts, at };
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function conditionOf({ severity, condition }: AlertConditionSpec): Condition {
  const { threshold, lookbackWindow, alertAfter } = condition;
  return { severity, threshold, longMs: lookbackWindow.ms, forMs: alertAfter?.ms ?? 0 };
}

type GivenPolicy = { readonly name: string; readonly spec: AlertPolicySpec; readonly at: Spot };
type PolicyItem = NonNullable<OpenSloEntry<'SLO'>['document']['spec']['alertPolicies']>[number];

function givenPolicies(item: PolicyItem, at: Spot, { library, report }: Reading): readonly GivenPolicy[] {
  if ('spec' in item) return [{ name: item.metadata.name, spec: item.spec, at: below(at, 'spec') }];
  const entry = library.find('AlertPolicy', item.alertPolicyRef, below(at, 'alertPolicyRef'), report);
  if (!entry) return [];
  return [{ name: item.alertPolicyRef, spec: entry.document.spec, at: { entry, path: ['spec'] } }];
}

function conditionsIn({ spec, at }: GivenPolicy, { library, report }: Reading): readonly Given[] {
  return spec.conditions.flatMap((item, index): readonly Given[] => {
    const itemAt = below(at, 'conditions', index);
    if ('spec' in item) return [{ name: item.metadata.name, spec: item.spec, at: below(itemAt, 'spec', 'condition') }];
    const entry = library.find('AlertCondition', item.conditionRef, below(itemAt, 'conditionRef'), report);
    return entry ? [{ name: item.conditionRef, spec: entry.document.spec, at: { entry, path: ['spec', 'condition'] } }] : [];
  });
}

function taken(
  policies: readonly GivenPolicy[],
  given: readonly Given[],
  windowMs: number,
  at: Spot,
  { report }: Reading,
): PolicyDocument {
  for (const policy of policies)
    if (policy.spec.alertWhenNoData === true)
      report.note(
        below(policy.at, 'alertWhenNoData'),
        'not taken: that there is no data is a state of its own here, and no burn rate',
      );
  const silent = policies.find(({ spec }) => spec.alertWhenBreaching !== true);
  if (silent) {
    report.note(
      silent.at,
      'it does not say alertWhenBreaching: true, so it is no alert on a burn rate; the usual alerts are taken',
    );
    return { at };
  }
  const read = given.map((one) => tierOf(one, windowMs));
  const unsaid = read.flatMap((tier, index) => (typeof tier === 'string' ? [{ why: tier, index }] : []));
  for (const { why, index } of unsaid) report.note(given[index]?.at ?? at, `${why}; the usual alerts are taken`);
  if (unsaid.length > 0) return { at };
  const tiers = read.filter((tier) => typeof tier !== 'string').sort((a, b) => b.burn - a.burn);
  for (const { name, long, budget, isExact } of tiers)
    if (!isExact) report.note(at, `${name} is rounded to ${budget} of the budget in ${durationText(long)}`);
  report.note(
    at,
    `${tiers.map(({ name, short }) => `${name} has a short window of ${durationText(short)}`).join(', ')}, and fires from ${minBad} bad events on: OpenSLO says nothing of that`,
  );
  const names = new Set<string>();
  return {
    at,
    alerts: tiers.map(({ name, budget, long, short, forMs, tells }, index) => {
      const isFine = /^[A-Za-z0-9_-]{1,20}$/.test(name) && !names.has(name);
      names.add(name);
      return {
        name: isFine ? name : `A${index + 1}`,
        budget,
        in: durationText(long),
        short: durationText(short),
        minBad,
        ...(forMs > 0 ? { for: durationText(forMs) } : {}),
        tells,
      };
    }),
  };
}

type Read = {
  readonly name: string;
  readonly burn: number;
  readonly budget: string;
  readonly isExact: boolean;
  readonly long: number;
  readonly short: number;
  readonly forMs: number;
  readonly tells: BurnTier['tells'];
};

/** A condition as a tier, or why there is none that says it. */
function tierOf({ name, spec }: Given, windowMs: number): Read | string {
  const { op } = spec.condition;
  const { threshold, longMs, forMs } = conditionOf(spec);
  if (op === 'lt' || op === 'lte') return `${op} would fire while the budget is not spent`;
  if (threshold <= 0) return `a burn of ${threshold} is always exceeded`;
  if (longMs > windowMs) return `a lookback of ${durationText(longMs)} is longer than the window of ${durationText(windowMs)}`;
  if (longMs > 90 * 86_400_000) return 'a lookback of more than 90 days is not kept';
  if (forMs > 86_400_000) return `waiting ${durationText(forMs)} before it fires is more than a day`;
  const { n, d } = fractionOf(threshold);
  const [top, bottom] = [n * BigInt(longMs) * 1_000_000n, d * BigInt(windowMs)];
  const sharePpm = Number((2n * top + bottom) / (2n * bottom));
  if (sharePpm < 1_000 || sharePpm > 1_000_000)
    return `a burn of ${threshold} over ${durationText(longMs)} is ${percentText(sharePpm)} of the budget, which no alert can be of`;
  const short = Math.max(10_000, Math.round(longMs / 120_000) * 10_000);
  return {
    name,
    burn: threshold,
    budget: percentText(sharePpm),
    isExact: BigInt(sharePpm) * bottom === top,
    long: longMs,
    short,
    forMs,
    tells: tellsOf(spec.severity),
  };
}

/** Who is told at which severity, whose words are free in OpenSLO. Of one that is not known somebody has to know at once. */
function tellsOf(severity: string): BurnTier['tells'] {
  if (/^(chat|slack|warn(ing)?|ticket|medium|moderate|p1|sev-?2)$/i.test(severity)) return 'chat';
  if (/^(e-?mail|mail|info|low|minor|p2|p3|sev-?[345])$/i.test(severity)) return 'email';
  return 'page';
}
