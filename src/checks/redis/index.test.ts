import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Authority, opensslProgram } from '../../../test/programs/certificates.ts';
import { Redis, redisProgram } from '../../../test/programs/redis.ts';
import { freePort } from '../../system/free-port.ts';
import { type CheckCase, checkConformance } from '../conformance.ts';
import { silent, talking } from '../servers.fixture.ts';
import { redis } from './index.ts';
import { answersOf, infoOf } from './info.ts';
import { RedisConfig } from './schema.ts';

const program = await redisProgram();
const openssl = await opensslProgram();
const missing = [program, openssl].flatMap((one) => ('missing' in one ? [one.missing] : []));

describe('a real Redis', { skip: missing[0] ?? false }, () => {
  let server: Redis;
  let authority: Authority;
  let tlsPort = 0;
  before(async () => {
    assert('path' in program && 'path' in openssl);
    authority = await Authority.found(openssl.path);
    await authority.sign('server', 'localhost');
    tlsPort = await freePort();
    const files = { 'server.pem': authority.text('server.pem'), 'server.key': authority.text('server.key') };
    const tls = [
      '--tls-port',
      String(tlsPort),
      '--tls-cert-file',
      'server.pem',
      '--tls-key-file',
      'server.key',
      '--tls-auth-clients',
      'no',
    ];
    const settings = ['--appendonly', 'yes', '--maxmemory', '64mb', '--maxmemory-policy', 'allkeys-lru', '--maxclients', '100'];
    server = await Redis.start(program.path, [...tls, ...settings], files);
    await server.send([
      'ACL SETUSER shop on ">correct horse" ~* &* +ping +info +select +config|get',
      'ACL SETUSER blind on ">correct horse" +ping',
      'ACL SETUSER managed on ">correct horse" +ping +info',
      'SET found 1',
      ...Array.from({ length: 90 }, () => 'GET found'),
      ...Array.from({ length: 10 }, () => 'GET lost'),
    ]);
  });
  after(async () => {
    await server.close();
    authority.close();
  });

  const password = { env: 'REDIS_PASSWORD' };
  const connection = (more = {}) => ({ host: '127.0.0.1', port: server.port, ...more });
  const given =
    (more = {}) =>
    () => ({ connection: connection(), ...more });
  const as =
    (user: string, more = {}) =>
    () => ({ connection: connection({ user, password }), ...more });
  const encrypted =
    (more = {}, tls = {}) =>
    () => ({
      connection: connection({ host: 'localhost', port: tlsPort, tls: { ca: authority.file('ca.pem'), ...tls }, ...more }),
    });
  const all = {
    appendonly: true,
    appendfsync: 'everysec',
    hitRate: { lookups: 100 },
    memory: {},
    clients: {},
    eviction: ['allkeys-lru'],
  };

  const cases: readonly CheckCase[] = [
    { name: 'it answers', given: given(), status: 'pass', found: /^Redis 7\.0\.\d+$/ },
    {
      name: 'it is as it should be',
      given: given({ ...all, version: '6.2' }),
      status: 'pass',
      found:
        /appendonly yes; appendfsync everysec; 90% of 100 lookups found something; .*% of maxmemory in use; \d% of maxclients in use; maxmemory-policy allkeys-lru$/,
    },
    { name: 'a user with a password', given: as('shop', all), status: 'pass', secret: 'correct horse' },
    { name: 'it is too old', given: given({ version: 99 }), status: 'fail', fix: /^update the server to 99$/ },
    {
      name: 'it keeps what it should not keep',
      given: given({ appendonly: false }),
      status: 'fail',
      found: /^appendonly yes$/,
      fix: /CONFIG SET appendonly no/,
    },
    {
      name: 'it forces too seldom onto the disk',
      given: given({ appendfsync: 'always' }),
      status: 'fail',
      found: /^appendfsync everysec$/,
      fix: /CONFIG SET appendfsync always/,
    },
    {
      name: 'too little is found',
      given: given({ hitRate: { warn: '99%', fail: '95%', lookups: 100 } }),
      status: 'fail',
      found: /^90% of 100/,
    },
    {
      name: 'little is found',
      given: given({ hitRate: { warn: '95%', fail: '70%', lookups: 100 } }),
      status: 'warn',
      found: /^90% of 100/,
    },
    {
      name: 'too few lookups to say',
      given: given({ hitRate: {} }),
      status: 'unproven',
      found: /^100 lookups since its start: too few to say$/,
    },
    {
      name: 'much of the memory is in use',
      given: given({ memory: { warn: '0.1%', fail: '99%' } }),
      status: 'warn',
      found: /% of maxmemory in use$/,
    },
    { name: 'nobody follows', given: given({ replicas: 1 }), status: 'fail', found: /^0 replicas follow$/ },
    {
      name: 'another eviction',
      given: given({ eviction: ['noeviction'] }),
      status: 'fail',
      found: /^maxmemory-policy allkeys-lru$/,
    },
    { name: 'another database', given: () => ({ connection: connection({ db: 3 }) }), status: 'pass' },
    {
      name: 'a database that is not there',
      given: () => ({ connection: connection({ db: 300 }) }),
      status: 'unproven',
      found: /^SELECT is refused: ERR DB index is out of range$/,
    },
    {
      name: 'a wrong password',
      given: () => ({ connection: connection({ user: 'shop', password: { env: 'WRONG' } }) }),
      status: 'unproven',
      found: /WRONGPASS/,
      fix: /correct user and password/,
      secret: 'battery staple',
    },
    {
      name: 'a password that is not there',
      given: () => ({ connection: connection({ password: { env: 'NOT_SET' } }) }),
      status: 'unproven',
      found: /NOT_SET is not set/,
    },
    { name: 'a user without rights', given: as('blind'), status: 'unproven', found: /INFO is refused: NOPERM/, fix: /\+info/ },
    {
      name: 'a server that lets nobody see its settings',
      given: as('managed', { appendonly: true, appendfsync: 'everysec' }),
      status: 'unproven',
      found: /does not say appendfsync/,
      fix: /confirm/,
    },
    { name: 'a certificate is checked', given: encrypted(), status: 'pass' },
    {
      name: 'a certificate that nobody knows',
      given: () => ({ connection: connection({ host: 'localhost', port: tlsPort, tls: {} }) }),
      status: 'fail',
      found: /^the certificate is not signed/,
    },
    { name: 'a certificate of another name', given: encrypted({ host: '127.0.0.1' }), status: 'fail', found: /certificate/ },
    {
      name: 'a certificate whose name is said',
      given: encrypted({ host: '127.0.0.1' }, { serverName: 'localhost' }),
      status: 'pass',
    },
    { name: 'TLS where there is none', given: encrypted({ port: undefined }), status: 'fail' },
    {
      name: 'an address that is a secret',
      given: () => ({ connection: { url: { env: 'REDIS_URL' }, tls: { ca: authority.file('ca.pem') } } }),
      status: 'pass',
      secret: 'correct%20horse',
    },
    {
      name: 'an address without TLS',
      given: () => ({ connection: { url: { env: 'PLAIN_URL' } } }),
      status: 'pass',
      secret: 'correct%20horse',
    },
    {
      name: 'an address that is none',
      given: () => ({ connection: { url: { env: 'WRONG' } } }),
      status: 'unproven',
      found: /^the value of WRONG is no address/,
      secret: 'battery',
    },
  ];
  checkConformance(
    'redis',
    redis,
    cases.map((one) => ({
      ...one,
      get context() {
        const url = `rediss://shop:correct%20horse@localhost:${tlsPort}/1`;
        return {
          environment: {
            REDIS_PASSWORD: 'correct horse',
            WRONG: 'battery staple',
            REDIS_URL: url,
            PLAIN_URL: `redis://shop:correct%20horse@127.0.0.1:${server.port}`,
          },
        };
      },
    })),
    async (t) => ({ connection: { host: '127.0.0.1', port: await silent(t) }, within: '60s' }),
  );
});

checkConformance('redis', redis, [
  {
    name: 'nothing listens',
    given: () => ({ connection: { host: '127.0.0.1', port: 1 } }),
    status: 'fail',
    found: /refused/,
    fix: /see that what listens at 127\.0\.0\.1:1 runs/,
  },
  { name: 'no such name', given: () => ({ connection: { host: 'nowhere.invalid' } }), status: 'fail', found: /name/ },
  {
    name: 'it never answers',
    given: async (t) => ({ connection: { host: '127.0.0.1', port: await silent(t) }, within: '200ms' }),
    status: 'fail',
    found: /^no answer within 200 ms$/,
  },
  {
    name: 'something else listens',
    given: async (t) => ({
      connection: {
        host: '127.0.0.1',
        port: await talking(t, (socket) => void socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))),
      },
    }),
    status: 'fail',
  },
]);

test('a file that could not be written is no persistence, and a memory without a limit is told', () => {
  const info = infoOf(
    '# Persistence\r\naof_enabled:1\r\naof_last_write_status:err\r\n# Memory\r\nused_memory:10\r\nmaxmemory:0\r\n',
  );
  const config = RedisConfig.parse({ connection: { host: 'cache' }, appendonly: true, memory: {} });
  const answers = answersOf(config, info, new Map());
  assert.deepEqual(
    answers.map(({ status }) => status),
    ['pass', 'fail', 'warn'],
  );
});

test('replicas count when they follow', () => {
  const info = infoOf(
    'connected_slaves:2\r\nslave0:ip=10.0.0.7,port=6379,state=online,offset=1,lag=0\r\nslave1:ip=10.0.0.8,port=6379,state=wait_bgsave,offset=0,lag=0\r\n',
  );
  const config = RedisConfig.parse({ connection: { host: 'cache' }, replicas: 2 });
  assert.deepEqual(answersOf(config, info, new Map())[1]?.found, { en: '1 replicas follow', ru: 'реплик следует: 1' });
});
