import { randomUUID } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** How a file is replaced. */
export type Replacing = {
  /** Also survives a loss of power; costs a flush of the disk. */
  readonly durable: boolean;
  /** Permissions, whatever the umask of this process is. */
  readonly mode: number;
  /** Whether a file that is there keeps its own permissions, because somebody may have chosen them. */
  readonly keepsMode?: boolean;
};

/**
 * Replaces a file so that a reader, also one after a crash, finds the old or the new content whole.
 *
 * @throws The system's errors; the old file is then untouched, and nothing is left beside it.
 */
export async function replaceFile(
  file: string,
  text: string | Uint8Array,
  { durable, mode, keepsMode = false }: Replacing,
): Promise<void> {
  // Not the ending of the file: whoever reads every file of a kind in a folder must not read one in the making.
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const permissions = (keepsMode ? await modeOf(file) : null) ?? mode;
    // Nobody else may open it before it has its own permissions.
    const handle = await open(temporary, 'wx', permissions & 0o600);
    try {
      await handle.writeFile(text);
      await handle.chmod(permissions);
      if (durable) await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    // The first error is the one to report.
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  if (durable) await syncFolder(dirname(file));
}

/** Makes what was added to a folder, renamed or removed there survive a loss of power. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function modeOf(file: string): Promise<number | null> {
  return await stat(file).then(
    ({ mode }) => mode & 0o777,
    () => null,
  );
}
