import { fingerprint } from '../../alerts/fingerprint.ts';
import type { AlertRoutingSpec } from '../../spec/alert-routing-types.ts';
import { Dispatch, type GroupState, type Notice, play } from './dispatch.ts';
import { nodeSentences } from './explain-text.ts';
import { type Explanation, forecastMs, type NodeExplanation, type Standing } from './explanation.ts';
import type { RecordedAlert } from './recorded-alert.ts';
import { type AlertGroup, groupsOf } from './route-tree.ts';
import { type EndOfAlert, endOf, type Silence } from './silences.ts';
import type { Still } from './stillness.ts';
import { nextChange } from './time-intervals.ts';

const toldMax = 20;

/** What an explanation is made from. */
export type ExplainInput = {
  readonly routing: AlertRoutingSpec;
  /** One of `history`, or one that is not there: it is added. */
  readonly alert: RecordedAlert;
  /** All alerts on record, in the order in which they fired. */
  readonly history: readonly RecordedAlert[];
  readonly silences: readonly Silence[];
  readonly atMs: number;
};

/**
 * Who was told of an alert up to a moment, how it stands there, and when somebody is told next if nothing changes. What comes after the
 * moment on record is not looked at: it answers as one could have then. Pure; the same code says what another tree would have done.
 *
 * @throws UserError when the intervals of groups are too short for the time looked at.
 */
export function explain({ routing, alert, history, silences, atMs }: ExplainInput): Explanation {
  const id = fingerprint(alert.labels);
  const notices: Notice[] = [];
  const dispatch = new Dispatch(routing, silences, {
    notice: (notice) => {
      if (holds(notice, id) !== null) notices.push(notice);
    },
  });
  const all = history.some((one) => one.id === alert.id)
    ? history
    : [...history, alert].sort((a, b) => a.firedAtMs - b.firedAtMs);
  play(dispatch, all, atMs);

  const endOfAlert: EndOfAlert = (wanted) => {
    const resolvedAtMs = all.find((one) => one.id === wanted)?.resolvedAtMs ?? null;
    return resolvedAtMs !== null && resolvedAtMs <= atMs ? resolvedAtMs : null;
  };
  const seen = groupsOf(routing, alert.labels).map((group) => {
    const state = dispatch.group(group.key);
    const isTold = (notice: Notice): boolean => notice.group === group.key && notice.atMs >= alert.firedAtMs;
    const told = isByPolicy(group) ? [] : notices.filter(isTold);
    const standing = standingOf(dispatch, routing, alert, group, state, told, endOfAlert, atMs);
    return { group, state, told, standing };
  });

  const next = new Map<string, number>();
  const wanted = seen
    .filter(({ group, standing }) => standing.kind !== 'over' && standing.kind !== 'to-come' && !isByPolicy(group))
    .map(({ group }) => group.key);
  const before = notices.length;
  while (wanted.some((key) => !next.has(key))) {
    const { nextMs } = dispatch;
    if (nextMs === null || nextMs > atMs + forecastMs) break;
    dispatch.run(nextMs);
    for (const notice of notices.slice(before)) if (!next.has(notice.group)) next.set(notice.group, notice.atMs);
  }

  const nodes = seen.map(({ group, state, told, standing }): NodeExplanation => {
    const node = {
      place: group.route.place,
      group: group.key,
      groupLabels: group.groupLabels,
      policy: group.policy,
      notifiers: group.notifiers,
      told: told.slice(-toldMax).map((notice) => ({
        atMs: notice.atMs,
        reason: notice.reason,
        firing: notice.firing.length,
        isOver: holds(notice, id) === 'resolved',
      })),
      toldCount: told.length,
      standing,
      nextMs: next.get(group.key) ?? null,
    };
    const others = state
      ? [...state.alerts.values()].filter((one) => one.id !== alert.id && one.resolvedAtMs === null).length
      : 0;
    return { ...node, said: nodeSentences(node, group.route.matchers, others) };
  });
  const { name, labels, firedAtMs, resolvedAtMs } = alert;
  return {
    alert: {
      id: alert.id,
      name,
      labels,
      firedAtMs,
      resolvedAtMs: resolvedAtMs !== null && resolvedAtMs <= atMs ? resolvedAtMs : null,
    },
    atMs,
    nodes,
  };
}

/** Whether nobody is told of a group in its times. */
function isByPolicy({ policy, notifiers }: Pick<AlertGroup, 'policy' | 'notifiers'>): boolean {
  return policy !== null && notifiers.length === 0;
}

/** Whether a message says of an alert that it fires, or that it is over; null: it does not speak of it. */
function holds({ firing, resolved }: Notice, id: string): 'firing' | 'resolved' | null {
  const is = (one: RecordedAlert): boolean => fingerprint(one.labels) === id;
  return firing.some(is) ? 'firing' : resolved.some(is) ? 'resolved' : null;
}

function standingOf(
  dispatch: Dispatch,
  routing: AlertRoutingSpec,
  alert: RecordedAlert,
  group: AlertGroup,
  state: GroupState | null,
  told: readonly Notice[],
  endOfAlert: EndOfAlert,
  atMs: number,
): Standing {
  const { route } = group;
  if (alert.firedAtMs > atMs) return { kind: 'to-come' };
  if (alert.resolvedAtMs !== null && alert.resolvedAtMs <= atMs)
    return { kind: 'over', atMs: alert.resolvedAtMs, isTold: told.length > 0 || group.policy !== null };
  const why = dispatch.stillness(alert, route, atMs);
  if (why) return { kind: 'still', why, untilMs: stillUntil(why, routing, group, endOfAlert, atMs) };
  if (isByPolicy(group)) return { kind: 'by-policy' };
  if (!state) throw new Error(`an alert that fires is in its group ${group.key}`);
  const { last } = state;
  if (last?.atMs != null && last.firing.has(fingerprint(alert.labels))) {
    const { repeatIntervalMs: repeatMs } = route;
    return { kind: 'repeat-not-due', toldAtMs: last.atMs, fromMs: last.atMs + repeatMs, repeatMs };
  }
  return state.isFlushed
    ? { kind: 'news-waits', untilMs: state.nextMs, intervalMs: route.groupIntervalMs }
    : { kind: 'grouped', untilMs: state.nextMs, waitMs: route.groupWaitMs };
}

function stillUntil(
  why: Still,
  { timeIntervals }: AlertRoutingSpec,
  { route }: AlertGroup,
  endOfAlert: EndOfAlert,
  atMs: number,
): number | null {
  switch (why.kind) {
    case 'muted':
      return nextChange(route.muteTimeIntervals, timeIntervals, atMs, atMs + forecastMs, false);
    case 'inactive':
      return nextChange(route.activeTimeIntervals, timeIntervals, atMs, atMs + forecastMs, true);
    case 'silenced':
      return endOf(why.silence, endOfAlert);
    case 'inhibited':
    case 'spoken-for':
    case 'nobody':
      return null;
  }
}
