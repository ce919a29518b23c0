import { policySnapshot, type Reachable } from '../incidents/escalation.ts';
import { type OnCallBy, type Shift, shiftsBetween, shiftsIn } from '../incidents/on-call/shifts.ts';
import { escalationStory } from '../incidents/on-call/story.ts';
import type { Severity } from '../incidents/types.ts';
import type { EscalationPolicySpec } from '../spec/escalation-policy.ts';
import type { PersonSpec } from '../spec/person.ts';
import type { ScheduleSpec } from '../spec/schedule.ts';

const dayMs = 86_400_000;
/** How far ahead the end of a shift, and the next one, are looked for. */
const aheadMs = 366 * dayMs;

/** A time in which one person is on call, or nobody is. */
export type ShiftView = {
  /** Unix milliseconds; `untilMs` is not in it. */
  readonly fromMs: number;
  /** Null: not within a year. */
  readonly untilMs: number | null;
  /** Null: nobody. */
  readonly person: string | null;
  /** What people call them; null: nobody. */
  readonly fullName: string | null;
  /** Where they are; null: where the schedule is, or nobody. */
  readonly timeZone: string | null;
  readonly by: OnCallBy | null;
};

/** Who is on call of a schedule. */
export type OnCallView = {
  readonly schedule: string;
  readonly timeZone: string;
  readonly atMs: number;
  /** From the moment that was asked for until somebody else is. */
  readonly now: ShiftView;
  /** Who is after that; null: nothing changes within a year. */
  readonly next: ShiftView | null;
  /** The shifts of the days that were asked for, the first and last one cut off at their ends. */
  readonly shifts: readonly ShiftView[];
};

/**
 * Who is on call of a schedule at a moment, and in the days after it.
 *
 * @param days - Of 24 hours; 0 … 366.
 */
export function onCallView(schedule: ScheduleSpec, people: readonly PersonSpec[], atMs: number, days: number): OnCallView {
  const endMs = atMs + aheadMs;
  const view = ({ fromMs, untilMs, onCall }: Shift): ShiftView => ({
    fromMs,
    untilMs: untilMs === endMs ? null : untilMs,
    person: onCall?.person ?? null,
    fullName: onCall && (people.find(({ name }) => name === onCall.person)?.fullName ?? onCall.person),
    timeZone: people.find(({ name }) => name === onCall?.person)?.timeZone ?? null,
    by: onCall?.by ?? null,
  });
  // One person may be on call in several shifts in a row.
  let now: Shift = { fromMs: atMs, untilMs: endMs, onCall: null };
  let next: Shift | null = null;
  for (const shift of shiftsIn(schedule, atMs, endMs)) {
    if (shift.fromMs === atMs) now = shift;
    else if (shift.onCall?.person !== now.onCall?.person) {
      next = shift;
      break;
    }
  }
  return {
    schedule: schedule.name,
    timeZone: schedule.timeZone,
    atMs,
    now: view({ ...now, untilMs: next?.fromMs ?? endMs }),
    next: next ? view(next) : null,
    shifts: shiftsBetween(schedule, atMs, atMs + days * dayMs).map(view),
  };
}

/** Who would be told of an incident that nobody answers, and when. */
export type EscalationView = {
  readonly policy: string;
  readonly severity: Severity;
  /** Zone of its working days. */
  readonly timeZone: string;
  readonly told: readonly {
    readonly atMs: number;
    /** Both from 0. */
    readonly step: number;
    readonly round: number;
    /** Empty: it reaches nobody. `person` null: a channel. */
    readonly receivers: readonly EscalationReceiver[];
  }[];
};

export type EscalationReceiver = {
  readonly person: string | null;
  readonly notifier: string;
  /** Number or address; absent where it is nobody's business, null: the notifier's own receiver. */
  readonly to?: string | null | undefined;
};

/**
 * Who would be told of an incident of this severity that is opened at `atMs` (unix milliseconds) and that nobody answers.
 *
 * @param withAddresses - Whether people's numbers and addresses are in it.
 */
export function escalationView(
  policy: EscalationPolicySpec,
  severity: Severity,
  atMs: number,
  setup: Reachable,
  withAddresses: boolean,
): EscalationView {
  return {
    policy: policy.name,
    severity,
    timeZone: policySnapshot(policy, setup.schedules).workingDays.timeZone ?? 'UTC',
    told: escalationStory(policy, severity, atMs, setup).map(({ receivers, ...step }) => ({
      ...step,
      receivers: receivers.map(({ to, ...receiver }) => (withAddresses ? { ...receiver, to } : receiver)),
    })),
  };
}
