// Starts what the newsletter stands on (PostgreSQL, Redis, a mail server), and the newsletter itself, all on loopback, with everything
// they keep in run/, or in an empty folder that is named. Ends them all on Ctrl+C. Needs PostgreSQL, redis-server and openssl.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { SMTPServer } from 'smtp-server';

const here = import.meta.dirname;
const run = resolve(process.argv[2] ?? join(here, 'run'));
const nobody = process.getuid() === 0 ? { uid: 65_534, gid: 65_534 } : {};
const children = [];

process.once('exit', () => children.forEach((child) => child.kill('SIGINT')));
if (process.argv[2] === undefined) rmSync(run, { recursive: true, force: true });
else if (existsSync(run) && readdirSync(run).length > 0) throw new Error(`${run} is not empty`);
for (const folder of ['', 'postgres', 'archive', 'redis', 'tls', 'backups']) mkdirSync(join(run, folder), { recursive: true });
if ('uid' in nobody) for (const folder of ['postgres', 'archive', 'redis']) chownSync(join(run, folder), nobody.uid, nobody.gid);

const ports = await Promise.all(['postgres', 'redis', 'smtp', 'https', 'http'].map(async (name) => [name, await freePort()]));
const port = Object.fromEntries(ports);
const postgres = postgresFolder();
const secret = () => randomBytes(24).toString('hex');
const passwords = { postgres: secret(), newsletter: secret(), rampart: secret(), redis: secret() };

// Certificates of an authority of its own.
const tls = (words) => execFileSync('openssl', words.split(' '), { cwd: join(run, 'tls'), stdio: 'pipe' });
writeFileSync(join(run, 'tls/names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1');
tls('req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 90 -subj /CN=newsletter-authority');
tls('req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost');
tls('x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out server.pem -days 60 -extfile names');

// PostgreSQL, with an archive, the figures of its queries, and a role for each who asks it: the newsletter, and the checks.
const data = join(run, 'postgres/data');
forServers('postgres/password', passwords.postgres);
execFileSync(
  join(postgres, 'initdb'),
  [
    '-D',
    data,
    '-U',
    'postgres',
    '--auth=scram-sha-256',
    `--pwfile=${join(run, 'postgres/password')}`,
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
  ],
  { ...nobody, cwd: join(run, 'postgres'), stdio: 'pipe' },
);
start('postgres', join(postgres, 'postgres'), [
  '-D',
  data,
  ...Object.entries({
    port: port.postgres,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: join(run, 'postgres'),
    fsync: 'off',
    shared_preload_libraries: 'pg_stat_statements',
    archive_mode: 'on',
    archive_timeout: '10min',
    archive_command: `cp %p ${join(run, 'archive')}/%f`,
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
]);
forServers(
  'redis/redis.conf',
  [
    `port ${port.redis}`,
    'bind 127.0.0.1',
    `dir ${join(run, 'redis')}`,
    'appendonly yes',
    'appendfsync everysec',
    'maxmemory 64mb',
    `requirepass ${passwords.redis}`,
    `user newsletter on >${passwords.newsletter} ~count resetchannels +get +set +del +ping +info +select`,
  ].join('\n'),
);
start('redis', 'redis-server', [join(run, 'redis/redis.conf')]);
const mail = new SMTPServer({
  cert: readFileSync(join(run, 'tls/server.pem')),
  key: readFileSync(join(run, 'tls/server.key')),
  authOptional: true,
  onData: (stream, _, done) => stream.resume().on('end', done),
});
await new Promise((ready) => mail.listen(port.smtp, '127.0.0.1', ready));
await Promise.all([listening(port.postgres), listening(port.redis)]);

const url = (role, database = 'newsletter') => `postgres://${role}:${passwords[role]}@127.0.0.1:${port.postgres}/${database}`;
const psql = (at, sql) => execFileSync(join(postgres, 'psql'), [at, '-v', 'ON_ERROR_STOP=1', '-q', '-c', sql], { stdio: 'pipe' });
await until(() => psql(url('postgres', 'postgres'), 'SELECT 1'));
psql(url('postgres', 'postgres'), `CREATE ROLE newsletter LOGIN PASSWORD '${passwords.newsletter}'`);
psql(url('postgres', 'postgres'), `CREATE ROLE rampart LOGIN CREATEDB PASSWORD '${passwords.rampart}'`);
psql(url('postgres', 'postgres'), 'GRANT pg_monitor, pg_read_all_data TO rampart');
psql(url('postgres', 'postgres'), 'CREATE DATABASE newsletter OWNER newsletter');
psql(url('postgres'), 'CREATE EXTENSION pg_stat_statements');
psql(url('newsletter'), 'CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL)');
for (const file of readdirSync(join(here, 'migrations'))
  .filter((name) => name.endsWith('.up.sql'))
  .sort())
  psql(url('newsletter'), readFileSync(join(here, 'migrations', file), 'utf8'));
psql(url('newsletter'), 'INSERT INTO schema_migrations VALUES (2, false)');
psql(
  url('newsletter'),
  "INSERT INTO subscribers (address) SELECT 'reader' || n || '@example.com' FROM generate_series(1, 500) AS n",
);
psql(url('postgres'), 'SELECT pg_switch_wal()');
const today = new Date().toISOString().slice(0, 10);
execFileSync(join(postgres, 'pg_dump'), [
  url('newsletter'),
  '--format=custom',
  '--file',
  join(run, `backups/newsletter-${today}.dump`),
]);

const variables = {
  DATABASE_URL: url('newsletter'),
  REDIS_URL: `redis://newsletter:${passwords.newsletter}@127.0.0.1:${port.redis}`,
  SECRET_KEY: randomBytes(32).toString('base64url'),
  SMTP_HOST: 'localhost',
  SMTP_PORT: port.smtp,
  HTTPS_PORT: port.https,
  HTTP_PORT: port.http,
  ALLOWED_ORIGIN: 'https://newsletter.example',
  CERTIFICATES: join(run, 'tls'),
  // What the checks sign in with.
  CHECK_DATABASE_URL: url('rampart'),
  SCRATCH_DATABASE_URL: url('postgres', 'postgres'),
  CHECK_REDIS_URL: `redis://:${passwords.redis}@127.0.0.1:${port.redis}`,
};
writeFileSync(
  join(run, '.env'),
  Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join(''),
  { mode: 0o600 },
);
const { NODE_TEST_CONTEXT: _, ...outside } = process.env;
start('newsletter', process.execPath, [join(here, 'server.js')], {
  env: { ...outside, ...variables },
  uid: process.getuid(),
  gid: process.getgid(),
});
await listening(port.https);

// What the tests cover, and what people have confirmed today.
mkdirSync(join(run, 'coverage'), { recursive: true });
await promisify(execFile)(
  process.execPath,
  [
    '--test',
    '--experimental-test-coverage',
    '--test-reporter=lcov',
    `--test-reporter-destination=${join(run, 'coverage/lcov.info')}`,
    'test/*.test.js',
  ],
  { cwd: here, env: { ...outside, ...variables } },
);
writeFileSync(join(run, 'confirmations.yaml'), confirmations(today));
const document = readFileSync(join(here, 'newsletter.yaml'), 'utf8')
  .replaceAll(/\bPORT_(\w+)/g, (_, name) => port[name.toLowerCase()])
  .replaceAll('SOURCE', here)
  .replaceAll('CA_FILE', JSON.stringify(join(run, 'tls/ca.pem')));
writeFileSync(join(run, 'newsletter.yaml'), document);
console.log(`The newsletter is at https://127.0.0.1:${port.https}. In another terminal:

    set -a; . ${join(run, '.env')}; set +a
    rampart check ${join(run, 'newsletter.yaml')} --version 1.0.0 --confirmations ${join(run, 'confirmations.yaml')}
`);

for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => {
    mail.close();
    for (const child of children) child.kill('SIGINT');
    const hurry = setTimeout(() => children.forEach((child) => child.kill('SIGKILL')), 10_000);
    void Promise.all(
      children.map((child) => child.exitCode ?? child.signalCode ?? new Promise((ended) => child.once('exit', ended))),
    ).then(() => {
      clearTimeout(hurry);
      process.exit(0);
    });
  });

/** A file that only the servers' user may read. */
function forServers(path, text) {
  writeFileSync(join(run, path), text, { mode: 0o600 });
  if ('uid' in nobody) chownSync(join(run, path), nobody.uid, nobody.gid);
}

function start(name, program, words, more = {}) {
  const output = openSync(join(run, `${name}.log`), 'w', 0o644);
  const child = spawn(program, words.map(String), { ...nobody, cwd: run, stdio: ['ignore', output, output], ...more });
  child.once('error', (error) => {
    console.error(`${name}: ${error.message}`);
    process.exit(1);
  });
  children.push(child);
}

function postgresFolder() {
  const all = '/usr/lib/postgresql';
  const newest = existsSync(all) ? readdirSync(all).sort((a, b) => Number(b) - Number(a))[0] : undefined;
  return newest === undefined ? execFileSync('pg_config', ['--bindir'], { encoding: 'utf8' }).trim() : join(all, newest, 'bin');
}

function freePort() {
  return new Promise((found) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = server.address();
      server.close(() => found(free));
    });
  });
}

function listening(at) {
  return until(
    () =>
      new Promise((ready, fail) => {
        const socket = connect(at, '127.0.0.1', () => ready(socket.destroy()));
        socket.once('error', fail);
      }),
  );
}

/** Tries for a minute. */
async function until(act) {
  for (let tries = 0; ; tries += 1)
    try {
      return await act();
    } catch (error) {
      if (tries === 600) throw error;
      await new Promise((again) => setTimeout(again, 100));
    }
}

function confirmations(on) {
  const items = JSON.parse(readFileSync(join(here, 'confirmed.json'), 'utf8'));
  return Object.entries(items)
    .map(
      ([item, { by, evidence }]) =>
        `- { item: ${item}, by: ${by}, on: ${on}, evidence: ${JSON.stringify(join(here, evidence))} }\n`,
    )
    .join('');
}
