import type { Alert } from '../alerts/types.ts';

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
