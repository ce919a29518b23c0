import { localMs, momentOf } from '../../spec/local-time.ts';
import type { ScheduleLayer } from '../../spec/schedule.ts';

const minuteMs = 60_000;
const weekMs = 7 * 86_400_000;
/** The Monday after the epoch, as clocks show it. */
const mondayMs = 4 * 86_400_000;

/** How a layer is at a moment, for as long as it stays so. */
export type LayerLook = {
  /** Whose turn it is; null: the layer has not begun, has ended, or is restricted to other times. */
  readonly person: string | null;
  /** Number of the turn, from 0; -1 before the first. */
  readonly turn: number;
  /** Until here nothing of the layer changes; infinite: ever. */
  readonly untilMs: number;
};

/** A layer at a moment, in unix milliseconds. */
export function lookAt(layer: ScheduleLayer, zone: string, ms: number): LayerLook {
  const endMs = layer.untilMs ?? Number.POSITIVE_INFINITY;
  if (ms >= endMs) return { person: null, turn: -1, untilMs: Number.POSITIVE_INFINITY };
  const turn = turnAt(layer, zone, ms);
  const turnEndMs = beginsMs(layer, zone, turn + 1);
  if (turn < 0) return { person: null, turn, untilMs: Math.min(turnEndMs, endMs) };
  const window = windowsAt(layer, zone, ms);
  const person = window.isOpen ? (layer.people[turn % layer.people.length] ?? null) : null;
  return { person, turn, untilMs: Math.min(turnEndMs, endMs, window.untilMs) };
}

/** When a turn begins. Turns that lie in an hour which clocks leave out begin where they end. */
function beginsMs({ firstLocalMs, turnMs }: ScheduleLayer, zone: string, turn: number): number {
  return momentOf(firstLocalMs + turn * turnMs, zone);
}

/** The last turn that has begun; -1: none has. */
function turnAt(layer: ScheduleLayer, zone: string, ms: number): number {
  let turn = Math.max(-1, Math.floor((localMs(ms, zone) - layer.firstLocalMs) / layer.turnMs));
  // Where clocks have been put back, a turn may have begun that they say is still to come.
  while (beginsMs(layer, zone, turn + 1) <= ms) turn += 1;
  return turn;
}

/** Whether a moment is in one of the layer's windows, and up to when that cannot change. */
function windowsAt(layer: ScheduleLayer, zone: string, ms: number): { readonly isOpen: boolean; readonly untilMs: number } {
  if (layer.windows.length === 0) return { isOpen: true, untilMs: Number.POSITIVE_INFINITY };
  const week = Math.floor((localMs(ms, zone) - mondayMs) / weekMs);
  let isOpen = false;
  let untilMs = Number.POSITIVE_INFINITY;
  // One of the last week may last; one of the next has begun where clocks were put back over its beginning.
  for (const { fromMinute, minutes } of layer.windows)
    for (const offset of [-1, 0, 1]) {
      const fromLocal = mondayMs + (week + offset) * weekMs + fromMinute * minuteMs;
      const fromMs = momentOf(fromLocal, zone);
      const endMs = momentOf(fromLocal + minutes * minuteMs, zone);
      isOpen ||= fromMs <= ms && ms < endMs;
      for (const edge of [fromMs, endMs]) if (edge > ms && edge < untilMs) untilMs = edge;
    }
  return { isOpen, untilMs };
}
