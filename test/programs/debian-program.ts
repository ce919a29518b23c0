import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Longest time that one step of an installation may take. */
const stepMs = 120_000;

/** A real program for tests: where it is, or why there is none. */
export type Program = { readonly path: string } | { readonly missing: string };

/**
 * Finds a program of a Debian package: installed, or unpacked from its package into a folder that later runs find again. Nothing of
 * the system is changed. Where it cannot be had, the suite is to be skipped under the reason; with CI=true that is a failure.
 *
 * @param path - Where the package has it, such as `/usr/bin/prometheus`.
 */
export async function debianProgram(name: string, path: string): Promise<Program> {
  return existsSync(path) ? { path } : debianFile(name, path);
}

/** The same, from the package whatever is installed: a program that is there may have been built otherwise. */
export async function debianFile(name: string, path: string): Promise<Program> {
  try {
    return { path: join(await unpacked(name), path) };
  } catch (error) {
    const missing = `${name} is neither installed nor to be had from Debian: ${String(error).split('\n')[0]}`;
    if (process.env.CI === 'true') throw new Error(missing, { cause: error });
    return { missing };
  }
}

/**
 * The same for a program that needs many libraries beside it, so that unpacking one package is not enough: it is installed, which only
 * root may. A second run that installs at the same time waits for the first.
 */
export async function installedProgram(name: string, path: string): Promise<Program> {
  if (existsSync(path)) return { path };
  try {
    if (process.getuid?.() !== 0) throw new Error('only root may install it');
    const wait = ['-o', 'DPkg::Lock::Timeout=120'];
    const install = ['install', '-y', '-qq', '--no-install-recommends', ...wait, name];
    const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const settings = { timeout: stepMs, env: environment, maxBuffer: 64 * 1_048_576 };
    // The lists of a fresh container are empty.
    await run('apt-get', install, settings).catch(async () => {
      await run('apt-get', ['update', '-qq'], settings);
      await run('apt-get', install, settings);
    });
    if (!existsSync(path)) throw new Error(`the package has no ${path}`);
    return { path };
  } catch (error) {
    const missing = `${name} is neither installed nor to be had from Debian: ${String(error).split('\n')[0]}`;
    if (process.env.CI === 'true') throw new Error(missing, { cause: error });
    return { missing };
  }
}

async function unpacked(name: string): Promise<string> {
  const home = join(tmpdir(), `rampart-test-programs-${process.getuid?.() ?? 0}`);
  mkdirSync(home, { recursive: true, mode: 0o755 });
  // The name can be guessed, and what lies in it is run.
  if (statSync(home).uid !== process.getuid?.()) throw new Error(`${home} belongs to somebody else`);
  const folder = join(home, name);
  if (existsSync(folder)) return folder;
  const fresh = mkdtempSync(join(home, '.new-'));
  try {
    chmodSync(fresh, 0o755);
    await downloaded(name, fresh);
    const [deb] = readdirSync(fresh).filter((file) => file.endsWith('.deb'));
    if (deb === undefined) throw new Error(`apt-get left no package of ${name}`);
    await run('dpkg', ['-x', join(fresh, deb), join(fresh, 'files')], { timeout: stepMs });
    // Another process may have been first; then its files are as good.
    if (!existsSync(folder)) renameSync(join(fresh, 'files'), folder);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return folder;
}

async function downloaded(name: string, cwd: string): Promise<void> {
  const download = () => run('apt-get', ['download', '-qq', name], { cwd, timeout: stepMs });
  try {
    await download();
  } catch (error) {
    // The lists of a fresh container are empty, and only root may fetch them.
    if (process.getuid?.() !== 0) throw error;
    await run('apt-get', ['update', '-qq'], { timeout: stepMs });
    await download();
  }
}
