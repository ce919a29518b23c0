import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../../errors.ts';
import { ordinalOf } from './places.ts';

/** A version's folder: whether instances of it are on record, and when something in it was last written (unix ms). */
export type VersionFolder = { readonly version: string; readonly isInUse: boolean; readonly writtenAtMs: number };

/** The folders to remove so that, beside versions in use, only the `keep` that were written last stay. */
export function foldersToPrune(folders: readonly VersionFolder[], keep: number): readonly string[] {
  return folders
    .filter(({ isInUse }) => !isInUse)
    .sort((a, b) => b.writtenAtMs - a.writtenAtMs)
    .slice(keep)
    .map(({ version }) => version);
}

/** Removes the logs of all but the last `keep` ended versions of a service. */
export async function pruneLogs(serviceFolder: string, keep: number): Promise<void> {
  const folders: VersionFolder[] = [];
  for (const version of await namesIn(serviceFolder)) {
    const names = await namesIn(join(serviceFolder, version));
    // Also the folder's own time: one that was made just now, for a version that is being started, is still empty.
    const times = ['.', ...names].map(async (name) => (await stat(join(serviceFolder, version, name))).mtimeMs);
    const isInUse = names.some((name) => ordinalOf(name) !== undefined);
    folders.push({ version, isInUse, writtenAtMs: Math.max(...(await Promise.all(times))) });
  }
  for (const version of foldersToPrune(folders, keep)) await rm(join(serviceFolder, version), { recursive: true, force: true });
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return [];
    throw error;
  }
}
