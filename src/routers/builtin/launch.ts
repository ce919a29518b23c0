import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { open, stat, truncate } from 'node:fs/promises';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../errors.ts';
import { readJson } from '../../system/read-json.ts';
import { replaceFile } from '../../system/replace-file.ts';
import { ask } from './control-client.ts';
import { makeFolders, type RouterFiles, removeFiles } from './files.ts';
import { takeLock } from './lock.ts';
import { isRunning, type ProcessIdentity } from './machine.ts';
import type { RouterHealth, RouterSettings, StartOutcome } from './settings.ts';

/** A router that takes a call and does not answer it in this time, twice in a row, is ended and started anew. */
const hungAfterMs = 2_000;
/** How long one that runs may be away from its socket: it is starting, or its socket was removed. */
const absentAfterMs = 15_000;
const startWithinMs = 30_000;
/** How long one may take to end after the time its requests were given. */
const endWithinMs = 5_000;
const lookAgainMs = 25;
const logBytesMax = 1_048_576;

/**
 * The first lets V8 say which patterns run in linear time, the second makes it run them so when backtracking gets out of hand:
 * a header's value must not be able to stop the router.
 */
const engineFlags = ['--enable-experimental-regexp-engine', '--enable-experimental-regexp-engine-on-excessive-backtracks'];

/**
 * Makes the router of this folder answer: adopts the one that runs, or starts it. However many do this at once, in however many
 * processes, one router runs afterwards. One that runs with other settings is given the new ones, by a restart where it must.
 */
export async function launch(files: RouterFiles, settings: RouterSettings, signal: AbortSignal): Promise<RouterHealth> {
  await makeFolders(files);
  const startedMs = performance.now();
  let awaySinceMs = startedMs;
  let unanswered = 0;
  while (performance.now() - startedMs < startWithinMs) {
    signal.throwIfAborted();
    const health = await healthOf(files, signal);
    if (typeof health === 'object') {
      if (await isAdopted(files, health, settings, signal)) return health;
      awaySinceMs = performance.now();
      continue;
    }
    unanswered = health === 'silent' ? unanswered + 1 : 0;
    const owner = await ownerOf(files);
    if (owner === null) {
      await replaceFile(files.settings, JSON.stringify(settings), { durable: false, mode: 0o600 });
      const outcome = await start(files, signal);
      if (outcome.kind === 'failed') throw new UserError(outcome.code, outcome.what, { where: outcome.where, fix: outcome.fix });
      if (outcome.kind === 'ready') continue;
    } else if (unanswered >= 2 || performance.now() - awaySinceMs > absentAfterMs) {
      kill(owner);
      awaySinceMs = performance.now();
      unanswered = 0;
    }
    await pause(lookAgainMs, undefined, { signal });
  }
  throw new UserError('E_ROUTER_UNREACHABLE', `the built-in router did not start within ${startWithinMs / 1_000} s`, {
    where: files.folder,
    fix: `See ${files.log}.`,
  });
}

/**
 * Ends the router of this folder, if one runs, after its running requests, and removes everything it has kept, but for what belongs to
 * one that somebody has started meanwhile.
 */
export async function dismiss(files: RouterFiles, drainMs: number, signal: AbortSignal): Promise<void> {
  await end(files, drainMs, signal);
  const lock = existsSync(files.folder) ? await lockToClear(files, signal) : undefined;
  if (lock === null) return;
  try {
    await removeFiles(files);
  } finally {
    lock?.close();
  }
}

/** Null when another router runs here, or is about to. One that has ended may keep its lock until the last of its threads is gone. */
async function lockToClear(files: RouterFiles, signal: AbortSignal): Promise<DatabaseSync | null> {
  const deadlineMs = performance.now() + endWithinMs;
  while (performance.now() < deadlineMs) {
    const lock = takeLock(files.lock);
    if (lock) return lock;
    if ((await ownerOf(files)) !== null) return null;
    await pause(lookAgainMs, undefined, { signal });
  }
  return null;
}

async function end(files: RouterFiles, drainMs: number, signal: AbortSignal): Promise<void> {
  const owner = await ownerOf(files);
  if (owner === null) return;
  const deadlineMs = performance.now() + drainMs + endWithinMs;
  await ask(files.socket, 'POST', '/shutdown', undefined, signal, hungAfterMs).catch(() => {
    signal.throwIfAborted();
    process.kill(owner.pid, 'SIGTERM');
  });
  while (isRunning(owner)) {
    if (performance.now() > deadlineMs) kill(owner);
    await pause(lookAgainMs, undefined, { signal });
  }
}

/** True when the running router serves these settings, false when it had to be ended because it cannot take them over. */
async function isAdopted(
  files: RouterFiles,
  { settings: running }: RouterHealth,
  settings: RouterSettings,
  signal: AbortSignal,
): Promise<boolean> {
  const fixed = ({ service, config }: RouterSettings) => JSON.stringify([service, config]);
  if (fixed(running) !== fixed(settings)) {
    await end(files, running.config.timeouts.drain, signal);
    return false;
  }
  if (JSON.stringify(running) !== JSON.stringify(settings)) {
    await replaceFile(files.settings, JSON.stringify(settings), { durable: false, mode: 0o600 });
    await ask(files.socket, 'PUT', '/limits', { edgesMs: settings.edgesMs, leaseMs: settings.leaseMs }, signal);
  }
  return true;
}

/** `silent`: somebody takes the call and does not answer. `absent`: nobody is there. */
async function healthOf(files: RouterFiles, signal: AbortSignal): Promise<RouterHealth | 'silent' | 'absent'> {
  const askedMs = performance.now();
  try {
    return (await ask(files.socket, 'GET', '/health', undefined, signal, hungAfterMs)) as RouterHealth;
  } catch {
    signal.throwIfAborted();
    return performance.now() - askedMs >= hungAfterMs ? 'silent' : 'absent';
  }
}

/** The process that runs this router, or is about to, if it still lives. */
async function ownerOf(files: RouterFiles): Promise<ProcessIdentity | null> {
  const identity = (await readJson(files.identity)) as ProcessIdentity | undefined;
  return identity !== undefined && isRunning(identity) ? identity : null;
}

function kill(owner: ProcessIdentity): void {
  // Looked at once more: a process number alone may belong to somebody else by now.
  if (isRunning(owner)) process.kill(owner.pid, 'SIGKILL');
}

/** Starts the process, apart from this one so that it outlives it, and waits until it serves or says why not. */
async function start(files: RouterFiles, signal: AbortSignal): Promise<StartOutcome> {
  if (((await stat(files.log).catch(() => null))?.size ?? 0) > logBytesMax) await truncate(files.log);
  const log = await open(files.log, 'a', 0o600);
  try {
    // As this file is, so is the one beside it: .ts in the repository, .js in the package.
    const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
    const entry = fileURLToPath(new URL(`./process${extension}`, import.meta.url));
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...engineFlags, entry, files.folder], {
      cwd: files.folder,
      detached: true,
      stdio: ['ignore', log.fd, log.fd, 'ipc'],
    });
    return await new Promise<StartOutcome>((resolve, reject) => {
      const letGo = () => {
        child.removeAllListeners();
        child.on('error', () => {});
        if (child.connected) child.disconnect();
        child.unref();
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
      };
      const abort = () => {
        letGo();
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', abort, { once: true });
      const failed = (what: string) => {
        letGo();
        resolve({ kind: 'failed', code: 'E_ROUTER_FAILED', what, where: files.folder, fix: `See ${files.log}.` });
      };
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        failed(`the router did not start within ${startWithinMs / 1_000} s`);
      }, startWithinMs);
      child.once('message', (outcome) => {
        letGo();
        resolve(outcome as StartOutcome);
      });
      child.once('error', (error) => {
        letGo();
        reject(error);
      });
      child.once('exit', (code, ended) => failed(`the router ended while it was starting (${ended ?? `exit code ${code}`})`));
    });
  } finally {
    await log.close();
  }
}
