import type { Driven } from './driven.ts';

/** Some intervals in a row, with so many events in each; `null`: the counters are away. */
export type Phase = { readonly ticks: number; readonly events: { readonly good: number; readonly bad: number } | null };

export type InputSeries = { readonly series: string; readonly values: string };

/** Series that count the events of phases from 0 on, first at moment 0. */
export function counted(driven: readonly Driven[], phases: readonly Phase[]): readonly InputSeries[] {
  return driven.map(({ series, good, bad, of }) => {
    let value = 0;
    const values: (number | null)[] = [0];
    for (const { ticks, events } of phases)
      for (let tick = 0; tick < ticks; tick += 1) {
        if (events) value += (events.good * good + events.bad * bad) / of;
        values.push(events ? value : null);
      }
    return { series, values: notation(values) };
  });
}

/** How many events the last so many intervals had, at each moment. */
export function within(phases: readonly Phase[], ticks: number, of: 'bad' | 'total'): readonly number[] {
  const each = [0, ...phases.flatMap((phase) => Array<number>(phase.ticks).fill(eventsOf(phase, of)))];
  let sum = 0;
  return each.map((events, at) => {
    sum += events - (at - ticks > 0 ? (each[at - ticks] ?? 0) : 0);
    return sum;
  });
}

function eventsOf({ events }: Phase, of: 'bad' | 'total'): number {
  return events ? events.bad + (of === 'total' ? events.good : 0) : 0;
}

/** Values as promtool writes them: `0+5x3` is 0 5 10 15. A series that goes away is marked as stale. */
export function notation(values: readonly (number | null)[]): string {
  const parts: string[] = [];
  for (let at = 0; at < values.length; ) {
    const value = values[at] ?? null;
    if (value === null) {
      let end = at;
      while (end < values.length && (values[end] ?? null) === null) end += 1;
      parts.push('stale', ...(end - at > 1 ? [`_x${end - at - 1}`] : []));
      at = end;
      continue;
    }
    const next = values[at + 1] ?? null;
    const step = next === null ? 0 : next - value;
    let end = at + 1;
    while (end < values.length && (values[end] ?? null) !== null && (values[end] ?? 0) - (values[end - 1] ?? 0) === step)
      end += 1;
    const times = end - at - 1;
    parts.push(times === 0 ? String(value) : `${value}${step < 0 ? '-' : '+'}${Math.abs(step)}x${times}`);
    at = end;
  }
  return parts.join(' ');
}
