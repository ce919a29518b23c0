import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import pg from 'pg';
import { until } from '../../../test/acceptance/stage.ts';
import { Postgres, postgresProgram } from '../../../test/programs/postgres.ts';
import { type CheckCase, checkConformance, contextFor } from '../conformance.ts';
import { backup } from './index.ts';

const run = promisify(execFile);
const program = await postgresProgram();
const root = mkdtempSync(join(tmpdir(), 'rampart-backups-'));
after(() => rmSync(root, { recursive: true, force: true }));
const file = (name: string) => join(root, name);

describe('backups of a real PostgreSQL', { skip: 'missing' in program ? program.missing : false }, () => {
  let server: Postgres;
  before(async () => {
    assert('path' in program);
    server = await Postgres.start(program.path);
    await server.create('shop');
    await server.create('other');
    await server.administer(
      'shop',
      "ALTER ROLE shop_owner CREATEDB; CREATE ROLE pauper LOGIN PASSWORD 'correct horse'; CREATE ROLE reader; CREATE PUBLICATION p FOR ALL TABLES",
    );
    await server.sql(
      'shop',
      `CREATE TABLE orders (id int PRIMARY KEY, item text); INSERT INTO orders SELECT id, md5(id::text) FROM generate_series(1, 5000) id;
       CREATE TABLE "Carts" (id int); INSERT INTO "Carts" VALUES (1), (2); GRANT SELECT ON orders TO reader; COMMENT ON TABLE orders IS 'all of them'`,
    );
    for (const format of ['custom', 'directory', 'tar', 'plain']) await dump(format, ['shop'], `shop.${format}`);
    await dump('plain', ['--create', 'shop'], 'created.plain');
    await dump('plain', ['--rows-per-insert=500', 'shop'], 'inserts.plain');
    await dump('custom', ['other'], 'other.custom');
    writeFileSync(file('shop.plain.gz'), gzipSync(readFileSync(file('shop.plain'))));
    writeFileSync(file('shop.plain.zst'), zstdCompressSync(readFileSync(file('shop.plain'))));
    writeFileSync(file('shop.custom.gz'), gzipSync(readFileSync(file('shop.custom'))));
    for (const name of ['shop.custom', 'shop.tar', 'shop.plain', 'shop.plain.gz', 'shop.plain.zst', 'shop.custom.gz']) {
      cpSync(file(name), file(`cut.${name}`));
      truncateSync(file(`cut.${name}`), Math.floor(readFileSync(file(name)).length * 0.6));
    }
    const damaged = readFileSync(file('shop.custom'));
    damaged.fill(7, Math.floor(damaged.length * 0.5), Math.floor(damaged.length * 0.6));
    writeFileSync(file('damaged.custom'), damaged);
    writeFileSync(
      file('endless.plain'),
      '--\nCREATE TABLE a (id int);\nSELECT pg_sleep(600);\n-- PostgreSQL database dump complete\n',
    );
    writeFileSync(
      file('large.plain'),
      '--\nCREATE TABLE a AS SELECT repeat(md5(id::text), 20) FROM generate_series(1, 100000) id;\nSELECT pg_sleep(600);\n',
    );
    writeFileSync(file('vector.plain'), '--\nCREATE EXTENSION vector;\n-- PostgreSQL database dump complete\n');
  });
  after(async () => {
    assert.equal(await scratchDatabases(), '', 'a check has left a database');
    await server.close();
  });

  const scratchDatabases = () => server.sql('shop', "SELECT datname FROM pg_database WHERE datname LIKE 'rampart_check_%'");
  const sleeping =
    "SELECT count(*) FROM pg_stat_activity WHERE datname LIKE 'rampart_check_%' AND query LIKE '%pg_sleep%' AND state = 'active'";
  async function dump(format: string, words: readonly string[], name: string): Promise<void> {
    const env = { PATH: process.env.PATH, PGPASSWORD: server.password };
    const place = ['-h', '127.0.0.1', '-p', String(server.port), '-U', server.user, '-w'];
    await run(join(server.programs, 'pg_dump'), [...place, `--format=${format}`, `--file=${file(name)}`, ...words], { env });
  }

  const connection = (more = {}) => ({
    port: server.port,
    database: 'shop',
    user: server.user,
    password: { env: 'SHOP_PASSWORD' },
    programs: server.programs,
    ...more,
  });
  const restoring =
    (name: string, more = {}, connect = {}) =>
    () => ({
      file: file(name),
      restore: { connection: connection(connect), tables: { orders: 5_000, 'public.Carts': 2 }, ...more },
    });
  const environment = { PATH: process.env.PATH, SHOP_PASSWORD: 'correct horse', WRONG: 'battery staple' };
  const whole = /restored in \d+\.\d s; restored rows: orders 5000, public\.Carts 2$/;
  const cases: readonly CheckCase[] = [
    ...[
      'shop.custom',
      'shop.directory',
      'shop.tar',
      'shop.plain',
      'inserts.plain',
      'shop.plain.gz',
      'shop.plain.zst',
      'shop.custom.gz',
    ].map(
      (name): CheckCase => ({ name: `${name} is restored and counted`, given: restoring(name), status: 'pass', found: whole }),
    ),
    { name: 'several tables at a time', given: restoring('shop.custom', { jobs: 2 }), status: 'pass', found: whole },
    ...['cut.shop.custom', 'cut.shop.tar', 'cut.shop.plain', 'cut.shop.plain.gz', 'cut.shop.custom.gz', 'damaged.custom'].map(
      (name): CheckCase => ({
        name: `${name} cannot be restored`,
        given: restoring(name),
        status: 'fail',
        found: /^it cannot be restored: /,
        fix: /^make a new backup/,
      }),
    ),
    ...['cut.shop.custom', 'cut.shop.tar', 'cut.shop.plain', 'cut.shop.plain.gz', 'cut.shop.custom.gz'].map(
      (name): CheckCase => ({
        name: `${name} cannot be read to its end`,
        given: () => ({ file: file(name) }),
        status: 'fail',
        found: /^it cannot be restored: /,
      }),
    ),
    ...['shop.custom', 'shop.directory', 'shop.tar', 'shop.plain', 'shop.plain.gz', 'shop.custom.gz'].map(
      (name): CheckCase => ({
        name: `${name} can be read to its end`,
        given: () => ({ file: file(name) }),
        status: 'pass',
        found: /it can be read to its end$/,
      }),
    ),
    {
      name: 'a packed dump of which not even the beginning is there',
      given: restoring('cut.shop.plain.zst'),
      status: 'fail',
      found: /^it is damaged at its beginning/,
    },
    {
      name: 'too few rows',
      given: restoring('shop.custom', { tables: { orders: 6_000, Carts: 1 } }),
      status: 'fail',
      found: /^restored rows: orders 5000$/,
      fix: /see what is dumped/,
    },
    {
      name: 'a table is missing',
      given: restoring('shop.custom', { tables: { invoices: 0 } }),
      status: 'fail',
      found: /^restored rows: invoices missing$/,
    },
    {
      name: 'a dump of an empty database',
      given: restoring('other.custom', { tables: {} }),
      status: 'fail',
      found: /^the restored database has no tables$/,
    },
    {
      name: 'as many rows as live',
      given: () => restoring('shop.custom', { compare: { connection: connection() } })(),
      status: 'pass',
      found: /restored \/ live rows: orders 5000 \/ 5000/,
    },
    {
      name: 'other rows than live',
      given: () => restoring('shop.custom', { compare: { connection: connection({ database: 'other' }) } })(),
      status: 'fail',
      found: /orders 5000 \/ missing/,
    },
    {
      name: 'live rows that may not be read',
      given: () => restoring('shop.custom', { compare: { connection: connection({ user: 'pauper' }) } })(),
      status: 'unproven',
      found: /the role pauper may not see it/,
    },
    {
      name: 'a role that may not create databases',
      given: restoring('shop.custom', {}, { user: 'pauper' }),
      status: 'unproven',
      found: /^pauper may not create databases$/,
      fix: /CREATEDB/,
    },
    {
      name: 'a wrong password',
      given: restoring('shop.custom', {}, { password: { env: 'WRONG' } }),
      status: 'unproven',
      found: /cannot sign in/,
      secret: 'battery staple',
    },
    {
      name: 'a server that is not there',
      given: restoring('shop.custom', {}, { port: 1 }),
      status: 'unproven',
      found: /refused/,
    },
    {
      name: 'programs that are not there',
      given: restoring('shop.custom', {}, { programs: '/nowhere' }),
      status: 'unproven',
      found: /^\/nowhere\/pg_restore cannot be run/,
      fix: /install/,
    },
    {
      name: 'a dump that names its database',
      given: restoring('created.plain'),
      status: 'unproven',
      found: /would leave its database: CREATE DATABASE/,
      fix: /without --create/,
    },
    {
      name: 'a dump that becomes too large',
      given: restoring('large.plain', { sizeMax: '20MiB' }),
      status: 'unproven',
      found: /^the restored database is larger than/,
      fix: /sizeMax/,
    },
    {
      name: 'an extension that the scratch server lacks',
      given: restoring('vector.plain', { tables: {} }),
      status: 'unproven',
      found: /extension "vector" is not available/,
      fix: /install that extension/,
    },
  ];
  checkConformance(
    'backup',
    backup,
    cases.map((one) => ({ ...one, context: { environment } })),
  );

  test('a restore ends when nobody wants it any more, and leaves nothing', async (t) => {
    const stop = new AbortController();
    const context = await contextFor(t, { environment, signal: stop.signal });
    const running = backup.run(backup.schema.parse(restoring('endless.plain')()), context);
    await until('it restores', async () => (await server.sql('shop', sleeping)) === '1');
    const startMs = performance.now();
    stop.abort();
    await assert.rejects(running);
    assert.ok(performance.now() - startMs < 5_000, 'it went on for seconds');
    assert.equal(await scratchDatabases(), '');
  });

  test('what a killed run has left goes with the next one, and what another run uses stays', async (t) => {
    const config = restoring('endless.plain')();
    const script = `
      import { backup } from '${pathToFileURL(join(import.meta.dirname, 'index.ts'))}';
      await backup.run(backup.schema.parse(${JSON.stringify(config)}), { folder: '/', environment: process.env, secret: () => process.env.SHOP_PASSWORD,
        now: () => Date.now(), signal: AbortSignal.timeout(60_000), progress() {} });`;
    const killed = spawn(process.execPath, ['--input-type=module', '--eval', script], { env: environment, stdio: 'ignore' });
    t.after(() => killed.kill('SIGKILL'));
    await until('it restores', async () => (await server.sql('shop', sleeping)) === '1');
    const left = await scratchDatabases();
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    assert.equal(await scratchDatabases(), left);
    const used = `${left.replace(/[^_]*$/, '')}used`;
    const user = new pg.Client({
      host: '127.0.0.1',
      port: server.port,
      user: server.user,
      password: server.password,
      database: 'shop',
    });
    await user.connect();
    t.after(() => user.end());
    await user.query('SELECT pg_advisory_lock(hashtext($1)::bigint)', [used]);
    await user.query(`CREATE DATABASE "${used}"`);
    const next = await backup.run(
      backup.schema.parse(restoring('shop.custom')()),
      await contextFor(t, { environment, secret: () => server.password }),
    );
    assert.equal(next.status, 'pass', JSON.stringify(next));
    assert.equal(await scratchDatabases(), used);
    await user.query(`DROP DATABASE "${used}"`);
  });
});

describe('backups of files', () => {
  before(async () => {
    mkdirSync(file('site/uploads'), { recursive: true });
    writeFileSync(file('site/uploads/a.txt'), 'a'.repeat(20_000));
    writeFileSync(file('site/b.txt'), 'b'.repeat(20_000));
    await run('tar', ['-cf', file('site.tar'), 'site/uploads/a.txt', 'site/b.txt'], { cwd: root });
    const tar = readFileSync(file('site.tar'));
    writeFileSync(file('site.tar.gz'), gzipSync(tar));
    writeFileSync(file('cut.site.tar.gz'), gzipSync(tar).subarray(0, 100));
    writeFileSync(file('cut.site.tar'), tar.subarray(0, 10_000));
    // Between two files, where `tar` itself sees nothing wrong.
    writeFileSync(file('half.site.tar'), tar.subarray(0, 512 + 20_480));
    writeFileSync(file('broken.site.tar.gz'), gzipSync(tar).fill(3, 60, 70));
    writeFileSync(file('picture.png'), Buffer.from('89504e470d0a1a0a0000', 'hex'));
    writeFileSync(file('empty.dump'), '');
    mkdirSync(file('many'));
    for (const [name, days] of [
      ['old', 3],
      ['new', 0],
      ['older', 10],
    ] as const) {
      writeFileSync(file(`many/${name}.tar`), tar.subarray(0, name === 'new' ? tar.length : 100));
      utimesSync(file(`many/${name}.tar`), new Date(), new Date(Date.now() - days * 86_400_000));
    }
    mkdirSync(file('many/folder.tar'));
  });
  const given =
    (name: string, more = {}) =>
    () => ({ file: file(name), ...more });
  checkConformance('backup', backup, [
    {
      name: 'an archive is listed to its end',
      given: given('site.tar.gz', { maxAge: '1h', minSize: '100B' }),
      status: 'pass',
      found: /it can be read to its end$/,
    },
    { name: 'an archive has what it has to have', given: given('site.tar', { contains: ['site/b.txt'] }), status: 'pass' },
    {
      name: 'an archive lacks something',
      given: given('site.tar.gz', { contains: ['site/b.txt', 'site/c.txt'] }),
      status: 'fail',
      found: /site\/c\.txt: Not found in archive$/,
    },
    { name: 'an archive that is cut off', given: given('cut.site.tar'), status: 'fail', found: /Unexpected EOF/ },
    {
      name: 'an archive that is cut off between two files',
      given: given('half.site.tar'),
      status: 'fail',
      found: /its end is missing$/,
    },
    { name: 'a packed archive that is cut off', given: given('cut.site.tar.gz'), status: 'fail' },
    { name: 'a packed archive that is damaged', given: given('broken.site.tar.gz'), status: 'fail' },
    { name: 'the newest of many', given: given('many/*.tar', { maxAge: '1h' }), status: 'pass' },
    {
      name: 'days are missing',
      given: given('many/*.tar', { retention: { for: '7d' } }),
      status: 'fail',
      found: /^none between/,
    },
    {
      name: 'it is old',
      given: given('many/old.tar', { maxAge: '24h', format: 'opaque' }),
      status: 'fail',
      found: /^it is 3d old$/,
      fix: /schedule/,
    },
    { name: 'it is small', given: given('site.tar', { minSize: '1GiB' }), status: 'fail', found: /^the newest backup has/ },
    { name: 'it is empty', given: given('empty.dump'), status: 'fail', found: /^the newest backup is empty$/ },
    {
      name: 'it is something else',
      given: given('picture.png'),
      status: 'fail',
      found: /no format that is known/,
      fix: /opaque/,
    },
    {
      name: 'nobody looks inside',
      given: given('picture.png', { format: 'opaque' }),
      status: 'pass',
      found: /^the newest backup has 10 bytes$/,
    },
    { name: 'another format', given: given('site.tar', { format: 'plain' }), status: 'fail' },
    { name: 'there is none', given: given('nowhere/*.dump'), status: 'fail', found: /^there is no backup$/ },
    {
      name: 'tar is not there',
      given: given('site.tar'),
      context: { environment: { PATH: '/nowhere' } },
      status: 'unproven',
      found: /^tar cannot be run/,
    },
  ]);
});
