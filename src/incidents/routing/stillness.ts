import type { AlertRoute, AlertRoutingSpec, InhibitRule } from '../../spec/alert-routing-types.ts';
import type { Inhibitor } from './inhibition.ts';
import { type RecordedAlert, spokenForAt } from './recorded-alert.ts';
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
  const silence = silencedBy(silences, alert.labels, nowMs, endOfAlert);
  return silence && { kind: 'silenced', silence };
}
