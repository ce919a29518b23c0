import { type Correction, concerns, isLeftOut, spansOf } from '../../slo/corrections.ts';
import { ObjectiveSums } from '../../slo/evaluate.ts';
import { sumOf } from '../../slo/events.ts';
import { type Period, periodAt } from '../../slo/period.ts';
import { SliceCounter } from '../../slo/slices.ts';
import type { Events } from '../../slo/types.ts';
import { slotS } from '../../slo/windows.ts';
import type { Cell, CountStore, NewCell } from './count-store.ts';
import { countsTheSame, type KnownObjective } from './objective-records.ts';
import type { Slot, VersionCounts } from './service-feed.ts';

/** Where versions are told apart of an objective that counts slices: these are no events of its own. */
export function rawName(id: string): string {
  return `${id} by version`;
}

/** One objective that is being counted: its sums in memory, and what goes to the disk. */
export class RunningObjective {
  readonly known: KnownObjective;
  readonly sums: ObjectiveSums;
  readonly #store: CountStore;
  readonly #slices: SliceCounter | null;
  #spans: readonly { readonly fromMs: number; readonly toMs: number }[] = [];
  #calendar: ({ period: Period } & { bad: number; total: number }) | null = null;
  /** Cells that are not on the disk yet. */
  #news: NewCell[] = [];
  /** What is wrong with its counts now; null: nothing. */
  problem: string | null = null;
  notes: readonly string[] = [];
  /** Seconds between two readings of its counts; 0: they come as they happen. */
  everyS = 0;
  /** Unix milliseconds; what was counted before was counted otherwise. 0: nothing was. */
  readonly countedSinceMs: number;

  /** Goes on with what the store has of it. */
  constructor(known: KnownObjective, corrections: readonly Correction[], store: CountStore, nowMs: number) {
    this.known = known;
    this.#store = store;
    this.sums = new ObjectiveSums(this.objective);
    this.#slices = this.objective.slices ? new SliceCounter(this.objective.slices) : null;
    this.#spans = spansOf(corrections.filter((one) => concerns(one, known.id)));
    this.countedSinceMs = countedSince(known);
    const nowS = Math.floor(nowMs / 1_000);
    const newest = this.#counted(nowS - 7_200, nowS + slotS, slotS).at(-1) ?? this.#counted(0, nowS, 3_600).at(-1);
    if (newest) this.sums.restore(newest.toS, (cellS, fromS, toS) => this.#counted(fromS, toS, cellS));
    this.#turnPage(nowMs);
  }

  get id(): string {
    return this.known.id;
  }

  get objective() {
    const [newest] = this.known.versions;
    if (!newest) throw new Error(`objective ${this.known.id} has no version`);
    return newest.objective;
  }

  /** Takes a slot of its service. One that was counted without its threshold says nothing. */
  takeSlot({ fromS, toS, byVersion }: Slot): void {
    const counted = [...byVersion].map(([version, counts]) => ({ version, events: eventsOf(counts, this.objective.belowMs) }));
    if (counted.some(({ events }) => events === null)) return;
    const parts = counted.flatMap(({ version, events }) => (events ? [{ version, ...events }] : []));
    if (this.#slices) for (const part of parts) this.#keep(rawName(this.id), fromS, part.version, part);
    this.#take(fromS, toS, sumOf(parts), parts);
  }

  /** Takes events that nobody can tell apart by version. */
  takeEvents(fromS: number, toS: number, events: Events): void {
    this.#take(fromS, toS, events, [{ version: '', ...events }]);
  }

  #take(fromS: number, toS: number, sum: Events, parts: readonly ({ readonly version: string } & Events)[]): void {
    if (!this.#slices) {
      this.#count(fromS, toS, sum, parts);
      return;
    }
    for (const slice of this.#slices.add(fromS, toS, sum))
      this.#count(Math.max(slice.fromS, slice.toS - slotS), slice.toS, slice.events, [{ version: '', ...slice.events }]);
  }

  #count(fromS: number, toS: number, sum: Events, parts: readonly ({ readonly version: string } & Events)[]): void {
    const out = isLeftOut(this.#spans, fromS * 1_000);
    if (!this.sums.add(fromS, toS, out ? { bad: 0, total: 0 } : sum)) return;
    for (const { version, bad, total } of parts) this.#keep(this.id, fromS, version, { bad, total });
    if (!this.#calendar) return;
    this.#turnPage(fromS * 1_000);
    if (out || fromS * 1_000 < this.#calendar.period.fromMs) return;
    this.#calendar.bad += sum.bad;
    this.#calendar.total += sum.total;
  }

  #keep(objective: string, fromS: number, version: string, { bad, total }: Events): void {
    const toS = fromS + slotS;
    this.#news.push({ objective, fromS, toS, version, isLeftOut: isLeftOut(this.#spans, fromS * 1_000), bad, total });
  }

  get hasNews(): boolean {
    return this.#news.length > 0;
  }

  /** What has been counted since the last call, for the disk. */
  news(): readonly NewCell[] {
    return this.#news.splice(0);
  }

  /** The period that it is judged over, and what counts of it. */
  period(nowMs: number): Period & Events {
    this.#turnPage(nowMs);
    if (this.#calendar) {
      const { period, bad, total } = this.#calendar;
      return { ...period, bad, total };
    }
    return { ...periodAt(this.objective, nowMs), ...this.sums.sum(this.objective.windowMs) };
  }

  /** What the disk has of it, with nothing in time that is left out. */
  #counted(fromS: number, toS: number, cellS?: number): readonly Cell[] {
    return this.#store
      .cells(this.id, Math.max(fromS, Math.floor(this.countedSinceMs / 1_000)), toS, cellS)
      .map((cell) => (cell.isLeftOut ? { ...cell, bad: 0, total: 0 } : cell));
  }

  /** A period of the calendar that has begun has what was counted in it so far. */
  #turnPage(nowMs: number): void {
    if (!this.objective.calendar || (this.#calendar && nowMs < this.#calendar.period.toMs)) return;
    const period = periodAt(this.objective, nowMs);
    const counted = sumOf(this.#counted(Math.floor(period.fromMs / 1_000), Math.floor(nowMs / 1_000)));
    this.#calendar = { period, ...counted };
  }
}

/** Since when the same events are counted as now; 0: they always were. */
function countedSince({ versions }: KnownObjective): number {
  const [newest] = versions;
  const other = versions.findIndex(({ objective }) => newest && !countsTheSame(objective, newest.objective));
  return other < 0 ? 0 : (versions[other - 1]?.sinceMs ?? 0);
}

/** Bad events of requests; null: how many were slow was not counted. */
function eventsOf({ n, errors, slower }: VersionCounts, belowMs: number | null): Events | null {
  if (belowMs === null) return { bad: errors, total: n };
  const bad = n === 0 ? 0 : slower.get(belowMs);
  return bad === undefined ? null : { bad, total: n };
}
