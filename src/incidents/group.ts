import type { Alert } from '../alerts/types.ts';
import type { AlertRoutingSpec } from '../spec/alert-routing-types.ts';
import type { IncidentSetup } from '../spec/incident-setup.ts';
import { groupOf } from './routing/route-tree.ts';
import type { Incident } from './types.ts';

/** What an alert belongs to: the key that alerts of one incident share, and the name of the escalation policy; null: none. */
export type AlertGroup = { readonly key: string; readonly policy: string | null };

/** Says what an alert belongs to. Pure; the same alert always belongs to the same. */
export type GroupOf = (alert: Alert) => AlertGroup;

/** Where no routing is configured: one incident of a service at a time, and one of each alert that belongs to no service. */
export const groupByService: GroupOf = ({ service, origin, name }) => ({
  key: service === null ? `${origin}:${name}` : serviceKey(service),
  policy: null,
});

/** Key of the incidents of a service where no routing is configured. */
export function serviceKey(service: string): string {
  return `service:${service}`;
}

/** By the first group of the routing tree that an alert belongs to; without routing, by its service. */
export function groupBySetup(routing: AlertRoutingSpec | null, alert: Alert): AlertGroup {
  const [first] = routing === null ? [] : groupOf(routing, alert);
  return first ? { key: first.key, policy: first.policy } : groupByService(alert);
}

/**
 * Name of the escalation policy of an incident: the one that routing has named; without routing that of the service, of its owner,
 * `default`, or the only one there is. Null: none.
 */
export function policyNameOf(
  { policy, service, openedBy }: Pick<Incident, 'policy' | 'service' | 'openedBy'>,
  { policies, routing }: Pick<IncidentSetup, 'policies' | 'routing'>,
  owner: string | null,
): string | null {
  if (policy !== null || (routing !== null && openedBy === null)) return policy;
  const names = policies.map(({ name }) => name);
  const wanted = [service, owner, 'default'].find((name) => name !== null && names.includes(name));
  return wanted ?? (names.length === 1 ? (names[0] ?? null) : null);
}

/**
 * Names of the receivers that routing tells of an incident: those of every node that one of its alerts belongs to.
 *
 * @param open - Alerts that have not ended, by key.
 */
export function channelsBySetup(
  routing: AlertRoutingSpec | null,
  { alerts }: Pick<Incident, 'alerts'>,
  open: ReadonlyMap<string, Alert>,
): readonly string[] {
  if (routing === null) return [];
  const own = alerts.flatMap(({ key, id }) => {
    const alert = open.get(key);
    return alert?.id === id ? [alert] : [];
  });
  return [...new Set(own.flatMap((alert) => groupOf(routing, alert).flatMap(({ notifiers }) => notifiers)))];
}
