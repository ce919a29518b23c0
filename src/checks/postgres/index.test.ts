import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { until } from '../../../test/acceptance/stage.ts';
import { Authority, opensslProgram } from '../../../test/programs/certificates.ts';
import { Postgres, postgresProgram } from '../../../test/programs/postgres.ts';
import { checkConformance, contextFor } from '../conformance.ts';
import { silent, talking } from '../servers.fixture.ts';
import { postgres } from './index.ts';

const program = await postgresProgram();
const openssl = await opensslProgram();
const missing = [program, openssl].flatMap((one) => ('missing' in one ? [one.missing] : []));

describe('a real PostgreSQL', { skip: missing[0] ?? false }, () => {
  let server: Postgres;
  let authority: Authority;
  before(async () => {
    assert('path' in program && 'path' in openssl);
    authority = await Authority.found(openssl.path);
    await authority.sign('server', 'localhost');
    const settings = [
      'ssl=on',
      'shared_preload_libraries=pg_stat_statements',
      'pg_stat_statements.track=all',
      'archive_mode=on',
      'archive_command=true',
      'archive_timeout=60',
      'max_connections=20',
    ];
    const files = { 'server.crt': authority.text('server.pem'), 'server.key': authority.text('server.key') };
    server = await Postgres.start(program.path, { settings, files });
    await server.create('shop');
    await server.administer('shop', 'CREATE EXTENSION pg_stat_statements');
    await server.sql(
      'shop',
      'CREATE SEQUENCE numbers; CREATE TABLE orders AS SELECT id, md5(id::text) item FROM generate_series(1, 2000) id',
    );
    await server.sql(
      'shop',
      `DO $$ BEGIN FOR i IN 1..120 LOOP PERFORM count(*) FROM orders WHERE item = i::text; END LOOP; END $$`,
    );
    await server.administer('shop', "ANALYZE orders; SELECT pg_switch_wal(); ALTER ROLE shop_owner VALID UNTIL 'infinity'");
  });
  after(async () => {
    await server.close();
    authority.close();
  });

  const password = { env: 'SHOP_PASSWORD' };
  const connection = (more = {}) => ({
    host: '127.0.0.1',
    port: server.port,
    database: 'shop',
    user: server.user,
    password,
    ...more,
  });
  const given =
    (more = {}) =>
    () => ({ connection: connection(), ...more });
  const environment = { SHOP_PASSWORD: 'correct horse', WRONG: 'battery staple' };
  const query = (sql: string, wanted: object) => given({ queries: [{ name: 'answer', sql, ...wanted }] });
  const context = { environment };

  const cases = [
    { name: 'it answers', given: given(), status: 'pass', found: /^PostgreSQL 15\.\d+$/ },
    {
      name: 'it is new enough, and has an extension',
      given: given({ version: '15', extensions: ['pg_stat_statements', { name: 'plpgsql', version: '1.0' }] }),
      status: 'pass',
      found: /pg_stat_statements 1\.\d+; plpgsql 1\.0$/,
    },
    {
      name: 'it is too old',
      given: given({ version: 99 }),
      status: 'fail',
      found: /^PostgreSQL 15/,
      fix: /^update the server to 99$/,
    },
    {
      name: 'an extension is missing whose package is missing',
      given: given({ extensions: ['vector'] }),
      status: 'fail',
      found: /^the extension vector is not in the database$/,
      fix: /^install the package of vector .* CREATE EXTENSION vector$/,
    },
    {
      name: 'an extension is missing that could be there',
      given: given({ extensions: ['pgcrypto'] }),
      status: 'fail',
      fix: /^CREATE EXTENSION pgcrypto$/,
    },
    {
      name: 'few connections are in use',
      given: given({ connections: {} }),
      status: 'pass',
      found: /\d of 20 connections in use$/,
    },
    {
      name: 'many connections are in use',
      given: given({ connections: { warn: '1%', fail: '2%' } }),
      status: 'fail',
      found: /^\d of 20 connections/,
      fix: /PgBouncer/,
    },
    {
      name: 'more connections than usual are in use',
      given: given({ connections: { warn: '1%', fail: '100%' } }),
      status: 'warn',
      found: /^\d of 20 connections/,
    },
    {
      name: 'no query is slow',
      given: given({ slowQueries: { warn: '1h', fail: '1h' } }),
      status: 'pass',
      found: /the slowest query takes .* ms on average$/,
    },
    {
      name: 'a table is read as a whole',
      given: given({ indexes: { rows: 1_000 } }),
      status: 'warn',
      found: /^read as a whole again and again: public.orders$/,
      fix: /indexes/,
    },
    { name: 'tables are small', given: given({ indexes: {} }), status: 'pass', found: /no large table/ },
    { name: 'nobody follows', given: given({ replicas: {} }), status: 'fail', found: /^0 replicas follow$/ },
    { name: 'the password does not expire', given: given({ passwordValid: '14d' }), status: 'pass', found: /does not expire/ },
    {
      name: 'a query has its answer',
      given: query('SELECT count(*) FROM orders; ', { equals: 2_000 }),
      status: 'pass',
      found: /answer: 2000$/,
    },
    { name: 'a query with a comment has its answer', given: query('SELECT true -- yes', { equals: true }), status: 'pass' },
    {
      name: 'a query has another answer',
      given: query('SELECT count(*) FROM orders', { min: 3_000 }),
      status: 'fail',
      found: /^answer: 2000$/,
    },
    {
      name: 'a query has no rows',
      given: query('SELECT 1 WHERE false', { equals: 1, severity: 'warn' }),
      status: 'warn',
      found: /^answer: no row$/,
    },
    {
      name: 'a query answers a lot',
      given: query("SELECT repeat('x', 100000000)", { equals: 'x' }),
      status: 'fail',
      found: /^answer: x{200}$/,
    },
    {
      name: 'a query is wrong',
      given: query('SELEC 1', { equals: 1 }),
      status: 'unproven',
      found: /^the question was refused: syntax error/,
    },
    {
      name: 'a query that would change something is refused',
      given: query(`SELECT nextval('numbers')`, { min: 1 }),
      status: 'unproven',
      found: /read-only transaction/,
    },
    {
      name: 'one query is no two',
      given: query('SELECT 1) a(b); COMMIT; DROP TABLE orders; SELECT 1 FROM (SELECT 1', { equals: 1 }),
      status: 'unproven',
      found: /refused/,
    },
    {
      name: 'a query that may not be asked',
      given: query('SELECT count(*) FROM pg_authid', { min: 1 }),
      status: 'unproven',
      found: /^the role shop_owner may not see it/,
      fix: /GRANT/,
    },
    {
      name: 'a query that takes too long',
      given: () => ({ ...query('SELECT pg_sleep(60)', { equals: '' })(), within: '300ms' }),
      status: 'unproven',
      found: /^the question was not answered in time$/,
    },
    {
      name: 'a wrong password',
      given: () => ({ connection: connection({ password: { env: 'WRONG' } }) }),
      status: 'unproven',
      found: /^shop_owner cannot sign in/,
      secret: 'battery staple',
    },
    {
      name: 'a password that is not there',
      given: () => ({ connection: connection({ password: { env: 'NOT_SET' } }) }),
      status: 'unproven',
      found: /NOT_SET is not set/,
    },
    {
      name: 'a database that is not there',
      given: () => ({ connection: connection({ database: 'nowhere' }) }),
      status: 'unproven',
      found: /cannot sign in: database "nowhere" does not exist/,
    },
    {
      name: 'a certificate is checked',
      given: () => ({ connection: connection({ host: 'localhost', sslmode: 'verify-full', ca: authority.file('ca.pem') }) }),
      status: 'pass',
    },
    {
      name: 'a certificate that nobody knows',
      given: () => ({ connection: connection({ host: 'localhost', sslmode: 'verify-full' }) }),
      status: 'fail',
      found: /^the certificate is not signed/,
      fix: /: ca$/,
    },
    {
      name: 'a certificate of another name',
      given: () => ({ connection: connection({ sslmode: 'verify-full', ca: authority.file('ca.pem') }) }),
      status: 'fail',
      found: /another name/,
    },
    {
      name: 'a certificate whose name nobody asks for',
      given: () => ({ connection: connection({ sslmode: 'verify-ca', ca: authority.file('ca.pem') }) }),
      status: 'pass',
    },
    {
      name: 'a file of authorities that is not there',
      given: () => ({ connection: connection({ sslmode: 'verify-ca', ca: 'nowhere.pem' }) }),
      status: 'unproven',
      found: /cannot be read/,
    },
    {
      name: 'an address that is a secret',
      given: () => ({ connection: { url: { env: 'DATABASE_URL' } } }),
      status: 'pass',
      secret: 'correct%20horse',
    },
  ] as const;
  checkConformance(
    'postgres',
    postgres,
    cases.map((one) => ({
      ...one,
      get context() {
        return {
          environment: {
            ...environment,
            DATABASE_URL: `postgresql+asyncpg://${server.user}:correct%20horse@127.0.0.1:${server.port}/shop`,
          },
        };
      },
    })),
    hanging,
  );

  test('postgres: WAL is archived, and a follower follows', async (t) => {
    await until('a segment is archived', async () =>
      /^f\|f$/.test(
        await server.sql('shop', 'SELECT last_archived_time IS NULL, last_archived_wal IS NULL FROM pg_stat_archiver'),
      ),
    );
    await server.administer(
      'shop',
      "CREATE ROLE follower LOGIN REPLICATION PASSWORD 'correct horse'; GRANT pg_monitor TO shop_owner",
    );
    const folder = (await contextFor(t)).scratch;
    const words = ['-h', '127.0.0.1', '-p', String(server.port), '-U', 'follower', '-w', '-D', folder];
    const follower = spawn(join(server.programs, 'pg_receivewal'), words, {
      env: { PGPASSWORD: 'correct horse' },
      stdio: 'ignore',
    });
    t.after(async () => {
      if (follower.exitCode === null && follower.kill('SIGKILL')) await once(follower, 'exit');
      await server.administer('shop', 'REVOKE pg_monitor FROM shop_owner');
    });
    await until(
      'it streams',
      async () => (await server.sql('shop', "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'")) === '1',
    );
    const config = postgres.schema.parse({ connection: connection(), archiving: { lag: '1h' }, replicas: {} });
    const result = await postgres.run(config, await contextFor(t, context));
    assert.equal(result.status, 'pass', JSON.stringify(result));
    assert.match(JSON.stringify(result.found), /WAL is archived, last \d+s ago; 1 replicas follow/);
  });

  test('postgres: queries that take long are told without the constants of statements that may have passwords', async (t) => {
    await server.sql('shop', `DO $$ BEGIN FOR i IN 1..3 LOOP PERFORM pg_sleep(0.02); END LOOP; END $$`);
    for (let i = 0; i < 2; i += 1) await server.sql('shop', "SET application_name TO 'hunter2'");
    await server.administer('shop', 'GRANT pg_read_all_stats TO shop_owner');
    t.after(() => server.administer('shop', 'REVOKE pg_read_all_stats FROM shop_owner'));
    const config = postgres.schema.parse({
      connection: connection(),
      slowQueries: { warn: '1ms', fail: '10ms' },
      slowQueriesCalls: 1,
    });
    const result = await postgres.run(config, await contextFor(t, context));
    assert.equal(result.status, 'fail', JSON.stringify(result));
    assert.ok(!JSON.stringify(result).includes('hunter2'));
    assert.ok(result.figures.slowestQueryMs ?? 0 > 10);
  });
});

checkConformance('postgres', postgres, [
  {
    name: 'nothing listens',
    given: () => ({ connection: { port: 1, database: 'shop', user: 'shop' } }),
    status: 'fail',
    found: /refused/,
    fix: /see that what listens at 127\.0\.0\.1:1\/shop/,
  },
  {
    name: 'it never answers',
    given: async (t) => ({ ...(await hanging(t)), within: '200ms' }),
    status: 'fail',
    found: /^no answer within 200 ms$/,
  },
  {
    name: 'something else listens',
    given: async (t) => ({
      connection: {
        port: await talking(t, (socket) => void socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))),
        database: 'shop',
        user: 'shop',
      },
    }),
    status: 'fail',
  },
]);

async function hanging(t: TestContext) {
  return { connection: { port: await silent(t), database: 'shop', user: 'shop' }, within: '60s' };
}
