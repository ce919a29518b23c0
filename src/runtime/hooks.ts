import { postgresVariables } from '../spec/postgres.ts';
import { secretValue } from '../spec/secret.ts';
import { readSecretFile } from '../spec/text-file.ts';
import type { CallAction, Hook, HookAction, PostgresConnection } from '../spec/types.ts';
import { makeBackup, restoreBackup } from './backup.ts';
import type { Gates, HookOutcome, Outcome } from './ports.ts';
import { outcomeOf } from './programs.ts';

/** Where a hook runs: its folder, the variables of its release, what it inherits, and where backups go. */
export type HookPlace = {
  readonly cwd: string | null;
  readonly backups: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly base: NodeJS.ProcessEnv;
  /** Absent: there is nobody who keeps objectives. */
  readonly gates?: Gates | undefined;
};

/**
 * Runs a hook to its end, its timeout or the signal, whichever comes first. A command gets the release in its environment and is
 * ended with everything it started. Never rejects: a hook that cannot run has failed, and says why.
 */
export async function runHook(hook: Hook, place: HookPlace, signal: AbortSignal): Promise<HookOutcome> {
  const timeout = AbortSignal.timeout(hook.timeoutMs);
  const either = AbortSignal.any([signal, timeout]);
  const outcome = await runWhereDue(hook, place, either);
  return timeout.aborted && !outcome.ok ? { ok: false, detail: `no end within ${hook.timeoutMs} ms` } : outcome;
}

type Place = HookPlace & { readonly env: NodeJS.ProcessEnv };

async function runWhereDue(hook: Hook, place: HookPlace, signal: AbortSignal): Promise<HookOutcome> {
  const connection = connectionVariables(hook.connection, place.base);
  if ('missing' in connection) return { ok: false, detail: `the password of the database: ${connection.missing}` };
  const inside: Place = { ...place, env: { ...place.base, ...connection.variables, ...place.variables } };
  if (hook.onlyIf) {
    const found = await status(hook.onlyIf.status, inside, signal);
    if (found.applied === undefined) return { ok: false, detail: `whether it is applied is not known: ${found.detail}` };
    if (found.applied !== hook.onlyIf.applied)
      return {
        ...found,
        ok: true,
        detail: found.applied ? 'it is applied already' : 'it is not applied, so there is nothing to undo',
      };
  }
  return perform(hook, hook.action, inside, signal);
}

/** The connection for programs. The password stands in no argument, where everybody on the machine could read it. */
function connectionVariables(
  connection: PostgresConnection | undefined,
  environment: NodeJS.ProcessEnv,
): { readonly variables: NodeJS.ProcessEnv } | { readonly missing: string } {
  if (!connection) return { variables: {} };
  const found = connection.password && secretValue(connection.password, environment, readSecretFile);
  if (found && 'missing' in found) return found;
  return { variables: postgresVariables(connection, found?.value ?? null) };
}

/** Carries out one action. `applied` is the answer of a question about a migration. */
async function perform(hook: Hook, action: HookAction, place: Place, signal: AbortSignal): Promise<HookOutcome> {
  const { cwd, variables, base, env } = place;
  switch (action.kind) {
    case 'gate':
    case 'budget':
    case 'checklist':
    case 'drill': {
      const nobody = { ok: false, detail: `nobody ${action.kind === 'checklist' ? 'runs checklists' : 'keeps objectives'} here` };
      return (await place.gates?.(action, variables.RAMPART_SERVICE ?? '', signal)) ?? nobody;
    }
    case 'command': {
      const { ok, detail } = await outcomeOf(action.command, cwd, env, signal);
      return { ok, detail };
    }
    case 'http': {
      const { ok, detail } = await request(action, variables, base, signal);
      return { ok, detail };
    }
    case 'status':
      return status(action.ask, place, signal);
    case 'backup':
      return makeBackup(action, { ...place, folder: place.backups, connection: hook.connection ?? null }, signal);
    case 'restore':
      return restoreBackup(action, { ...place, folder: place.backups, connection: hook.connection ?? null }, signal);
  }
}

/** Whether a migration is applied: 0 or the expected status says yes, 1 or 404 no; all else is no answer. */
async function status(ask: CallAction, { cwd, variables, base, env }: Place, signal: AbortSignal): Promise<HookOutcome> {
  const { ok, detail, code } =
    ask.kind === 'command' ? await outcomeOf(ask.command, cwd, env, signal) : await request(ask, variables, base, signal);
  if (ok) return { ok, detail, applied: true };
  return code === (ask.kind === 'command' ? 1 : 404) ? { ok: true, detail, applied: false } : { ok, detail };
}

async function request(
  action: Extract<HookAction, { kind: 'http' }>,
  environment: Readonly<Record<string, string>>,
  own: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Outcome & { readonly code: number | null }> {
  const refused = (detail: string) => ({ ok: false, detail, code: null });
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(action.headers)) {
    const found = typeof value === 'string' ? { value } : secretValue(value, own, readSecretFile);
    if ('missing' in found) return refused(`header ${name}: ${found.missing}`);
    // Said here, without the value: whoever sends it would print it.
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(found.value))
      return refused(`header ${name}: its value has signs that no header can carry`);
    headers[name] = found.value;
  }
  for (const [name, value] of Object.entries(environment)) headers[name.toLowerCase().replaceAll('_', '-')] ??= value;
  try {
    const response = await fetch(action.url, { method: action.method, headers, body: action.body, signal, redirect: 'manual' });
    await response.body?.cancel();
    const ok = response.status >= action.statusMin && response.status <= action.statusMax;
    return { ok, detail: `${action.method} ${action.url} answered ${response.status}`, code: response.status };
  } catch (error) {
    return refused(`${action.method} ${action.url}: ${causeOf(error)}`);
  }
}

/** The reason that `fetch` hides behind "fetch failed". */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
