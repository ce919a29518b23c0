import { type FileHandle, open, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { systemCode } from '../errors.ts';

const chunkBytes = 262_144;
/** A line has some hundred characters; what goes on for longer without an end is none. */
const lineCharsMax = 262_144;
/** How much is read back when the log is opened, or after a long absence. */
const tailBytes = 16 * 1_048_576;
/** How long a log that was renamed is read on: its writers hear of the new one a moment later. */
const olderMs = 10_000;

/** How a reading went. */
export type LogRead = { readonly hasLeftOut: boolean; readonly hasBegin: boolean; readonly isThere: boolean };

/**
 * Reads the lines that a log gets, from where it was the last time. A log that was renamed is read to its end beside the new one, one
 * that was emptied is read from its beginning. Holds no file open, and in memory one chunk and two unfinished lines.
 */
export class LogReader {
  readonly #file: string;
  #current: Place | null = null;
  #older: { readonly place: Place; readonly untilMs: number } | null = null;
  #hasBegin = true;

  constructor(file: string) {
    this.#file = file;
  }

  /**
   * Hands every new line to `take`.
   *
   * @returns Whether lines were left out, because there were too many since the last time; whether the log was read from its begin; and
   *   whether it is there, under its name or the one that it was given last.
   * @throws The system's errors.
   */
  async read(take: (line: string) => void, signal: AbortSignal): Promise<LogRead> {
    let hasLeftOut = false;
    let isThere = false;
    const handle = await opened(this.#file);
    try {
      const inode = handle ? (await handle.stat()).ino : null;
      if (inode !== null && this.#current && inode !== this.#current.inode) {
        this.#older = { place: this.#current, untilMs: performance.now() + olderMs };
        this.#current = null;
      }
      if (this.#older) hasLeftOut = (await this.#readRenamed(this.#older.place, take, signal)) === 'in part';
      // There is no new one yet, so the writers still have the one that was renamed.
      if (inode === null && this.#current) {
        const read = await this.#readRenamed(this.#current, take, signal);
        isThere = read !== 'gone';
        hasLeftOut ||= read === 'in part';
      }
      if (this.#older && performance.now() > this.#older.untilMs) this.#older = null;
      if (handle && inode !== null) {
        isThere = true;
        const isFirst = this.#current === null;
        this.#current ??= { inode, offset: 0, decoder: new StringDecoder('utf8'), rest: '', skips: false };
        const isCut = await readOn(this.#current, handle, take, signal);
        if (isCut) this.#hasBegin = false;
        // At the first reading nobody has missed anything yet.
        hasLeftOut ||= isCut && !isFirst;
      }
    } finally {
      await handle?.close();
    }
    return { hasLeftOut, hasBegin: this.#hasBegin, isThere };
  }

  /** Whatever it is called now: the names that programs and logrotate give differ. One that was removed or packed has nothing more to say. */
  async #readRenamed(place: Place, take: (line: string) => void, signal: AbortSignal): Promise<'whole' | 'in part' | 'gone'> {
    const folder = dirname(this.#file);
    const stem = basename(this.#file).split('.')[0] ?? '';
    const names = (await readdir(folder)).filter((name) => name.startsWith(stem));
    for (const name of names.slice(0, 100)) {
      const handle = await opened(join(folder, name));
      try {
        if (handle && (await handle.stat()).ino === place.inode)
          return (await readOn(place, handle, take, signal)) ? 'in part' : 'whole';
      } finally {
        await handle?.close();
      }
    }
    return 'gone';
  }
}

/** How far one file was read. */
type Place = {
  readonly inode: number;
  offset: number;
  /** Keeps the beginning of a character whose end has not been read yet. */
  decoder: StringDecoder;
  /** The line that has no end yet. */
  rest: string;
  /** Whether that line has lost its beginning, so that it is left out. */
  skips: boolean;
};

async function opened(file: string): Promise<FileHandle | null> {
  try {
    return await open(file, 'r');
  } catch (error) {
    // Between a rename and a reopen there is none.
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Takes what is new in a file. Answers whether a part was left out. */
async function readOn(place: Place, handle: FileHandle, take: (line: string) => void, signal: AbortSignal): Promise<boolean> {
  const { size } = await handle.stat();
  if (size < place.offset) goTo(place, 0, false);
  const isCut = size - place.offset > tailBytes;
  if (isCut) goTo(place, size - tailBytes, true);
  const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, size - place.offset));
  while (place.offset < size) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, size - place.offset), place.offset);
    if (bytesRead === 0) break;
    place.offset += bytesRead;
    takeText(place, place.decoder.write(buffer.subarray(0, bytesRead)), take);
  }
  return isCut;
}

function goTo(place: Place, offset: number, skips: boolean): void {
  Object.assign(place, { offset, decoder: new StringDecoder('utf8'), rest: '', skips });
}

function takeText(place: Place, text: string, take: (line: string) => void): void {
  const lines = (place.rest + text).split('\n');
  place.rest = lines.pop() ?? '';
  for (const line of lines) {
    if (place.skips) place.skips = false;
    else if (line !== '') take(line);
  }
  if (place.rest.length > lineCharsMax) Object.assign(place, { rest: '', skips: true });
}
