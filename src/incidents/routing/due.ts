/** Keys by the moment at which they are due, the earliest first: a binary heap of the moments. */
export class Due {
  readonly #heap: number[] = [];
  readonly #keys = new Map<number, string[]>();

  /** The earliest moment; null: nothing is due. */
  get first(): number | null {
    return this.#heap[0] ?? null;
  }

  add(atMs: number, key: string): void {
    const keys = this.#keys.get(atMs);
    if (keys) {
      keys.push(key);
      return;
    }
    this.#keys.set(atMs, [key]);
    const heap = this.#heap;
    let at = heap.push(atMs) - 1;
    for (let up = (at - 1) >> 1; at > 0 && (heap[up] ?? 0) > atMs; up = (at - 1) >> 1) {
      heap[at] = heap[up] ?? 0;
      at = up;
    }
    heap[at] = atMs;
  }

  /** Takes out what is due first, in the order in which it was added. */
  take(): readonly string[] {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined) return [];
    let at = 0;
    for (let down = 1; down < heap.length; down = 2 * at + 1) {
      if ((heap[down + 1] ?? Number.POSITIVE_INFINITY) < (heap[down] ?? 0)) down += 1;
      if ((heap[down] ?? 0) >= last) break;
      heap[at] = heap[down] ?? 0;
      at = down;
    }
    if (heap.length > 0) heap[at] = last;
    const keys = this.#keys.get(first) ?? [];
    this.#keys.delete(first);
    return keys;
  }
}
