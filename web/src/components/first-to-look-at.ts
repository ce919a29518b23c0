import type { Alert, Objective, ObjectiveTier } from '../api/schema.ts';

type Urgency = Alert['urgency'];

const urgencies: readonly Urgency[] = ['page', 'chat', 'email'];
const states: readonly Alert['state'][] = ['firing', 'recovering', 'pending', 'resolved'];

/** The most urgent alert of an objective that fires and speaks for itself; null: none does. Pure. */
export function firingTier({ tiers }: Pick<Objective, 'tiers'>): ObjectiveTier | null {
  const firing = tiers.filter(({ alert, silencedBy }) => alert === 'firing' && silencedBy === null);
  return firing.toSorted((a, b) => urgencies.indexOf(a.tells) - urgencies.indexOf(b.tells))[0] ?? null;
}

/** Objectives, first what fires, then what is broken, then what nobody knows; of equals that with the least budget. Pure. */
export function objectivesInOrder(objectives: readonly Objective[]): readonly Objective[] {
  const rank = (objective: Objective): number => {
    const tier = firingTier(objective);
    if (tier) return urgencies.indexOf(tier.tells);
    return { breaching: 3, 'no-data': 4, ok: 5, 'no-traffic': 6 }[objective.state];
  };
  const left = ({ budget }: Objective): number => budget.leftOfAllowance ?? Number.POSITIVE_INFINITY;
  const byLeft = (a: Objective, b: Objective): number => (left(a) === left(b) ? 0 : left(a) - left(b));
  return objectives.toSorted((a, b) => rank(a) - rank(b) || byLeft(a, b) || a.id.localeCompare(b.id));
}

/** Alerts, first those that fire and speak for themselves, the most urgent of them before the others; then the newest. Pure. */
export function alertsInOrder(alerts: readonly Alert[]): readonly Alert[] {
  const rank = ({ state, silencedBy, urgency, resolvedAtMs }: Alert): readonly number[] =>
    resolvedAtMs === null
      ? [states.indexOf(state), silencedBy === null ? 0 : 1, urgencies.indexOf(urgency)]
      : [states.length, 0, 0];
  const newest = (alert: Alert): number => alert.resolvedAtMs ?? alert.firedAtMs ?? alert.pendingAtMs;
  return alerts.toSorted((a, b) => {
    const [first, second] = [rank(a), rank(b)];
    const differs = first.findIndex((one, index) => one !== second[index]);
    return differs < 0 ? newest(b) - newest(a) : (first[differs] ?? 0) - (second[differs] ?? 0);
  });
}

/**
 * Alerts that speak for themselves, each with those that it speaks for, in the order that they are in. One whose speaker is not among
 * them stands for itself. Pure.
 */
export function withSilenced(
  alerts: readonly Alert[],
): readonly { readonly alert: Alert; readonly silenced: readonly Alert[] }[] {
  const loud = alerts.filter(({ silencedBy }) => silencedBy === null);
  const keys = new Set(loud.map(({ key }) => key));
  return alerts
    .filter(({ silencedBy }) => silencedBy === null || !keys.has(silencedBy))
    .map((alert) => ({
      alert,
      silenced: alert.silencedBy === null ? alerts.filter(({ silencedBy }) => silencedBy === alert.key) : [],
    }));
}

/** Alerts that wake somebody now. Pure. */
export function firingPages(alerts: readonly Alert[]): readonly Alert[] {
  return alerts.filter(({ urgency, state, silencedBy }) => urgency === 'page' && state === 'firing' && silencedBy === null);
}

/** The address of an objective, by its id: `checkout/availability`, `slo/NAME`. Pure. */
export function objectivePath(id: string): { readonly owner: string; readonly name: string } {
  const at = id.indexOf('/');
  return { owner: id.slice(0, at), name: id.slice(at + 1) };
}

/** An address that may stand behind a link. Others have written it, so it is one of the web, or none. Pure. */
export function webAddress(url: string | null): string | null {
  const parsed = url === null ? null : URL.parse(url);
  return parsed?.protocol === 'http:' || parsed?.protocol === 'https:' ? parsed.href : null;
}
