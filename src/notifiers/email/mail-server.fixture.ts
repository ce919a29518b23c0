import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { Authority } from '../../../test/programs/certificates.ts';
import type { ReceiverUnderTest } from '../conformance.ts';
import type { Behaviour } from '../receiver.fixture.ts';
import { type ParsedMail, parsedMail } from './parsed-mail.fixture.ts';

/** Name in its certificate. */
export const serverName = 'mail.example';
export const password = 'correct-horse-battery';

/** A mail server with TLS that lets `rampart` in and reads each mail; what it heard. */
export async function mailServer(t: TestContext, authority: Authority, options: SMTPServerOptions = {}, certificate = 'mail') {
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
    serverName,
    ca: authority.file('ca.pem'),
    auth: { user: 'rampart', password: { env: 'SMTP_PASSWORD' } },
    from: 'rampart@shop.example',
    to: 'oncall@shop.example',
  };
  return { receiver, config, mails, heard };
}

const id = /^<[A-Za-z0-9_/=-]+(\.[A-Za-z0-9_/=-]+)*@shop\.example>$/;

/** What every mail of ours has, whatever its texts. */
export function checkMail({ headers, parts }: ParsedMail): void {
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
