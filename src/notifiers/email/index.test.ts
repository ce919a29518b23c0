import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { Authority, opensslProgram } from '../../../test/programs/certificates.ts';
import { withVectors } from '../../../test/vectors.fixture.ts';
import { notifierConformance, toolsWith } from '../conformance.ts';
import { example, hostileMessage } from '../messages.fixture.ts';
import { email } from './index.ts';
import { mailOf } from './mail.ts';
import { checkMail, mailServer, password, serverName } from './mail-server.fixture.ts';
import { parsedMail } from './parsed-mail.fixture.ts';
import { isAboutAddress } from './smtp.ts';

const secrets = { SMTP_PASSWORD: password };
const openssl = await opensslProgram();
if ('missing' in openssl) throw new Error(openssl.missing);
const authority = await Authority.found(openssl.path);
await Promise.all([authority.sign('mail', serverName), authority.selfSign('own', serverName)]);
after(() => authority.close());

notifierConformance('email', {
  plugin: email,
  secrets,
  make: (t) => mailServer(t, authority),
  without: ['elsewhere', 'endless'],
  busyMs: null,
  hostileRuns: 3,
});

test('email: no text becomes a header or markup', async () => {
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  const config = { from: 'rampart@shop.example', fromName: 'Rampart', to: 'oncall@shop.example', replyTo: undefined };
  const property = fc.asyncProperty(hostileMessage, async (message) => {
    const source = await new MailComposer({ ...mailOf(message, config), newline: 'win' }).compile().build();
    checkMail(parsedMail(source));
  });
  await fc.assert(property, { numRuns: 30 });
});

const open = (config: object) => email.open(email.schema.parse(config), toolsWith(secrets));
const within = () => AbortSignal.timeout(60_000);

test('email: all mails of an incident refer to one root, and each has its key', async (t) => {
  const { config, mails } = await mailServer(t, authority);
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
  assert.deepEqual([resolve?.headers.importance, notice?.headers.importance], [undefined, undefined]);
  await open(config).send(example({ event: 'notice', rings: true, key: 'bundle' }), null, within());
  assert.equal(mails.at(-1)?.headers.importance, 'High');
});

test('email: in Russian, to another address', async (t) => {
  const { config, mails } = await mailServer(t, authority, {});
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

test('email: texts that are too long are cut with a mark', () => {
  const long = 'слово '.repeat(10_000);
  const config = { from: 'rampart@shop.example', fromName: 'Rampart', to: 'oncall@shop.example', replyTo: undefined };
  const { subject, text, html } = mailOf(example({ title: long, text: long, facts: [{ label: 'L', value: long }] }), config);
  assert(subject.endsWith('…') && subject.length <= 200);
  for (const body of [text, html]) assert(body.length < 30_000 && /[а-я]…/.test(body));
});

test('email: encrypted from the beginning', async (t) => {
  const { config, mails } = await mailServer(t, authority, { secure: true });
  const delivery = await open({ ...config, secure: 'tls' }).send(example(), null, within());
  assert.equal(delivery.kind, 'delivered', delivery.said);
  assert.equal(mails.length, 1);
});

test('email: no password and no mail goes to a server that does not encrypt, is not trusted, or lets nobody sign in', async (t) => {
  const plain = await mailServer(t, authority, { disabledCommands: ['STARTTLS'] });
  const bare = await open(plain.config).send(example(), null, within());
  assert.equal(bare.kind, 'refused', bare.said);
  assert.match(bare.said, /^STARTTLS is not offered/);
  const stranger = await mailServer(t, authority, {}, 'own');
  const untrusted = await open(stranger.config).send(example(), null, within());
  assert.equal(untrusted.kind, 'retry', untrusted.said);
  assert.match(untrusted.said, /certificate is not trusted/);
  const open_ = await mailServer(t, authority, { disabledCommands: ['AUTH'] });
  const unsigned = await open(open_.config).send(example(), null, within());
  assert.equal(unsigned.kind, 'refused', unsigned.said);
  for (const { heard, mails } of [plain, stranger, open_]) assert.deepEqual([heard.passwords, mails.length], [0, 0]);
});

test('email: a sender that may not, a wrong password', async (t) => {
  const { config } = await mailServer(t, authority);
  const delivery = await open({ ...config, from: 'boss@shop.example' }).send(example(), null, within());
  assert.deepEqual([delivery.kind, delivery.said], ['refused', 'it says to MAIL FROM 550 not your address: boss@shop.example']);
  const wrong = await email
    .open(email.schema.parse(config), toolsWith({ SMTP_PASSWORD: 'wrong-password' }))
    .send(example(), null, within());
  assert.equal(wrong.kind, 'refused');
  assert.match(wrong.said, /^it says to AUTH PLAIN 535/);
});

test('email: a no is about the address only where the server says so', () => {
  for (const [status, response, is] of [
    [550, '550 5.1.1 <a@b.example>: User unknown', true],
    [552, '552 5.2.2 over quota', true],
    [550, '550 no such user', true],
    [554, '554 5.7.1 <a@b.example>: Relay access denied', false],
    [550, '550-5.7.1 sign in first', false],
    [554, '554 transaction failed', false],
  ] as const)
    assert.equal(isAboutAddress(status, response), is, response);
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

withVectors<{ message: { headers: string[] } }>('wire/smtp.json', ({ message }) => {
  test('email: the headers are those of the vectors', async (t) => {
    const { config, mails } = await mailServer(t, authority);
    await open(config).send(example(), null, within());
    for (const header of message.headers) assert((header.split(':')[0] ?? '').toLowerCase() in (mails[0]?.headers ?? {}), header);
  });
});
