import { UserError } from '../errors.ts';
import type { IncidentRecord } from '../incidents/events.ts';
import { Folding, noIncidents } from '../incidents/fold.ts';
import { policyNameOf } from '../incidents/group.ts';
import { happenings } from '../incidents/routing/dispatch.ts';
import { momentText } from '../incidents/routing/explain-text.ts';
import { Inhibitor } from '../incidents/routing/inhibition.ts';
import type { RecordedAlert } from '../incidents/routing/recorded-alert.ts';
import { groupsOf } from '../incidents/routing/route-tree.ts';
import type { Silence } from '../incidents/routing/silences.ts';
import { areStill } from '../incidents/routing/stillness.ts';
import { isOver } from '../incidents/severity.ts';
import type { Incident } from '../incidents/types.ts';
import type { IncidentSetup } from '../spec/incident-setup.ts';
import type { Text } from '../spec/text.ts';
import { emptyOutbox } from './fold.ts';
import { type Calling, escalate } from './incident-telling.ts';

/** What calls follow from. */
export type CallingSetup = Pick<IncidentSetup, 'policies' | 'people' | 'schedules' | 'routing'>;

/** How often somebody is called. `person` null: the channel `notifier`. */
export type CallTotals = {
  readonly person: string | null;
  readonly notifier: string | null;
  readonly before: number;
  readonly after: number;
  /** Of these, between 22:00 and 7:00 where they are; of channels none. */
  readonly beforeAtNight: number;
  readonly afterAtNight: number;
};

/** One call that would be there, would not, or would come at another time. Unix milliseconds. */
export type CallDifference = Pick<CallTotals, 'person' | 'notifier'> & {
  readonly incident: string;
  /** From 0. */
  readonly step: number;
  readonly kind: 'added' | 'removed' | 'earlier' | 'later';
  readonly beforeMs: number | null;
  readonly afterMs: number | null;
  readonly isAtNight: boolean;
  readonly said: Text;
};

/** What another setup does to the calls of recorded incidents. */
export type CallsSimulation = {
  readonly incidents: number;
  readonly before: number;
  readonly after: number;
  /** Most called first. */
  readonly totals: readonly CallTotals[];
  /** The first 1,000, oldest first. */
  readonly differences: readonly CallDifference[];
  readonly differenceCount: number;
};

export type CallsInput = {
  readonly before: CallingSetup;
  readonly after: CallingSetup;
  /** Events of all incidents, in their order. */
  readonly records: readonly IncidentRecord[];
  readonly alerts: readonly RecordedAlert[];
  readonly silences: readonly Silence[];
  /** Owners of services. */
  readonly owners: ReadonlyMap<string, string>;
  readonly untilMs: number;
};

const differencesMax = 1_000;
/** Moments at which it is asked who is due. */
const looksMax = 300_000;
const night = { fromHour: 22, untilHour: 7 } as const;

/** What escalation has put on record is played anew, and so is left out. */
const played = new Set<IncidentRecord['kind']>(['incident-policy-taken', 'incident-escalated', 'incident-told']);

type Call = {
  readonly incident: string;
  readonly person: string | null;
  readonly notifier: string | null;
  readonly step: number;
  readonly atMs: number;
  readonly isAtNight: boolean;
};

/**
 * Plays the escalation of recorded incidents by two setups, with the same code as calls people, and says who would be called otherwise. The
 * incidents are as they were: taken, resolved and reopened when they were, and the machine as long at it. Pure.
 *
 * @throws UserError when there is more to look at than can be.
 */
export function simulateCalls(input: CallsInput): CallsSimulation {
  const [was, is] = [input.before, input.after].map((setup) => callsOf(setup, input)) as [readonly Call[], readonly Call[]];
  const differences = [...differing(was, is)].sort((a, b) => (a.afterMs ?? a.beforeMs ?? 0) - (b.afterMs ?? b.beforeMs ?? 0));
  const count = (calls: readonly Call[], who: string, isNight = false): number =>
    calls.filter((call) => whoOf(call) === who && (!isNight || call.isAtNight)).length;
  const all = new Map([...was, ...is].map((call) => [whoOf(call), call]));
  const totals = [...all].map(
    ([who, { person, notifier }]): CallTotals => ({
      person,
      notifier,
      before: count(was, who),
      after: count(is, who),
      beforeAtNight: count(was, who, true),
      afterAtNight: count(is, who, true),
    }),
  );
  return {
    incidents: new Set(input.records.flatMap(({ kind, data }) => (kind === 'incident-opened' ? [data.id] : []))).size,
    before: was.length,
    after: is.length,
    totals: totals.sort((a, b) => Math.max(b.before, b.after) - Math.max(a.before, a.after)),
    differences: differences.slice(0, differencesMax),
    differenceCount: differences.length,
  };
}

function whoOf({ person, notifier }: Pick<Call, 'person' | 'notifier'>): string {
  return person === null ? `channel ${notifier}` : `person ${person}`;
}

function callsOf(setup: CallingSetup, { records, alerts, silences, owners, untilMs }: CallsInput): readonly Call[] {
  const folding = new Folding(noIncidents);
  const calls = new Map<string, Call>();
  const byId = new Map(alerts.map((alert) => [alert.id, alert]));
  const helped = new Set(records.flatMap(({ kind, data }) => (kind === 'incident-responding' ? [data.id] : [])));
  const inhibitor = new Inhibitor<RecordedAlert>(setup.routing?.inhibitRules ?? []);
  const firing = new Set<string>();
  const turns = happenings(alerts, untilMs);
  let turn = 0;
  let looks = 0;
  let isAnyQuiet = false;
  const endOfAlert = (id: string): number | null => (firing.has(id) ? null : (byId.get(id)?.resolvedAtMs ?? null));
  const around = { timeIntervals: setup.routing?.timeIntervals ?? new Map(), silences, inhibitor, endOfAlert };

  const routedOf = ({ alerts: own }: Incident) => {
    const first = byId.get(own[0]?.id ?? '');
    return setup.routing === null || !first ? null : (groupsOf(setup.routing, first.labels)[0]?.policy ?? null);
  };
  const calling = (nowMs: number): Calling => ({
    ...setup,
    consoleUrl: null,
    policyOf: (incident) =>
      policyNameOf({ ...incident, policy: routedOf(incident) }, setup, owners.get(incident.service ?? '') ?? null),
    isHeld: ({ id, person }) => helped.has(id) && person === null,
    isQuiet: (incident) => {
      const own = incident.alerts.flatMap(({ id }) => (firing.has(id) ? (byId.get(id) ?? []) : []));
      const isQuiet = areStill(around, setup.routing, own, nowMs);
      isAnyQuiet ||= isQuiet;
      return isQuiet;
    },
  });
  const look = (nowMs: number): number => {
    looks += 1;
    if (looks > looksMax)
      throw new UserError('E_INPUT', `it would be asked more than ${looksMax} times who is to be called`, {
        where: 'simulate',
        fix: 'look at less time with `until`',
      });
    for (let next = turns[turn]; next && next.atMs <= nowMs; next = turns[(turn += 1)]) {
      if (next.isOver) {
        inhibitor.remove(next.alert);
        firing.delete(next.alert.id);
      } else {
        inhibitor.add(next.alert);
        firing.add(next.alert.id);
      }
    }
    isAnyQuiet = false;
    const found = escalate(folding.state, emptyOutbox, calling(nowMs), nowMs);
    for (const event of found.incidents) {
      folding.take({ ...event, at: nowMs });
      if (event.kind !== 'incident-told' || event.data.step === null) continue;
      const { id: incident, person, notifier, step } = event.data;
      const zone = setup.people.find(({ name }) => name === person)?.timeZone ?? null;
      const isAtNight = person !== null && isNight(zone ?? zoneOf(setup, folding.state.incidents.get(incident)), nowMs);
      const call: Call = { incident, person, notifier: person === null ? notifier : null, step, atMs: nowMs, isAtNight };
      // Several contacts of somebody at once are one call.
      calls.set(JSON.stringify([incident, whoOf(call), nowMs]), call);
    }
    // What is quiet may be so no longer with any change around it; intervals change with a minute.
    const changes = isAnyQuiet
      ? [
          turns[turn]?.atMs ?? Number.POSITIVE_INFINITY,
          ...silences.map(({ endsAtMs }) => endsAtMs).filter((ms) => ms > nowMs),
          ...(around.timeIntervals.size > 0 ? [Math.floor(nowMs / 60_000) * 60_000 + 60_000] : []),
        ]
      : [];
    return Math.max(nowMs + 1, Math.min(found.nextMs, ...changes));
  };

  let nextMs = Number.POSITIVE_INFINITY;
  const until = (ms: number): void => {
    while (nextMs < ms) nextMs = look(nextMs);
  };
  for (let index = 0; index < records.length; ) {
    const at = records[index]?.at ?? 0;
    until(at);
    for (let record = records[index]; record && record.at <= at; record = records[(index += 1)])
      if (!played.has(record.kind)) folding.take(record);
    const isAnyOpen = [...folding.state.incidents.values()].some((incident) => !isOver(incident));
    nextMs = isAnyOpen ? look(at) : Number.POSITIVE_INFINITY;
  }
  until(untilMs);
  return [...calls.values()];
}

/** The zone of whoever has none of their own: that of the schedules of the policy, which its snapshot has. */
function zoneOf({ schedules }: CallingSetup, incident: Incident | undefined): string {
  return incident?.escalation?.policy.workingDays.timeZone ?? schedules[0]?.timeZone ?? 'UTC';
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function isNight(timeZone: string, ms: number): boolean {
  const clock = clocks.get(timeZone) ?? new Intl.DateTimeFormat('en', { timeZone, hour: 'numeric', hourCycle: 'h23' });
  clocks.set(timeZone, clock);
  const hour = Number(clock.format(ms));
  return hour >= night.fromHour || hour < night.untilHour;
}

function* differing(was: readonly Call[], is: readonly Call[]): Generator<CallDifference> {
  const keyOf = (call: Call): string => JSON.stringify([call.incident, whoOf(call)]);
  const [before, after] = [Map.groupBy(was, keyOf), Map.groupBy(is, keyOf)];
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(key) ?? [], after.get(key) ?? []];
    const gone = old.filter(({ atMs }) => !now.some((call) => call.atMs === atMs));
    const come = now.filter(({ atMs }) => !old.some((call) => call.atMs === atMs));
    for (let index = 0; index < Math.max(gone.length, come.length); index += 1) yield differenceOf(gone[index], come[index]);
  }
}

function differenceOf(was: Call | undefined, is: Call | undefined): CallDifference {
  const call = is ?? was;
  if (!call) throw new Error('a difference has a call');
  const { incident, person, notifier, step, isAtNight } = call;
  const [beforeMs, afterMs] = [was?.atMs ?? null, is?.atMs ?? null];
  const kind = !was ? 'added' : !is ? 'removed' : is.atMs < was.atMs ? 'earlier' : 'later';
  const who = person ?? notifier ?? '';
  const at = (ms: number | null): string => momentText(ms ?? 0);
  const words = { en: isAtNight ? ' (at night)' : '', ru: isAtNight ? ' (ночью)' : '' };
  const said: Record<CallDifference['kind'], Text> = {
    added: {
      en: `${incident}: ${who} was not called, and would be at ${at(afterMs)}${words.en}`,
      ru: `${incident}: ${who}: вызова не было, теперь будет ${at(afterMs)}${words.ru}`,
    },
    removed: {
      en: `${incident}: ${who} was called at ${at(beforeMs)}${words.en}, and would not be`,
      ru: `${incident}: ${who}: вызов был ${at(beforeMs)}${words.ru}, теперь не будет`,
    },
    earlier: {
      en: `${incident}: ${who} would be called earlier, at ${at(afterMs)}${words.en} instead of ${at(beforeMs)}`,
      ru: `${incident}: ${who}: вызов раньше, ${at(afterMs)}${words.ru} вместо ${at(beforeMs)}`,
    },
    later: {
      en: `${incident}: ${who} would be called later, at ${at(afterMs)}${words.en} instead of ${at(beforeMs)}`,
      ru: `${incident}: ${who}: вызов позже, ${at(afterMs)}${words.ru} вместо ${at(beforeMs)}`,
    },
  };
  return { incident, person, notifier, step, kind, beforeMs, afterMs, isAtNight, said: said[kind] };
}
