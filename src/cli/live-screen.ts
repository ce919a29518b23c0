import type { Paper } from './screen.ts';

/** The terminal as the screen finds it now; a pipe is wide and has no end. */
export function paperOf(stream: NodeJS.WriteStream): Paper {
  return {
    width: Math.max(40, stream.columns ?? 120),
    height: Math.max(12, stream.rows ?? 50),
    colour: stream.isTTY === true && stream.hasColors(),
  };
}

/** A screen that is drawn over itself, and leaves the terminal as it was. */
export class LiveScreen {
  readonly #stream: NodeJS.WriteStream;
  #drawn = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  draw(lines: readonly string[]): void {
    // The other screen of the terminal, so that what the user had on theirs comes back.
    if (!this.#drawn) this.#stream.write('\x1b[?1049h\x1b[?25l');
    this.#drawn = true;
    this.#stream.write(`\x1b[H${lines.map((line) => `${line}\x1b[K`).join('\n')}\x1b[J`);
  }

  close(): void {
    if (this.#drawn) this.#stream.write('\x1b[?25h\x1b[?1049l');
    this.#drawn = false;
  }
}
