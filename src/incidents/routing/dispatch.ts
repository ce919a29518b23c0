import { fingerprint } from '../../alerts/fingerprint.ts';
import { UserError } from '../../errors.ts';
import type { AlertRoute, AlertRoutingSpec } from '../../spec/alert-routing-types.ts';
import { Due } from './due.ts';
import { Inhibitor } from './inhibition.ts';
import type { Labels } from './matching.ts';
import { type LastNotice, type NoticeReason, noticeReason } from './notify-decision.ts';
import type { RecordedAlert } from './recorded-alert.ts';
import { type AlertGroup, groupsOf } from './route-tree.ts';
import type { Silence } from './silences.ts';
import { type Still, stillness } from './stillness.ts';

/** A group that was told of: a message to each of its receivers. */
export type Notice = {
  readonly atMs: number;
  readonly group: string;
  readonly route: AlertRoute;
  readonly reason: NoticeReason;
  /** Alerts that it says to be firing, and to be over. */
  readonly firing: readonly RecordedAlert[];
  readonly resolved: readonly RecordedAlert[];
};

/** A group as it stands. */
export type GroupState = {
  readonly key: string;
  readonly labels: Labels;
  readonly route: AlertRoute;
  /** When it is looked at next. */
  readonly nextMs: number;
  /** Whether it was looked at before. */
  readonly isFlushed: boolean;
  readonly last: LastNotice | null;
  /** By fingerprint. */
  readonly alerts: ReadonlyMap<string, RecordedAlert>;
};

type Group = { -readonly [Key in Exclude<keyof GroupState, 'alerts'>]: GroupState[Key] } & {
  readonly alerts: Map<string, RecordedAlert>;
};

/** Who listens to what comes of alerts. `still`: at a look at its group, an alert was kept still. */
export type Listener = {
  readonly notice?: (notice: Notice) => void;
  /** An alert has begun to fire, and these are its groups. */
  readonly fires?: (alert: RecordedAlert, groups: readonly AlertGroup[], atMs: number) => void;
  readonly still?: (alert: RecordedAlert, group: GroupState, why: Still, atMs: number) => void;
};

/** More looks than that are those of intervals of seconds over years. */
const looksMax = 2_000_000;

/**
 * Puts alerts into groups and says when who is told, in virtual time: the same alerts in the same order always give the same messages.
 * As Alertmanager's dispatcher and its stages do, but for one thing: the end of what was told is told, whatever is silent meanwhile.
 *
 * @see prometheus/alertmanager, dispatch/dispatch.go and notify/notify.go.
 */
export class Dispatch {
  readonly #routing: AlertRoutingSpec;
  readonly #silences: readonly Silence[];
  readonly #listener: Listener;
  readonly #groups = new Map<string, Group>();
  readonly #ended = new Map<string, number>();
  /** Of alerts that fire, by id. */
  readonly #routed = new Map<string, { readonly print: string; readonly groups: readonly AlertGroup[] }>();
  readonly #looksDue = new Due();
  readonly #inhibitor: Inhibitor<RecordedAlert>;
  #looks = 0;

  constructor(routing: AlertRoutingSpec, silences: readonly Silence[], listener: Listener) {
    this.#routing = routing;
    this.#inhibitor = new Inhibitor(routing.inhibitRules);
    this.#silences = silences;
    this.#listener = listener;
  }

  /** Takes in that an alert fires from now on, or is over, when its end is given. All that was due before has to be done. */
  take(alert: RecordedAlert, isOver: boolean, nowMs: number): void {
    const routed = this.#routed.get(alert.id) ?? {
      print: fingerprint(alert.labels),
      groups: groupsOf(this.#routing, alert.labels),
    };
    if (isOver) {
      this.#routed.delete(alert.id);
      this.#inhibitor.remove(alert);
      this.#ended.set(alert.id, nowMs);
    } else {
      this.#routed.set(alert.id, routed);
      this.#inhibitor.add(alert);
    }
    const { print, groups } = routed;
    if (!isOver) this.#listener.fires?.(alert, groups, nowMs);
    for (const { key, groupLabels: labels, route } of groups) {
      const group = this.#groups.get(key);
      // Another one of the same labels may have begun before this one was over.
      if (group && (!isOver || group.alerts.get(print)?.id === alert.id)) group.alerts.set(print, alert);
      if (group || isOver) continue;
      const nextMs = nowMs + route.groupWaitMs;
      this.#groups.set(key, { key, labels, route, nextMs, isFlushed: false, last: null, alerts: new Map([[print, alert]]) });
      this.#looksDue.add(nextMs, key);
    }
  }

  /** When the next group is looked at; null: there is none. */
  get nextMs(): number | null {
    return this.#looksDue.first;
  }

  /** A group that there is; null: there is none of that key. */
  group(key: string): GroupState | null {
    return this.#groups.get(key) ?? null;
  }

  /** Looks at each group whose time comes up to a moment, in the order of their times. */
  run(untilMs: number): void {
    for (let next = this.nextMs; next !== null && next <= untilMs; next = this.nextMs)
      for (const key of this.#looksDue.take()) {
        const group = this.#groups.get(key);
        if (group?.nextMs === next) this.#look(group, next);
      }
  }

  /** What keeps an alert still at a node at a moment; null: nothing does. */
  stillness(alert: RecordedAlert, route: AlertRoute, nowMs: number): Still | null {
    const surroundings = {
      timeIntervals: this.#routing.timeIntervals,
      silences: this.#silences,
      inhibitor: this.#inhibitor,
      endOfAlert: (id: string) => this.#ended.get(id) ?? null,
    };
    return stillness(surroundings, alert, route, nowMs);
  }

  #look(group: Group, nowMs: number): void {
    this.#looks += 1;
    if (this.#looks > looksMax)
      throw new UserError('E_INPUT', `groups would be looked at more than ${looksMax} times`, {
        where: group.route.place,
        fix: 'look at less time, or give it a longer interval for groups',
      });
    const { route, last, key } = group;
    group.nextMs = nowMs + route.groupIntervalMs;
    group.isFlushed = true;
    const firing = new Map<string, RecordedAlert>();
    const resolved = new Map<string, RecordedAlert>();
    for (const [id, alert] of group.alerts) {
      const isOver = alert.resolvedAtMs !== null;
      if (isOver && last?.firing.has(id)) resolved.set(id, alert);
      const still = this.stillness(alert, route, nowMs);
      if (still && !isOver) this.#listener.still?.(alert, group, still, nowMs);
      if (!still) (isOver ? resolved : firing).set(id, alert);
      if (isOver) group.alerts.delete(id);
    }
    if (firing.size > 0 || resolved.size > 0) {
      const [on, off] = [new Set(firing.keys()), new Set(resolved.keys())];
      const reason = noticeReason(last, on, off, route.repeatIntervalMs, true, nowMs);
      if (reason) {
        group.last = { firing: on, resolved: off, atMs: nowMs };
        this.#listener.notice?.({
          atMs: nowMs,
          group: key,
          route,
          reason,
          firing: [...firing.values()],
          resolved: [...resolved.values()],
        });
      }
    }
    if (group.alerts.size > 0) this.#looksDue.add(group.nextMs, key);
    else this.#groups.delete(key);
  }
}

/** What happens to recorded alerts, each moment in its order: at the same moment what ends comes before what begins. */
export function happenings(
  alerts: readonly RecordedAlert[],
  untilMs: number,
): readonly { readonly atMs: number; readonly alert: RecordedAlert; readonly isOver: boolean }[] {
  return alerts
    .flatMap((alert) => [
      { atMs: alert.firedAtMs, alert: { ...alert, resolvedAtMs: null }, isOver: false },
      ...(alert.resolvedAtMs === null ? [] : [{ atMs: alert.resolvedAtMs, alert, isOver: true }]),
    ])
    .filter(({ atMs }) => atMs <= untilMs)
    .sort((a, b) => a.atMs - b.atMs || Number(b.isOver) - Number(a.isOver));
}

/** Plays recorded alerts up to a moment, that moment included. */
export function play(dispatch: Dispatch, alerts: readonly RecordedAlert[], untilMs: number): void {
  for (const { atMs, alert, isOver } of happenings(alerts, untilMs)) {
    dispatch.run(atMs - 1);
    dispatch.take(alert, isOver, atMs);
  }
  dispatch.run(untilMs);
}
