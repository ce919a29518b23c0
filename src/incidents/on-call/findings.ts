import type { EscalationPolicySpec, NotifyTarget } from '../../spec/escalation-policy.ts';
import { nearest } from '../../spec/nearest.ts';
import { type PersonSpec, severities } from '../../spec/person.ts';
import type { ScheduleSpec } from '../../spec/schedule.ts';
import type { Text } from '../../spec/text.ts';
import { policySnapshot, type Receiver, receiversOf } from '../escalation.ts';
import type { Severity } from '../types.ts';
import { findingTexts, spanText } from './finding-texts.ts';
import { type Shift, shiftsBetween } from './shifts.ts';

const dayMs = 86_400_000;

/** Documents that have to fit together. */
export type OnCallSetup = {
  readonly people: readonly PersonSpec[];
  readonly schedules: readonly ScheduleSpec[];
  readonly policies: readonly EscalationPolicySpec[];
  /** Notifier documents; null: it is not known which there are. */
  readonly notifiers: readonly { readonly name: string }[] | null;
};

/** What is found, and whether somebody would not be told because of it. */
const levels = {
  'unknown-name': 'error',
  'empty-schedule': 'error',
  /** A warning for a schedule that a policy names. */
  gap: 'error',
  'no-contact': 'error',
  'no-step': 'error',
  'unreachable-step': 'error',
  'one-contact': 'warning',
  'same-again': 'warning',
  'vain-swap': 'warning',
  /** An error for one that was never read, or not for a day. */
  calendar: 'warning',
} as const;

/** Something that would go wrong when it matters. */
export type OnCallFinding = {
  readonly kind: keyof typeof levels;
  /** `error`: somebody would not be told. */
  readonly level: 'error' | 'warning';
  readonly document: { readonly kind: 'Person' | 'Schedule' | 'EscalationPolicy'; readonly name: string };
  /** Where in its `spec`: `steps[1]`; empty: all of it. */
  readonly path: string;
  readonly text: Text;
  /** The first time that it concerns, in unix milliseconds; null: any. */
  readonly time: Span | null;
};

type Span = { readonly fromMs: number; readonly untilMs: number };
type Found = readonly OnCallFinding[];
/** The shifts of the time that is looked at, by name of the schedule. */
type Calendar = ReadonlyMap<string, readonly Shift[]>;

/**
 * What is wrong with who is on call and who is told, in a time to come: names without a document, times in which nobody is on call, people
 * whom nothing reaches, steps that tell nobody or the same again. Errors first, else in the order of the documents.
 */
export function findings(setup: OnCallSetup, fromMs: number, untilMs: number): Found {
  const calendar: Calendar = new Map(setup.schedules.map((one) => [one.name, shiftsBetween(one, fromMs, untilMs)]));
  const all = [
    ...setup.people.flatMap((person) => unknownNotifiers(setup, person)),
    ...setup.schedules.flatMap((schedule) => [
      ...unknownPeople(setup, schedule),
      ...gaps(setup, schedule, calendar),
      ...vainSwaps(schedule, fromMs),
      ...calendarFindings(schedule, fromMs),
    ]),
    ...setup.policies.flatMap((policy) => [
      ...unknownTargets(setup, policy),
      ...stepFindings(setup, policy, calendar, { fromMs, untilMs }),
    ]),
    ...setup.people.flatMap((person) => contactFindings(setup, person, calendar)),
  ];
  return [...all.filter(({ level }) => level === 'error'), ...all.filter(({ level }) => level === 'warning')];
}

function finding(
  kind: OnCallFinding['kind'],
  document: OnCallFinding['document'],
  path: string,
  text: Text,
  time: Span | null = null,
  level: OnCallFinding['level'] = levels[kind],
): OnCallFinding {
  return { kind, level, document, path, text, time: time && { fromMs: time.fromMs, untilMs: time.untilMs } };
}

function unknown(
  document: OnCallFinding['document'],
  path: string,
  kind: string,
  name: string,
  known: readonly { readonly name: string }[],
): Found {
  const names = known.map((one) => one.name);
  if (names.includes(name)) return [];
  return [finding('unknown-name', document, path, findingTexts.unknown(kind, name, nearest(name, names)))];
}

function unknownNotifiers({ notifiers }: OnCallSetup, { name, contacts, accounts }: PersonSpec): Found {
  if (notifiers === null) return [];
  const document = { kind: 'Person' as const, name };
  return [
    ...contacts.flatMap(({ notifier }, index) => unknown(document, `contacts[${index}]`, 'Notifier', notifier, notifiers)),
    ...Object.keys(accounts).flatMap((notifier) => unknown(document, `accounts.${notifier}`, 'Notifier', notifier, notifiers)),
  ];
}

function unknownPeople({ people }: OnCallSetup, { name, layers, overrides }: ScheduleSpec): Found {
  const document = { kind: 'Schedule' as const, name };
  const once = (names: readonly string[]): readonly string[] => [...new Set(names)];
  return [
    ...layers.flatMap((layer, index) =>
      once(layer.people).flatMap((person) => unknown(document, `layers[${index}].people`, 'Person', person, people)),
    ),
    ...once(overrides.map(({ person }) => person)).flatMap((person) => unknown(document, 'overrides', 'Person', person, people)),
  ];
}

function unknownTargets({ people, schedules, notifiers }: OnCallSetup, { name, steps }: EscalationPolicySpec): Found {
  const document = { kind: 'EscalationPolicy' as const, name };
  return steps.flatMap(({ notify }, step) =>
    notify.flatMap((target, index) => {
      const path = `steps[${step}].notify[${index}]`;
      if ('schedule' in target) return unknown(document, path, 'Schedule', target.schedule, schedules);
      if ('person' in target) return unknown(document, path, 'Person', target.person, people);
      return notifiers === null ? [] : unknown(document, path, 'Notifier', target.notifier, notifiers);
    }),
  );
}

function gaps({ policies }: OnCallSetup, schedule: ScheduleSpec, calendar: Calendar): Found {
  const document = { kind: 'Schedule' as const, name: schedule.name };
  const found = (calendar.get(schedule.name) ?? []).filter(({ onCall }) => onCall === null);
  const [first] = found;
  // Documents alone do not say what a calendar elsewhere has.
  if (!first || (schedule.calendar && !schedule.calendar.read)) return [];
  if (schedule.layers.length === 0 && schedule.overrides.length === 0 && schedule.calendar === undefined)
    return [finding('empty-schedule', document, '', findingTexts.empty(), first)];
  // Office hours are no mistake where a step tells others as well: what tells nobody is found with the steps.
  const isNamed = policies.some(({ steps }) =>
    steps.some(({ notify }) => notify.some((target) => 'schedule' in target && target.schedule === schedule.name)),
  );
  const text = findingTexts.gap(spanText(first, schedule.timeZone), found.length - 1);
  return [finding('gap', document, '', text, first, isNamed ? 'warning' : 'error')];
}

/** A calendar elsewhere that cannot be read: what counts grows old. And events that are nobody's. */
function calendarFindings({ name, calendar }: ScheduleSpec, nowMs: number): Found {
  if (!calendar) return [];
  const document = { kind: 'Schedule' as const, name };
  const { read } = calendar;
  if (!read) return [finding('calendar', document, 'calendar', findingTexts.unread())];
  const { atMs, problem, unknown: titles } = read;
  const isOld = atMs === null || nowMs - atMs >= dayMs;
  const age = atMs === null ? null : Math.max(0, nowMs - atMs);
  return [
    ...(problem === null
      ? []
      : [finding('calendar', document, 'calendar', findingTexts.calendar(age, problem), null, isOld ? 'error' : 'warning')]),
    ...(titles.length === 0 ? [] : [finding('calendar', document, 'calendar', findingTexts.nobodys(titles))]),
  ];
}

/** Swaps still to come of a turn that the person does not have. */
function vainSwaps(schedule: ScheduleSpec, nowMs: number): Found {
  return schedule.overrides.flatMap(({ insteadOf, fromMs, untilMs }, index): Found => {
    if (insteadOf === null || untilMs <= nowMs) return [];
    const before = { ...schedule, overrides: schedule.overrides.slice(0, index) };
    if (shiftsBetween(before, fromMs, untilMs).some(({ onCall }) => onCall?.person === insteadOf)) return [];
    const text = findingTexts.vainSwap(insteadOf, spanText({ fromMs, untilMs }, schedule.timeZone));
    const document = { kind: 'Schedule' as const, name: schedule.name };
    return [finding('vain-swap', document, 'swaps', text, { fromMs, untilMs })];
  });
}

/** What is wrong with steps, once for all severities that it is so for. */
function stepFindings(setup: OnCallSetup, policy: EscalationPolicySpec, calendar: Calendar, time: Span): Found {
  const document = { kind: 'EscalationPolicy' as const, name: policy.name };
  const without = severities.filter((severity) => !policy.steps.some((step) => step.severities.includes(severity)));
  const zone = policySnapshot(policy, setup.schedules).workingDays.timeZone ?? 'UTC';
  const groups = new Map<string, readonly StepLook[]>();
  for (const look of severities.flatMap((severity) => stepLooks(setup, policy, severity, calendar, time))) {
    const key = JSON.stringify({ ...look, severity: null });
    groups.set(key, [...(groups.get(key) ?? []), look]);
  }
  return [
    ...without.map((severity) => finding('no-step', document, 'steps', findingTexts.noStep(severity))),
    ...[...groups.values()].flatMap((looks): Found => {
      const [look] = looks;
      const [first] = look?.spans ?? [];
      if (!look || !first) return [];
      const given = looks.map(({ severity }) => severity).join(', ');
      const span = spanText(first, zone);
      const text =
        look.kind === 'unreachable-step'
          ? findingTexts.unreachable(given, span, look.spans.length - 1)
          : findingTexts.sameAgain(given, look.told, span);
      return [finding(look.kind, document, `steps[${look.step}]`, text, first)];
    }),
  ];
}

/** When a step is wrong for a severity. `told`: who is told again. */
type StepLook = {
  readonly kind: 'unreachable-step' | 'same-again';
  readonly severity: Severity;
  readonly step: number;
  readonly spans: readonly Span[];
  readonly told: string;
};

function stepLooks(
  setup: OnCallSetup,
  policy: EscalationPolicySpec,
  severity: Severity,
  calendar: Calendar,
  time: Span,
): readonly StepLook[] {
  const steps = policy.steps.flatMap((step, index) => (step.severities.includes(severity) ? [{ ...step, index }] : []));
  // The same few people come round again and again: each of their combinations is looked up once.
  const known = new Map<string, readonly Receiver[]>();
  const told = (notify: readonly NotifyTarget[], ms: number): readonly Receiver[] => {
    const people = notify.flatMap((target): readonly NotifyTarget[] =>
      'schedule' in target ? onCallOf(calendar.get(target.schedule), ms) : [target],
    );
    const key = JSON.stringify(people);
    const found = known.get(key) ?? receiversOf(people, setup, ms, severity);
    known.set(key, found);
    return found;
  };
  return steps.flatMap(({ notify, index: step }, place): readonly StepLook[] => {
    const before = steps[place - 1]?.notify ?? [];
    const spans = spansOf([...before, ...notify], calendar, time);
    const nobody = joined(spans.filter(({ fromMs }) => told(notify, fromMs).length === 0));
    const again = joined(
      spans.filter(({ fromMs }) => {
        const receivers = told(notify, fromMs);
        return receivers.length > 0 && receivers.every((one) => told(before, fromMs).some((other) => isSame(one, other)));
      }),
    );
    const names = again[0] ? told(notify, again[0].fromMs).map((one) => one.person ?? one.notifier) : [];
    return [
      ...(nobody.length > 0 ? [{ kind: 'unreachable-step' as const, severity, step, spans: nobody, told: '' }] : []),
      ...(again.length > 0
        ? [{ kind: 'same-again' as const, severity, step, spans: again, told: [...new Set(names)].join(', ') }]
        : []),
    ];
  });
}

/** Who is on call by the shifts of a schedule, which follow each other without a gap. */
function onCallOf(shifts: readonly Shift[] = [], ms: number): readonly { readonly person: string }[] {
  let [low, high] = [0, shifts.length];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if ((shifts[middle]?.fromMs ?? ms) <= ms) low = middle;
    else high = middle;
  }
  const onCall = shifts[low]?.onCall;
  return onCall ? [{ person: onCall.person }] : [];
}

function isSame(one: Receiver, other: Receiver): boolean {
  return one.person === other.person && one.notifier === other.notifier && one.to === other.to;
}

/** The time cut where somebody else comes on call of the schedules that are named. */
function spansOf(notify: readonly NotifyTarget[], calendar: Calendar, { fromMs, untilMs }: Span): readonly Span[] {
  const named = notify.flatMap((target) => ('schedule' in target ? (calendar.get(target.schedule) ?? []) : []));
  const edges = [...new Set([fromMs, ...named.map((shift) => shift.fromMs)])].toSorted((a, b) => a - b);
  return edges.map((edge, index) => ({ fromMs: edge, untilMs: edges[index + 1] ?? untilMs }));
}

/** Spans in order, those that follow each other without a gap as one. */
function joined(spans: readonly Span[]): readonly Span[] {
  const all: Span[] = [];
  for (const { fromMs, untilMs } of spans) {
    const last = all.at(-1);
    if (last?.untilMs === fromMs) all[all.length - 1] = { fromMs: last.fromMs, untilMs };
    else all.push({ fromMs, untilMs });
  }
  return all;
}

/** People who are called but cannot be reached, or in one way only. */
function contactFindings({ policies, schedules }: OnCallSetup, person: PersonSpec, calendar: Calendar): Found {
  const document = { kind: 'Person' as const, name: person.name };
  const isNamed = policies.some(({ steps }) =>
    steps.some(({ notify }) => notify.some((target) => 'person' in target && target.person === person.name)),
  );
  const own = schedules.flatMap(({ name, timeZone }) =>
    (calendar.get(name) ?? [])
      .filter(({ onCall }) => onCall?.person === person.name)
      .map(({ fromMs, untilMs }) => ({ fromMs, untilMs, timeZone })),
  );
  const first = own.toSorted((a, b) => a.fromMs - b.fromMs)[0];
  if (!isNamed && !first) return [];
  const without = severities.filter((severity) => !person.contacts.some((contact) => contact.severities.includes(severity)));
  const urgent = new Set(person.contacts.filter((contact) => contact.severities.includes('P0')).map(({ notifier }) => notifier));
  const [only] = urgent;
  const time = first ?? null;
  const found: OnCallFinding[] = [];
  if (without.length > 0) {
    const text = findingTexts.noContact(without.join(', '), first ? spanText(first, first.timeZone) : null);
    found.push(finding('no-contact', document, 'contacts', text, time));
  }
  if (urgent.size === 1 && only !== undefined)
    found.push(finding('one-contact', document, 'contacts', findingTexts.oneContact(only), time));
  return found;
}
