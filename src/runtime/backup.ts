import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { messageOf, systemCode } from '../errors.ts';
import type { HookAction, PostgresConnection } from '../spec/types.ts';
import { sizeText } from '../spec/unit-text.ts';
import { postgresError } from '../system/postgres-error.ts';
import type { Outcome } from './ports.ts';
import { type Ended, outcomeOf } from './programs.ts';

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
  let own: string | null = null;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    own = await ownFolder(file);
    const part = join(own, 'backup');
    const env = { ...place.env, RAMPART_BACKUP: part };
    const dump = ['--format=custom', '--no-password', `--file=${part}`];
    const made = command
      ? await outcomeOf(command, place.cwd, env, signal)
      : await postgres(place, ['pg_dump', ...dump], env, signal);
    if (!made.ok) return { ok: false, detail: made.detail };
    const bytes = await sizeOf(part);
    // A backup that is kept elsewhere leaves no file here; then its check alone can tell.
    if (bytes === null && check === null) return { ok: false, detail: `nothing was written to ${part}` };
    if (bytes === 0) return { ok: false, detail: `the backup is empty: ${part}` };
    // To its end: the list alone stands at the beginning, so a dump that lacks its second half has it too.
    const checked = check
      ? await outcomeOf(check, place.cwd, env, signal)
      : command === null
        ? await postgres(place, ['pg_restore', '--file=/dev/null', part], env, signal)
        : null;
    if (checked && !checked.ok) return { ok: false, detail: `the backup does not pass its check: ${checked.detail}` };
    if (bytes !== null) {
      await chmod(part, 0o600);
      await rename(part, file);
    }
    const found = bytes === null ? 'kept by its command' : `${file}, ${sizeText(bytes)}`;
    const said = checked
      ? command === null
        ? 'pg_restore can read all of it'
        : `its check says ${checked.detail}`
      : 'not looked into';
    return { ok: true, detail: `${found}, ${said}` };
  } catch (error) {
    return { ok: false, detail: messageOf(error) };
  } finally {
    if (own !== null) await rm(own, { recursive: true, force: true }).catch(() => {});
  }
}

/**
 * Puts the backup of a release back, in one transaction: either all of it is as it was, or nothing has changed. Whatever came into the
 * database after it goes, also tables that it does not know.
 */
export async function restoreBackup({ command, folder }: Restore, place: BackupPlace, signal: AbortSignal): Promise<Outcome> {
  const file = fileOf(folder, place);
  let own: string | null = null;
  try {
    const env = { ...place.env, RAMPART_BACKUP: file };
    if (command !== null) return withoutCode(await outcomeOf(command, place.cwd, env, signal));
    own = await ownFolder(file);
    const list = join(own, 'list');
    const script = join(own, 'script.sql');
    const read = (...words: string[]) => postgres(place, ['pg_restore', ...words, file], env, signal);
    const listed = await read('--list', `--file=${list}`);
    if (!listed.ok) return withoutCode(listed);
    await writeFile(list, restorable(await readFile(list, 'utf8')));
    // A script and no pipe: of one that breaks off nothing must be put in.
    const written = await read(`--use-list=${list}`, `--file=${script}`);
    if (!written.ok) return withoutCode(written);
    const settings = ['--no-psqlrc', '--no-password', '--quiet', '--set=ON_ERROR_STOP=1', '--set=VERBOSITY=verbose'];
    const words = ['psql', ...settings, '--single-transaction', `--command=${emptied}`, `--file=${script}`];
    let restored = await postgres(place, words, env, signal);
    for (let attempt = 1; attempt < attemptsMax && isCrossed.test(restored.detail); attempt += 1)
      restored = await postgres(place, words, env, signal);
    return restored.ok ? { ok: true, detail: `${file} is put back` } : withoutCode(restored);
  } catch (error) {
    return { ok: false, detail: messageOf(error) };
  } finally {
    if (own !== null) await rm(own, { recursive: true, force: true }).catch(() => {});
  }
}

/**
 * What the databases of a cluster share, such as who may connect to which, can be changed by another of them in the same moment; then the
 * later one fails, or both wait for each other. That one has changed nothing, and can begin anew. Only of the emptying, which comes first
 * and is short: what fails in a script is said with its file.
 */
const isCrossed = /^exit code \d+: \S+ {2}(?:XX000|40001|40P01): /;

/** Each time at least one other has ended; more of them at once than this are not waited for. */
const attemptsMax = 10;

/** An extension brings its own comment, and only its owner may change it: one that a superuser has made stays as it is. */
function restorable(list: string): string {
  return list.replaceAll(/^\d+; \d+ \d+ COMMENT - EXTENSION .*\n/gm, '');
}

/** What the grants of databases and of `public` say, as far as its user may give them, each as the statement that gives it. */
const grantsHeld = `SELECT format('GRANT %s ON %s %I TO %I', privilege_type, kind, place, rolname)
|| CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
FROM (SELECT 'DATABASE' kind, datname place, datacl acl, datdba holder FROM pg_database
UNION ALL SELECT 'SCHEMA', nspname, nspacl, nspowner FROM pg_namespace WHERE nspname = 'public') places,
aclexplode(acl), pg_roles r WHERE r.oid = grantee AND pg_has_role(holder, 'USAGE')`;

/**
 * Takes away all that its user may make again: what the roles own that it acts for, or as a superuser everything. Schemas are not all
 * there is: large objects, publications and foreign servers are in none. What another role has made stays, such as the extensions of a
 * superuser and the schema `public` of old. DROP OWNED also takes what these roles may do with databases, also with others than this, of
 * which a dump says nothing, and with `public`, of which it says it too late: what is lost is given back, and nothing else, because
 * whoever grants something that is there is in the way of everybody who changes it. A dump never makes `public` itself, and says of its
 * owner and rights only what differs from a new database.
 */
const emptied = `SET client_min_messages TO error; SET statement_timeout TO 0; DO $$ DECLARE name text;
owner text := (SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'public');
grants text[] := ARRAY(${grantsHeld}); BEGIN
IF current_setting('is_superuser')::boolean THEN
FOR name IN SELECT 'EXTENSION IF EXISTS ' || quote_ident(extname) FROM pg_extension WHERE extname <> 'plpgsql'
UNION ALL SELECT 'EVENT TRIGGER IF EXISTS ' || quote_ident(evtname) FROM pg_event_trigger
UNION ALL SELECT 'PUBLICATION IF EXISTS ' || quote_ident(pubname) FROM pg_publication
UNION ALL SELECT 'FOREIGN DATA WRAPPER IF EXISTS ' || quote_ident(fdwname) FROM pg_foreign_data_wrapper
UNION ALL SELECT 'SCHEMA IF EXISTS ' || quote_ident(nspname) FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
LOOP EXECUTE 'DROP ' || name || ' CASCADE'; END LOOP;
PERFORM lo_unlink(oid) FROM pg_largeobject_metadata;
ELSE
FOR name IN SELECT rolname FROM pg_roles r WHERE pg_has_role(oid, 'USAGE') AND NOT rolsuper AND rolname !~ '^pg_' AND EXISTS
(SELECT FROM pg_shdepend s JOIN pg_database d ON d.oid = s.dbid WHERE refobjid = r.oid AND deptype = 'o' AND datname = current_database())
LOOP EXECUTE format('DROP OWNED BY %I CASCADE', name); END LOOP;
END IF;
IF owner IS NOT NULL AND to_regnamespace('public') IS NULL THEN
CREATE SCHEMA public; EXECUTE 'ALTER SCHEMA public OWNER TO ' || owner; GRANT USAGE ON SCHEMA public TO PUBLIC;
END IF;
IF NOT current_setting('is_superuser')::boolean THEN
FOR name IN SELECT unnest(grants) EXCEPT (${grantsHeld}) LOOP
BEGIN EXECUTE name;
EXCEPTION WHEN invalid_catalog_name OR undefined_object THEN NULL; -- That database or role has been dropped meanwhile.
END; END LOOP; END IF; END $$`;

/**
 * A folder of one run beside the backup. A dump has everything that the database has, so nobody else may read it while it is being
 * written. And whatever still works for a controller that has died keeps to a folder that is gone: neither does it write into what this
 * run makes, nor is the script that its psql reads, and commits at the end of, cut short under it.
 */
async function ownFolder(file: string): Promise<string> {
  const begins = `${file}.part-`;
  const left = (await readdir(dirname(file))).filter((name) => name.startsWith(basename(begins)));
  for (const name of left) await rm(join(dirname(file), name), { recursive: true, force: true });
  return await mkdtemp(begins);
}

/** The same for a release's backup and its way back. Names of services and releases are names of files. */
function fileOf(folder: string | null, { cwd, folder: own, env }: BackupPlace): string {
  const where = folder === null ? join(own, env.RAMPART_SERVICE ?? '') : resolve(cwd ?? '.', folder);
  return join(where, `${env.RAMPART_RELEASE}.backup`);
}

function postgres(
  { connection, cwd }: BackupPlace,
  [program = '', ...words]: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Ended> {
  const path = connection?.programs ? join(connection.programs, program) : program;
  return outcomeOf([path, ...words], cwd, env, signal, postgresError);
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
