import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { Authority, opensslProgram } from '../../../test/programs/certificates.ts';
import { SmtpSink, smtpSinkProgram } from '../../../test/programs/smtp-sink.ts';
import { withVectors } from '../../../test/vectors.fixture.ts';
import { notifierConformance, type ReceiverUnderTest, toolsWith } from '../conformance.ts';
import { example, hostileMessage } from '../messages.fixture.ts';
import type { Behaviour } from '../receiver.fixture.ts';
import { email } from './index.ts';
import { mailOf } from './mail.ts';
import { type ParsedMail, parsedMail } from './parsed-mail.fixture.ts';

const name = 'mail.example';
const password = 'correct-horse-battery';
const secrets = { SMTP_PASSWORD: password };
const openssl = await opensslProgram();
if ('missing' in openssl) throw new Error(openssl.missing);
const authority = await Authority.found(openssl.path);
await Promise.all([authority.sign('mail', name), authority.selfSign('own', name)]);
after(() => authority.close());

/** A mail server with TLS that lets `rampart` in and reads each mail; what it heard. */
async function mailServer(t: TestContext, options: SMTPServerOptions = {}, certificate = 'mail') {
  const mails: ParsedMail[] = [];
  const problems: unknown[] = [];
  const sockets = new Set<Socket>();
  const heard = { passwords: 0, open: 0 };
  const left = new EventEmitter();
  const receiver: ReceiverUnderTest = {
    behaviour: 'yes' as Behaviour,
    count: () => heard.passwords,
    async isLeft() {
      while (heard.open > 0) await once(left, 'left', { signal: AbortSignal.timeout(30_000) });
    },
  };
  const no = (code: number, text: string) => Object.assign(new Error(text), { responseCode: code });
  const server = new SMTPServer({
    logger: false,
    cert: authority.text(`${certificate}.pem`),
    key: authority.text(`${certificate}.key`),
    onConnect(_session, done) {
      heard.open += 1;
      done();
    },
    onClose() {
      heard.open -= 1;
      left.emit('left');
    },
    onAuth({ username, password: given }, _session, done) {
      heard.passwords += 1;
      if (receiver.behaviour === 'echo')
        return done(no(535, `no entry ${username} ${given} ${Buffer.from(`\0${username}\0${given}`).toString('base64')}`));
      if (username !== 'rampart' || given !== password) return done(no(535, 'wrong'));
      done(null, { user: 'rampart' });
    },
    onMailFrom({ address }, _session, done) {
      if (receiver.behaviour === 'hangs-up') for (const socket of sockets) socket.destroy();
      if (address !== 'rampart@shop.example') return done(no(550, `not your address: ${address}`));
      done();
    },
    onRcptTo(_address, _session, done) {
      if (receiver.behaviour === 'silent') return;
      if (receiver.behaviour === 'busy') return done(no(450, 'greylisted, come back'));
      if (receiver.behaviour === 'no') return done(no(550, 'no such mailbox'));
      done();
    },
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        if (receiver.behaviour === 'half-open') return;
        if (receiver.behaviour === 'broken') return done(no(451, 'disk full'));
        try {
          assert.equal(session.secure, options.secure !== true ? session.secure : true);
          const mail = parsedMail(Buffer.concat(parts));
          checkMail(mail);
          mails.push(mail);
        } catch (error) {
          problems.push(error);
        }
        done();
      });
    },
    ...options,
  });
  server.on('error', () => {});
  const listener = server.listen(0, '127.0.0.1');
  listener.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
  });
  await once(listener, 'listening');
  t.after(async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
    assert.deepEqual(problems, [], 'a mail was not right');
  });
  const address = listener.address();
  assert(typeof address === 'object' && address !== null);
  const config = {
    host: '127.0.0.1',
    port: address.port,
    serverName: name,
    ca: authority.file('ca.pem'),
    auth: { user: 'rampart', password: { env: 'SMTP_PASSWORD' } },
    from: 'rampart@shop.example',
    to: 'oncall@shop.example',
  };
  return { receiver, config, mails, heard };
}

const id = /^<[A-Za-z0-9_/=-]+(\.[A-Za-z0-9_/=-]+)*@shop\.example>$/;

/** What every mail of ours has, whatever its texts. */
function checkMail({ headers, parts }: ParsedMail): void {
  const expected = 'auto-submitted content-type date from message-id mime-version subject to x-auto-response-suppress';
  const allowed = [
    ...expected.split(' '),
    'in-reply-to',
    'references',
    'x-priority',
    'x-msmail-priority',
    'importance',
    'reply-to',
  ];
  for (const one of expected.split(' ')) assert(one in headers, one);
  for (const one of Object.keys(headers)) assert(allowed.includes(one), `a header that nobody asked for: ${one}`);
  assert.equal(headers.from, 'Rampart <rampart@shop.example>');
  assert.equal(headers.to, 'oncall@shop.example');
  assert.equal(headers['auto-submitted'], 'auto-generated');
  assert.equal(headers['mime-version'], '1.0');
  assert.match(headers['message-id'] ?? '', id);
  assert(!Number.isNaN(Date.parse(headers.date ?? '')));
  if (headers['in-reply-to'] !== undefined) {
    assert.match(headers['in-reply-to'], id);
    assert.equal(headers.references, headers['in-reply-to']);
  }
  const subject = headers.subject ?? '';
  assert(subject.length <= 200 && !/[\u0000-\u001f\u007f]/.test(subject), subject);
  assert.deepEqual(
    parts.map(({ type }) => type.toLowerCase()),
    ['text/plain; charset=utf-8', 'text/html; charset=utf-8'],
  );
  const html = parts[1]?.text ?? '';
  for (const [tag, opened = ''] of html.matchAll(/<(\/?[^\s>]*)[^>]*>/g)) {
    assert.match(opened.toLowerCase(), /^(!doctype|\/?(html|head|meta|title|body|h1|p|br|table|tr|td|a))$/, tag);
    assert.match(
      tag,
      /^<(!doctype html|html lang="(en|ru)"|meta charset="utf-8"|(body|h1|table|td) style="[^"<>]*"|a href="https?:\/\/[^"<>\s]+"|\/?[a-z0-9]+)>$/i,
    );
  }
  assert(!/\p{Cc}/u.test(html.replace(/[\r\n]/g, '')));
}

notifierConformance('email', {
  plugin: email,
  secrets,
  make: (t) => mailServer(t),
  without: ['elsewhere', 'endless'],
  busyMs: null,
  hostileRuns: 5,
});

test('email: no text becomes a header or markup', async () => {
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  const config = { from: 'rampart@shop.example', fromName: 'Rampart', to: 'oncall@shop.example', replyTo: undefined };
  const property = fc.asyncProperty(hostileMessage, async (message) => {
    const source = await new MailComposer({ ...mailOf(message, config), newline: 'win' }).compile().build();
    checkMail(parsedMail(source));
  });
  await fc.assert(property, { numRuns: 80 });
});

const open = (config: object) => email.open(email.schema.parse(config), toolsWith(secrets));
const within = () => AbortSignal.timeout(60_000);

test('email: all mails of an incident refer to one root, and each has its key', async (t) => {
  const { config, mails } = await mailServer(t);
  for (const event of ['trigger', 'update', 'resolve', 'notice'] as const)
    await open(config).send(example({ event, key: `a:b@c..d/${event}.` }), null, within());
  const [trigger, update, resolve, notice] = mails;
  const root = '<checkout-20261129-1.root@shop.example>';
  for (const mail of [trigger, update, resolve]) assert.equal(mail?.headers['in-reply-to'], root);
  assert.equal(notice?.headers['in-reply-to'], undefined);
  assert.equal(trigger?.headers['message-id'], '<a=3Ab=40c=2E.d/trigger=2E@shop.example>');
  assert.equal(new Set(mails.map(({ headers }) => headers['message-id'])).size, 4);
  assert.equal(trigger?.headers.subject, 'P0: errors of checkout are above 5 %');
  assert.equal(resolve?.headers.subject, 'Resolved: errors of checkout are above 5 %');
  assert.equal(trigger?.headers.importance, 'High');
  assert.equal(resolve?.headers.importance, undefined);
});

test('email: in Russian, to another address', async (t) => {
  const { config, mails } = await mailServer(t, {});
  const parsed = email.schema.parse({ ...config, to: 'somebody@shop.example' });
  assert(email.addressed);
  const anna = email.addressed.at(parsed, 'oncall@shop.example');
  const message = example({
    language: 'ru',
    event: 'resolve',
    title: 'ошибок checkout больше 5 %',
    links: [{ text: 'Инцидент', href: 'https://r.example/1' }],
  });
  const delivery = await email.open(anna, toolsWith(secrets)).send(message, null, within());
  assert.equal(delivery.kind, 'delivered', delivery.said);
  assert.equal(mails[0]?.headers.subject, 'Решено: ошибок checkout больше 5 %');
  assert.match(
    mails[0]?.parts[0]?.text ?? '',
    /^Решено: ошибок checkout больше 5 %\r\n\r\nSince.*\r\nВажность: P0\r\nСервис: checkout\r\n.*Инцидент: https:\/\/r\.example\/1/s,
  );
  assert.match(mails[0]?.parts[1]?.text ?? '', /<a href="https:\/\/r\.example\/1">Инцидент<\/a>/);
});

test('email: encrypted from the beginning', async (t) => {
  const { config, mails } = await mailServer(t, { secure: true });
  const delivery = await open({ ...config, secure: 'tls' }).send(example(), null, within());
  assert.equal(delivery.kind, 'delivered', delivery.said);
  assert.equal(mails.length, 1);
});

test('email: no password and no mail goes to a server that does not encrypt, is not trusted, or lets nobody sign in', async (t) => {
  const plain = await mailServer(t, { disabledCommands: ['STARTTLS'] });
  const bare = await open(plain.config).send(example(), null, within());
  assert.equal(bare.kind, 'refused', bare.said);
  assert.match(bare.said, /^STARTTLS is not offered/);
  const stranger = await mailServer(t, {}, 'own');
  const untrusted = await open(stranger.config).send(example(), null, within());
  assert.equal(untrusted.kind, 'retry', untrusted.said);
  assert.match(untrusted.said, /certificate is not trusted/);
  const open_ = await mailServer(t, { disabledCommands: ['AUTH'] });
  const unsigned = await open(open_.config).send(example(), null, within());
  assert.equal(unsigned.kind, 'refused', unsigned.said);
  for (const { heard, mails } of [plain, stranger, open_]) assert.deepEqual([heard.passwords, mails.length], [0, 0]);
});

test('email: a sender that may not, a wrong password', async (t) => {
  const { config } = await mailServer(t);
  const delivery = await open({ ...config, from: 'boss@shop.example' }).send(example(), null, within());
  assert.deepEqual([delivery.kind, delivery.said], ['refused', 'it says to MAIL FROM 550 not your address: boss@shop.example']);
  const wrong = await email
    .open(email.schema.parse(config), toolsWith({ SMTP_PASSWORD: 'wrong-password' }))
    .send(example(), null, within());
  assert.equal(wrong.kind, 'refused');
  assert.match(wrong.said, /^it says to AUTH PLAIN 535/);
});

test('email: what could end a header or a command is a mistake in the document', () => {
  const config = { host: 'mail', from: 'a@shop.example', to: 'b@shop.example' };
  const isRight = (given: object) => email.schema.safeParse({ ...config, ...given }).success;
  assert(isRight({}));
  for (const address of ['a@b\r\nBcc: x@y', 'a b@c', '<a@b>', 'a@b>,<c@d', 'a', 'a@', '"a"@b', 'a@b c', 'ä@b.example', 'a,b@c'])
    for (const field of ['from', 'to', 'replyTo']) assert(!isRight({ [field]: address }), `${field}: ${address}`);
  assert(!isRight({ fromName: 'a\r\nBcc: x@y' }));
  assert(!isRight({ host: 'a b' }));
  assert(!isRight({ secure: 'none', auth: { user: 'a', password: { env: 'B' } } }));
  assert(!isRight({ auth: { user: 'a', password: 'written-here' } }));
});

const program = await smtpSinkProgram();

test('email: Postfix takes it, and has it as it was sent', 'missing' in program ? { skip: program.missing } : {}, async (t) => {
  assert('path' in program);
  const sink = await SmtpSink.start(program.path);
  t.after(() => sink.close());
  const config = { host: '127.0.0.1', port: sink.port, from: 'rampart@shop.example', to: 'oncall@shop.example' };
  const refused = await open(config).send(example(), null, within());
  assert.match(refused.said, /^STARTTLS is not offered/);
  const notifier = open({ ...config, secure: 'none' });
  const delivery = await notifier.send(example({ text: '.\nQUIT\n.\n..dots' }), null, within());
  assert.equal(delivery.kind, 'delivered', delivery.said);
  const [file = ''] = readdirSync(sink.mail);
  const [, source = ''] =
    /^(?:X-[^\n]*\n|Received:[^\n]*\n(?:\t[^\n]*\n)*)*([\s\S]*)$/.exec(readFileSync(join(sink.mail, file), 'latin1')) ?? [];
  const mail = parsedMail(Buffer.from(source.trimEnd().replace(/\r?\n/g, '\r\n'), 'latin1'));
  checkMail(mail);
  assert.match(mail.parts[0]?.text ?? '', /\r\n\.\r\nQUIT\r\n\.\r\n\.\.dots\r\n/);
});

withVectors<{ message: { headers: string[] } }>('wire/smtp.json', ({ message }) => {
  test('email: the headers are those of the vectors', async (t) => {
    const { config, mails } = await mailServer(t);
    await open(config).send(example(), null, within());
    for (const header of message.headers) assert((header.split(':')[0] ?? '').toLowerCase() in (mails[0]?.headers ?? {}), header);
  });
});
