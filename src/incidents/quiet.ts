import type { Alert } from '../alerts/types.ts';
import type { AlertRoutingSpec } from '../spec/alert-routing-types.ts';
import { Inhibitor } from './routing/inhibition.ts';
import { recordedAlert } from './routing/recorded-alert.ts';
import type { EndOfAlert, Silence } from './routing/silences.ts';
import { areStill } from './routing/stillness.ts';
import type { Incident } from './types.ts';

/** What may keep people from being called. */
export type QuietInput = {
  readonly routing: AlertRoutingSpec | null;
  readonly silences: readonly Silence[];
  readonly endOfAlert: EndOfAlert;
  /** Alerts that have not ended, by key. */
  readonly open: ReadonlyMap<string, Alert>;
};

/**
 * Which incidents nobody is to be called for at a moment: each of their alerts that fire is silenced, inhibited, muted or spoken for. To be
 * asked at each call, and never about the end of what was told. One without an alert, which a person has opened, is never quiet.
 */
export function quietIncidents(
  { routing, silences, endOfAlert, open }: QuietInput,
  nowMs: number,
): (incident: Incident) => boolean {
  // One that recovers speaks for others until it is over, as it does for groups and in explanations.
  const firing = [...open.values()].filter(({ firedAtMs }) => firedAtMs !== null).map(recordedAlert);
  const inhibitor = new Inhibitor(routing?.inhibitRules ?? [], firing);
  const around = { timeIntervals: routing?.timeIntervals ?? new Map(), silences, inhibitor, endOfAlert };
  return (incident) => {
    const own = incident.alerts.flatMap(({ key, id }) => {
      const alert = open.get(key);
      return alert?.id === id && alert.state === 'firing' ? [recordedAlert(alert)] : [];
    });
    return areStill(around, routing, own, nowMs);
  };
}
