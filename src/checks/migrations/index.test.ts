import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe } from 'node:test';
import { Postgres, postgresProgram } from '../../../test/programs/postgres.ts';
import { type CheckCase, checkConformance } from '../conformance.ts';
import { silent } from '../servers.fixture.ts';
import { migrations } from './index.ts';

const program = await postgresProgram();

describe('migrations of a real PostgreSQL', { skip: 'missing' in program ? program.missing : false }, () => {
  const root = mkdtempSync(join(tmpdir(), 'rampart-migrations-'));
  let server: Postgres;
  before(async () => {
    assert('path' in program);
    server = await Postgres.start(program.path);
    await server.create('shop');
    await server.sql(
      'shop',
      `CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY); INSERT INTO alembic_version VALUES ('b2');
       CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50), description varchar(200), type varchar(20),
         script varchar(1000), checksum int, installed_by varchar(100), installed_on timestamp DEFAULT now(), execution_time int, success boolean);
       INSERT INTO flyway_schema_history VALUES (1, '1', 'a', 'SQL', 'V1__a.sql', 1, 'shop', now(), 1, true), (2, '2', 'b', 'SQL', 'V2__b.sql', 1, 'shop', now(), 1, false);
       CREATE TABLE knex_migrations (id serial PRIMARY KEY, name varchar(255), batch int, migration_time timestamptz);
       INSERT INTO knex_migrations (name) VALUES ('1_a.js'), ('2_b.js'), ('9_z.js');
       CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64), finished_at timestamptz, migration_name varchar(255), logs text,
         rolled_back_at timestamptz, started_at timestamptz DEFAULT now(), applied_steps_count int DEFAULT 0);
       INSERT INTO _prisma_migrations VALUES ('1', '', now(), '1_a'), ('2', '', NULL, '2_b');
       CREATE SCHEMA go; CREATE TABLE go.schema_migrations (version bigint PRIMARY KEY, dirty boolean); INSERT INTO go.schema_migrations VALUES (2, false);
       CREATE TABLE schema_migrations (version varchar PRIMARY KEY); INSERT INTO schema_migrations VALUES ('20240101000000');
       CREATE TABLE mine (name text); INSERT INTO mine VALUES ('01'), ('02')`,
    );
    await server.administer('shop', 'CREATE TABLE hidden (version_num varchar(32))');
    write({
      'alembic/1.py': "revision = 'a1'\ndown_revision = None\ndef downgrade():\n    op.drop_table('orders')\n",
      'alembic/2.py': "revision = 'b2'\ndown_revision = 'a1'\ndef downgrade():\n    pass\n",
      'newer/1.py': "revision = 'a1'\ndown_revision = None\n",
      'newer/2.py': "revision = 'b2'\ndown_revision = 'a1'\n",
      'newer/3.py': "revision = 'c3'\ndown_revision = 'b2'\n",
      'heads/1.py': "revision = 'b2'\ndown_revision = None\n",
      'heads/2.py': "revision = 'c3'\ndown_revision = None\n",
      'flyway/V1__a.sql': '',
      'flyway/V2__b.sql': '',
      'knex/1_a.ts': 'export function up() {}\nexport function down() {}',
      'knex/2_b.ts': 'export function up() {}\nexport function down() {}',
      'prisma/1_a/migration.sql': '',
      'prisma/2_b/migration.sql': '',
      'go/1_a.up.sql': '',
      'go/1_a.down.sql': '',
      'go/2_b.up.sql': '',
      'go/2_b.down.sql': '',
      'rails/20240101000000_a.rb': 'def change',
      'rails/20240102000000_b.rb': 'def change',
      'mine/01-a.sql': '',
      'mine/02-b.sql': '',
      'empty/readme.md': '',
    });
  });
  after(async () => {
    rmSync(root, { recursive: true, force: true });
    await server.close();
  });
  function write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text);
    }
  }

  const given =
    (tool: string, folder: string, more = {}) =>
    () => ({
      connection: { port: server.port, database: 'shop', user: server.user, password: { env: 'SHOP_PASSWORD' } },
      tool,
      folder,
      ...more,
    });
  const mine = { sql: 'SELECT name FROM mine;', files: '^(\\d+)-.*\\.sql$' };
  const cases: readonly CheckCase[] = [
    {
      name: 'Alembic is at its head',
      given: given('alembic', 'alembic'),
      status: 'pass',
      found: /^all 2 migrations are applied, the newest is 2\.py$/,
    },
    {
      name: 'Alembic lacks one',
      given: given('alembic', 'newer'),
      status: 'fail',
      found: /^not applied: 3\.py$/,
      fix: /^alembic upgrade head$/,
    },
    { name: 'Alembic has two heads', given: given('alembic', 'heads'), status: 'fail', found: /several heads: b2, c3/ },
    {
      name: 'one of Alembic has no way back',
      given: given('alembic', 'alembic', { reverse: 'fail' }),
      status: 'fail',
      found: /^no way back: 2\.py$/,
    },
    {
      name: 'one of Flyway broke off',
      given: given('flyway', 'flyway'),
      status: 'fail',
      found: /^not applied: V2__b\.sql; broken off half-way: V2__b\.sql$/,
      fix: /flyway migrate; .*repair/,
    },
    {
      name: 'the database is newer than the files of Knex',
      given: given('knex', 'knex'),
      status: 'fail',
      found: /^applied, but there is no file: 9_z$/,
    },
    { name: 'that may be so', given: given('knex', 'knex', { unknown: 'ignore', reverse: 'fail' }), status: 'pass' },
    { name: 'one of Prisma broke off', given: given('prisma', 'prisma'), status: 'fail', found: /broken off half-way: 2_b/ },
    {
      name: 'golang-migrate keeps the newest alone',
      given: given('golang-migrate', 'go', { table: 'go.schema_migrations', reverse: 'fail' }),
      status: 'pass',
    },
    { name: 'Rails lacks one', given: given('rails', 'rails'), status: 'fail', found: /^not applied: 20240102000000_b\.rb$/ },
    { name: 'a query of one’s own', given: given('query', 'mine', mine), status: 'pass' },
    {
      name: 'a query of one’s own that is wrong',
      given: given('query', 'mine', { ...mine, sql: 'SELECT name FROM nowhere' }),
      status: 'unproven',
      found: /nowhere/,
    },
    {
      name: 'no table yet',
      given: given('alembic', 'alembic', { table: 'nowhere' }),
      status: 'fail',
      found: /^there is no table "nowhere": nothing was ever applied$/,
    },
    {
      name: 'a table that may not be read',
      given: given('alembic', 'alembic', { table: 'public.hidden' }),
      status: 'unproven',
      found: /permission denied for table hidden/,
    },
    { name: 'a folder that is not there', given: given('alembic', 'nowhere'), status: 'unproven', found: /cannot be read/ },
    {
      name: 'a folder without migrations',
      given: given('alembic', 'empty'),
      status: 'unproven',
      found: /has no migration of alembic/,
    },
    {
      name: 'nothing listens',
      given: () => ({ ...given('alembic', 'alembic')(), connection: { port: 1, database: 'shop', user: 'shop' } }),
      status: 'fail',
      found: /refused/,
    },
  ];
  checkConformance(
    'migrations',
    migrations,
    cases.map((one) => ({ ...one, context: { folder: root, environment: { SHOP_PASSWORD: 'correct horse' } } })),
    async (t) => {
      return {
        connection: { port: await silent(t), database: 'shop', user: 'shop' },
        tool: 'alembic',
        folder: join(root, 'alembic'),
        within: '60s',
      };
    },
  );
});
