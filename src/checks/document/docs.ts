import { stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { systemCode, UserError } from '../../errors.ts';
import type { CheckContext } from '../check.ts';
import { filesBelow, filesMax, plainFile, read } from '../documents.ts';
import { textFile } from '../text-file.ts';

/** A file, and its text where it is one. */
export type Doc = {
  /** Whole path. */
  readonly path: string;
  /** As it is told: from the folder of the document. */
  readonly name: string;
  /** Null: a picture, for example. */
  readonly text: string | null;
  readonly bytes: number;
  /** Unix ms of its last change on the disk. */
  readonly changedMs: number;
};

const bytesMax = 4 * 1_048_576;
const totalMax = 64 * 1_048_576;

/**
 * The documents at a path: one file, or all below a folder. Null: nothing is there.
 *
 * @throws UserError `E_CHECK_FILE` when it cannot be read, or is too much.
 */
export async function docsAt(path: string, { folder, signal }: CheckContext): Promise<readonly Doc[] | null> {
  const whole = resolve(folder, path);
  const found = await stat(whole).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return null;
    throw new UserError('E_CHECK_FILE', `${path} cannot be read: ${systemCode(error)}`, {
      where: path,
      fix: 'let Rampart read it',
      cause: error,
    });
  });
  if (found === null) return null;
  const files = found.isDirectory() ? await read(path, () => filesBelow(whole, /^[^.]/, 0, signal)) : [whole];
  const tooMuch = (what: string) =>
    new UserError('E_CHECK_FILE', `${path} has more than ${what}`, { where: path, fix: 'name a smaller folder' });
  if (files.length > filesMax) throw tooMuch(`${filesMax} files`);
  const docs: Doc[] = [];
  let total = 0;
  for (const file of files) {
    const within = relative(folder, file);
    // What lies elsewhere is found by its whole name.
    const name = within.startsWith('..') ? file : within;
    const { size, mtimeMs } = await read(name, () => plainFile(file));
    // What is larger was not written by a person.
    const text = size <= bytesMax ? (await textFile(folder, name, bytesMax, signal)).text : null;
    if ((total += text?.length ?? 0) > totalMax) throw tooMuch(`${totalMax} bytes of text`);
    docs.push({ path: file, name, text: text?.includes('\0') ? null : text, bytes: size, changedMs: mtimeMs });
  }
  return docs;
}
