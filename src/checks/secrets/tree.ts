import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, UserError } from '../../errors.ts';
import { runProgram } from '../../system/run-program.ts';
import type { CheckContext } from '../check.ts';

const filesMax = 500_000;
const listCharsMax = 64 * 1_048_576;
export const fileBytesMax = 16 * 1_048_576;
const readersMax = 16;
const depthMax = 50;

/** How much of a tree was looked through, and what could not be. */
export type TreeLook = {
  readonly files: number;
  readonly bytes: number;
  readonly tooLarge: readonly string[];
  readonly unread: readonly string[];
};

/**
 * Reads every text file below a folder. In a repository those that git has or would take: what it ignores is not handed on. Links are
 * not followed.
 *
 * @param look - Is given each; may be called for several files in turn, never at once.
 */
export async function lookThroughTree(
  folder: string,
  { environment, signal }: Pick<CheckContext, 'environment' | 'signal'>,
  look: (path: string, text: string) => void,
): Promise<TreeLook> {
  const paths = (await filesOfGit(folder, environment, signal)) ?? (await filesOfDisk(folder, signal));
  let bytes = 0;
  let files = 0;
  const tooLarge: string[] = [];
  const unread: string[] = [];
  const queue = paths.values();
  const reader = async (): Promise<void> => {
    for (const path of queue) {
      signal.throwIfAborted();
      const whole = join(folder, path);
      try {
        const found = await stat(whole);
        if (!found.isFile()) continue;
        if (found.size > fileBytesMax) {
          tooLarge.push(path);
          continue;
        }
        const content = await readFile(whole, { signal });
        files += 1;
        bytes += content.length;
        if (!content.subarray(0, 8_000).includes(0)) look(path, content.toString('utf8'));
      } catch (error) {
        signal.throwIfAborted();
        // A file that git has and that is deleted on the disk, or a link that leads nowhere.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') unread.push(`${path}: ${messageOf(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: readersMax }, reader));
  return { files, bytes, tooLarge, unread };
}

async function filesOfGit(
  folder: string,
  environment: CheckContext['environment'],
  signal: AbortSignal,
): Promise<readonly string[] | null> {
  const parts: string[] = [];
  let chars = 0;
  const words = ['git', '-c', 'core.fsmonitor=false', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const heard = (part: string, stream: 'stdout' | 'stderr'): void => {
    if (stream === 'stdout' && (chars += part.length) <= listCharsMax) parts.push(part);
  };
  const end = await runProgram(
    words,
    { cwd: folder, env: { ...environment, GIT_OPTIONAL_LOCKS: '0' }, heard, endsAll: true },
    signal,
  );
  signal.throwIfAborted();
  if (end.kind !== 'ended' || end.code !== 0) return null;
  if (chars > listCharsMax) throw tooMany(folder);
  return [...new Set(parts.join('').split('\0'))].filter((path) => path !== '');
}

/** Folders that hold no code of the service: of git, of npm, and the data folder of a controller. */
const notCode = new Set(['.git', 'node_modules', '.rampart']);

async function filesOfDisk(folder: string, signal: AbortSignal): Promise<readonly string[]> {
  const found: string[] = [];
  const walk = async (below: string, depth: number): Promise<void> => {
    signal.throwIfAborted();
    if (depth > depthMax) return;
    const entries = await readdir(join(folder, below), { withFileTypes: true }).catch((error: unknown) => {
      throw new UserError('E_CHECK_FILE', `${join(folder, below)} cannot be read: ${messageOf(error)}`, {
        where: folder,
        fix: 'name a folder that Rampart may read',
        cause: error,
      });
    });
    for (const entry of entries) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isFile()) found.push(path);
      else if (entry.isDirectory() && !notCode.has(entry.name)) await walk(path, depth + 1);
      if (found.length > filesMax) throw tooMany(folder);
    }
  };
  await walk('', 0);
  return found;
}

function tooMany(folder: string): UserError {
  return new UserError('E_CHECK_FILE', `${folder} has more than ${filesMax} files`, {
    where: folder,
    fix: 'name a smaller folder',
  });
}
