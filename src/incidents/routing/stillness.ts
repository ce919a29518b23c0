import type { AlertRoute, AlertRoutingSpec, InhibitRule } from '../../spec/alert-routing-types.ts';
import type { Inhibitor } from './inhibition.ts';
import { type RecordedAlert, spokenForAt } from './recorded-alert.ts';
import { groupsOf } from './route-tree.ts';
import { type EndOfAlert, type Silence, silencedBy } from './silences.ts';
import { intervalAt } from './time-intervals.ts';

/** Why an alert that fires is not told of, whatever its group waits for. */
export type Still =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'spoken-for'; readonly by: string }
  | { readonly kind: 'inhibited'; readonly rule: InhibitRule; readonly by: RecordedAlert }
  | { readonly kind: 'inactive'; readonly names: readonly string[] }
  | { readonly kind: 'muted'; readonly name: string }
  | { readonly kind: 'silenced'; readonly silence: Silence };

/** What may keep an alert still at a moment. */
export type Surroundings = {
  readonly timeIntervals: AlertRoutingSpec['timeIntervals'];
  readonly silences: readonly Silence[];
  /** Of all alerts that fire. */
  readonly inhibitor: Inhibitor<RecordedAlert>;
  readonly endOfAlert: EndOfAlert;
};

/**
 * What keeps an alert still at a node at a moment; null: nothing does. It is to be asked at each message, and not about the end of what was
 * told.
 */
export function stillness(
  { timeIntervals, silences, inhibitor, endOfAlert }: Surroundings,
  alert: RecordedAlert,
  route: Pick<AlertRoute, 'policy' | 'notifiers' | 'activeTimeIntervals' | 'muteTimeIntervals'>,
  nowMs: number,
): Still | null {
  if (route.policy === null && route.notifiers.length === 0) return { kind: 'nobody' };
  const spokenFor = spokenForAt(alert, nowMs);
  if (spokenFor !== null) return { kind: 'spoken-for', by: spokenFor };
  const inhibited = inhibitor.by(alert.labels);
  if (inhibited) return { kind: 'inhibited', ...inhibited };
  const { activeTimeIntervals: active, muteTimeIntervals: mute } = route;
  if (active.length > 0 && intervalAt(active, timeIntervals, nowMs) === null) return { kind: 'inactive', names: active };
  const muted = intervalAt(mute, timeIntervals, nowMs);
  if (muted !== null) return { kind: 'muted', name: muted };
  const silence = silencedBy(silences, alert, nowMs, endOfAlert);
  return silence && { kind: 'silenced', silence };
}

/** Where there is no routing, everything goes to the policy of its service at any time. */
const anywhere = { policy: '', notifiers: [], activeTimeIntervals: [], muteTimeIntervals: [] } as const;

/** Whether something keeps each of some alerts still at every node that it belongs to. Of no alert nothing does. */
export function areStill(
  around: Surroundings,
  routing: AlertRoutingSpec | null,
  alerts: readonly RecordedAlert[],
  nowMs: number,
): boolean {
  return (
    alerts.length > 0 &&
    alerts.every((alert) => {
      const routes = routing === null ? [anywhere] : groupsOf(routing, alert.labels).map(({ route }) => route);
      return routes.every((route) => stillness(around, alert, route, nowMs) !== null);
    })
  );
}
