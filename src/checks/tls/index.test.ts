import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chownSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { createServer, type TlsOptions } from 'node:tls';
import { SMTPServer } from 'smtp-server';
import { Authority, opensslProgram } from '../../../test/programs/certificates.ts';
import { daemonFolder, nobody, patienceMs } from '../../../test/programs/daemon.ts';
import { Postgres, postgresProgram } from '../../../test/programs/postgres.ts';
import { textIn } from '../../spec/text.ts';
import { certificatePoints } from '../certificate.ts';
import { checkConformance, contextFor } from '../conformance.ts';
import { closedPort, endless, silent, talking } from '../servers.fixture.ts';
import { tls } from './index.ts';

const name = 'shop.example';
const dayMs = 86_400_000;
const openssl = await opensslProgram();
if ('missing' in openssl) throw new Error(openssl.missing);
const authority = await Authority.found(openssl.path);
const stranger = await Authority.found(openssl.path);
const nowMs = Date.now();
await Promise.all([
  authority.sign('short', name),
  authority.selfSign('own', name),
  authority.sign('other', 'other.example'),
  stranger.sign('short', name),
]);
// One after the other: they share the list of what was signed.
await authority.sign('expired', name, { fromMs: nowMs - 90 * dayMs, toMs: nowMs - dayMs });
await authority.sign('early', name, { fromMs: nowMs + dayMs, toMs: nowMs + 90 * dayMs });
after(() => {
  authority.close();
  stranger.close();
});

const levels = { warnBefore: '2h', failBefore: '1h' };

async function shows(t: TestContext, certificate: string, options: TlsOptions = {}, from = authority) {
  const server = createServer(
    { cert: from.text(`${certificate}.pem`), key: from.text(`${certificate}.key`), ...options },
    (socket) => {
      socket.on('error', () => {});
      socket.end();
    },
  );
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return { host: '127.0.0.1', port: address.port, serverName: name, ca: authority.file('ca.pem'), ...levels };
}

/** A real server of mail with a certificate. */
async function mail(t: TestContext, given: object) {
  const server = new SMTPServer({ logger: false, cert: authority.text('short.pem'), key: authority.text('short.key'), ...given });
  // Whoever speaks an old version is refused, which is an error to it.
  server.on('error', () => {});
  const listener = server.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  t.after(() => server.close());
  const address = listener.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return { host: '127.0.0.1', port: address.port, starttls: 'smtp', serverName: name, ca: authority.file('ca.pem'), ...levels };
}

checkConformance(
  'tls',
  tls,
  [
    {
      name: 'a certificate that holds',
      given: (t) => shows(t, 'short'),
      status: 'pass',
      found: /holds for [12] more days .*; TLSv1\.3, .*; TLSv1\.1 is refused/,
    },
    {
      name: 'little time is left',
      given: async (t) => ({ ...(await shows(t, 'short')), warnBefore: '30d' }),
      status: 'warn',
      found: /holds for [12] more days/,
      fix: /renew/,
    },
    {
      name: 'too little time is left',
      given: async (t) => ({ ...(await shows(t, 'short')), warnBefore: '30d', failBefore: '7d' }),
      status: 'fail',
      found: /holds for [12] more days/,
    },
    {
      name: 'expired',
      given: (t) => shows(t, 'expired'),
      status: 'fail',
      found: /^the certificate has expired \(\d{4}-\d\d-\d\d\)$/,
      fix: /renew/,
    },
    {
      name: 'not yet valid',
      given: (t) => shows(t, 'early'),
      status: 'fail',
      found: /^the certificate is not valid before \d{4}/,
    },
    {
      name: 'another name',
      given: (t) => shows(t, 'other'),
      status: 'fail',
      found: /^the certificate is for DNS:other\.example, not for shop\.example$/,
    },
    { name: 'self-signed', given: (t) => shows(t, 'own'), status: 'fail', found: /^the certificate is self-signed$/ },
    {
      name: 'of an authority that nobody knows',
      given: (t) => shows(t, 'short', {}, stranger),
      status: 'fail',
      found: /not signed by an authority that is trusted/,
    },
    {
      name: 'of an authority of one’s own that is not named',
      given: async (t) => {
        const { ca: _, ...rest } = await shows(t, 'short');
        return rest;
      },
      status: 'fail',
      found: /not signed by an authority/,
    },
    {
      name: 'an old version is still spoken',
      given: (t) => shows(t, 'short', { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }),
      status: 'fail',
      found: /^TLSv1\.1 is still spoken$/,
    },
    {
      name: 'a server that takes one connection only',
      given: async (t) => {
        const place = await shows(t, 'short');
        const once = net.createServer((socket) => {
          once.close();
          const other = net.connect(place.port, place.host).on('error', () => {});
          socket
            .on('error', () => {})
            .pipe(other)
            .pipe(socket);
        });
        once.listen(0, '127.0.0.1');
        await new Promise((resolve) => once.once('listening', resolve));
        return { ...place, port: (once.address() as net.AddressInfo).port };
      },
      status: 'unproven',
      found: /whether TLSv1\.1 is refused is not known: the connection is refused/,
    },
    {
      name: 'an old version alone is spoken',
      given: (t) => shows(t, 'short', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
      status: 'fail',
      found: /^TLS 1\.2 is not spoken$/,
    },
    {
      name: 'TLS 1.2 is too old where 1.3 is wanted',
      given: async (t) => ({ ...(await shows(t, 'short')), minVersion: '1.3' }),
      status: 'fail',
      found: /TLSv1\.2 is still spoken/,
    },
    {
      name: 'something that speaks no TLS',
      given: async (t) => ({ host: '127.0.0.1', port: await talking(t, (socket) => socket.end('hello\r\n')) }),
      status: 'fail',
      found: /does not speak TLS/,
    },
    {
      name: 'nothing listens',
      given: async () => ({ host: '127.0.0.1', port: await closedPort() }),
      status: 'fail',
      found: /refused/,
    },
    { name: 'a name that has no address', given: () => ({ host: 'nowhere.invalid' }), status: 'fail', found: /name/ },
    {
      name: 'a server that accepts and never answers',
      given: async (t) => ({ host: '127.0.0.1', port: await silent(t), within: '100ms' }),
      status: 'fail',
      found: /^no answer within 100 ms$/,
    },
    {
      name: 'an authority that is not there',
      given: async () => ({ host: '127.0.0.1', port: await closedPort(), ca: 'no/such.pem' }),
      status: 'unproven',
      found: /cannot be read: ENOENT/,
    },
    {
      name: 'an authority that is a device without an end',
      given: async () => ({ host: '127.0.0.1', port: await closedPort(), ca: '/dev/zero' }),
      status: 'unproven',
      found: /cannot be read: it is no plain file/,
    },
    { name: 'STARTTLS of a mail server', given: (t) => mail(t, {}), status: 'pass' },
    {
      name: 'a mail server without STARTTLS',
      given: (t) => mail(t, { disabledCommands: ['STARTTLS'] }),
      status: 'fail',
      found: /does not offer STARTTLS/,
    },
    {
      name: 'a mail server that talks without an end',
      given: async (t) => ({ host: '127.0.0.1', port: await endless(t, '', '220-hello\r\n'), starttls: 'smtp' }),
      status: 'fail',
      found: /does not offer TLS/,
    },
    {
      name: 'a mail server that never greets',
      given: async (t) => ({ host: '127.0.0.1', port: await silent(t), starttls: 'smtp', within: '100ms' }),
      status: 'fail',
      found: /no answer/,
    },
  ],
  async (t) => ({ host: '127.0.0.1', port: await silent(t), within: '60s' }),
);

const program = await postgresProgram();

test(
  'tls: a PostgreSQL server before and after it encrypts',
  'missing' in program ? { skip: program.missing } : {},
  async (t) => {
    assert('path' in program);
    const postgres = await Postgres.start(program.path);
    t.after(() => postgres.close());
    const config = tls.schema.parse({
      host: '127.0.0.1',
      port: postgres.port,
      starttls: 'postgres',
      serverName: name,
      ca: authority.file('ca.pem'),
      ...levels,
    });
    const before = await tls.run(config, await contextFor(t));
    assert.equal(before.status, 'fail');
    assert.match(textIn(before.found, 'en'), /does not offer TLS: N/);
    const folder = daemonFolder('postgres-tls', 'keys');
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    for (const file of ['short.pem', 'short.key']) {
      const place = join(folder, 'keys', file);
      // PostgreSQL takes no key that others may read.
      writeFileSync(place, authority.text(file), { mode: 0o600 });
      if (process.getuid?.() === 0) chownSync(place, nobody, nobody);
    }
    await postgres.administer('postgres', `ALTER SYSTEM SET ssl_cert_file = '${join(folder, 'keys', 'short.pem')}'`);
    await postgres.administer('postgres', `ALTER SYSTEM SET ssl_key_file = '${join(folder, 'keys', 'short.key')}'`);
    await postgres.administer('postgres', 'ALTER SYSTEM SET ssl = on');
    await postgres.administer('postgres', 'SELECT pg_reload_conf()');
    const deadlineMs = performance.now() + patienceMs;
    for (;;) {
      const result = await tls.run(config, await contextFor(t));
      if (result.status === 'pass') break;
      // The new settings are in force a moment after the order.
      assert.ok(performance.now() < deadlineMs, JSON.stringify(result));
    }
  },
);

test('tls: how much time is left counts at the moment of the check', () => {
  const shown = { refusal: null, names: 'DNS:a', isName: true, fromMs: 0, toMs: 30 * dayMs };
  const at = (ms: number) =>
    certificatePoints(shown, 'a', { warnBefore: 10 * dayMs, failBefore: 5 * dayMs }, ms).map(({ status }) => status);
  assert.deepEqual(at(20 * dayMs), ['pass']);
  assert.deepEqual(at(20 * dayMs + 1), ['warn']);
  assert.deepEqual(at(25 * dayMs), ['warn']);
  assert.deepEqual(at(25 * dayMs + 1), ['fail']);
  assert.deepEqual(at(31 * dayMs), ['fail']);
  assert.deepEqual(at(-1), ['fail']);
});
