import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { messageOf, UserError } from '../../errors.ts';

const depthMax = 5;
const filesMax = 20_000;
/** Longest text that is read of one file: what it is called and how it goes back stands at its beginning. */
const charsMax = 1_000_000;

/** One file of a folder, by its path within it. */
export type SourceFile = { readonly path: string; read(): Promise<string> };

/**
 * All files below a folder, in the order of their paths.
 *
 * @throws UserError `E_CHECK_FILE` when it cannot be read, or has too many.
 */
export async function filesBelow(folder: string, path: string, signal: AbortSignal): Promise<readonly SourceFile[]> {
  const root = resolve(folder, path);
  const refuse = (what: string, cause?: unknown): never => {
    throw new UserError('E_CHECK_FILE', `the folder of the migrations ${what}`, {
      where: root,
      fix: 'name the folder that the tool reads them from',
      cause,
    });
  };
  const found: SourceFile[] = [];
  const walk = async (inner: string, depth: number): Promise<void> => {
    signal.throwIfAborted();
    for (const entry of await readdir(join(root, inner), { withFileTypes: true })) {
      const at = inner === '' ? entry.name : `${inner}/${entry.name}`;
      if (entry.isDirectory() && depth < depthMax && entry.name !== '__pycache__') await walk(at, depth + 1);
      if (!entry.isFile()) continue;
      if (found.length >= filesMax) refuse(`has more than ${filesMax} files`);
      found.push({
        path: at,
        read: async () => (await readFile(join(root, at), { encoding: 'utf8', signal })).slice(0, charsMax),
      });
    }
  };
  try {
    await walk('', 0);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UserError) throw error;
    refuse(`cannot be read: ${messageOf(error)}`, error);
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}
