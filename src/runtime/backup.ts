import { chmod, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { messageOf, systemCode } from '../errors.ts';
import type { HookAction, PostgresConnection } from '../spec/types.ts';
import type { Outcome } from './ports.ts';
import { outcomeOf } from './programs.ts';

/** Where a backup is made or put back. `env` has the variables of its release, and the connection. */
export type BackupPlace = {
  readonly cwd: string | null;
  /** Where backups go whose document names no folder. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly connection: PostgresConnection | null;
};

type Backup = Extract<HookAction, { kind: 'backup' }>;
type Restore = Extract<HookAction, { kind: 'restore' }>;

/**
 * Makes the backup of a release and checks it: it is there, it has a size, and it can be restored. Beside its place at first, so that
 * what has been cut off is never taken for one. Made again, it takes the place of the one before.
 */
export async function makeBackup({ command, check, folder }: Backup, place: BackupPlace, signal: AbortSignal): Promise<Outcome> {
  const file = fileOf(folder, place);
  const part = `${file}.part`;
  try {
    await mkdir(join(file, '..'), { recursive: true, mode: 0o700 });
    await rm(part, { force: true });
    // A dump has everything that the database has: it is never readable by others, also while it is being written.
    if (command === null) await writeFile(part, '', { mode: 0o600 });
    const env = { ...place.env, RAMPART_BACKUP: part };
    const dump = ['--format=custom', '--no-password', `--file=${part}`];
    const made = await outcomeOf(command ?? [postgres(place, 'pg_dump'), ...dump], place.cwd, env, signal);
    if (!made.ok) return { ok: false, detail: made.detail };
    const bytes = await sizeOf(part);
    // A backup that is kept elsewhere leaves no file here; then its check alone can tell.
    if (bytes === null && check === null) return { ok: false, detail: `nothing was written to ${part}` };
    if (bytes === 0) return { ok: false, detail: `the backup is empty: ${part}` };
    const list = check ?? (command === null ? [postgres(place, 'pg_restore'), '--list', part] : null);
    const checked = list && (await outcomeOf(list, place.cwd, env, signal));
    if (checked && !checked.ok) return { ok: false, detail: `the backup does not pass its check: ${checked.detail}` };
    if (bytes !== null) {
      await chmod(part, 0o600);
      await rename(part, file);
    }
    const found = bytes === null ? 'kept by its command' : `${file}, ${sizeText(bytes)}`;
    const said = checked ? (command === null ? 'pg_restore can read it' : `its check says ${checked.detail}`) : 'not looked into';
    return { ok: true, detail: `${found}, ${said}` };
  } catch (error) {
    return { ok: false, detail: messageOf(error) };
  } finally {
    await rm(part, { force: true }).catch(() => {});
  }
}

/**
 * Puts the backup of a release back, in one transaction: either all of it is as it was, or nothing has changed. Whatever came into the
 * database after it goes, also tables that it does not know.
 */
export async function restoreBackup({ command, folder }: Restore, place: BackupPlace, signal: AbortSignal): Promise<Outcome> {
  const file = fileOf(folder, place);
  const script = `${file}.sql`;
  try {
    const env = { ...place.env, RAMPART_BACKUP: file };
    if (command !== null) return withoutCode(await outcomeOf(command, place.cwd, env, signal));
    await writeFile(script, '', { mode: 0o600 });
    // A script and no pipe: of one that breaks off nothing must be put in.
    const written = await outcomeOf([postgres(place, 'pg_restore'), `--file=${script}`, file], place.cwd, env, signal);
    if (!written.ok) return withoutCode(written);
    const settings = ['--no-psqlrc', '--no-password', '--quiet', '--set=ON_ERROR_STOP=1', '--single-transaction'];
    const words = [postgres(place, 'psql'), ...settings, `--command=${emptied}`, `--file=${script}`];
    const restored = await outcomeOf(words, place.cwd, env, signal);
    return restored.ok ? { ok: true, detail: `${file} is put back` } : withoutCode(restored);
  } catch (error) {
    return { ok: false, detail: messageOf(error) };
  } finally {
    await rm(script, { force: true }).catch(() => {});
  }
}

/**
 * Takes away every schema of a user's, with what is in it. A dump never makes `public` itself, and says of its owner and rights only what
 * differs from a new database.
 */
const emptied = `SET client_min_messages TO warning; DO $$ DECLARE name text; owner text; BEGIN
FOR name, owner IN SELECT nspname, nspowner::regrole FROM pg_namespace
WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
EXECUTE format('DROP SCHEMA %I CASCADE', name);
IF name = 'public' THEN CREATE SCHEMA public; EXECUTE 'ALTER SCHEMA public OWNER TO ' || owner;
GRANT USAGE ON SCHEMA public TO PUBLIC; END IF; END LOOP; END $$`;

/** The same for a release's backup and its way back. Names of services and releases are names of files. */
function fileOf(folder: string | null, { cwd, folder: own, env }: BackupPlace): string {
  const where = folder === null ? join(own, env.RAMPART_SERVICE ?? '') : resolve(cwd ?? '.', folder);
  return join(where, `${env.RAMPART_RELEASE}.backup`);
}

function postgres({ connection }: BackupPlace, program: string): string {
  return connection?.programs ? join(connection.programs, program) : program;
}

function withoutCode({ ok, detail }: Outcome): Outcome {
  return { ok, detail };
}

/** Size in bytes; null where there is no file. */
async function sizeOf(file: string): Promise<number | null> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

function sizeText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let size = bytes;
  let unit = 0;
  for (; size >= 1_000 && unit < units.length - 1; unit += 1) size /= 1_000;
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}
