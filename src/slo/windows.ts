import type { Events } from './types.ts';

/** Length of a slot, in seconds: events are counted in these, and evaluated after each. */
export const slotS = 10;

/**
 * Lengths of the cells that windows consist of, in seconds, each with the longest window that it is for. A window begins at the boundary
 * of a cell at or before its length ago, so it is longer than said by less than a cell: 10 s of an hour, 5 min of three days.
 */
export const grids: readonly { readonly cellS: number; readonly upToMs: number }[] = [
  { cellS: slotS, upToMs: 3_600_000 },
  { cellS: 60, upToMs: 6 * 3_600_000 },
  { cellS: 300, upToMs: 72 * 3_600_000 },
  { cellS: 3_600, upToMs: Number.POSITIVE_INFINITY },
];

/** Length of the cells of a window, in seconds. */
export function cellOf(windowMs: number): number {
  return grids.find(({ upToMs }) => windowMs <= upToMs)?.cellS ?? 3_600;
}

/** Where a window that ends at a second begins: at the boundary of a cell. */
export function beginOf(windowMs: number, endS: number): number {
  const cellS = cellOf(windowMs);
  return Math.floor((endS - windowMs / 1_000) / cellS) * cellS;
}

/**
 * Sums of events over several windows that end at the same moment, in time that does not depend on how long they are. Exact integers. A
 * window is half open: it begins with a cell and ends before its end.
 */
export class WindowSums {
  readonly #rings: readonly Ring[];
  readonly #byMs: ReadonlyMap<number, { readonly ring: Ring; readonly index: number }>;
  #endS = 0;

  /** @param windowsMs - Lengths of the windows, whole slots each. */
  constructor(windowsMs: readonly number[]) {
    const all = [...new Set(windowsMs)].sort((a, b) => a - b);
    const byCell = Map.groupBy(all, cellOf);
    this.#rings = [...byCell].map(([cellS, lengths]) => new Ring(cellS, lengths));
    this.#byMs = new Map(this.#rings.flatMap((ring) => ring.windowsMs.map((ms, index) => [ms, { ring, index }] as const)));
  }

  /** Unix second that the windows end at; 0: nothing was taken. */
  get endS(): number {
    return this.#endS;
  }

  /**
   * Takes the events of some time that ends at `toS`, and moves all windows there. Time between the last one and this had no events. What
   * is not newer than all before is refused, because its windows have been judged already.
   *
   * @param fromS - Where it begins: it has to lie in one cell of each window, so at most a cell of the shortest.
   */
  add(fromS: number, toS: number, events: Events): boolean {
    if (fromS < this.#endS) return false;
    this.through(toS);
    for (const ring of this.#rings) ring.put(fromS, events);
    return true;
  }

  /** Moves all windows to an end. They never go back. */
  through(endS: number): void {
    if (endS <= this.#endS) return;
    this.#endS = endS;
    for (const ring of this.#rings) ring.through(endS);
  }

  /** Lengths of the cells that its windows consist of, in seconds, each with the longest of these windows. */
  get cells(): readonly { readonly cellS: number; readonly longestMs: number }[] {
    return this.#rings.map(({ cellS, windowsMs }) => ({ cellS, longestMs: Math.max(...windowsMs) }));
  }

  /** Puts back what was counted before a restart, into the windows that consist of cells of this length. They have to end after it. */
  refill(cellS: number, fromS: number, events: Events): void {
    for (const ring of this.#rings) if (ring.cellS === cellS) ring.put(fromS, events);
  }

  /** What a window holds. @throws RangeError for a length that was not asked for. */
  sum(windowMs: number): Events {
    const found = this.#byMs.get(windowMs);
    if (!found) throw new RangeError(`no window of ${windowMs} ms`);
    return found.ring.sum(found.index);
  }
}

type Cells = Uint16Array | Uint32Array | Float64Array;

/** Cells of one length, and the windows that consist of them. */
class Ring {
  readonly windowsMs: readonly number[];
  readonly cellS: number;
  readonly #size: number;
  /** As narrow as what they hold allows: there are thousands of cells for each objective. */
  #bad: Cells;
  #total: Cells;
  readonly #sumBad: number[];
  readonly #sumTotal: number[];
  /** First cell of each window. */
  readonly #first: number[];
  /** Cell that ends last, or is being filled; −1: none. */
  #last = -1;

  constructor(cellS: number, windowsMs: readonly number[]) {
    this.cellS = cellS;
    this.windowsMs = windowsMs;
    this.#size = Math.max(...windowsMs) / 1_000 / cellS + 2;
    this.#bad = new Uint16Array(this.#size);
    this.#total = new Uint16Array(this.#size);
    this.#sumBad = windowsMs.map(() => 0);
    this.#sumTotal = windowsMs.map(() => 0);
    this.#first = windowsMs.map(() => 0);
  }

  through(endS: number): void {
    const last = Math.ceil(endS / this.cellS) - 1;
    for (const [index, ms] of this.windowsMs.entries()) {
      const first = Math.floor((endS - ms / 1_000) / this.cellS);
      // Cells beyond the last one have never been filled.
      const from = Math.max(this.#first[index] ?? 0, this.#last - this.#size + 1, 0);
      for (let cell = from; cell < first && cell <= this.#last; cell += 1) {
        this.#sumBad[index] = (this.#sumBad[index] ?? 0) - (this.#bad[cell % this.#size] ?? 0);
        this.#sumTotal[index] = (this.#sumTotal[index] ?? 0) - (this.#total[cell % this.#size] ?? 0);
      }
      this.#first[index] = first;
    }
    for (let cell = Math.max(this.#last + 1, last - this.#size + 1); cell <= last; cell += 1) {
      this.#bad[cell % this.#size] = 0;
      this.#total[cell % this.#size] = 0;
    }
    this.#last = Math.max(this.#last, last);
  }

  put(fromS: number, { bad, total }: Events): void {
    const cell = Math.floor(fromS / this.cellS);
    if (cell < 0 || cell <= this.#last - this.#size) return;
    const at = cell % this.#size;
    const [badNow, totalNow] = [(this.#bad[at] ?? 0) + bad, (this.#total[at] ?? 0) + total];
    this.#bad = wideEnough(this.#bad, badNow);
    this.#total = wideEnough(this.#total, totalNow);
    this.#bad[at] = badNow;
    this.#total[at] = totalNow;
    for (const [index, first] of this.#first.entries()) {
      if (cell < first) continue;
      this.#sumBad[index] = (this.#sumBad[index] ?? 0) + bad;
      this.#sumTotal[index] = (this.#sumTotal[index] ?? 0) + total;
    }
  }

  sum(index: number): Events {
    return { bad: this.#sumBad[index] ?? 0, total: this.#sumTotal[index] ?? 0 };
  }
}

function wideEnough(cells: Cells, value: number): Cells {
  if (value < 2 ** 16 || cells instanceof Float64Array) return cells;
  if (value < 2 ** 32) return cells instanceof Uint32Array ? cells : new Uint32Array(cells);
  return new Float64Array(cells);
}
