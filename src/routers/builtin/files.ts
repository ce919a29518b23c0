import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { UserError } from '../../errors.ts';

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

/**
 * Removes everything that `filesIn` names; only whoever has the lock may. The settings go after all that a process which is just
 * starting may be given with them, so that one that finds settings finds the rest too; the lock goes last.
 */
export async function removeFiles(files: RouterFiles): Promise<void> {
  for (const file of [files.socket, files.state, files.identity, files.log]) await rm(file, { force: true });
  if (dirname(files.socket) !== files.folder) await rm(dirname(files.socket), { recursive: true, force: true });
  for (const file of [files.settings, files.lock]) await rm(file, { force: true });
}
