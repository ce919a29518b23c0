import type { Alert, AlertEvent, Attribution } from '../alerts/types.ts';
import { percentText, spanText } from '../analysis/wording.ts';
import { durationText } from '../spec/unit-text.ts';
import { burnNumber } from './budget.ts';
import type { Reading, TierReading, WindowReading } from './evaluate.ts';
import { eventsText } from './events.ts';
import { factorOf, thresholdOf } from './policy.ts';
import { compare, rational, toNumber } from './rational.ts';
import type { Events, Target, Tier } from './types.ts';

/** What the alerts of one objective follow from. */
export type AlertingInput = {
  /** `checkout/availability`; of one without a service, `slo/NAME`. */
  readonly id: string;
  readonly name: string;
  readonly service: string | null;
  readonly target: Target;
  readonly reading: Reading;
  readonly nowMs: number;
  /** Open alerts, by key. */
  readonly open: ReadonlyMap<string, Alert>;
  /** Where the bad events of a window of so many milliseconds come from. */
  readonly attribute: (windowMs: number) => Attribution;
  /** Since when traffic has been taken back from the version that an alert is attributed to, and what has happened since then; null: it has not. */
  readonly wayBack: (alert: Alert) => ({ readonly sinceMs: number } & Events) | null;
};

/** Key of the alert of a tier. */
export function alertKey(id: string, tier: string): string {
  return `${id}/${tier}`;
}

/**
 * What comes on record of the alerts of one objective at one evaluation: pending, firing, recovering, resolved. Silence of the source
 * resolves nothing. A tier that fires speaks for those behind it.
 */
export function decideAlerts(input: AlertingInput): readonly AlertEvent[] {
  const events: AlertEvent[] = [];
  let speaker: string | null = null;
  for (const tier of input.reading.tiers) {
    const key = alertKey(input.id, tier.tier.name);
    const alert = input.open.get(key);
    const next = decideTier(input, tier, key, alert, speaker);
    events.push(...next);
    const fired = next.some(({ kind }) => kind === 'alert-fired');
    const resolved = next.some(({ kind }) => kind === 'alert-resolved');
    const speaks = fired || (!resolved && (alert?.state === 'firing' || alert?.state === 'recovering'));
    if (speaks) speaker ??= key;
  }
  return events;
}

function decideTier(
  input: AlertingInput,
  reading: TierReading,
  key: string,
  alert: Alert | undefined,
  silencedBy: string | null,
): readonly AlertEvent[] {
  const { nowMs, target } = input;
  const { tier, isMet } = reading;
  const actor = 'controller';
  const fired = (): AlertEvent => ({
    kind: 'alert-fired',
    actor,
    data: { key, said: metText(target, reading), silencedBy, attribution: input.attribute(tier.longMs) },
  });
  if (!alert) {
    if (!isMet) return [];
    const pending: AlertEvent = {
      kind: 'alert-pending',
      actor,
      data: {
        key,
        origin: 'objective',
        name: `${input.name} ${tier.name}`,
        service: input.service,
        objective: input.id,
        tier: tier.name,
        urgency: tier.tells,
        said: metText(target, reading),
        labels: labelsOf(input, tier),
        annotations: {},
        url: null,
      },
    };
    return (tier.forMs ?? 0) > 0 ? [pending] : [pending, fired()];
  }
  if (!isMet) return unmet(input, reading, key, alert);
  if (alert.state === 'pending') return nowMs - alert.pendingAtMs >= (tier.forMs ?? 0) ? [fired()] : [];
  const back = input.wayBack(alert);
  const recovered = recovering(input, tier, key, alert, `the ${durationText(tier.shortMs)} window has forgotten what was before`);
  if (recovered) return [recovered];
  if (alert.state === 'recovering' && back !== null && isBurning(back, tier, target)) return [fired()];
  if (alert.silencedBy === silencedBy && ![noData, tooLittle].some((begin) => alert.said.startsWith(begin))) return [];
  return [{ kind: 'alert-changed', actor, data: { key, said: metText(target, reading), silencedBy } }];
}

/** Whether what was counted since a way back is as bad as the tier tells of. */
function isBurning({ bad, total }: Events, tier: Tier, target: Target): boolean {
  return total > 0 && compare(rational(bad, total), thresholdOf(tier, target)) > 0;
}

/** The release was taken back, and since then the objective is kept. Null: that is not so, or known already. */
function recovering(
  { target, nowMs, wayBack }: AlertingInput,
  tier: Tier,
  key: string,
  alert: Alert,
  until: string,
): AlertEvent | null {
  const back = alert.state === 'firing' ? wayBack(alert) : null;
  if (back === null || back.total === 0 || isBurning(back, tier, target)) return null;
  const span = spanText(Math.max(0, nowMs - back.sinceMs) / 1_000);
  const said = `recovering: in the ${span} since traffic was taken back, ${eventsText(back)}; it resolves when ${until}`;
  return { kind: 'alert-recovering', actor: 'controller', data: { key, said } };
}

/** How an alert begins that has lost its data. */
const noData = 'no data';
/** And one of which not enough is known yet to end it. */
const tooLittle = 'too little is known to end it';

/** The part of a short window that has to be known without a gap before it resolves anything: a few good seconds prove nothing. */
const settled = 0.2;

function unmet(input: AlertingInput, reading: TierReading, key: string, alert: Alert): readonly AlertEvent[] {
  const {
    reading: { isStale, stretchS },
    target,
  } = input;
  const { tier, short } = reading;
  const actor = 'controller';
  if (isStale || stretchS * 1_000 < tier.shortMs * settled) {
    const needed = `${durationText(tier.shortMs * settled)} are known without a gap`;
    // What is too short to end an alert of hours, as of a service that is new, shows that a way back has helped all the same.
    const recovered = isStale ? null : recovering(input, tier, key, alert, needed);
    if (recovered) return [recovered];
    if (alert.state === 'recovering' && !isStale && !alert.said.startsWith(noData)) return [];
    const said = isStale
      ? `${noData}: nothing has been heard of its events, which resolves nothing`
      : `${tooLittle}: it is judged again once ${needed}`;
    return alert.said === said ? [] : [{ kind: 'alert-changed', actor, data: { key, said } }];
  }
  if (alert.state === 'pending')
    return [
      {
        kind: 'alert-resolved',
        actor,
        data: { key, said: `it did not last ${durationText(tier.forMs ?? 0)}: ${windowText(target, short)}` },
      },
    ];
  return [{ kind: 'alert-resolved', actor, data: { key, said: unmetText(target, reading) } }];
}

function unmetText(target: Target, { tier, long, short }: TierReading): string {
  if (short.state === 'no-traffic') return `there were no events in the last ${durationText(short.ms)}`;
  const fallen = short.state === 'breaching' ? long : short;
  return `${windowText(target, fallen)}, not more than ${factorText(tier, target)}`;
}

/** `in 1h 480 of 1,000 bad (48 %), burn 480; in 5m …; fires above 14.4`. */
function metText(target: Target, { tier, long, short }: TierReading): string {
  return `${windowText(target, long)}; ${windowText(target, short)}; it fires above ${factorText(tier, target)}`;
}

function factorText(tier: Tier, target: Target): string {
  return `burn ${numberText(toNumber(factorOf(tier, target)))} (${percentText(toNumber(thresholdOf(tier, target)) * 1e6)})`;
}

function windowText(target: Target, window: WindowReading): string {
  const burn = window.total === 0 ? '' : `, burn ${numberText(burnNumber(target, window) ?? Number.POSITIVE_INFINITY)}`;
  return `in ${durationText(window.ms)} ${eventsText(window)}${burn}`;
}

function numberText(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))) : 'without end';
}

function labelsOf({ id, name, service }: AlertingInput, tier: Tier): Readonly<Record<string, string>> {
  return {
    alertname: 'ErrorBudgetBurn',
    ...(service === null ? {} : { service }),
    objective: name,
    slo: id,
    tier: tier.name,
    severity: tier.tells,
  };
}
