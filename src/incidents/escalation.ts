import type { EscalationPolicySpec, NotifyTarget, Wait } from '../spec/escalation-policy.ts';
import type { PersonSpec } from '../spec/person.ts';
import type { ScheduleSpec } from '../spec/schedule.ts';
import { onCallAt } from './on-call/shifts.ts';
import type { Severity } from './types.ts';
import { nextWorkingDayMs } from './working-day.ts';

/** A step that was told. */
export type DoneStep = {
  readonly step: number;
  readonly round: number;
  readonly atMs: number;
  /** It has reached nobody, so nobody's answer is waited for. Absent: it has reached somebody. */
  readonly isVain?: true;
};

/** A step whose time has come. `step` counts from 0 in the policy, `round` from 0. */
export type DueStep = { readonly step: number; readonly round: number; readonly notify: readonly NotifyTarget[] };

/** How an incident stands with its policy. Times in unix milliseconds. */
export type Escalating = {
  /** As it was when the incident was opened (`policySnapshot`): a change of the document does not move what is under way. */
  readonly policy: EscalationPolicySpec;
  readonly severity: Severity;
  readonly openedAtMs: number;
  /** The last acknowledgement, also when its time is over: then `untilMs` is when it ended. Null: there has been none. */
  readonly ack: { readonly untilMs: number } | null;
  /** Every step that was told, in any order. */
  readonly done: readonly DoneStep[];
  readonly nowMs: number;
};

/**
 * The steps that are due and were not told yet, and when to ask again (`null`: never, as it stands).
 *
 * Each wait counts from when the step before it was really told, so that whoever is told late (the controller was down) has the same time
 * to answer, and no step is passed over. After a step that has reached nobody the next one of the round is due at once. While an
 * acknowledgement counts nothing is due; when its time is over the next step is, and with it all rounds are there again. A step that is on
 * record as told is never due again, however often it is asked and whatever the clock does: a clock that was put back makes a step wait for
 * twice its time at most.
 */
export function dueSteps(escalating: Escalating): { readonly due: readonly DueStep[]; readonly nextMs: number | null } {
  const { policy, severity, ack, nowMs } = escalating;
  const steps = policy.steps.flatMap((step, index) => (step.severities.includes(severity) ? [index] : []));
  if (steps.length === 0) return { due: [], nextMs: null };
  if (ack && nowMs < ack.untilMs) return { due: [], nextMs: ack.untilMs };
  const due: DueStep[] = [];
  const done = [...escalating.done];
  // A round waits for a minute at least, so never more than one of them is due at once.
  for (;;) {
    const next = nextStep({ ...escalating, done }, steps);
    if (next === null || next.atMs > nowMs) return { due, nextMs: next?.atMs ?? null };
    const { step, round } = next;
    due.push({ step, round, notify: policy.steps[step]?.notify ?? [] });
    done.push({ step, round, atMs: nowMs });
  }
}

/** The step after the last one that was told, and its time; null: there is none. */
function nextStep({ policy, severity, openedAtMs, ack, done, nowMs }: Escalating, steps: readonly number[]): DoneStep | null {
  const first = steps[0] ?? 0;
  const last = done.toSorted((a, b) => a.round - b.round || a.step - b.step).at(-1);
  const timed = (step: number, round: number, sinceMs: number, wait: Wait): DoneStep => {
    const atMs = waited(sinceMs, wait, policy);
    // The clock was put back after that: what lies so far ahead would come much too late.
    const isAstray = sinceMs - nowMs > atMs - sinceMs;
    return { step, round, atMs: Math.max(isAstray ? nowMs : atMs, ack?.untilMs ?? 0) };
  };
  if (!last) return timed(first, 0, openedAtMs, policy.steps[first]?.after[severity] ?? 0);
  const following = steps.find((step) => step > last.step);
  if (following !== undefined)
    return timed(following, last.round, last.atMs, last.isVain ? 0 : (policy.steps[following]?.after[severity] ?? 0));
  const isLeft = last.round < policy.repeat || (ack !== null && roundsSince(ack.untilMs, done) <= policy.repeat);
  return isLeft ? timed(first, last.round + 1, last.atMs, policy.severities[severity]) : null;
}

/** How many rounds have begun since a moment. */
function roundsSince(ms: number, done: readonly DoneStep[]): number {
  const began = new Map<number, number>();
  for (const { round, atMs } of done) began.set(round, Math.min(atMs, began.get(round) ?? atMs));
  return [...began.values()].filter((atMs) => atMs >= ms).length;
}

function waited(sinceMs: number, wait: Wait, policy: EscalationPolicySpec): number {
  return wait === 'next-working-day' ? nextWorkingDayMs(sinceMs, policy.workingDays) : sinceMs + wait;
}

/** The policy as an incident keeps it: with the zone of its working days, which a schedule may have given. */
export function policySnapshot(policy: EscalationPolicySpec, schedules: readonly ScheduleSpec[]): EscalationPolicySpec {
  const named = policy.steps.flatMap(({ notify }) => notify.flatMap((one) => ('schedule' in one ? [one.schedule] : [])));
  const schedule = named.map((name) => schedules.find((one) => one.name === name)).find((one) => one !== undefined);
  const timeZone = policy.workingDays.timeZone ?? schedule?.timeZone ?? 'UTC';
  return { ...policy, workingDays: { ...policy.workingDays, timeZone } };
}

/** A receiver of a message: a notifier, and what overrides its own receiver. `person` null: a channel. */
export type Receiver = { readonly person: string | null; readonly notifier: string; readonly to: string | null };

/** The people and schedules of a setup. */
export type Reachable = { readonly people: readonly PersonSpec[]; readonly schedules: readonly ScheduleSpec[] };

/** Whether a step has reached nobody, as it comes on record. */
export function vain(receivers: readonly Receiver[]): { readonly isVain?: true } {
  return receivers.length === 0 ? { isVain: true } : {};
}

/** What somebody reads; of a channel, and of whoever does not say so, English. */
export function languageOf(person: string | null, { people }: Pick<Reachable, 'people'>): 'en' | 'ru' {
  return people.find(({ name }) => name === person)?.language ?? 'en';
}

/**
 * Whom a step tells at a moment, each receiver once, in the order of the policy and of people's contacts. Empty: nobody can be reached by
 * it, because nobody is on call, a name is unknown, or no contact is for the severity.
 *
 * @param severity - Only contacts for it count; left out: all of them do.
 */
export function receiversOf(
  notify: readonly NotifyTarget[],
  { people, schedules }: Reachable,
  nowMs: number,
  severity?: Severity,
): readonly Receiver[] {
  const contactsOf = (name: string): readonly Receiver[] =>
    (people.find((one) => one.name === name)?.contacts ?? [])
      .filter((contact) => severity === undefined || contact.severities.includes(severity))
      .map(({ notifier, to }) => ({ person: name, notifier, to }));
  const found = notify.flatMap((target): readonly Receiver[] => {
    if ('notifier' in target) return [{ person: null, notifier: target.notifier, to: null }];
    if ('person' in target) return contactsOf(target.person);
    const schedule = schedules.find(({ name }) => name === target.schedule);
    const onCall = schedule ? onCallAt(schedule, nowMs) : null;
    return onCall ? contactsOf(onCall.person) : [];
  });
  const keyOf = ({ person, notifier, to }: Receiver): string => JSON.stringify([person, notifier, to]);
  return [...new Map(found.map((one) => [keyOf(one), one])).values()];
}
