import { spawn } from 'node:child_process';
import { readSecretFile } from '../spec/load.ts';
import { secretValue } from '../spec/secret.ts';
import type { Hook, HookAction } from '../spec/types.ts';
import type { Outcome } from './ports.ts';

/** What is kept of a hook's output: enough for its last line. */
const outputMax = 4_096;

/** Longest last line that goes on record. */
const lineMax = 200;

/** Where a hook runs: its folder, the variables of its release, and what it inherits. */
export type HookPlace = {
  readonly cwd: string | null;
  readonly variables: Readonly<Record<string, string>>;
  readonly base: NodeJS.ProcessEnv;
};

/**
 * Runs a hook to its end, its timeout or the signal, whichever comes first. A command gets the release in its environment and is
 * ended with everything it started. Never rejects: a hook that cannot run has failed, and says why.
 */
export async function runHook(hook: Hook, { cwd, variables, base }: HookPlace, signal: AbortSignal): Promise<Outcome> {
  const timeout = AbortSignal.timeout(hook.timeoutMs);
  const either = AbortSignal.any([signal, timeout]);
  const outcome =
    hook.action.kind === 'command'
      ? await runCommand(hook.action, cwd, { ...base, ...variables }, either)
      : await request(hook.action, variables, base, either);
  return timeout.aborted && !outcome.ok ? { ok: false, detail: `no end within ${hook.timeoutMs} ms` } : outcome;
}

function runCommand(
  { command }: Extract<HookAction, { kind: 'command' }>,
  cwd: string | null,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const [program = '', ...words] = command;
    // A group of its own, so that what it started ends with it.
    const child = spawn(program, words, {
      ...(cwd === null ? {} : { cwd }),
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-outputMax);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const kill = (): void => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended already.
      }
    };
    signal.addEventListener('abort', kill, { once: true });
    const finish = (outcome: Outcome): void => {
      signal.removeEventListener('abort', kill);
      resolve(outcome);
    };
    child.once('error', (error) => finish({ ok: false, detail: `${program} cannot be run: ${error.message}` }));
    child.once('close', (code, ended) => {
      const last = lastLine(output);
      finish({
        ok: code === 0,
        detail: `${code === null ? `ended by ${ended}` : `exit code ${code}`}${last ? `: ${last}` : ''}`,
      });
    });
    if (signal.aborted) kill();
  });
}

async function request(
  action: Extract<HookAction, { kind: 'http' }>,
  environment: Readonly<Record<string, string>>,
  own: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Outcome> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(action.headers)) {
    const found = typeof value === 'string' ? { value } : secretValue(value, own, readSecretFile);
    if ('missing' in found) return { ok: false, detail: `header ${name}: ${found.missing}` };
    // Said here, without the value: whoever sends it would print it.
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(found.value))
      return { ok: false, detail: `header ${name}: its value has signs that no header can carry` };
    headers[name] = found.value;
  }
  for (const [name, value] of Object.entries(environment)) headers[name.toLowerCase().replaceAll('_', '-')] ??= value;
  try {
    const response = await fetch(action.url, { method: action.method, headers, body: action.body, signal, redirect: 'manual' });
    await response.body?.cancel();
    const ok = response.status >= action.statusMin && response.status <= action.statusMax;
    return { ok, detail: `${action.method} ${action.url} answered ${response.status}` };
  } catch (error) {
    return { ok: false, detail: `${action.method} ${action.url}: ${causeOf(error)}` };
  }
}

/** The reason that `fetch` hides behind "fetch failed". */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function lastLine(output: string): string {
  const line = output.trimEnd().split('\n').at(-1) ?? '';
  return line.replace(/[\x00-\x1f\x7f]/g, ' ').slice(0, lineMax);
}
