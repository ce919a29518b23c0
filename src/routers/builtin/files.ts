import { createHash, randomUUID } from 'node:crypto';
import { chmod, lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { systemCode, UserError } from '../../errors.ts';

/** Everything the router keeps on disk. */
export type RouterFiles = {
  readonly folder: string;
  readonly socket: string;
  readonly settings: string;
  readonly state: string;
  readonly identity: string;
  readonly lock: string;
  readonly log: string;
};

/** Longest path of a unix socket that works everywhere (macOS allows 103 bytes, Linux 107). */
const socketPathBytesMax = 100;

/** Where a router with this folder keeps what. A socket whose path would be too long moves to a short private folder. */
export function filesIn(folder: string): RouterFiles {
  const inFolder = join(folder, 'control.sock');
  const digest = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  const short = join(tmpdir(), `rampart-${userInfo().uid}-${digest}`, 'control.sock');
  return {
    folder,
    socket: Buffer.byteLength(inFolder) <= socketPathBytesMax ? inFolder : short,
    settings: join(folder, 'settings.json'),
    state: join(folder, 'state.json'),
    identity: join(folder, 'process.json'),
    lock: join(folder, 'lock'),
    log: join(folder, 'router.log'),
  };
}

/** Makes the folders, open to this user alone. */
export async function makeFolders(files: RouterFiles): Promise<void> {
  await mkdir(files.folder, { recursive: true, mode: 0o700 });
  const socketFolder = dirname(files.socket);
  if (socketFolder === files.folder) return;
  await mkdir(socketFolder, { recursive: true, mode: 0o700 });
  // The temporary folder is everybody's: a folder or link that somebody else has put there under this name is not used.
  const found = await lstat(socketFolder);
  if (!found.isDirectory() || found.uid !== userInfo().uid)
    throw new UserError('E_ROUTER_FOLDER', `${socketFolder} belongs to somebody else`, {
      where: socketFolder,
      fix: 'Remove it, or set TMPDIR to a folder of your own.',
    });
  await chmod(socketFolder, 0o700);
}

/** Removes everything that `filesIn` names; the folder itself stays if there is more in it. */
export async function removeFiles(files: RouterFiles): Promise<void> {
  for (const file of [files.socket, files.settings, files.state, files.identity, files.lock, files.log])
    await rm(file, { force: true });
  if (dirname(files.socket) !== files.folder) await rm(dirname(files.socket), { recursive: true, force: true });
}

/**
 * Replaces a file so that a reader, also one after a crash, finds the old or the new content whole.
 *
 * @param durable - Also survives a loss of power; costs a flush of the disk.
 */
export async function replaceFile(file: string, text: string, durable: boolean): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'w', 0o600);
    try {
      await handle.writeFile(text);
      if (durable) await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  if (!durable) return;
  const folder = await open(dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** The JSON in a file, or undefined when there is no such file or it holds something else. */
export async function readJson(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
