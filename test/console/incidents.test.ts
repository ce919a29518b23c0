import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Stage, until } from '../acceptance/stage.ts';
import { Users } from '../acceptance/users.ts';
import { onPhone, tooWide, violations } from './accessibility.fixture.ts';
import { button, card, heading, noBrowser, Visits } from './browser.fixture.ts';

const stage = new Stage();
const visits = new Visits(stage);

const runbook = `apiVersion: rampart/v1
kind: Runbook
metadata: { name: disks, title: { en: A disk is full, ru: Диск заполнен } }
spec:
  alerts: ["Disk*"]
  steps:
    - { do: { en: Tell the team, ru: Сообщить команде }, within: 5m }
    - title: { en: What is largest, ru: Что занимает больше всего }
      check: { command: { run: [sh, -c, "echo 88G archive"] } }
`;

const statusPage = `apiVersion: rampart/v1
kind: StatusPage
metadata: { name: acme }
spec:
  title: Acme
  languages: [en, ru]
  subscribers: { notifier: mail }
  components:
    - { name: checkout, title: { en: Checkout, ru: Оформление заказа }, services: [shop], outage: { partial: 5%, major: 90% } }
`;

/** Fails half the time, and has an alert that asks for more bad requests than there are. */
const objectives = `
    - name: availability
      target: 99%
      window: 30d
      alerts: [{ name: P0, budget: 0.5%, in: 10m, short: 1m, minBad: 100000, tells: page }]
`;

/** Takes messages at `/yes`, and refuses them everywhere else. */
const receiver: Server = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(request.url === '/yes' ? 204 : 400).end());
});

/** Everybody is told of everything, as far as they take it. */
const telling = (port: number): string =>
  [
    ...['yes', 'no'].map(
      (name) =>
        `apiVersion: rampart/v1\nkind: Notifier\nmetadata: { name: "${name}" }\nspec: { webhook: { url: "http://127.0.0.1:${port}/${name}" } }`,
    ),
    'apiVersion: rampart/v1\nkind: EscalationPolicy\nmetadata: { name: night }\nspec: { steps: [ { notify: [ { notifier: "yes" }, { notifier: "no" } ] } ] }',
    'apiVersion: rampart/v1\nkind: AlertRouting\nmetadata: { name: all }\nspec: { route: { policy: night, groupBy: [service, alertname] } }',
  ].join('\n---\n');

const mail = `apiVersion: rampart/v1
kind: Notifier
metadata: { name: mail }
spec: { email: { host: 127.0.0.1, port: 9, from: status@acme.example, to: status@acme.example } }
`;

/** Whoever is on call of `payments` changes every day. */
const onCall = [
  'apiVersion: rampart/v1\nkind: Notifier\nmetadata: { name: hook }\nspec: { webhook: { url: "http://127.0.0.1:9/" } }',
  ...['anna', 'boris', 'carl'].map(
    (name) => `apiVersion: rampart/v1\nkind: Person\nmetadata: { name: ${name} }\nspec: { contacts: [ { notifier: hook } ] }`,
  ),
  'apiVersion: rampart/v1\nkind: Schedule\nmetadata: { name: payments }\nspec: { layers: [ { name: all, people: [anna, boris], rotation: { every: 1d, from: 2026-01-01 } } ] }',
].join('\n---\n');

describe('incidents in the console', { skip: noBrowser }, () => {
  let users: Users;

  before(async () => {
    await stage.up();
    stage.behaves('1.0.0', { failEvery: 2 });
    const fail = async (): Promise<void> => {
      const shop = await stage.place('shop', { objectives });
      await stage.install(shop, '1.0.0');
      users = new Users(shop.port, 20);
    };
    const look = async (): Promise<void> => {
      await visits.open();
      await visits.welcome('ann', { role: 'admin', services: '*' });
      await visits.welcome('vera', { role: 'viewer', services: '*' });
    };
    await new Promise<void>((listening) => receiver.listen(0, '127.0.0.1', listening));
    await Promise.all([fail(), look()]);
    const files = [
      { file: 'runbook.yaml', text: runbook },
      { file: 'status-page.yaml', text: statusPage },
      { file: 'mail.yaml', text: mail },
      { file: 'on-call.yaml', text: onCall },
      { file: 'telling.yaml', text: telling((receiver.address() as AddressInfo).port) },
    ];
    const applied = await stage.ask('PUT', '/api/v1/incidents/setup', { files });
    assert.equal(applied.status, 200, JSON.stringify(applied.body));
    await tell('CheckoutFails', 'half of all payments fail', { service: 'shop' });
    await tell('DiskFull', 'the disk of db-1 is 97 % full', {});
  });
  after(async () => {
    await users?.stop();
    await visits.close();
    await stage.close();
    receiver.closeAllConnections();
    receiver.close();
  });

  test('whoever is on call sees open incidents on whichever page they are, and takes one with one click', async () => {
    await visits.visit(
      async (page) => {
        await page.goto('/');
        const rows = page.getByRole('list', { name: 'Not over' }).getByRole('listitem');
        await rows.filter({ hasText: 'DiskFull' }).getByText('nobody has it').waitFor();
        // The service itself needs somebody too, once its failures are seen.
        await until('the title counts them', async () => /^\([23]\) Overview · Rampart$/.test(await page.title()));
        assert.deepEqual(await violations(page, 'the overview'), []);
        await page.goto('/flags');
        await until('the title counts them', async () => (await page.title()) === '(2) Feature flags · Rampart');
        await page.goto('/services/shop');
        const own = card(page, 'Incidents').getByRole('listitem');
        await own.getByText('nobody has it').waitFor();
        assert.equal(await own.count(), 1, 'the others are not of this service');
        await button(page, 'Acknowledge: shop: CheckoutFails').click();
        await own.getByText('ann has it').waitFor();
        assert.equal(await button(page, 'Acknowledge: shop: CheckoutFails').count(), 0);
        await until('the title counts one less', async () => (await page.title()) === '(1) shop · Rampart');
      },
      { as: 'ann' },
    );
  });

  test('an incident is in the navigation and first in the list, is taken, told of and ended, and comes back', async () => {
    await visits.visit(
      async (page) => {
        await page.goto('/');
        const link = page.getByRole('navigation').getByRole('link', { name: 'Incidents (2 are not over)' }).first();
        await link.click();
        await heading(page, 'Incidents').waitFor();
        const row = card(page, 'Not over').getByRole('row', { name: /^P0 DiskFull / });
        await row.getByText('nobody').waitFor();
        assert.deepEqual(await violations(page, 'incidents'), []);
        await row.getByRole('link', { name: 'DiskFull' }).click();
        await heading(page, /^DiskFull P0 Open$/).waitFor();
        await page.getByText('Nobody has taken it yet.').waitFor();
        await card(page, 'Alerts').getByText('the disk of db-1 is 97 % full').waitFor();
        await card(page, 'Timeline').getByText('P0 opened: DiskFull').waitFor();
        const told = card(page, 'Who was told');
        await told
          .getByRole('row', { name: /^yes step 1 of the escalation that it has begun Delivered .* it answers 204/ })
          .waitFor();
        await told.getByRole('row', { name: /^no step 1 .* Refused .* it answers 400/ }).waitFor();
        await button(page, 'Who is told, and why: DiskFull').click();
        const why = page.getByRole('dialog', { name: 'Who is told of DiskFull, who is not, and why' });
        await why
          .getByRole('listitem')
          .filter({ hasText: 'policy night' })
          .getByText('By its incident', { exact: true })
          .waitFor();
        await why.getByRole('listitem').filter({ hasText: 'it answers 400' }).getByText('Refused').waitFor();
        await why.getByLabel('As it stood').selectOption({ index: 1 });
        await why.getByText('Nobody so far.').waitFor();
        assert.deepEqual(await violations(page, 'an explanation'), []);
        await page.keyboard.press('Escape');

        await page.keyboard.press('k');
        const take = page.getByRole('dialog', { name: 'Take DiskFull?' });
        await take.getByLabel('For how long').selectOption('2h');
        await take.getByLabel(/^Reason|^Why/).fill('I know that disk');
        await take.getByRole('button', { name: 'Acknowledge' }).click();
        await page.getByText(/^ann has it, until /).waitFor();
        await card(page, 'Timeline').getByText('acknowledged by ann: I know that disk').waitFor();

        const disks = card(page, 'A disk is full').getByRole('listitem');
        await disks.nth(1).getByText('1 line of output').click();
        await disks.nth(1).getByText('88G archive').waitFor();
        await button(page, 'Run again: What is largest').click();
        await disks
          .nth(1)
          .getByText(/^ann, /)
          .waitFor();
        await disks
          .nth(0)
          .getByText(/^to be done within [34]m/)
          .waitFor();
        await button(page, 'Mark as done: Tell the team').click();
        const done = page.getByRole('dialog', { name: 'Is this step done?' });
        await done.getByLabel(/^What came of it/).fill('by phone');
        await done.getByRole('button', { name: 'Mark as done' }).click();
        await disks.nth(0).getByText('by phone').waitFor();

        const notes = card(page, 'Notes');
        for (const text of ['old logs are <b>deleted</b>\nby hand', 'a second one']) {
          await notes.getByLabel('A new note').fill(text);
          await notes.getByRole('button', { name: 'Write it down' }).click();
          await notes
            .getByRole('listitem')
            .first()
            .getByText(text.split('\n')[0] ?? '')
            .waitFor();
        }
        await button(page, 'Severity').click();
        const severity = page.getByRole('dialog', { name: 'Change the severity of DiskFull?' });
        await severity.getByLabel('Severity').selectOption('P2');
        await severity.getByLabel(/^Reason|^Why/).fill('only the archive');
        assert.deepEqual(await violations(page, 'severity'), []);
        await severity.getByRole('button', { name: 'Severity' }).click();
        await heading(page, /^DiskFull P2 Acknowledged$/).waitFor();
        await page.getByText('severity set by ann').waitFor();

        await button(page, 'Resolve').click();
        const resolve = page.getByRole('dialog', { name: 'Resolve DiskFull?' });
        await resolve.getByText('1 alert of it still fires.').waitFor();
        await resolve.getByRole('button', { name: 'Resolve' }).click();
        await heading(page, /^DiskFull P2 Resolved$/).waitFor();
        await button(page, 'Reopen').click();
        await page.getByRole('dialog').getByRole('button', { name: 'Reopen' }).click();
        await heading(page, /^DiskFull P2 Acknowledged$/).waitFor();
        assert.deepEqual(await violations(page, 'an incident'), []);
      },
      { as: 'ann' },
    );
  });

  test('one is opened by hand, is found by its severity, and what others do in it appears by itself', async () => {
    await visits.visit(
      async (page) => {
        await page.goto('/incidents');
        await button(page, 'Open one').click();
        const dialog = page.getByRole('dialog', { name: 'Open an incident?' });
        await dialog.getByLabel('What is wrong').fill('Parcels are late');
        await dialog.getByLabel('Severity').selectOption('P2');
        await dialog.getByRole('button', { name: 'Open the incident' }).click();
        await heading(page, /^Parcels are late P2 Open$/).waitFor();
        await page.getByText('of no service · opened by ann').waitFor();
        const id = page.url().split('/').at(-1) ?? '';
        // By the one stream, and no question more.
        const note = async (text: string): Promise<void> => {
          await stage.ask('POST', `/api/v1/incidents/${id}/verbs`, { verb: 'note', text });
          await card(page, 'Notes').getByText(text).waitFor();
          await card(page, 'Timeline').getByText(text).waitFor();
        };
        await page.getByText('Live', { exact: true }).first().waitFor();
        await note('the first note');
        const asked: string[] = [];
        page.on('request', (request) => asked.push(new URL(request.url()).pathname));
        await note('the second note');
        assert.deepEqual(
          asked.filter((path) => path.startsWith('/api/v1/incidents') || path === '/api/v1/stream'),
          [],
        );
        const done = await stage.ask('POST', `/api/v1/incidents/${id}/verbs`, { verb: 'resolve', why: 'they are there' });
        assert.equal(done.status, 200);
        await heading(page, /^Parcels are late P2 Resolved$/).waitFor();
        await card(page, 'Timeline')
          .getByText(/they are there/)
          .waitFor();
        await page.getByRole('main').getByRole('link', { name: 'Incidents', exact: true }).click();
        await card(page, 'Over')
          .getByRole('row', { name: /Parcels are late/ })
          .waitFor();
        await page.getByLabel('Severity').selectOption('P0');
        await card(page, 'Over').getByText('None fits.').waitFor();
        assert.match(page.url(), /severity=P0/);
      },
      { as: 'ann' },
    );
  });

  test('an alert is kept still until it is over, after a look at what that is about; others see it, and it is ended', async () => {
    await visits.visit(
      async (page) => {
        await page.goto('/incidents');
        await page.getByRole('link', { name: 'DiskFull', exact: true }).click();
        await button(page, 'Silence: DiskFull').click();
        const dialog = page.getByRole('dialog', { name: 'Keep DiskFull still?' });
        const labels = dialog.getByLabel('Labels');
        await dialog.getByText('Keeps 1 open alert still:').waitFor();
        assert.match(await labels.inputValue(), /^alertname="DiskFull"$/m);
        await labels.fill('alertname=~"Disk(');
        await dialog.getByText(/^matcher\.0: expected a matcher/).waitFor();
        await labels.fill('severity="critical"');
        await dialog.getByText('Keeps 2 open alerts still:').waitFor();
        await labels.fill('alertname=~"Disk.*"');
        await dialog.getByText('Keeps 1 open alert still:').waitFor();
        assert.deepEqual(await violations(page, 'a silence'), []);
        await dialog.getByLabel('For how long').selectOption('until DiskFull is over, at most 7 days');
        await dialog.getByLabel(/^Comment/).fill('a new disk comes');
        await dialog.getByRole('button', { name: 'Silence', exact: true }).click();
        await page.goto('/silences');
        const row = card(page, 'Not over').getByRole('row', { name: /^alertname=~"Disk\.\*" Active/ });
        await row.getByText('or until its alert is over').waitFor();
        await row.getByText('1 open').waitFor();
        assert.deepEqual(await violations(page, 'silences'), []);
        await row.getByRole('button', { name: /^End: / }).click();
        await page.getByRole('dialog').getByRole('button', { name: 'End', exact: true }).click();
        await page.getByText('No alert is kept still.').waitFor();
        await button(page, 'Show those that are over').click();
        await page.getByRole('row', { name: /^alertname=~"Disk\.\*" Over/ }).waitFor();
      },
      // The preview of what cannot be read is refused.
      { as: 'ann', expects: [/400 .*silences\/preview/] },
    );
  });

  test('what could not be delivered is found, and a receiver is tested', async () => {
    await visits.visit(
      async (page) => {
        await page.goto('/incidents');
        await page.getByRole('link', { name: 'Messages' }).click();
        await card(page, 'Could not be delivered')
          .getByRole('row', { name: /^no DiskFull that it has begun Refused .* it answers 400/ })
          .waitFor();
        const receivers = card(page, 'Receivers');
        await receivers.getByRole('row', { name: /^no webhook Said no to the last one it answers 400/ }).waitFor();
        await receivers.getByRole('button', { name: 'Test: yes' }).click();
        const dialog = page.getByRole('dialog', { name: 'Send a test to yes?' });
        await dialog.getByRole('button', { name: 'Send it' }).click();
        await dialog.getByText('Delivered', { exact: true }).waitFor();
        assert.deepEqual(await violations(page, 'a test of a receiver'), []);
        await page.keyboard.press('Escape');
        await card(page, 'Delivered or called off')
          .getByRole('row', { name: /^yes Test .* a notice Delivered/ })
          .waitFor();
        assert.deepEqual(await violations(page, 'messages'), []);
      },
      { as: 'ann' },
    );
  });

  test('people write in the post-mortem what only they can say, decide what is to be done, and accept it', async () => {
    await visits.visit(
      async (page) => {
        await page.goto('/incidents');
        await page.getByRole('link', { name: 'Parcels are late', exact: true }).click();
        await page.getByRole('link', { name: 'Post-mortem' }).click();
        await heading(page, /^Post-mortem: Parcels are late /).waitFor();
        const review = card(page, 'What people say of it');
        await review.getByLabel('Authors').fill('ann, vera');
        await review.getByLabel('Lessons').fill('Watch the queue.\nAsk the carrier.');
        assert.deepEqual(await violations(page, 'a post-mortem'), []);
        await review.getByRole('button', { name: 'Save' }).click();
        await review.getByText(/^ann, /).waitFor();
        const items = card(page, 'Action items');
        await items.getByRole('button', { name: 'Add one' }).click();
        const dialog = page.getByRole('dialog', { name: 'A new action item' });
        await dialog.getByLabel('What').fill('An alert for the queue');
        await dialog.getByLabel('Owner').fill('vera');
        await dialog.getByLabel('Until').fill('2020-01-31');
        assert.deepEqual(await violations(page, 'an action item'), []);
        await dialog.getByRole('button', { name: 'Save' }).click();
        await items.getByRole('row', { name: /^An alert for the queue vera 2020-01-31 late Open/ }).waitFor();
        await button(page, 'Change: An alert for the queue').click();
        await page.getByRole('dialog').getByLabel('State').selectOption('Done');
        await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
        await items.getByRole('row', { name: /2020-01-31 Done/ }).waitFor();
        await button(page, 'Accept').click();
        await page.getByRole('dialog').getByRole('button', { name: 'Accept' }).click();
        await heading(page, /^Post-mortem: Parcels are late P2 Reviewed$/).waitFor();
      },
      { as: 'ann' },
    );
  });

  test('who is on call is shown for two weeks, somebody takes a time, and it is taken back', async () => {
    await visits.visit(
      async (page) => {
        await page.goto('/incidents');
        await page.getByRole('link', { name: 'On call' }).click();
        const payments = card(page, 'payments');
        await payments.getByText(/^(anna|boris) is on call/).waitFor();
        const rows = payments.getByRole('row');
        await rows.nth(14).waitFor();
        await button(page, 'Later').click();
        await button(page, 'Now').click();
        const overrides = card(page, 'Overrides and swaps');
        await overrides.getByRole('button', { name: 'Add one' }).click();
        const dialog = page.getByRole('dialog', { name: 'Who is on call instead?' });
        await dialog.getByLabel('Who', { exact: true }).selectOption('carl');
        await dialog.getByLabel(/^Why/).fill('a dentist');
        assert.deepEqual(await violations(page, 'an override'), []);
        await dialog.getByRole('button', { name: 'Add one' }).click();
        await payments.getByRole('row', { name: /^carl .* override: a dentist$/ }).waitFor();
        assert.deepEqual(await violations(page, 'who is on call'), []);
        await overrides.getByRole('button', { name: /^Take back: / }).click();
        await page.getByRole('dialog').getByRole('button', { name: 'Take back' }).click();
        await overrides.getByText('None was asked for.').waitFor();
        await payments.getByRole('row', { name: /^carl / }).waitFor({ state: 'detached' });
      },
      { as: 'ann' },
    );
  });

  test('what customers are told waits in both languages, is edited and published', async () => {
    await visits.visit(
      async (page) => {
        await page.goto('/incidents');
        await page.getByRole('link', { name: 'Status page' }).click();
        await card(page, 'Components')
          .getByRole('row', { name: /^Checkout Partial outage/ })
          .waitFor();
        const draft = page.getByRole('region', { name: 'Waits to be published' }).getByRole('listitem').first();
        await draft.getByText('Components: Checkout').waitFor();
        await draft
          .getByText(/[а-я]{4}/)
          .first()
          .waitFor();
        assert.deepEqual(await violations(page, 'the status page'), []);
        await draft.getByRole('button', { name: /^Edit: / }).click();
        const dialog = page.getByRole('dialog', { name: 'What are customers told?' });
        await dialog.getByLabel('State').selectOption('Identified');
        await dialog.getByLabel('Text in English').fill('Half of all payments fail. We know why.');
        await dialog.getByLabel('Text in Russian').fill('Половина платежей не проходит. Причина известна.');
        assert.deepEqual(await violations(page, 'a draft'), []);
        await dialog.getByRole('button', { name: 'Publish' }).click();
        const published = page.getByRole('region', { name: 'Published' }).getByRole('listitem').first();
        await published.getByText('1 update').click();
        await published.getByText('Half of all payments fail. We know why.').waitFor();
        await page.goto('/status?lang=ru');
        await page.getByText('Половина платежей не проходит. Причина известна.').waitFor();
      },
      { as: 'ann' },
    );
  });

  test('an alert that would have told earlier is shown with its price and a change to take along', async () => {
    const { body } = await stage.ask('GET', '/api/v1/incidents?service=shop');
    const [{ id = '' } = {}] = (body as { incidents: readonly { id: string }[] }).incidents;
    await stage.ask('POST', `/api/v1/incidents/${id}/verbs`, { verb: 'resolve', why: 'known' });
    await visits.visit(
      async (page) => {
        await page.goto(`/incidents/${id}/post-mortem`);
        const lessons = card(page, 'Alerts that would have told of it earlier');
        const first = lessons.getByRole('listitem').first();
        await first.getByRole('row', { name: 'as it is not at all 0' }).waitFor();
        await first.getByText(/^\+ {2}- \{ name: P0, .*minBad: [35]/m).waitFor();
        await first.getByRole('button', { name: 'Copy : Change of configuration' }).waitFor();
        assert.deepEqual(await violations(page, 'lessons'), []);
      },
      { as: 'ann' },
    );
  });

  test('maintenance is announced to customers, and called off', async () => {
    await visits.visit(
      async (page) => {
        await page.goto('/status-page');
        await card(page, 'Components').getByText('0 subscribers by e-mail').waitFor();
        const announced = page.getByRole('region', { name: 'Maintenance' });
        await announced.getByRole('button', { name: 'Announce' }).click();
        const dialog = page.getByRole('dialog', { name: 'Announce maintenance?' });
        await dialog.getByLabel('Checkout').check();
        await dialog.getByLabel('Title in English').fill('New database');
        await dialog.getByLabel('Title in Russian').fill('Новая база данных');
        await dialog.getByLabel('Text in English').fill('Orders may take longer.');
        await dialog.getByLabel('Text in Russian').fill('Заказы могут оформляться дольше.');
        assert.deepEqual(await violations(page, 'an announcement'), []);
        await dialog.getByRole('button', { name: 'Announce' }).click();
        const work = announced.getByRole('listitem').filter({ hasText: 'New database' });
        await work.getByText('Orders may take longer.').waitFor();
        assert.deepEqual(await violations(page, 'maintenance'), []);
        await work.getByRole('button', { name: 'Call off: New database' }).click();
        await page.getByRole('dialog').getByRole('button', { name: 'Call off' }).click();
        await work.getByText('Called off').waitFor();
        await page.goto('/status?lang=ru');
        await page.getByText('Новая база данных').first().waitFor();
        await page.getByText('Плановые работы отменены.').waitFor();
      },
      { as: 'ann' },
    );
  });

  test('who may only look is shown everything and offered nothing, on a phone, in Russian, in the dark', async () => {
    await visits.visit(
      async (page) => {
        await page.goto('/incidents');
        await heading(page, 'Инциденты').waitFor();
        const link = page.getByRole('link', { name: 'DiskFull', exact: true });
        await link.waitFor();
        assert.equal(await button(page, 'Открыть инцидент').count(), 0);
        const found = [...(await violations(page, 'incidents')), ...(await tooWide(page, 'incidents'))];
        await link.click();
        await heading(page, /^DiskFull P2 Принят$/).waitFor();
        await card(page, 'Хронология')
          .getByRole('button', { name: /^Показать/ })
          .click();
        await card(page, 'Хронология').getByText('P0, открыт: DiskFull').waitFor();
        assert.equal(await button(page, 'Принять').count(), 0);
        assert.equal(await page.getByLabel('Новая заметка').count(), 0);
        found.push(...(await violations(page, 'an incident')), ...(await tooWide(page, 'an incident')));
        await page.getByRole('link', { name: 'Разбор' }).click();
        await heading(page, /^Разбор: DiskFull/).waitFor();
        await card(page, 'Задачи').getByText('Пока нет ни одной.').waitFor();
        assert.equal(await button(page, 'Сохранить').count(), 0);
        found.push(...(await violations(page, 'a post-mortem')), ...(await tooWide(page, 'a post-mortem')));
        for (const [path, name] of [
          ['/messages', 'Сообщения'],
          ['/silences', 'Тишина'],
          ['/', 'Обзор'],
        ] as const) {
          await page.goto(path);
          await heading(page, name).waitFor();
          await page
            .getByText(/DiskFull|Ни одна тревога не заглушена/)
            .first()
            .waitFor();
          assert.equal(
            await page
              .getByRole('main')
              .getByRole('button', { name: /^(Принять|Заглушить|Проверить)/ })
              .count(),
            0,
          );
          found.push(...(await violations(page, path)), ...(await tooWide(page, path)));
        }
        await page.goto('/on-call');
        await heading(page, 'Дежурства').waitFor();
        await card(page, 'payments')
          .getByText(/^Дежурит /)
          .waitFor();
        found.push(...(await violations(page, 'who is on call')), ...(await tooWide(page, 'who is on call')));
        assert.deepEqual(found, []);
      },
      { ...onPhone, as: 'vera', colorScheme: 'dark', locale: 'ru-RU' },
    );
  });

  /** An alert comes in as from an Alertmanager. */
  async function tell(name: string, summary: string, labels: Readonly<Record<string, string>>): Promise<void> {
    // It would end by itself after five minutes otherwise.
    const endsAt = new Date(Date.now() + 3_600_000).toISOString();
    const alert = { labels: { alertname: name, severity: 'critical', ...labels }, annotations: { summary }, endsAt };
    const { url, token } = stage.door();
    const { status } = await fetch(`${url}/api/v2/alerts`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify([alert]),
      signal: AbortSignal.timeout(30_000),
    });
    assert.equal(status, 200);
  }
});
