import type { Urgency } from '../alerts/types.ts';
import type { Incident, Severity } from './types.ts';

/** From the worst to the mildest. */
export const severities = ['P0', 'P1', 'P2'] as const satisfies readonly Severity[];

/** What an alert's urgency makes of an incident. */
export const severityOf: Readonly<Record<Urgency, Severity>> = { page: 'P0', chat: 'P1', email: 'P2' };

/** Whether the one is worse than the other. */
export function isWorse(one: Severity, other: Severity): boolean {
  return severities.indexOf(one) < severities.indexOf(other);
}

/** The worst of the alerts of an incident; `P2` when there are none. */
export function worstOf(alerts: readonly { readonly urgency: Urgency }[]): Severity {
  return severities.find((severity) => alerts.some(({ urgency }) => severityOf[urgency] === severity)) ?? 'P2';
}

/** Whether an incident has ended. */
export function isOver({ state }: Pick<Incident, 'state'>): boolean {
  return state === 'resolved' || state === 'reviewed';
}
