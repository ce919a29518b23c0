import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { systemCode } from '../../errors.ts';
import { printable } from '../end-text.ts';
import { logFile, versionPlace } from './places.ts';

const linesLimit = 10_000;
const bytesLimit = 4_194_304;

/**
 * The last lines that an instance wrote to standard output and error, oldest first, over all of its starts. Without control characters.
 * Works for ended versions too, as long as their logs are kept. Empty when it has no log.
 *
 * @param folder - The target's private folder, as in its `TargetContext`.
 * @param linesMax - At most so many lines (≤ 10_000) and 4 MiB are read.
 * @throws UserError `E_NAME` for a name that is no plain file name; RangeError for an ordinal that is no whole number.
 */
export function readInstanceLog(
  folder: string,
  instance: { readonly service: string; readonly version: string; readonly ordinal: number },
  linesMax: number,
): readonly string[] {
  if (!Number.isSafeInteger(instance.ordinal) || instance.ordinal < 0) throw new RangeError('the ordinal is a whole number');
  const count = Math.max(0, Math.min(linesLimit, Math.floor(linesMax)));
  const file = logFile(versionPlace(folder, instance.service, instance.version), instance.ordinal);
  const current = tailLines(file, 0, bytesLimit);
  const lines = current.length < count ? [...tailLines(`${file}.1`, 0, bytesLimit), ...current] : current;
  return count === 0 ? [] : lines.slice(-count).map(printable);
}

/** Complete and unfinished lines within the last `bytesMax` bytes of a file, none of them from before `fromByte`. Empty without the file. */
export function tailLines(file: string, fromByte: number, bytesMax: number): string[] {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
  try {
    const { size } = fstatSync(fd);
    // A file that is shorter than it was has been rotated since.
    const first = fromByte > size ? 0 : fromByte;
    const start = Math.max(first, size - bytesMax);
    const buffer = Buffer.alloc(size - start);
    const bytes = readSync(fd, buffer, 0, buffer.length, start);
    const lines = buffer.toString('utf8', 0, bytes).split(/\r?\n/);
    if (lines.at(-1) === '') lines.pop();
    if (start > first) lines.shift();
    return lines;
  } finally {
    closeSync(fd);
  }
}
