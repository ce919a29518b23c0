import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { until } from '../../test/acceptance/stage.ts';
import { Postgres, postgresProgram } from '../../test/programs/postgres.ts';
import { type BackupPlace, makeBackup, restoreBackup } from './backup.ts';

const program = await postgresProgram();

describe('backups of a real PostgreSQL', { skip: 'missing' in program ? program.missing : false, concurrency: 3 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-backup-'));
  let postgres: Postgres;
  before(async () => {
    assert('path' in program);
    postgres = await Postgres.start(program.path);
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await postgres.close();
  });

  const signal = AbortSignal.timeout(60_000);
  /** @param programs - Folder of the programs, where they are not the real ones. */
  function place(database: string, programs = postgres.programs, user = postgres.user): BackupPlace {
    const { port, password } = postgres;
    const signIn = { PGHOST: '127.0.0.1', PGPORT: String(port), PGDATABASE: database, PGUSER: user, PGPASSWORD: password };
    const connection = { host: '127.0.0.1', port, database, user, password: null, sslmode: null, programs };
    const release = { RAMPART_SERVICE: database, RAMPART_RELEASE: 'r1' };
    return { cwd: folder, folder, env: { PATH: process.env.PATH, ...signIn, ...release }, connection };
  }
  const backUp = (at: BackupPlace) => makeBackup({ kind: 'backup', command: null, check: null, folder: null }, at, signal);
  const putBack = (at: BackupPlace) => restoreBackup({ kind: 'restore', command: null, folder: null }, at, signal);

  test('a dump that lacks its end is no backup', async () => {
    await postgres.create('cut');
    await postgres.sql('cut', 'CREATE TABLE orders AS SELECT id, md5(id::text) item FROM generate_series(1, 20000) id');
    const programs = join(folder, 'programs');
    const real = postgres.programs;
    mkdirSync(programs);
    const cut = `${real}/pg_dump "$@" && for word; do case $word in --file=*) truncate -s 200000 "\${word#--file=}";; esac; done`;
    writeFileSync(join(programs, 'pg_dump'), `#!/bin/sh\n${cut}\n`);
    chmodSync(join(programs, 'pg_dump'), 0o755);
    symlinkSync(join(real, 'pg_restore'), join(programs, 'pg_restore'));
    const made = await backUp(place('cut', programs));
    assert.equal(made.ok, false, made.detail);
    assert.match(made.detail, /^the backup does not pass its check: .*end of file/);
    assert.deepEqual(readdirSync(join(folder, 'cut')), []);
  });

  const databases: readonly [name: string, root: string, setUp: string, question: string, answer: string][] = [
    [
      'documents',
      '',
      "CREATE TABLE orders (id int, bill oid); INSERT INTO orders VALUES (1, lo_from_bytea(0, 'tea'))",
      "SELECT id, convert_from(lo_get(bill), 'UTF8') FROM orders",
      '1|tea',
    ],
    [
      'published',
      '',
      'CREATE TABLE orders (id int PRIMARY KEY); CREATE PUBLICATION changes FOR TABLE orders; INSERT INTO orders VALUES (1)',
      "SELECT id, (SELECT string_agg(tablename, ' ') FROM pg_publication_tables) FROM orders",
      '1|orders',
    ],
    [
      'extended',
      'CREATE EXTENSION pg_stat_statements; CREATE EXTENSION pgcrypto',
      "CREATE EXTENSION citext; CREATE TABLE orders (id int, item citext); COMMENT ON TABLE orders IS 'ours'; INSERT INTO orders VALUES (1, 'Tea')",
      "SELECT id, item = 'tea', obj_description('orders'::regclass), (SELECT count(*) FROM pg_extension) FROM orders",
      '1|t|ours|4',
    ],
    [
      'of_old',
      'ALTER SCHEMA public OWNER TO postgres; GRANT CREATE ON SCHEMA public TO PUBLIC',
      'CREATE SCHEMA audit; CREATE TABLE audit.log (id int); CREATE TABLE orders (id serial); INSERT INTO orders DEFAULT VALUES',
      'SELECT id, (SELECT count(*) FROM audit.log), (SELECT nspowner::regrole FROM pg_namespace WHERE nspname = $$public$$) FROM orders',
      '1|0|postgres',
    ],
    [
      'teams',
      'CREATE ROLE crew; GRANT crew TO shop_owner',
      `REVOKE ALL ON DATABASE teams FROM PUBLIC; GRANT CONNECT ON DATABASE teams TO crew; GRANT CREATE ON SCHEMA public TO crew;
       CREATE TABLE orders (id serial); INSERT INTO orders DEFAULT VALUES; ALTER TABLE orders OWNER TO crew`,
      "SELECT id, (SELECT tableowner FROM pg_tables WHERE tablename = 'orders'), has_database_privilege('crew', 'teams', 'CONNECT') FROM orders",
      '1|crew|t',
    ],
    [
      'of_ours',
      'ALTER SCHEMA public OWNER TO shop_owner',
      'CREATE TABLE orders (id serial); INSERT INTO orders DEFAULT VALUES',
      "SELECT id, (SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'public'), has_schema_privilege('pg_monitor', 'public', 'USAGE') FROM orders",
      '1|shop_owner|t',
    ],
  ];
  test('a restore whose controller has died puts all of it in, whatever the next controller does with its files', async () => {
    await postgres.create('twice');
    await postgres.sql('twice', 'CREATE TABLE orders AS SELECT id, md5(id::text) item FROM generate_series(1, 20000) id');
    const real = postgres.programs;
    const programs = join(folder, 'waiting');
    mkdirSync(programs);
    const held = `for word; do shift; case $word in --file=*) exec 3<"\${word#--file=}"; word=--file=/dev/fd/3;; esac; set -- "$@" "$word"; done
touch ${programs}/held; while [ ! -e ${programs}/go ]; do sleep 0.02; done; exec ${real}/psql "$@"`;
    writeFileSync(join(programs, 'psql'), `#!/bin/sh\n${held}\n`, { mode: 0o755 });
    symlinkSync(join(real, 'pg_restore'), join(programs, 'pg_restore'));
    assert.equal((await backUp(place('twice'))).ok, true);
    const first = putBack(place('twice', programs));
    await until('it has begun', () => existsSync(join(programs, 'held')));
    truncateSync(join(folder, 'twice', 'r1.backup'), 200_000);
    assert.match((await putBack(place('twice'))).detail, /end of file/);
    writeFileSync(join(programs, 'go'), '');
    const restored = await first;
    assert.equal(restored.ok, true, restored.detail);
    assert.equal(await postgres.sql('twice', 'SELECT count(*) FROM orders'), '20000');
  });

  test('a superuser has everything put back, too', async () => {
    await postgres.create('roots');
    await postgres.administer('roots', `CREATE ROLE root SUPERUSER LOGIN PASSWORD '${postgres.password}'`);
    await postgres.administer(
      'roots',
      `CREATE EXTENSION postgres_fdw; CREATE SERVER other FOREIGN DATA WRAPPER postgres_fdw; CREATE PUBLICATION changes FOR ALL TABLES;
       CREATE TABLE orders (id int, bill oid); INSERT INTO orders VALUES (1, lo_from_bytea(0, 'tea')); GRANT ALL ON orders TO shop_owner`,
    );
    const at = place('roots', postgres.programs, 'root');
    assert.equal((await backUp(at)).ok, true);
    await postgres.administer('roots', 'CREATE TABLE newer (id int); DROP TABLE orders; CREATE SCHEMA more');
    const restored = await putBack(at);
    assert.equal(restored.ok, true, restored.detail);
    const counts = '(SELECT count(*) FROM pg_publication), (SELECT count(*) FROM pg_foreign_server)';
    assert.equal(await postgres.sql('roots', `SELECT id, ${counts} FROM orders`), '1|1|1');
    assert.equal(await postgres.sql('roots', "SELECT count(*) FROM pg_tables WHERE tablename = 'newer'"), '0');
  });

  test('a restore touches no database of others, and begins anew where another changes what it changes', async () => {
    await postgres.create('towers');
    await postgres.create('guests');
    await postgres.administer(
      'towers',
      `CREATE ROLE watch; GRANT watch TO shop_owner; REVOKE ALL ON DATABASE towers FROM PUBLIC; GRANT CONNECT ON DATABASE towers TO watch`,
    );
    await postgres.sql(
      'guests',
      'GRANT CREATE ON SCHEMA public TO watch; CREATE TABLE orders (id serial); INSERT INTO orders DEFAULT VALUES',
    );
    assert.equal((await backUp(place('guests'))).ok, true);
    const towers = "SELECT xmin FROM pg_database WHERE datname = 'towers'";
    const before = await postgres.sql('guests', towers);
    assert.deepEqual(await putBack(place('guests')), { ok: true, detail: `${join(folder, 'guests', 'r1.backup')} is put back` });
    assert.equal(await postgres.sql('guests', towers), before);

    // What `watch` owns here goes, and with it what it may do there: at the same time as the administrator gives it more of that.
    await postgres.sql('guests', 'CREATE TABLE newer (); ALTER TABLE newer OWNER TO watch');
    const administrator = postgres.administer(
      'towers',
      `GRANT TEMPORARY ON DATABASE towers TO watch; DO $$ BEGIN FOR i IN 1..1000 LOOP
       IF EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))) THEN RETURN; END IF;
       PERFORM pg_sleep(0.01); END LOOP; RAISE 'no restore has met this'; END $$`,
    );
    const waits =
      "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE datname = 'towers' AND relation = 'pg_locks'::regclass";
    await until('the administrator waits for the restore', async () => (await postgres.sql('guests', waits)) !== '0');
    const restored = await putBack(place('guests'));
    await administrator;
    assert.equal(restored.ok, true, restored.detail);
    const rights = "has_database_privilege('watch', 'towers', 'CONNECT'), has_database_privilege('watch', 'towers', 'TEMPORARY')";
    assert.equal(await postgres.sql('guests', `SELECT id, to_regclass('newer') IS NULL, ${rights} FROM orders`), '1|t|t|t');
  });

  test('a restore that fails says which error it was, and has changed nothing', async () => {
    await postgres.create('occupied');
    await postgres.sql('occupied', 'CREATE TABLE orders (id int)');
    assert.equal((await backUp(place('occupied'))).ok, true);
    await postgres.sql('occupied', 'DROP TABLE orders; CREATE TABLE newer (id int)');
    await postgres.administer('occupied', 'CREATE TABLE orders (id int)');
    const { ok, detail } = await putBack(place('occupied'));
    assert.equal(ok, false);
    assert.match(detail, /^exit code 3: psql:\S+\/script\.sql:\d+: ERROR: {2}42P07: relation "orders" already exists$/);
    assert.equal(await postgres.sql('occupied', "SELECT to_regclass('newer')"), 'newer');
  });

  for (const [name, root, setUp, question, answer] of databases)
    test(`everything comes back, and what is newer goes: ${name}`, async () => {
      await postgres.create(name);
      if (root !== '') await postgres.administer(name, root);
      await postgres.sql(name, setUp);
      const made = await backUp(place(name));
      assert.match(made.detail, /^\S+\/r1\.backup, \d+\.\d kB, pg_restore can read all of it$/);
      await postgres.sql(
        name,
        'CREATE TABLE newer (id int); CREATE SCHEMA more; CREATE TABLE more.newer (); DROP TABLE orders CASCADE',
      );
      const restored = await putBack(place(name));
      assert.equal(restored.ok, true, restored.detail);
      assert.equal(await postgres.sql(name, question), answer);
      assert.equal(await postgres.sql(name, "SELECT count(*) FROM pg_tables WHERE tablename = 'newer'"), '0');
      assert.deepEqual(readdirSync(join(folder, name)), ['r1.backup']);
    });
});
