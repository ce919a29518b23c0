import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Authority, opensslProgram } from '../../../test/programs/certificates.ts';
import { Postfix, postfixProgram } from '../../../test/programs/postfix.ts';
import { SmtpSink, smtpSinkProgram } from '../../../test/programs/smtp-sink.ts';
import { toolsWith } from '../conformance.ts';
import { example } from '../messages.fixture.ts';
import { email } from './index.ts';
import { checkMail, serverName } from './mail-server.fixture.ts';
import { parsedMail } from './parsed-mail.fixture.ts';

const open = (config: object) => email.open(email.schema.parse(config), toolsWith({}));
const within = () => AbortSignal.timeout(60_000);

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

const real = await postfixProgram();

test(
  'email: Postfix takes it over STARTTLS, delivers it, and says who gets none',
  'missing' in real ? { skip: real.missing } : {},
  async (t) => {
    assert('path' in real);
    const openssl = await opensslProgram();
    if ('missing' in openssl) throw new Error(openssl.missing);
    const authority = await Authority.found(openssl.path);
    t.after(() => authority.close());
    await authority.sign('mail', serverName);
    const postfix = await Postfix.start(real.path, {
      certificate: authority.file('mail.pem'),
      key: authority.file('mail.key'),
      mailboxes: ['oncall@shop.example'],
      says: { 'later@shop.example': '450 4.2.1 come back later', 'full@shop.example': '552 5.2.2 over quota' },
    });
    t.after(() => postfix.close());
    const config = { host: '127.0.0.1', port: postfix.port, from: 'rampart@shop.example', to: 'oncall@shop.example' };
    const trusted = { ...config, serverName, ca: authority.file('ca.pem') };
    const message = example({ title: 'ошибок больше 5 %', text: '.\nQUIT\n.\n..dots' });
    const said = async (given: object) => {
      const delivery = await open(given).send(message, null, within());
      return `${delivery.kind}: ${delivery.said}`;
    };
    assert.match(await said(trusted), /^delivered: it says 250 2\.0\.0 Ok: queued as/);
    assert.match(
      await said({ ...trusted, to: 'later@shop.example' }),
      /^retry: it says to RCPT TO 450 4\.2\.1 .*come back later/,
    );
    assert.match(await said({ ...trusted, to: 'full@shop.example' }), /^refused: it says to RCPT TO 552 5\.2\.2 .*over quota/);
    assert.match(
      await said({ ...trusted, to: 'nobody@shop.example' }),
      /^refused: it says to RCPT TO 550 5\.1\.1 .*User unknown/,
    );
    assert.match(await said(config), /^retry: its certificate is not trusted/);
    assert.match(await said({ ...trusted, secure: 'none' }), /^refused: it says to MAIL FROM 530 5\.7\.0 Must issue a STARTTLS/);
    const mail = parsedMail(
      Buffer.from((await postfix.mail('oncall@shop.example')).toString('latin1').trimEnd().replace(/\r?\n/g, '\r\n'), 'latin1'),
    );
    const { received, ...headers } = mail.headers;
    assert.match(received ?? '', /with ESMTPS/);
    checkMail({
      ...mail,
      headers: Object.fromEntries(
        Object.entries(headers).filter(([one]) => !/^(return-path|x-original-to|delivered-to)$/.test(one)),
      ),
    });
    assert.equal(headers.subject, 'P0: ошибок больше 5 %');
    assert.match(mail.parts[0]?.text ?? '', /\r\n\.\r\nQUIT\r\n\.\r\n\.\.dots\r\n/);
  },
);
