import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { after, type TestContext, test } from 'node:test';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { Authority, opensslProgram } from '../../../test/programs/certificates.ts';
import { SmtpSink, smtpSinkProgram } from '../../../test/programs/smtp-sink.ts';
import { textIn } from '../../spec/text.ts';
import { checkConformance, contextFor } from '../conformance.ts';
import { closedPort, endless, silent, talking } from '../servers.fixture.ts';
import { smtp } from './index.ts';

const name = 'mail.example';
const dayMs = 86_400_000;
const openssl = await opensslProgram();
if ('missing' in openssl) throw new Error(openssl.missing);
const authority = await Authority.found(openssl.path);
await Promise.all([authority.sign('mail', name), authority.sign('other', 'other.example'), authority.selfSign('own', name)]);
await authority.sign('expired', name, { fromMs: Date.now() - 9 * dayMs, toMs: Date.now() - dayMs });
after(() => authority.close());

const password = 'correct-horse-battery';
const environment = { SMTP_PASSWORD: password };
const auth = { user: 'shop', password: { env: 'SMTP_PASSWORD' } };

/** What a server has heard. */
type Heard = { passwords: string[]; senders: string[] };

/** A server that lets `shop` in, takes mail of shop.example, and repeats a wrong password. */
async function mail(
  t: TestContext,
  certificate = 'mail',
  given: SMTPServerOptions = {},
  heard: Heard = { passwords: [], senders: [] },
) {
  const server = new SMTPServer({
    logger: false,
    cert: authority.text(`${certificate}.pem`),
    key: authority.text(`${certificate}.key`),
    authMethods: ['PLAIN', 'LOGIN', 'CRAM-MD5'],
    onAuth(login, _session, done) {
      heard.passwords.push(String(login.password));
      const isRight = login.username === 'shop' && (login.password === password || login.validatePassword?.(password));
      if (isRight) return done(null, { user: 'shop' });
      done(new Error(`no entry with ${login.password}`));
    },
    onMailFrom({ address }, _session, done) {
      heard.senders.push(address);
      done(address.endsWith('@shop.example') ? null : new Error('not your address'));
    },
    ...given,
  });
  return await listening(t, server);
}

async function listening(t: TestContext, server: SMTPServer) {
  server.on('error', () => {});
  const listener = server.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  t.after(() => server.close());
  const address = listener.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    host: '127.0.0.1',
    port: address.port,
    serverName: name,
    ca: authority.file('ca.pem'),
    warnBefore: '2h',
    failBefore: '1h',
  };
}

checkConformance(
  'smtp',
  smtp,
  [
    {
      name: 'the service is let in and may send',
      given: async (t) => ({ ...(await mail(t)), auth, sender: 'orders@shop.example' }),
      status: 'pass',
      found: /the server answers; TLSv1\.3; the certificate holds .*; shop is let in; orders@shop\.example may send/,
      context: { environment },
      secret: password,
    },
    {
      name: 'encrypted from the beginning',
      given: async (t) => ({ ...(await mail(t, 'mail', { secure: true })), secure: 'tls', auth: { ...auth, method: 'LOGIN' } }),
      status: 'pass',
      context: { environment },
    },
    {
      name: 'CRAM-MD5',
      given: async (t) => ({ ...(await mail(t)), auth: { ...auth, method: 'CRAM-MD5' } }),
      status: 'pass',
      context: { environment },
    },
    {
      name: 'a wrong password, which the server repeats',
      given: async (t) => ({ ...(await mail(t)), auth }),
      status: 'fail',
      found: /^shop is not let in: 535 no entry with \*\*\*$/,
      fix: /password/,
      context: { environment: { SMTP_PASSWORD: 'wrong-password' } },
      secret: 'wrong-password',
    },
    {
      name: 'a server that repeats the command with the password in it',
      given: async (t) => {
        const repeats = new SMTPServer({
          logger: false,
          cert: authority.text('mail.pem'),
          key: authority.text('mail.key'),
          onAuth: ({ username, password: given }, _session, done) =>
            done(new Error(`unknown: AUTH PLAIN ${Buffer.from(`\0${username}\0${given}`).toString('base64')}`)),
        });
        return { ...(await listening(t, repeats)), auth };
      },
      status: 'fail',
      found: /AUTH PLAIN \*\*\*$/,
      context: { environment },
      secret: Buffer.from(`\0shop\0${password}`).toString('base64'),
    },
    {
      name: 'a password that is not there proves nothing',
      given: async (t) => ({ ...(await mail(t)), auth }),
      status: 'unproven',
      found: /SMTP_PASSWORD is not set/,
      context: { environment: {} },
    },
    {
      name: 'a sender that is not its own',
      given: async (t) => ({ ...(await mail(t)), auth, sender: 'boss@other.example' }),
      status: 'fail',
      found: /^boss@other\.example may not send: 550 not your address$/,
      context: { environment },
    },
    {
      name: 'no STARTTLS',
      given: async (t) => mail(t, 'mail', { disabledCommands: ['STARTTLS'] }),
      status: 'fail',
      found: /^STARTTLS is not offered: 5\d\d/,
      fix: /turn STARTTLS on/,
    },
    { name: 'an expired certificate', given: (t) => mail(t, 'expired'), status: 'fail', found: /the certificate has expired/ },
    { name: 'a self-signed certificate', given: (t) => mail(t, 'own'), status: 'fail', found: /the certificate is self-signed/ },
    {
      name: 'a certificate for another name',
      given: (t) => mail(t, 'other'),
      status: 'fail',
      found: /for DNS:other\.example, not for mail\.example/,
    },
    {
      name: 'little time is left',
      given: async (t) => ({ ...(await mail(t)), warnBefore: '30d' }),
      status: 'warn',
      found: /holds for [12] more days/,
    },
    {
      name: 'nothing listens',
      given: async () => ({ host: '127.0.0.1', port: await closedPort() }),
      status: 'fail',
      found: /refused/,
    },
    { name: 'a name that has no address', given: () => ({ host: 'nowhere.invalid' }), status: 'fail', found: /name/ },
    {
      name: 'a server that accepts and never greets',
      given: async (t) => ({ host: '127.0.0.1', port: await silent(t), within: '100ms' }),
      status: 'fail',
      found: /^no answer within 100 ms$/,
    },
    {
      name: 'a server that hangs up at once',
      given: async (t) => ({ host: '127.0.0.1', port: await talking(t, (socket) => socket.end()) }),
      status: 'fail',
      found: /closed the connection/,
    },
    {
      name: 'a server that takes no mail from here',
      given: async (t) => ({ host: '127.0.0.1', port: await talking(t, (socket) => socket.end('554 go away\r\n')) }),
      status: 'fail',
      found: /554 go away/,
    },
    {
      name: 'a greeting without an end',
      given: async (t) => ({ host: '127.0.0.1', port: await endless(t, '220 ', 'x') }),
      status: 'fail',
      found: /exceeds/,
    },
    {
      name: 'greetings without an end',
      given: async (t) => ({ host: '127.0.0.1', port: await endless(t, '', '220-hello\r\n') }),
      status: 'fail',
      found: /./,
    },
    {
      name: 'a server that falls silent after its greeting',
      given: async (t) => ({
        host: '127.0.0.1',
        port: await talking(t, (socket) => socket.write('220 mail.example ESMTP\r\n')),
        within: '150ms',
      }),
      status: 'fail',
      found: /^no answer within 150 ms$/,
    },
  ],
  async (t) => ({ host: '127.0.0.1', port: await silent(t), within: '60s' }),
);

test('smtp: a password is told to nobody whose certificate does not hold', async (t) => {
  for (const certificate of ['own', 'other', 'expired']) {
    const heard: Heard = { passwords: [], senders: [] };
    const config = smtp.schema.parse({ ...(await mail(t, certificate, {}, heard)), auth, sender: 'orders@shop.example' });
    assert.equal((await smtp.run(config, await contextFor(t, { environment }))).status, 'fail');
    assert.deepEqual(heard, { passwords: [], senders: [] });
  }
});

test('smtp: a password over a connection that is not encrypted is a mistake in the document', () => {
  const issues = smtp.schema.safeParse({ host: 'mail', secure: 'none', auth }).error?.issues;
  assert.match(JSON.stringify(issues), /everybody on the way could read the password/);
});

const program = await smtpSinkProgram();

test('smtp: Postfix’s server is asked, and no mail is sent', 'missing' in program ? { skip: program.missing } : {}, async (t) => {
  assert('path' in program);
  const sink = await SmtpSink.start(program.path);
  t.after(() => sink.close());
  const ask = async (given: object) => {
    const config = smtp.schema.parse({ host: '127.0.0.1', port: sink.port, ...given });
    return await smtp.run(config, await contextFor(t));
  };
  const well = await ask({ secure: 'none', sender: 'orders@shop.example', hello: 'rampart.example' });
  assert.equal(well.status, 'pass', JSON.stringify(well));
  assert.match(textIn(well.found, 'en'), /orders@shop\.example may send/);
  assert.equal((await ask({})).status, 'fail');
  assert.deepEqual(readdirSync(sink.mail), []);
});
