import type { HookOutcome } from '../../src/runtime/ports.ts';
import type { DatabasePolicy, Hook, HookAction, Migration } from '../../src/spec/types.ts';
import type { Random } from './random.ts';
import type { Life } from './virtual-time.ts';

/** What a release has done to the simulated database, as one program of it ran. */
export type DatabaseRun = {
  readonly release: string;
  readonly what: 'backup' | 'up' | 'down' | 'restore';
  /** Name of the migration; empty for a backup. One that begins with `!` is irreversible. */
  readonly name: string;
};

/**
 * A database that knows which migrations are applied, and by which release. A program that is cut off or whose controller dies may have
 * done its work all the same, and so may one that says that it has failed.
 */
export class SimulatedDatabase {
  readonly applied = new Set<string>();
  /** Applied by a release and not taken back by it, in order. */
  readonly own = new Map<string, string[]>();
  readonly runs: DatabaseRun[] = [];
  /** Share of runs that fail. */
  failShare = 0;
  /** Before a program does anything, for a controller that may be an earlier one. */
  onRun: (run: DatabaseRun, life: Life) => void = () => {};
  readonly #saved = new Map<string, ReadonlySet<string>>();

  hasBackup(release: string): boolean {
    return this.#saved.has(release);
  }

  /** What a program is about to do; null when it is no program of the database. */
  runOf({ action }: Hook, release: string): DatabaseRun | null {
    if (action.kind === 'backup' || action.kind === 'restore') return { release, what: action.kind, name: '' };
    if (action.kind !== 'command') return null;
    const [what, name = ''] = action.command;
    return what === 'up' || what === 'down' ? { release, what, name } : null;
  }

  /** Whether a migration is applied, asked by a `status` of its own. */
  status({ action }: Hook): HookOutcome | null {
    if (action.kind !== 'status' || action.ask.kind !== 'command') return null;
    return { ok: true, detail: 'asked', applied: this.applied.has(action.ask.command[1] ?? '') };
  }

  /** Whether a program has nothing to do, because the migration is already as it has to be. */
  isLeftOut({ onlyIf }: Hook, { name }: DatabaseRun): boolean {
    return onlyIf !== undefined && this.applied.has(name) !== onlyIf.applied;
  }

  do(run: DatabaseRun, life: Life): void {
    const { release, what, name } = run;
    this.onRun(run, life);
    this.runs.push(run);
    const own = this.own.get(release) ?? [];
    if (what === 'backup') this.#saved.set(release, new Set(this.applied));
    if (what === 'up' && !this.applied.has(name)) {
      this.applied.add(name);
      this.own.set(release, [...own, name]);
    }
    if (what === 'down') {
      this.applied.delete(name);
      this.own.set(
        release,
        own.filter((other) => other !== name),
      );
    }
    if (what === 'restore') {
      this.applied.clear();
      for (const saved of this.#saved.get(release) ?? []) this.applied.add(saved);
      this.own.set(release, []);
    }
  }
}

/** What a release of this version does with the database. */
export function drawDatabase({ chance, between }: Random, version: string): DatabasePolicy {
  const hook = (name: string, action: HookAction): Hook => ({ name, action, timeoutMs: 5_000, attempts: 1, compensate: null });
  const backup = chance(0.7) ? hook('backup', { kind: 'backup', command: null, check: null, folder: null }) : null;
  const restore = backup && chance(0.3) ? hook('restore', { kind: 'restore', command: null, folder: null }) : null;
  const migrations = Array.from({ length: between(1, 3) }, (_, index): Migration => {
    const irreversible = chance(0.15);
    const name = `${irreversible ? '!' : ''}${version}-${index}`;
    return {
      name,
      up: { kind: 'command', command: ['up', name] },
      down: irreversible || restore ? null : { kind: 'command', command: ['down', name] },
      status: chance(0.4) ? { kind: 'command', command: ['status', name] } : null,
      irreversible,
      timeoutMs: 5_000,
      attempts: between(1, 2),
    };
  });
  return {
    connection: null,
    backup,
    migrations,
    onRollback: restore ? 'restore' : 'down',
    restore,
    compatible: chance(0.85),
  };
}
