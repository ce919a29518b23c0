import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { plainFile, read } from './documents.ts';

export type TextFile = {
  readonly text: string;
  /** Unix ms of its last change on the disk. */
  readonly changedMs: number;
};

/**
 * The text of a file, whatever is in it.
 *
 * @param path - Relative to `folder`.
 * @throws UserError `E_CHECK_FILE` when it cannot be read, or is larger.
 */
export async function textFile(folder: string, path: string, bytesMax: number, signal: AbortSignal): Promise<TextFile> {
  const file = resolve(folder, path);
  const { size, mtimeMs } = await read(path, () => plainFile(file));
  if (size > bytesMax)
    throw new UserError('E_CHECK_FILE', `${path} has ${size} bytes; at most ${bytesMax} are read`, {
      where: path,
      fix: 'name a smaller file',
    });
  const text = await read(path, () => readFile(file, { encoding: 'utf8', signal }));
  return { text: text.replace(/^\ufeff/, ''), changedMs: mtimeMs };
}
