import { statSync } from 'node:fs';

/** Files of secrets that are remembered; more than any installation names. */
const filesMax = 1_000;
/** Earlier contents of one file that are remembered: what runs was started with one of them. */
const textsMax = 10;

type Remembered = { readonly state: string; readonly texts: readonly string[] };

/**
 * What files of secrets hold and have held. They are asked for with every line that is told, so a file is read again only when it has
 * changed; a value that was replaced is still hidden, because programs that run have it still.
 */
export class SecretFiles {
  readonly #read: (file: string) => string;
  readonly #remembered = new Map<string, Remembered>();

  /** @param read - Reads a file, or throws. */
  constructor(read: (file: string) => string) {
    this.#read = read;
  }

  /** Every text that the file has had, the present one first; none when it was never readable. */
  texts(file: string): readonly string[] {
    const known = this.#remembered.get(file);
    const state = stateOf(file);
    if (known?.state === state) return known.texts;
    const texts = [...new Set([...this.#present(file), ...(known?.texts ?? [])])].slice(0, textsMax);
    if (this.#remembered.size >= filesMax) this.#remembered.clear();
    this.#remembered.set(file, { state, texts });
    return texts;
  }

  #present(file: string): readonly string[] {
    try {
      return [this.#read(file)];
    } catch {
      return [];
    }
  }
}

/** Another one whenever the file may have other content. */
function stateOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false, bigint: true });
  return found ? [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(' ') : 'none';
}
