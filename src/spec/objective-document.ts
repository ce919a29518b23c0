import type { BurnTier, Objective, ObjectiveEvents } from './types.ts';
import { durationText, percentText } from './unit-text.ts';

/** An objective as people write it: `objectives` reads the same from it. */
export function objectiveDocument(objective: Objective): Readonly<Record<string, unknown>> {
  const { name, targetPpm, windowMs, belowMs, calendar, events, slices, alerts } = objective;
  return {
    name,
    target: percentText(targetPpm),
    window: calendar ? { calendar: calendar.unit, zone: calendar.zone } : durationText(windowMs),
    ...(belowMs === null ? {} : { below: durationText(belowMs) }),
    ...(events ? { events: eventsDocument(events) } : {}),
    ...(slices ? { slices: { each: durationText(slices.everyMs), target: percentText(slices.targetPpm) } } : {}),
    ...(alerts ? { alerts: policyDocument(alerts) } : {}),
  };
}

/** A burn-rate policy as people write it; `off` is one without alerts. */
export function policyDocument(alerts: readonly BurnTier[]): unknown {
  if (alerts.length === 0) return 'off';
  return alerts.map(({ name, sharePpm, longMs, shortMs, minBad, forMs, tells }) => ({
    name,
    budget: percentText(sharePpm),
    in: durationText(longMs),
    short: durationText(shortMs),
    minBad,
    ...(forMs === undefined ? {} : { for: durationText(forMs) }),
    tells,
  }));
}

function eventsDocument(events: ObjectiveEvents): unknown {
  if (events.kind === 'ratio') return { [events.count]: events.query, total: events.total };
  return { [events.kind === 'classic' ? 'histogram' : 'native']: events.query, unit: events.unitMs === 1 ? 'ms' : 's' };
}
