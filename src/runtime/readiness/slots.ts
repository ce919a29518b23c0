/** Places for work that may be done at the same time, so many at once; some of it only by itself. First come, first served. */
export class Slots {
  readonly #max: number;
  readonly #waiting: { readonly alone: boolean; readonly begin: () => void }[] = [];
  #running = 0;
  #isAlone = false;

  constructor(max: number) {
    this.#max = max;
  }

  /**
   * Does `work` when there is a place for it.
   *
   * @param alone - Nothing else is done meanwhile.
   */
  async take<T>(alone: boolean, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((begin) => {
      this.#waiting.push({ alone, begin });
      this.#next();
    });
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#isAlone = false;
      this.#next();
    }
  }

  #next(): void {
    for (;;) {
      const first = this.#waiting[0];
      if (!first || this.#isAlone || this.#running >= this.#max || (first.alone && this.#running > 0)) return;
      this.#waiting.shift();
      this.#running += 1;
      this.#isAlone = first.alone;
      first.begin();
    }
  }
}
