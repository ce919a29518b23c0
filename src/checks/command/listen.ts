/** Longest text that is looked for, less one: a text may be torn between two parts of an output. */
const overlap = 999;

/** Looks for texts in an output that comes in parts, however long it becomes. */
export class Listener {
  readonly #wanted: ReadonlySet<string>;
  readonly #found = new Set<string>();
  readonly #ends = { stdout: '', stderr: '' };
  #chars = 0;

  constructor(wanted: Iterable<string>) {
    this.#wanted = new Set(wanted);
  }

  hear(part: string, stream: 'stdout' | 'stderr'): void {
    this.#chars += part.length;
    const text = this.#ends[stream] + part;
    for (const one of this.#wanted) if (!this.#found.has(one) && text.includes(one)) this.#found.add(one);
    this.#ends[stream] = text.slice(-overlap);
  }

  has(text: string): boolean {
    return this.#found.has(text);
  }

  /** Characters so far. */
  get chars(): number {
    return this.#chars;
  }

  /** What it says now: the last whole line, or the end of one, and whether that is what it is. */
  get line(): { readonly text: string; readonly isCut: boolean } {
    const text = this.#ends.stdout.trimEnd();
    const begin = text.lastIndexOf('\n') + 1;
    return { text: text.slice(begin), isCut: begin === 0 && this.#ends.stdout.length === overlap };
  }
}
