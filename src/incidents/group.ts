import type { Alert } from '../alerts/types.ts';
import type { AlertRoutingSpec } from '../spec/alert-routing-types.ts';
import { groupOf } from './routing/route-tree.ts';

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
