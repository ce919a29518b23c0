/** Counts tries per key in a sliding minute, so that nobody guesses quickly. Bounded: the key not tried for longest is forgotten. */
export class Tries {
  readonly #max: number;
  readonly #keysMax: number;
  readonly #tries = new Map<string, readonly number[]>();

  /**
   * @param max - Tries of one key in a minute.
   * @param keysMax - Keys that are remembered at once.
   */
  constructor(max: number, keysMax = 10_000) {
    this.#max = max;
    this.#keysMax = keysMax;
  }

  /** Counts a try. Answers null when it may be made, else after how many milliseconds the next one may. */
  take(key: string, atMs: number): number | null {
    const recent = (this.#tries.get(key) ?? []).filter((at) => at > atMs - minuteMs);
    const [oldest = atMs] = recent;
    const isAllowed = recent.length < this.#max;
    this.#tries.delete(key);
    // One that is refused does not count: whoever waits as told gets in.
    this.#tries.set(key, isAllowed ? [...recent, atMs] : recent);
    for (const first of this.#tries.keys()) if (this.#tries.size > this.#keysMax) this.#tries.delete(first);
    return isAllowed ? null : Math.max(1, oldest + minuteMs - atMs);
  }

  /** Takes the last try back: it was no guess. */
  giveBack(key: string): void {
    this.#tries.set(key, (this.#tries.get(key) ?? []).slice(0, -1));
  }
}

const minuteMs = 60_000;
