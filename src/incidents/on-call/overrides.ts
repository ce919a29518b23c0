import type { Origin } from '../../access/types.ts';
import { UserError } from '../../errors.ts';
import { nearest } from '../../spec/nearest.ts';
import type { ScheduleOverride, ScheduleSpec } from '../../spec/schedule.ts';
import { textIn } from '../../spec/text.ts';
import { spanText } from './finding-texts.ts';
import { shiftsBetween } from './shifts.ts';

const dayMs = 86_400_000;
const longestMs = 366 * dayMs;
/** Overrides that are not over yet, of all schedules. */
const standingMax = 1_000;
/** How long one that is over is still shown, and in calendars. */
const keptMs = 31 * dayMs;

/** What the stream `on-call` records. A swap is two overrides that stand and fall together. */
export type OnCallEvent =
  | {
      readonly kind: 'on-call-overridden';
      readonly actor: string;
      readonly data: {
        readonly id: string;
        readonly schedule: string;
        readonly overrides: readonly Omit<ScheduleOverride, 'why'>[];
        readonly why: string;
        readonly from?: Origin;
      };
    }
  | {
      readonly kind: 'on-call-override-cancelled';
      readonly actor: string;
      readonly data: { readonly id: string; readonly why: string; readonly from?: Origin };
    };

/** An override, or a swap, that was asked for beside the documents. */
export type StandingOverride = {
  readonly id: string;
  readonly schedule: string;
  readonly overrides: readonly Omit<ScheduleOverride, 'why'>[];
  readonly by: string;
  readonly why: string;
  /** Unix milliseconds. */
  readonly atMs: number;
};

export type OnCallState = {
  /** How many there have ever been. */
  readonly count: number;
  /** In the order in which they were asked for. */
  readonly standing: readonly StandingOverride[];
};

/** Nothing was asked for beside the documents. */
export const noOverrides: OnCallState = { count: 0, standing: [] };

const endOf = ({ overrides }: StandingOverride): number => Math.max(...overrides.map(({ untilMs }) => untilMs));

/** What stands after an event. Pure: the state is a fold over the stream `on-call`. */
export function takeOnCall(state: OnCallState, event: OnCallEvent & { readonly at: number }): OnCallState {
  const kept = state.standing.filter((one) => endOf(one) > event.at - keptMs);
  if (event.kind === 'on-call-override-cancelled') return { ...state, standing: kept.filter(({ id }) => id !== event.data.id) };
  const { id, schedule, overrides, why } = event.data;
  return { count: state.count + 1, standing: [...kept, { id, schedule, overrides, by: event.actor, why, atMs: event.at }] };
}

/** The schedules with what stands beside their documents: it counts after what they say themselves. */
export function schedulesWith(schedules: readonly ScheduleSpec[], { standing }: OnCallState): readonly ScheduleSpec[] {
  return schedules.map((schedule) => {
    const own = standing.filter((one) => one.schedule === schedule.name);
    const added = own.flatMap(({ overrides, why }) => overrides.map((one) => ({ ...one, why: why === '' ? null : why })));
    return added.length === 0 ? schedule : { ...schedule, overrides: [...schedule.overrides, ...added] };
  });
}

/** Somebody's time of a schedule. Unix milliseconds; `untilMs` is not in it. */
export type PersonTime = { readonly person: string; readonly fromMs: number; readonly untilMs: number };

/** What is asked for: one person for a time, or two who swap theirs. */
export type OverrideWish = {
  readonly schedule: string;
  /** One, or two that are swapped. */
  readonly times: readonly PersonTime[];
};

/** Names that a wish may use. `schedules`: with what stands. */
export type OnCallNames = { readonly schedules: readonly ScheduleSpec[]; readonly people: readonly { readonly name: string }[] };

/**
 * The overrides that a wish means.
 *
 * @throws UserError `E_INPUT` for unknown names, times that are over or too long, and a swap of a turn that somebody does not have;
 * `E_TOO_MANY` when too many stand.
 */
export function overridesOf(
  { schedule: name, times }: OverrideWish,
  { schedules, people }: OnCallNames,
  { standing }: OnCallState,
  nowMs: number,
): readonly Omit<ScheduleOverride, 'why'>[] {
  const schedule = schedules.find((one) => one.name === name);
  if (!schedule) throw unknown('schedule', name, schedules);
  for (const time of times) {
    if (!people.some((one) => one.name === time.person)) throw unknown('person', time.person, people);
    const text = textIn(spanText(time, schedule.timeZone), 'en');
    if (time.untilMs <= time.fromMs) throw refused(`the time ${text} ends before it begins`, 'give an end after the beginning');
    if (time.untilMs <= nowMs) throw refused(`the time ${text} is over`, 'give a time to come');
    if (time.untilMs - time.fromMs > longestMs)
      throw refused(`the time ${text} is longer than a year`, 'change the Schedule document');
  }
  if (standing.filter((one) => endOf(one) > nowMs).length >= standingMax)
    throw new UserError('E_TOO_MANY', `more than ${standingMax} overrides stand already`, {
      where: name,
      fix: 'put them into the Schedule document, and cancel them here',
    });
  const [one, other, third] = times;
  if (!one || third) throw refused(`expected one time, or two to be swapped, found ${times.length}`, 'give one or two');
  if (!other) return [{ ...one, insteadOf: null }];
  if (one.person === other.person) throw refused(`${one.person} cannot swap with themselves`, 'name two people');
  for (const time of times)
    if (!shiftsBetween(schedule, time.fromMs, time.untilMs).some(({ onCall }) => onCall?.person === time.person))
      throw refused(
        `${time.person} is not on call of ${name} ${textIn(spanText(time, schedule.timeZone), 'en')}`,
        'see who is with `rampart oncall --days 14`',
      );
  return [
    { ...one, person: other.person, insteadOf: one.person },
    { ...other, person: one.person, insteadOf: other.person },
  ];
}

function refused(what: string, fix: string): UserError {
  return new UserError('E_INPUT', what, { where: 'on-call', fix });
}

function unknown(what: string, name: string, all: readonly { readonly name: string }[]): UserError {
  const names = all.map((one) => one.name);
  const near = nearest(name, names);
  const known =
    names.length === 0 ? 'the setup has none; see `rampart incidents apply`' : `known: ${names.slice(0, 20).join(', ')}`;
  return refused(`there is no ${what} ${JSON.stringify(name)}`, near === undefined ? known : `did you mean ${near}?`);
}
