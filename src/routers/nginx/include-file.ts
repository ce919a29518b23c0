import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf, systemCode, UserError } from '../../errors.ts';
import { replaceFile } from '../../system/replace-file.ts';
import { type IncludeSeen, includeSeen } from './include-text.ts';

/** Largest include file that is read; one for a thousand instances has a third of it. */
const bytesMax = 1_048_576;

/** The include file as it lies there. */
export type IncludeOnDisk = IncludeSeen & { readonly text: string };

/**
 * Reads the include file; null: there is none.
 *
 * @throws UserError `E_ROUTER_FILE` when it is somebody else's, or cannot be read.
 */
export async function readInclude(file: string, service: string): Promise<IncludeOnDisk | null> {
  let text: string;
  try {
    if ((await stat(file)).size > bytesMax) throw new Error('it is far too large');
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw new UserError('E_ROUTER_FILE', `${file} cannot be read: ${messageOf(error)}`, {
      where: file,
      fix: 'Let Rampart read and write this file and its folder.',
      cause: error,
    });
  }
  const seen = includeSeen(text);
  if (!seen)
    throw new UserError('E_ROUTER_FILE', `${file} was not written by Rampart`, {
      where: file,
      fix: 'Name another file as router.nginx.include, one for Rampart alone, or move what is in it elsewhere and remove it.',
    });
  if (seen.service !== service)
    throw new UserError('E_ROUTER_FILE', `${file} is that of the service ${seen.service}`, {
      where: file,
      fix: 'Give each service an include file of its own.',
    });
  return { ...seen, text };
}

/**
 * Replaces the include file, so that nginx finds the old or the new one whole, also after a loss of power. An existing file keeps its
 * permissions.
 *
 * @param mode - Permissions of a new file.
 * @throws UserError `E_ROUTER_FILE` when it cannot be written.
 */
export async function writeInclude(file: string, text: string, mode: number): Promise<void> {
  await replaceFile(file, text, { durable: true, mode, keepsMode: true }).catch((error: unknown) => {
    throw fileError(file, error);
  });
}

/** Why a file cannot be written, or none beside it. */
export function fileError(file: string, cause: unknown): UserError {
  return new UserError('E_ROUTER_FILE', `${file} cannot be written: ${messageOf(cause)}`, {
    where: file,
    fix: `Make the folder ${dirname(file)}, and let Rampart write in it; see that the disk is not full.`,
    cause,
  });
}
