import type { ScheduleSpec } from '../../spec/schedule.ts';
import { lookAt } from './turns.ts';

/** Why somebody is on call: it is their turn in a layer, or an override says so. */
export type OnCallBy =
  | { readonly kind: 'layer'; readonly layer: string; readonly turn: number }
  | { readonly kind: 'override'; readonly index: number; readonly insteadOf: string | null; readonly why: string | null };

/** Who is on call at a moment. */
export type OnCall = { readonly person: string; readonly by: OnCallBy };

/** A time in which one person is on call for one reason, or nobody is. Unix milliseconds; `untilMs` is not in it. */
export type Shift = { readonly fromMs: number; readonly untilMs: number; readonly onCall: OnCall | null };

/** Who is on call at a moment, in unix milliseconds; null: nobody. */
export function onCallAt(schedule: ScheduleSpec, ms: number): OnCall | null {
  return scheduleAt(schedule, ms).onCall;
}

/** Most shifts that are worked out at once: a year of hours. */
const shiftsMax = 10_000;

/**
 * Every shift of a time, in order and without a gap between them: where nobody is on call there is one of nobody. The first and the last
 * are cut off at its ends. At most 10,000; then the last one ends before the time does.
 */
export function shiftsBetween(schedule: ScheduleSpec, fromMs: number, untilMs: number): readonly Shift[] {
  return [...shiftsIn(schedule, fromMs, untilMs)];
}

/** The same one by one, for whoever does not need all of them. */
export function* shiftsIn(schedule: ScheduleSpec, fromMs: number, untilMs: number): Generator<Shift> {
  let shift: Shift | undefined;
  for (let [ms, count] = [fromMs, 0]; ms < untilMs && count < shiftsMax; ) {
    const { onCall, untilMs: changesAtMs } = scheduleAt(schedule, ms);
    const endMs = Math.min(changesAtMs, untilMs);
    if (shift && isSame(shift.onCall, onCall)) shift = { ...shift, untilMs: endMs };
    else {
      if (shift) yield shift;
      shift = { fromMs: ms, untilMs: endMs, onCall };
      count += 1;
    }
    ms = endMs;
  }
  if (shift) yield shift;
}

/** Who is on call, and up to when nothing of the schedule changes. */
function scheduleAt(schedule: ScheduleSpec, ms: number): { readonly onCall: OnCall | null; readonly untilMs: number } {
  let onCall: OnCall | null = null;
  let untilMs = Number.POSITIVE_INFINITY;
  for (const layer of schedule.layers) {
    const look = lookAt(layer, schedule.timeZone, ms);
    untilMs = Math.min(untilMs, look.untilMs);
    if (look.person !== null) onCall = { person: look.person, by: { kind: 'layer', layer: layer.name, turn: look.turn } };
  }
  // A swap is two overrides, one after the other.
  let halves = 0;
  for (const [index, { person, fromMs, untilMs: endMs, insteadOf, why }] of schedule.overrides.entries()) {
    const isSecond = insteadOf !== null && halves++ % 2 === 1;
    const isGiven = isSecond && onCall?.by.kind === 'override' && onCall.by.index === index - 1;
    // A swap gives away what somebody has themselves: what others have in between stays theirs, and so does what it has just given.
    const isTheirs = insteadOf === null || (onCall?.person === insteadOf && !isGiven);
    if (isTheirs && fromMs <= ms && ms < endMs) onCall = { person, by: { kind: 'override', index, insteadOf, why } };
    for (const edge of [fromMs, endMs]) if (edge > ms && edge < untilMs) untilMs = edge;
  }
  return { onCall, untilMs };
}

function isSame(one: OnCall | null, other: OnCall | null): boolean {
  if (one === null || other === null) return one === other;
  if (one.person !== other.person) return false;
  const [a, b] = [one.by, other.by];
  if (a.kind === 'override') return b.kind === 'override' && a.index === b.index;
  return b.kind === 'layer' && a.layer === b.layer && a.turn === b.turn;
}
