import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePort, until } from '../../../test/acceptance/stage.ts';
import { Authority, opensslProgram } from '../../../test/programs/certificates.ts';
import { Postfix, postfixProgram } from '../../../test/programs/postfix.ts';
import { type ParsedMail, parsedMail } from '../../notifiers/email/parsed-mail.fixture.ts';
import { openSqliteLog } from '../../stores/sqlite/index.ts';
import type { StatusBoard } from '../../views/status/board.ts';
import { Served } from '../access/server.fixture.ts';

const real = await postfixProgram();
const [anna, boris, nobody] = ['Anna.Ivanova@shop.example', 'boris@shop.example', 'nobody.at.all@shop.example'];
const hour = 3_600_000;
/** Postfix has its mailboxes in small letters. */
const inbox = (address: string): string => address.toLowerCase();

describe('subscribers of the status page, by a real mail server', 'missing' in real ? { skip: real.missing } : {}, () => {
  const served = new Served();
  let postfix: Postfix;
  let authority: Authority;
  let own = '';
  let documents = '';

  before(async () => {
    assert('path' in real);
    const openssl = await opensslProgram();
    if ('missing' in openssl) throw new Error(openssl.missing);
    authority = await Authority.found(openssl.path);
    await authority.sign('mail', 'mail.example');
    const [port] = await Promise.all([freePort(), served.up()]);
    postfix = await Postfix.start(real.path, {
      certificate: authority.file('mail.pem'),
      key: authority.file('mail.key'),
      mailboxes: [inbox(anna), boris],
      says: { 'full@shop.example': '552 5.2.2 over quota' },
    });
    own = `http://127.0.0.1:${port}`;
    documents = `apiVersion: rampart/v1
kind: Notifier
metadata: { name: mail }
spec:
  email: { host: 127.0.0.1, port: ${postfix.port}, serverName: mail.example, ca: ${authority.file('ca.pem')}, from: status@acme.example, fromName: Acme, to: status@acme.example }
  delivery: { perMinute: 6000 }
---
apiVersion: rampart/v1
kind: StatusPage
metadata: { name: acme }
spec:
  title: Acme <shop>
  url: https://status.acme.example
  languages: [en, ru]
  listen: 127.0.0.1:${port}
  subscribers: { notifier: mail, suspendAfter: 1 }
  components:
    - { name: checkout, title: { en: Checkout, ru: Оформление }, services: [checkout] }
    - { name: search, title: { en: Search, ru: Поиск }, services: [search] }
`;
    await served.own('PUT', '/api/v1/incidents/setup', { files: [{ file: 'page.yaml', text: documents }] });
    await until('the page is there', async () => (await fetch(own).catch(() => null))?.status === 200);
  });
  after(async () => {
    await served.close();
    await postfix?.close();
    authority?.close();
  });

  const form = async (path: string, fields: Record<string, string> | readonly (readonly [string, string])[], at = own) => {
    const body = new URLSearchParams(fields as Record<string, string>);
    const answer = await fetch(`${at}${path}`, { method: 'POST', body });
    return { status: answer.status, text: await answer.text(), headers: answer.headers };
  };
  const counts = async () => (await served.own<StatusBoard>('GET', '/api/v1/status-page')).subscribers;
  const mailsOf = async (address: string, count: number): Promise<readonly ParsedMail[]> =>
    (await postfix.mails(inbox(address), count)).map((raw) =>
      parsedMail(Buffer.from(raw.toString('latin1').trimEnd().replace(/\r?\n/g, '\r\n'), 'latin1')),
    );
  const called = (mails: readonly ParsedMail[], subject: string): ParsedMail => {
    const found = mails.filter(({ headers }) => headers.subject === subject);
    assert.equal(found.length, 1, `${subject} among ${mails.map(({ headers }) => headers.subject).join('; ')}`);
    return found[0] as ParsedMail;
  };
  /** Path of a link in a mail, to ask for at the page's own address. */
  const linkIn = ({ parts }: ParsedMail, label: string): string => {
    const link = new RegExp(`${label}: https://status\\.acme\\.example(\\S+)`).exec(parts[0]?.text ?? '')?.[1];
    assert(link, parts[0]?.text);
    return link;
  };
  const subscribe = async (email: string, more: Record<string, string> = {}): Promise<void> => {
    assert.equal((await form('/subscribe', { email, what: 'all', lang: 'en', ...more })).status, 200);
    const [mail] = await mailsOf(email, 1);
    assert(mail);
    const path = linkIn(mail, more.lang === 'ru' ? 'Подтвердить' : 'Confirm');
    const fields = Object.fromEntries(new URL(path, own).searchParams);
    assert.equal((await form('/subscribe/confirm', fields)).status, 200);
  };

  test('nobody is told before they have pressed a button on the page that the mail leads to', async () => {
    const html = await (await fetch(own)).text();
    assert.match(html, /<form [^>]*action="\/subscribe"/);
    const asked = await form('/subscribe', { email: ` ${anna} `, what: 'all', lang: 'en' });
    assert.deepEqual([asked.status, asked.headers.get('cache-control')], [200, 'no-store']);
    assert.match(asked.text, /Look into your mailbox/);
    const [mail] = await mailsOf(anna, 1);
    assert(mail);
    assert.equal(mail.headers.subject, '[Acme <shop>] Confirm your subscription');
    assert.equal(mail.headers['list-unsubscribe'], undefined);
    assert.match(mail.parts[1]?.text ?? '', /\[Acme &lt;shop&gt;\]/);
    const path = linkIn(mail, 'Confirm');
    const page = await (await fetch(`${own}${path}`)).text();
    assert.match(page, /<form method="post" action="\/subscribe\/confirm">/);
    assert.deepEqual(await counts(), { confirmed: 0, waiting: 1, suspended: 0 }, 'a program that follows links confirms nothing');
    const fields = Object.fromEntries(new URL(path, own).searchParams);
    const wrong = { ...fields, k: `${fields.k?.slice(0, -2)}AA` };
    assert.equal((await form('/subscribe/confirm', wrong)).status, 410);
    assert.equal((await form('/subscribe/confirm', fields)).status, 200);
    assert.equal((await form('/subscribe/confirm', fields)).status, 410, 'once');
    assert.deepEqual(await counts(), { confirmed: 1, waiting: 0, suspended: 0 });
  });

  test('whoever asks does not learn who has subscribed, and cannot fill anybody’s mailbox', async () => {
    const answers = await Promise.all(
      [anna, anna.toUpperCase(), 'somebody.else@shop.example'].map((email) =>
        form('/subscribe', { email, what: 'all', lang: 'en' }),
      ),
    );
    assert.equal(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size, 1);
    assert.equal((await postfix.mails(inbox(anna), 1)).length, 1, 'no second mail within five minutes');
    assert.equal((await form('/subscribe', { email: 'a@b\r\nBcc: x@y', what: 'all' })).status, 400);
    assert.equal((await form('/subscribe', { email: boris, what: 'some' })).status, 400, 'no component');
    assert.equal((await form('/subscribe', { email: boris, what: 'some', component: 'nope' })).status, 400);
    assert.equal((await form('/subscribe', { email: 'x'.repeat(40_000) })).status, 413);
    assert.equal((await fetch(`${own}/subscribe`)).status, 405);
  });

  test('what is announced comes once to those whom it concerns, in their language, in a thread, with a way out', async () => {
    await subscribe(boris, { what: 'some', component: 'search', lang: 'ru' });
    const nowMs = Date.now();
    const add = (components: readonly string[], title: string) =>
      served.own<{ id: string }>('POST', '/api/v1/status-page/maintenances', {
        by: 'olga',
        components,
        title,
        body: 'It may be <b>slow</b>.',
        fromMs: nowMs,
        untilMs: nowMs + hour,
      });
    const { id } = await add(['checkout'], 'New database');
    const announced = called(await mailsOf(anna, 3), '[Acme <shop>] Maintenance, planned: New database');
    const begun = called(await mailsOf(anna, 3), '[Acme <shop>] Maintenance, under way: New database');
    assert.equal(announced.headers['in-reply-to'], begun.headers['in-reply-to']);
    assert.equal(announced.headers['in-reply-to'], `<status/${id}.root@acme.example>`);
    assert.notEqual(announced.headers['message-id'], begun.headers['message-id']);
    assert.equal(announced.headers.from, 'Acme <status@acme.example>');
    assert.equal(announced.headers['list-unsubscribe-post'], 'List-Unsubscribe=One-Click');
    assert.match(announced.headers['list-unsubscribe'] ?? '', /^<https:\/\/status\.acme\.example\/unsubscribe\?s=s-[^>]+>$/);
    assert.match(announced.parts[1]?.text ?? '', /It may be &lt;b&gt;slow&lt;\/b&gt;\./);
    const said = announced.parts[0]?.text.replace(/\?s=\S+/, '') ?? '';
    assert.doesNotMatch(said, /P2|Severity|Service:/, 'a random key in the way out may have any letters');
    await served.own('POST', `/api/v1/status-page/maintenances/${id}/end`, { by: 'olga' });
    await add(['search'], 'Поиск');
    const russian = await mailsOf(boris, 3);
    called(russian, '[Acme <shop>] Плановые работы, запланированы: Поиск');
    const runs = called(russian, '[Acme <shop>] Плановые работы, идут: Поиск');
    assert.match(runs.parts[0]?.text ?? '', /Плановые работы начались\.[\s\S]*Отписаться: https:/);
    assert.equal((await mailsOf(anna, 6)).length, 6, 'both works, three and two steps, and the confirmation');
    assert.equal((await postfix.mails(boris, 3)).length, 3, 'nothing of what was not chosen');
  });

  test('an address at which there is nobody is not written to any more', async () => {
    const imported = await served.own('POST', '/api/v1/status-page/subscribers/import', {
      by: 'olga',
      subscribers: [{ address: nobody }, { address: 'no address' }, { address: boris, language: 'ru', components: ['nope'] }],
    });
    assert.deepEqual(imported, {
      added: 1,
      changed: 0,
      refused: [
        { index: 1, why: 'no e-mail address' },
        { index: 2, why: 'there is no component nope' },
      ],
    });
    const nowMs = Date.now();
    const work = { by: 'olga', components: ['checkout'], fromMs: nowMs + hour, untilMs: nowMs + 2 * hour };
    await served.own('POST', '/api/v1/status-page/maintenances', work);
    await until('it is suspended', async () => (await counts())?.suspended === 1);
    await served.own('POST', '/api/v1/status-page/subscribers/remove', { by: 'olga', subscriber: nobody });
    assert.equal((await counts())?.suspended, 0);
    const unknown = await served.ask(
      'POST',
      '/api/v1/status-page/subscribers/remove',
      { subscriber: nobody },
      {
        token: served.ownerToken,
      },
    );
    assert.equal(unknown.status, 404);
    assert.equal((await served.ask('GET', '/api/v1/status-page/subscribers')).status, 401);
  });

  test('a mail program ends it by one POST, after a restart too, and the address is gone from every file', async () => {
    const announced = called(await mailsOf(anna, 3), '[Acme <shop>] Maintenance, planned: New database');
    const link = new URL(/<(.*)>/.exec(announced.headers['list-unsubscribe'] ?? '')?.[1] ?? '');
    await served.down();
    await served.up();
    await until('the page is there again', async () => (await fetch(own).catch(() => null))?.status === 200);
    const seen = await fetch(`${own}${link.pathname}${link.search}`);
    assert.match(await seen.text(), /Unsubscribe/);
    const before = await counts();
    assert.equal(before?.confirmed, 2, 'to look at the page ends nothing');
    const file = join(served.data, 'subscribers.db');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert(readFileSync(file).includes(anna));
    // As RFC 8058 has it: a form of one field, to the address in the header; also at the controller's own address.
    const ended = await form(`/status${link.pathname}${link.search}`, { 'List-Unsubscribe': 'One-Click' }, served.host.url);
    assert.equal(ended.status, 200, ended.text);
    assert.equal((await form(`${link.pathname}${link.search}`, {})).status, 200, 'again: it is over, and that is what was asked');
    assert.equal((await counts())?.confirmed, 1);
    assert(!readFileSync(file).includes(anna), 'deleted is overwritten');
    await served.own('POST', '/api/v1/status-page/subscribers/remove', { by: 'olga', subscriber: boris });
    await served.down();
    assert.deepEqual(served.warnings, []);
    const log = await openSqliteLog(join(served.data, 'log.db'));
    const streams = ['subscribers', 'messages', 'status-page'];
    const text = JSON.stringify(await Promise.all(streams.map((stream) => log.read(stream, 0, 1_000))));
    await log.close();
    assert.match(text, /subscription-bounced[\s\S]*User unknown/);
    assert.doesNotMatch(text, /anna|boris|nobody\.at\.all|somebody\.else/i, 'no address is on record, nor a part of one');
    assert.doesNotMatch(text, /k=[\w-]{20}/, 'nor a link that confirms or ends');
    for (const name of ['answers.db', 'views.db', 'answers.db-wal', 'views.db-wal'])
      if (statSync(join(served.data, name), { throwIfNoEntry: false }))
        assert.doesNotMatch(readFileSync(join(served.data, name), 'latin1'), /anna\.ivanova|boris@shop|nobody\.at/i, name);
    await served.up();
  });
});
