import { fingerprint } from '../../alerts/fingerprint.ts';
import type { Alert, AlertsState } from '../../alerts/types.ts';
import type { AlertRoute, AlertRoutingSpec } from '../../spec/alert-routing-types.ts';
import type { IncidentsState } from '../fold.ts';
import { isOver } from '../severity.ts';
import type { GroupsState, ToldGroup } from './group-record.ts';
import { Inhibitor } from './inhibition.ts';
import { type NoticeReason, noticeReason } from './notify-decision.ts';
import { recordedAlert } from './recorded-alert.ts';
import { type AlertGroup, everyRoute, groupsOf, labelsOf } from './route-tree.ts';
import type { EndOfAlert, Silence } from './silences.ts';
import { type Surroundings, stillness } from './stillness.ts';

/** What live groups follow from: all of it on record. */
export type LiveInput = {
  readonly routing: AlertRoutingSpec | null;
  readonly groups: GroupsState;
  readonly alerts: AlertsState;
  readonly incidents: IncidentsState;
  readonly silences: readonly Silence[];
  readonly endOfAlert: EndOfAlert;
};

/** What some receivers of a group are told at a look at it. */
export type Telling = {
  readonly reason: NoticeReason;
  readonly notifiers: readonly string[];
  /** What they were told last; null: nothing yet. */
  readonly last: ToldGroup | null;
  /** Alerts that fire, and those that are over; by fingerprint. What is null is not known any more. */
  readonly firing: ReadonlyMap<string, Alert | null>;
  readonly resolved: ReadonlyMap<string, Alert | null>;
  /** Nothing of the group is left. */
  readonly isLast: boolean;
  /** The routing tells it to others by now. */
  readonly isMoved: boolean;
};

/** A look at a group whose time has come. */
export type Look = {
  readonly group: string;
  /** Null: no node has this group any more. */
  readonly route: AlertRoute | null;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly lookMs: number;
  readonly tellings: readonly Telling[];
  /** Receivers that have nothing more to hear, though nothing was left to tell. */
  readonly ended: readonly string[];
  /** Nothing of the group is left: the next alert of it is the first one of another. */
  readonly isLast: boolean;
};

/** When a group was looked at last, and when it is next. Not on record: it follows from what is, but for looks with nothing to tell. */
type Cursor = { readonly route: AlertRoute | null; readonly sinceMs: number; readonly nextMs: number };

type Members = {
  readonly route: AlertRoute;
  readonly groupLabels: Readonly<Record<string, string>>;
  /** Those that fire, by fingerprint. */
  readonly alerts: Map<string, Alert>;
};

type Routed = { readonly name: string; readonly print: string; readonly groups: readonly AlertGroup[] };

/**
 * Which groups are to be looked at and what their receivers are to be told then, as `Dispatch` would say of the same alerts: the first
 * look comes `groupWait` after the first alert, each further one `groupInterval` after the one before. What was told is on record, so that
 * nothing is told twice; looks that were missed are made up for by one.
 */
export class LiveGroups {
  readonly #cursors = new Map<string, Cursor>();
  /** By the labels, which stay the same object while the alert is. */
  #routed = new WeakMap<Alert['labels'], Routed>();
  #routing: AlertRoutingSpec | null = null;
  #routes: ReadonlyMap<string, AlertRoute> = new Map();

  /**
   * The looks whose time has come, and when the next one does. Changes nothing that counts: asked again it answers the same until `done`.
   */
  due(input: LiveInput, nowMs: number): { readonly looks: readonly Look[]; readonly nextMs: number } {
    const members = this.#members(input);
    const looks: Look[] = [];
    let nextMs = Number.POSITIVE_INFINITY;
    let around: Surroundings | null = null;
    for (const group of new Set([...members.keys(), ...input.groups.keys(), ...this.#cursors.keys()])) {
      const own = members.get(group);
      const told = input.groups.get(group);
      const cursor = this.#cursors.get(group) ?? this.#begin(own, told, nowMs);
      this.#cursors.set(group, cursor);
      if (cursor.nextMs > nowMs) {
        nextMs = Math.min(nextMs, cursor.nextMs);
        continue;
      }
      around ??= surroundings(input);
      const route = own?.route ?? cursor.route;
      // Looks that were missed are made up for by the last one of them.
      const intervalMs = route?.groupIntervalMs ?? 0;
      const missed = intervalMs === 0 ? 0 : Math.floor((nowMs - cursor.nextMs) / intervalMs);
      const lookMs = cursor.nextMs + missed * intervalMs;
      looks.push(this.#look(input, around, { group, route, own, told, sinceMs: cursor.sinceMs, lookMs, nowMs }));
    }
    return { looks, nextMs };
  }

  /** That these looks are done: what they tell is on record. */
  done(looks: readonly Look[]): void {
    for (const { group, route, lookMs, isLast } of looks)
      if (route === null || isLast) this.#cursors.delete(group);
      else this.#cursors.set(group, { route, sinceMs: lookMs, nextMs: lookMs + route.groupIntervalMs });
  }

  /** The first look at a group that this controller has not looked at. */
  #begin(own: Members | undefined, told: ReadonlyMap<string, ToldGroup> | undefined, nowMs: number): Cursor {
    const all = [...(told?.values() ?? [])];
    const route = own?.route ?? this.#routes.get(all[0]?.route ?? '') ?? null;
    const toldMs = Math.max(...all.map(({ lookMs }) => lookMs));
    const firstMs = Math.min(...[...(own?.alerts.values() ?? [])].map(({ firedAtMs }) => firedAtMs ?? nowMs));
    const isTold = all.length > 0;
    const [sinceMs, nextMs] = isTold
      ? [toldMs, toldMs + (route?.groupIntervalMs ?? 0)]
      : [firstMs - 1, firstMs + (route?.groupWaitMs ?? 0)];
    // The clock was put back since: what lies so far ahead would come much too late.
    return { route, sinceMs, nextMs: sinceMs > nowMs ? nowMs : nextMs };
  }

  /**
   * Groups with alerts that fire. An alert belongs to a group once its incident is on record, and as long as nobody has ended that by hand:
   * then they know of it.
   */
  #members({ routing, alerts, incidents }: LiveInput): ReadonlyMap<string, Members> {
    if (routing !== this.#routing) {
      this.#routing = routing;
      this.#routed = new WeakMap();
      this.#routes = new Map(routing === null ? [] : everyRoute(routing.route).map((route) => [route.id, route]));
      // Nodes may have other times now: looks follow anew from what was told.
      this.#cursors.clear();
    }
    const members = new Map<string, Members>();
    if (routing === null) return members;
    for (const alert of alerts.open.values()) {
      if (alert.firedAtMs === null || !isLive(incidents, alert)) continue;
      const { print, groups } = this.#routedAs(routing, alert);
      for (const { key, groupLabels, route } of groups) {
        if (route.notifiers.length === 0) continue;
        const known = members.get(key);
        if (known) known.alerts.set(print, alert);
        else members.set(key, { route, groupLabels, alerts: new Map([[print, alert]]) });
      }
    }
    return members;
  }

  #routedAs(routing: AlertRoutingSpec, alert: Alert): Routed {
    const known = this.#routed.get(alert.labels);
    if (known?.name === alert.name) return known;
    const labels = labelsOf(alert);
    const routed = { name: alert.name, print: fingerprint(labels), groups: groupsOf(routing, labels) };
    this.#routed.set(alert.labels, routed);
    return routed;
  }

  #look({ routing, alerts }: LiveInput, around: Surroundings, about: About): Look {
    const { group, route, own, told, sinceMs, lookMs, nowMs } = about;
    const isStill = (alert: Alert): boolean => route === null || stillness(around, recordedAlert(alert), route, nowMs) !== null;
    // What has fired since the time of the look has its own look to come.
    const firing = [...(own?.alerts ?? [])].filter(([, alert]) => (alert.firedAtMs ?? 0) <= lookMs && !isStill(alert));
    const over = new Map<string, Alert>();
    for (const alert of alerts.ended) {
      const { resolvedAtMs, firedAtMs } = alert;
      if (routing === null || resolvedAtMs === null || firedAtMs === null || resolvedAtMs <= sinceMs) continue;
      const { print, groups } = this.#routedAs(routing, alert);
      if (!over.has(print) && groups.some(({ key }) => key === group)) over.set(print, alert);
    }
    const later = new Set([...over].filter(([, { resolvedAtMs }]) => (resolvedAtMs ?? 0) > lookMs).map(([print]) => print));
    const isOpen = (print: string): boolean => own?.alerts.has(print) === true || later.has(print);
    const gone = [...over].filter(([print, alert]) => !isOpen(print) && !isStill(alert));
    const known = (prints: readonly string[]) => prints.map((print) => [print, over.get(print) ?? null] as const);
    const isLast = own === undefined && later.size === 0;
    const names = route?.notifiers ?? [];
    const tellings: Telling[] = [];
    const ended: string[] = [];
    const receivers = new Set([...names, ...(told?.keys() ?? [])]);
    for (const [last, all] of Map.groupBy(receivers, (name) => told?.get(name) ?? null)) {
      const before = [...(last?.firing ?? [])];
      const left = all.filter((name) => !names.includes(name));
      const wanted = all.filter((name) => names.includes(name));
      // The routing has other receivers now, or another tree: whoever was told hears of an end.
      if (left.length > 0 && before.length === 0) ended.push(...left);
      else if (left.length > 0) {
        const resolved = new Map(known(before));
        tellings.push({
          reason: 'AllAlertsResolved',
          notifiers: left,
          last,
          firing: new Map(),
          resolved,
          isLast: true,
          isMoved: true,
        });
      }
      if (wanted.length === 0) continue;
      const on = new Map<string, Alert | null>([...firing, ...known(before.filter((print) => later.has(print)))]);
      const off = new Map<string, Alert | null>([...known(before.filter((print) => !isOpen(print))), ...gone]);
      const [prints, ends] = [new Set(on.keys()), new Set(off.keys())];
      const noted = last && { firing: last.firing, resolved: last.resolved, atMs: last.lookMs };
      const reason = noticeReason(noted, prints, ends, route?.repeatIntervalMs ?? 0, true, lookMs);
      if (reason && prints.size + ends.size > 0)
        tellings.push({ reason, notifiers: wanted, last, firing: on, resolved: off, isLast, isMoved: false });
      else if (isLast && last !== null) ended.push(...wanted);
    }
    return { group, route, groupLabels: own?.groupLabels ?? {}, lookMs, tellings, ended, isLast };
  }
}

type About = {
  readonly group: string;
  readonly route: AlertRoute | null;
  readonly own: Members | undefined;
  readonly told: ReadonlyMap<string, ToldGroup> | undefined;
  readonly sinceMs: number;
  readonly lookMs: number;
  readonly nowMs: number;
};

/** Whether the incident of an alert is on record and not over. */
function isLive({ alerts, incidents }: IncidentsState, { id }: Alert): boolean {
  const held = alerts.get(id);
  const incident = held && incidents.get(held.incident);
  return incident !== undefined && !isOver(incident);
}

function surroundings({ routing, silences, endOfAlert, alerts }: LiveInput): Surroundings {
  const firing = [...alerts.open.values()].filter(({ firedAtMs }) => firedAtMs !== null).map(recordedAlert);
  const inhibitor = new Inhibitor(routing?.inhibitRules ?? [], firing);
  return { timeIntervals: routing?.timeIntervals ?? new Map(), silences, inhibitor, endOfAlert };
}
