import type { IncidentEvent } from './events.ts';
import { isWorse } from './severity.ts';
import type { Incident, Severity } from './types.ts';

/** How long an acknowledgement lasts where neither people nor the incident's policy say anything else. */
export const acknowledgedForMs = 30 * 60_000;

/** How long an acknowledgement of an incident as bad as it is now lasts where people say nothing else. */
export function acknowledgedForMsOf({ escalation, severity }: Pick<Incident, 'escalation' | 'severity'>): number {
  return escalation?.policy.acknowledge.expiresMs[severity] ?? acknowledgedForMs;
}

/**
 * What becomes of an acknowledgement when the incident gets another severity: whoever has taken a `P2` until tomorrow has not said that they
 * look after a `P0` in the night. Empty: it goes on, because nobody has it, it is not worse, or they have said so themselves.
 *
 * @param by - Who says how bad it is now.
 */
export function outgrown({ id, ack, severity: before }: Incident, severity: Severity, by: string): readonly IncidentEvent[] {
  if (ack === null || ack.by === by || !isWorse(severity, before)) return [];
  const said = {
    en: `${ack.by} has taken it as ${before}, and it is ${severity} now`,
    ru: `${ack.by} принимает его как ${before}, а теперь это ${severity}`,
  };
  return [{ kind: 'incident-acknowledgement-ended', data: { id, why: '', said } }];
}
