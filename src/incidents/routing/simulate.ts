import type { AlertRoutingSpec } from '../../spec/alert-routing-types.ts';
import type { Text } from '../../spec/text.ts';
import { Dispatch, type Notice, play } from './dispatch.ts';
import { momentText, stillText } from './explain-text.ts';
import type { RecordedAlert } from './recorded-alert.ts';
import type { AlertGroup } from './route-tree.ts';
import type { Silence } from './silences.ts';
import type { Still } from './stillness.ts';

/** Who is told: an escalation policy or a receiver. */
export type Receiver = { readonly kind: 'policy' | 'notifier'; readonly name: string };

/** What a tree does with the recorded alerts. */
export type Totals = {
  /** Messages to receivers: one for each of them each time that a group is told of. Policies call by incidents: their calls are none of these. */
  readonly messages: number;
  /** Alerts of which at least one receiver was told while they fired. */
  readonly told: number;
  /** By receiver, the most messages first. */
  readonly receivers: readonly (Receiver & { readonly messages: number })[];
};

/** That one receiver hears of one alert otherwise. Unix milliseconds; null: not at all. */
export type Difference = {
  readonly alert: string;
  readonly name: string;
  readonly receiver: Receiver;
  readonly kind: 'no-longer' | 'now' | 'earlier' | 'later';
  readonly beforeMs: number | null;
  readonly afterMs: number | null;
  readonly said: Text;
};

/** What a change of the tree does to recorded alerts. */
export type Simulation = {
  readonly alerts: number;
  /** Begin of the first alert, null: there is none; and up to when it was played. */
  readonly fromMs: number | null;
  readonly untilMs: number;
  readonly before: Totals;
  readonly after: Totals;
  /** Ids of alerts that somebody was told of before, and nobody afterwards: the first 100. `lostCount` counts all. */
  readonly lost: readonly string[];
  readonly lostCount: number;
  /** The first 1,000 of them: first what is not told of any more, then what is now, then the longest delays. */
  readonly differences: readonly Difference[];
  readonly differenceCount: number;
};

const differencesMax = 1_000;
const lostMax = 100;

/**
 * Plays recorded alerts through two trees and says what is different. Pure; the same code as explains what happened.
 *
 * @throws UserError when the intervals of groups are too short for the time looked at.
 */
export function simulate(
  before: AlertRoutingSpec,
  after: AlertRoutingSpec,
  history: readonly RecordedAlert[],
  silences: readonly Silence[],
  untilMs: number,
): Simulation {
  const [was, is] = [before, after].map((routing) => outcomeOf(routing, history, silences, untilMs)) as [Outcome, Outcome];
  const changes: Change[] = [];
  const lost: string[] = [];
  for (const alert of history) {
    const [told, tells] = [was.told.get(alert.id) ?? none, is.told.get(alert.id) ?? none];
    if (told.size > 0 && tells.size === 0) lost.push(alert.id);
    for (const key of new Set([...told.keys(), ...tells.keys()])) {
      const [beforeMs, afterMs] = [told.get(key) ?? null, tells.get(key) ?? null];
      if (beforeMs === afterMs) continue;
      changes.push({ alert, key, beforeMs, afterMs });
    }
  }
  changes.sort((a, b) => weight(b) - weight(a));
  return {
    alerts: history.length,
    fromMs: history[0]?.firedAtMs ?? null,
    untilMs,
    before: was.totals,
    after: is.totals,
    lost: lost.slice(0, lostMax),
    lostCount: lost.length,
    differences: changes.slice(0, differencesMax).map((change) => differenceOf(change, is.still.get(change.alert.id))),
    differenceCount: changes.length,
  };
}

type Change = {
  readonly alert: RecordedAlert;
  /** The receiver, as `keyOf` writes it. */
  readonly key: string;
  readonly beforeMs: number | null;
  readonly afterMs: number | null;
};

/** How soon people have to see it. */
function weight({ beforeMs, afterMs }: Change): number {
  if (afterMs === null) return Number.MAX_VALUE;
  return beforeMs === null ? Number.MAX_SAFE_INTEGER : afterMs - beforeMs;
}

const none: ReadonlyMap<string, number> = new Map();

type Outcome = {
  readonly totals: Totals;
  /** By id of the alert: when each receiver (as `keyOf` writes it) was told of it first. */
  readonly told: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** By id of the alert: what kept it still last. */
  readonly still: ReadonlyMap<string, Still>;
};

function outcomeOf(
  routing: AlertRoutingSpec,
  history: readonly RecordedAlert[],
  silences: readonly Silence[],
  untilMs: number,
): Outcome {
  const told = new Map<string, Map<string, number>>();
  const still = new Map<string, Still>();
  const messages = new Map<string, number>();
  const tell = (id: string, keys: readonly string[], atMs: number): void => {
    const first = told.get(id) ?? new Map<string, number>();
    for (const key of keys) if (!first.has(key)) first.set(key, atMs);
    if (first.size > 0) told.set(id, first);
  };
  const take = ({ route, firing, atMs }: Notice): void => {
    const keys = receiversOf(route).map(keyOf);
    for (const name of route.notifiers) {
      const key = keyOf({ kind: 'notifier', name });
      messages.set(key, (messages.get(key) ?? 0) + 1);
    }
    for (const { id } of firing) tell(id, keys, atMs);
  };
  // A policy is begun by the incident, in no times of a group; by a look at the group it hears of what was still at first.
  const begin = (alert: RecordedAlert, groups: readonly AlertGroup[], atMs: number): void => {
    for (const { route, policy } of groups) {
      const why = policy === null ? null : dispatch.stillness(alert, route, atMs);
      if (why) still.set(alert.id, why);
      else if (policy !== null) tell(alert.id, [keyOf({ kind: 'policy', name: policy })], atMs);
    }
  };
  const dispatch = new Dispatch(routing, silences, {
    notice: take,
    fires: begin,
    still: ({ id }, _, why) => still.set(id, why),
  });
  play(dispatch, history, untilMs);
  const receivers = [...messages].map(([key, count]) => ({ ...receiverOf(key), messages: count }));
  return {
    totals: {
      messages: receivers.reduce((sum, one) => sum + one.messages, 0),
      told: told.size,
      receivers: receivers.sort((a, b) => b.messages - a.messages || (keyOf(a) < keyOf(b) ? -1 : 1)),
    },
    told,
    still,
  };
}

function receiversOf({ policy, notifiers }: Notice['route']): readonly Receiver[] {
  return [
    ...(policy === null ? [] : [{ kind: 'policy' as const, name: policy }]),
    ...notifiers.map((name) => ({ kind: 'notifier' as const, name })),
  ];
}

function keyOf({ kind, name }: Receiver): string {
  return `${kind} ${name}`;
}

function receiverOf(key: string): Receiver {
  return { kind: key.startsWith('policy ') ? 'policy' : 'notifier', name: key.slice(key.indexOf(' ') + 1) };
}

function differenceOf({ alert, key, beforeMs, afterMs }: Change, still: Still | undefined): Difference {
  const { id, name, resolvedAtMs } = alert;
  const receiver = receiverOf(key);
  const who = {
    en: key.replace(/^notifier/, 'receiver'),
    ru: key.replace(/^notifier/, 'получатель').replace(/^policy/, 'политика'),
  };
  const common = { alert: id, name, receiver, beforeMs, afterMs };
  if (afterMs === null) {
    const why = still && stillText(still);
    const over = resolvedAtMs === null ? '' : momentText(resolvedAtMs);
    const reason = why
      ? { en: `: ${why.en}`, ru: `: ${why.ru}` }
      : over === ''
        ? { en: '', ru: '' }
        : { en: ` (it was over at ${over})`, ru: ` (он закончился ${over})` };
    const was = momentText(beforeMs ?? 0);
    return {
      ...common,
      kind: 'no-longer',
      said: {
        en: `${name}: ${who.en} was told at ${was}, and would not be${reason.en}`,
        ru: `${name}: ${who.ru}: было сообщено ${was}, теперь не будет${reason.ru}`,
      },
    };
  }
  const now = momentText(afterMs);
  if (beforeMs === null)
    return {
      ...common,
      kind: 'now',
      said: {
        en: `${name}: ${who.en} was not told, and would be at ${now}`,
        ru: `${name}: ${who.ru}: не сообщалось, теперь будет ${now}`,
      },
    };
  const was = momentText(beforeMs);
  const kind = afterMs < beforeMs ? 'earlier' : 'later';
  const seconds = Math.abs(afterMs - beforeMs) / 1_000;
  return {
    ...common,
    kind,
    said: {
      en: `${name}: ${who.en} would be told ${seconds} s ${kind}, at ${now} instead of ${was}`,
      ru: `${name}: ${who.ru}: будет сообщено на ${seconds} с ${kind === 'earlier' ? 'раньше' : 'позже'}, ${now} вместо ${was}`,
    },
  };
}
