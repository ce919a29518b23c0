import {
  closeSync,
  createReadStream,
  createWriteStream,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { systemCode } from '../../errors.ts';

/** Copied at most while everything else stands still, in bytes. */
const restMax = 4_194_304;

/** Bounds of one instance's logs: bytes of the current file, and how many older ones stay. */
export type LogBounds = { readonly maxSize: number; readonly keep: number };

/** What to do about a log of this size (bytes). The most recent `maxSize` bytes are copied from `fromByte` on. */
export function rotation(
  size: number,
  bounds: LogBounds,
): { readonly kind: 'none' } | { readonly kind: 'rotate'; readonly fromByte: number } {
  if (size <= bounds.maxSize) return { kind: 'none' };
  return { kind: 'rotate', fromByte: bounds.keep === 0 ? size : size - bounds.maxSize };
}

/** The renames that make room for a new `.1`, in order; whatever is at the last name is replaced. */
export function shifts(file: string, keep: number): readonly (readonly [from: string, to: string])[] {
  return Array.from({ length: Math.max(0, keep - 1) }, (_, i) => [`${file}.${keep - 1 - i}`, `${file}.${keep - i}`] as const);
}

/**
 * Rotates a log that grew beyond its bound: its newest `maxSize` bytes become `.1`, then it is emptied in place, because the process
 * has it open for appending and would not notice a new file. What is written between the end of the copy and the emptying (µs) is lost.
 * When the copy fails, the log is emptied all the same: a full disk that stays full hurts more than an old log.
 *
 * @returns Whether it was emptied.
 * @throws The system's error when the copy failed; the log is then empty.
 */
export async function rotateLog(file: string, bounds: LogBounds): Promise<boolean> {
  const size = await sizeOf(file);
  const decision = rotation(size, bounds);
  if (decision.kind === 'none') return false;
  const temporary = `${file}.new`;
  let failure: unknown;
  try {
    if (bounds.keep > 0)
      await pipeline(
        createReadStream(file, { start: decision.fromByte, end: size - 1 }),
        createWriteStream(temporary, { mode: 0o600 }),
      );
  } catch (error) {
    failure = error;
    rmSync(temporary, { force: true });
  }
  // From here on without a pause, so that whoever reads the logs finds every line in one of them.
  const isCopied = bounds.keep > 0 && failure === undefined;
  if (isCopied)
    for (const [from, to] of [...shifts(file, bounds.keep), [temporary, `${file}.1`] as const]) renameIfThere(from, to);
  emptyLog(file, isCopied ? { to: `${file}.1`, fromByte: size, bytesMax: Math.min(bounds.maxSize, restMax) } : null);
  // A smaller `keep` than before leaves files that no later rotation would touch.
  rmSync(`${file}.${bounds.keep + 1}`, { force: true });
  if (failure !== undefined) throw failure;
  return true;
}

/** Copies what came in during the copy, and empties the log. */
function emptyLog(file: string, rest: { to: string; fromByte: number; bytesMax: number } | null): void {
  const log = openSync(file, 'r+');
  try {
    if (rest) {
      const copy = openSync(rest.to, 'a', 0o600);
      try {
        const chunk = Buffer.alloc(65_536);
        let at = Math.max(rest.fromByte, fstatSync(log).size - rest.bytesMax);
        for (let bytes = readSync(log, chunk, 0, chunk.length, at); bytes > 0; ) {
          writeSync(copy, chunk, 0, bytes);
          at += bytes;
          // A process that writes as fast as we copy must not hold us here.
          if (at - rest.fromByte > rest.bytesMax) break;
          bytes = readSync(log, chunk, 0, chunk.length, at);
        }
      } catch (error) {
        if (systemCode(error) !== 'ENOSPC') throw error;
      } finally {
        closeSync(copy);
      }
    }
    ftruncateSync(log, 0);
  } finally {
    closeSync(log);
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    ignoreMissing(error);
    return 0;
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    ignoreMissing(error);
  }
}

function ignoreMissing(error: unknown): void {
  if (systemCode(error) !== 'ENOENT') throw error;
}
