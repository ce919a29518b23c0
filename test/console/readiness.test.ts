import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { localMinute } from '../../web/src/components/local-minute.ts';
import { freePort, Stage } from '../acceptance/stage.ts';
import { onPhone, tooWide, violations } from './accessibility.fixture.ts';
import { button, card, heading, noBrowser, Visits } from './browser.fixture.ts';

const stage = new Stage();
const visits = new Visits(stage);

/** One port that listens, one that does so later, an address that answers when it is told to, and two claims. */
const checklist = (open: number, later: number, slow: number): string => `apiVersion: rampart/v1
kind: Checklist
metadata: { name: ours, title: { en: What we ask for, ru: Что мы требуем } }
spec:
  signOffs:
    - { role: security }
    - { role: product, by: [somebody-else] }
  phases:
    - id: network
      title: { en: Network, ru: Сеть }
      items:
        - id: front
          title: { en: The front answers, ru: Фронт отвечает }
          check: { tcp: { host: 127.0.0.1, port: ${open} } }
        - id: store
          title: { en: The store answers, ru: Хранилище отвечает }
          fix: { en: Start the store, ru: Запустите хранилище }
          check: { tcp: { host: 127.0.0.1, port: ${later} } }
        - id: slow
          title: { en: The slow one answers, ru: Медленный отвечает }
          severity: warning
          timeout: 60s
          check: { http: { url: http://127.0.0.1:${slow}/ } }
    - id: people
      title: { en: People, ru: Люди }
      items:
        - id: runbook
          title: { en: There is a runbook, ru: Есть инструкция }
          role: devops
          confirm: { evidence: required, text: { en: It was tried, ru: Её опробовали } }
        - { id: on-call, title: { en: Somebody is on call, ru: Есть дежурный }, severity: warning, confirm: {} }
`;

describe('the readiness of a service in the console', { skip: noBrowser }, () => {
  const servers: Server[] = [];
  let later = 0;
  let release = (): void => {};
  const held = new Promise<void>((resolve) => (release = resolve));

  before(async () => {
    await stage.up();
    const open = await listen(0);
    later = await freePort();
    const slow = await listen(
      0,
      createHttpServer((_, response) => void held.then(() => response.end('at last'))),
    );
    stage.write('ours.yaml', checklist(open, later, slow));
    const place = async (): Promise<void> => {
      const front = `{ at: T-1h, title: { en: Look at the front, ru: Посмотреть на фронт }, check: { tcp: { host: 127.0.0.1, port: ${open} } } }`;
      const timeline = `[ { at: T-2h, title: { en: Tell the team, ru: Сказать команде }, notify: true }, ${front} ]`;
      const shop = await stage.place('shop', { readiness: '{ checklist: ./ours.yaml }', release: { timeline } });
      await stage.install(shop, '1.0.0');
      const startMs = Date.now() + 3 * 3_600_000;
      const planned = await stage.ask('POST', '/api/v1/timelines', { service: 'shop', version: '2.0.0', startMs });
      assert.equal(planned.status, 201, JSON.stringify(planned.body));
    };
    const look = async (): Promise<void> => {
      await visits.open();
      await visits.welcome('ann', { role: 'admin', services: '*' });
      await visits.welcome('vera', { role: 'viewer', services: '*' });
    };
    await Promise.all([place(), look()]);
  });
  after(async () => {
    release();
    await visits.close();
    for (const server of servers) server.close();
    await stage.close();
  });

  test('phases lead to items with their proof; checks run again, and two runs are compared', async () => {
    await visits.visit(
      async (page) => {
        await page.goto('/services/shop');
        await page.getByRole('link', { name: 'Readiness', exact: true }).click();
        await heading(page, 'Readiness of shop Not ready').waitFor();
        await card(page, 'Blockers').getByRole('listitem').nth(2).waitFor();
        await button(page, 'Run what is not proven').click();
        const status = page.getByRole('main').getByRole('status');
        await status.getByText('Checks run: 2 of 3').waitFor();
        await status.getByText('Now: network.slow').waitFor();
        assert.equal(await button(page, 'Run all again').isDisabled(), true, 'it runs already');
        release();
        await status.getByText(/^Checks run/).waitFor({ state: 'detached' });
        const blockers = card(page, 'Blockers');
        await blockers.getByRole('listitem').filter({ hasText: 'failed' }).getByText('The store answers').waitFor();
        await blockers.getByRole('link', { name: 'The store answers' }).click();
        const phase = card(page, 'Network');
        const store = phase.getByRole('listitem').first();
        for (const name of ['Why', 'To do', 'Looked at', 'Expected', 'Found', 'Checked'])
          await store.getByRole('term').filter({ hasText: name }).first().waitFor();
        await store
          .getByText(/^see that what listens at/)
          .first()
          .waitFor();
        assert.match(page.url(), /phase=network&item=network\.store/);
        await page.getByText('How the score comes about').click();
        await page.getByText(/^10 × 4 \/ 11 = 3\.6/).waitFor();

        await listen(later);
        await button(page, 'Run again: The store answers').click();
        await store.getByText('passed').first().waitFor();
        await blockers.getByText('The store answers').waitFor({ state: 'detached' });
        const runs = card(page, 'Runs');
        await runs.getByRole('row', { name: /ours\.yaml: network\.store ann/ }).waitFor();
        const before = runs.getByLabel('Before');
        await before.selectOption({ index: 2 });
        const both = card(page, 'Before and after');
        await both.getByText('Score 3.6 → 6.3').waitFor();
        await both.getByText('1 item better').waitFor();
        await both.getByRole('row', { name: /The store answers .* better failed passed/ }).waitFor();
        await runs
          .getByRole('link', { name: /^Show the report of the run of/ })
          .last()
          .click();
        await page.getByText(/^This is the report as it was at the end of a run/).waitFor();
        await blockers.getByText('The store answers').waitFor();
        assert.equal(await page.getByRole('button', { name: /^Run/ }).count(), 0, 'what is past is not changed');
        await page.getByRole('link', { name: 'Show it as it is now' }).click();
        await blockers.getByText('The store answers').waitFor({ state: 'detached' });
      },
      { as: 'ann' },
    );
  });

  test('people confirm, exempt and sign; what has changed meanwhile is not signed, and both are taken back', async () => {
    await visits.visit(
      async (page) => {
        await openPeople(page);
        await button(page, 'Confirm: There is a runbook').click();
        const claim = page.getByRole('dialog', { name: 'Confirm There is a runbook?' });
        await claim.getByLabel('Or a file that proves it').setInputFiles({
          name: 'drill.txt',
          mimeType: 'text/plain',
          buffer: Buffer.from('it worked'),
        });
        await claim.getByLabel('Comment').fill('tried on Monday');
        await button(page, 'Confirm it').click();
        const proof = page.getByRole('link', { name: /^file drill\.txt/ });
        await proof.waitFor();
        assert.equal(await saved(page, proof), 'it worked');
        await page.getByText('tried on Monday').waitFor();

        const signs = card(page, 'Sign-offs');
        await signs.getByRole('row', { name: /Product owner not signed \(only somebody-else\)/ }).waitFor();
        assert.equal(await button(page, 'Sign for Product owner').count(), 0, 'she may not sign for that role');
        await button(page, 'Sign for Security').click();
        const sign = page.getByRole('dialog', { name: 'Sign this report for Security?' });
        const gone = await visits.askAs('ann', 'DELETE', '/api/v1/services/shop/readiness/confirmations/people.runbook?why=old');
        assert.equal(gone.status, 204, JSON.stringify(gone.body));
        await sign.getByRole('button', { name: 'Sign it' }).click();
        await signs.getByRole('alert').getByText('The report has changed since you read it, so nothing was signed').waitFor();
        await card(page, 'Blockers').getByText('There is a runbook').waitFor();
        await signs.getByText('Signed by 0 of 2').waitFor();

        await button(page, 'Confirm: There is a runbook').click();
        await claim.getByLabel('Link that proves it').fill('https://example.org/drill');
        await button(page, 'Confirm it').click();
        await card(page, 'Blockers').getByText('No blocker is open').waitFor();
        await button(page, 'Exempt: Somebody is on call').click();
        const exempt = page.getByRole('dialog', { name: 'Exempt Somebody is on call for a while?' });
        await exempt.getByLabel('Why').fill('nobody uses it yet');
        await button(page, 'Exempt it').click();
        await page.getByText(/^ann: nobody uses it yet; until/).waitFor();
        await button(page, 'Sign for Security').click();
        await sign.getByLabel('Comment').fill('read it all');
        await sign.getByRole('button', { name: 'Sign it' }).click();
        await signs.getByRole('row', { name: /^Security ann .* read it all/ }).waitFor();
        assert.equal(await signs.getByRole('alert').count(), 0);

        await button(page, 'End the exemption: Somebody is on call').click();
        await reasoned(page, 'End the exemption of Somebody is on call?', 'End it');
        await button(page, 'Exempt: Somebody is on call').waitFor();
        await signs.getByText('Signed by 0 of 2').waitFor();
        await button(page, 'Withdraw the claim: There is a runbook').click();
        await reasoned(page, 'Withdraw the claim for There is a runbook?', 'Withdraw it');
        await card(page, 'Blockers').getByText('There is a runbook').waitFor();
      },
      { as: 'ann', expects: [/signoffs/] },
    );
  });

  test('the report is saved in the language of the console, and who may only look is offered no change', async () => {
    await visits.visit(
      async (page) => {
        await openPeople(page);
        assert.equal(await page.getByRole('main').getByRole('button').count(), 0);
        const downloads = card(page, 'Download the report');
        const markdown = await saved(page, downloads.getByRole('link', { name: 'Markdown' }));
        assert.match(markdown, /Readiness report/);
        assert.deepEqual(await violations(page, 'readiness'), []);
        await page.getByLabel('Checklist').selectOption('production');
        await page.getByRole('list').locator('.readiness-phase').nth(9).waitFor();
        await page.getByRole('link', { name: 'Back to shop' }).click();
        await card(page, 'Planned releases')
          .getByRole('row', { name: /Tell the team T-2h .* planned/ })
          .waitFor();
      },
      { as: 'vera' },
    );
  });

  test('a planned release is moved, one of its entries run and another left out, and it is cancelled; who may only look cannot', async () => {
    const planned = (page: Page) => card(page, 'Planned releases');
    await visits.visit(
      async (page) => {
        await page.goto('/services/shop');
        await planned(page).getByText('2.0.0', { exact: true }).waitFor();
        assert.equal(await planned(page).getByRole('button').count(), 0);
        await planned(page).getByRole('link', { name: 'Readiness of 2.0.0' }).click();
        await page.getByText(/What we ask for · version 2\.0\.0/).waitFor();
        await page.getByLabel('Checklist').selectOption('production');
        await page.getByText(/Production readiness · version 2\.0\.0/).waitFor();
      },
      { as: 'vera' },
    );
    await visits.visit(
      async (page) => {
        await page.goto('/services/shop');
        const tell = planned(page).getByRole('row', { name: /Tell the team/ });
        const check = planned(page).getByRole('row', { name: /Look at the front/ });
        await button(page, 'Move the start of 2.0.0').click();
        const move = page.getByRole('dialog', { name: 'Move the start of shop 2.0.0?' });
        await move.getByLabel('New start').fill('2020-01-02T10:00');
        await move.getByRole('button', { name: 'Move it' }).click();
        await move.getByText('It has to be a moment to come.').waitFor();
        const start = localMinute(Date.now() + 5 * 3_600_000);
        await move.getByLabel('New start').fill(start);
        await move.getByRole('button', { name: 'Move it' }).click();
        await move.waitFor({ state: 'detached' });
        await planned(page)
          .getByRole('heading', { name: new RegExp(`starts at .* ${start.slice(11)}:00`) })
          .waitFor();

        await button(page, 'Run now: Tell the team').click();
        await page.getByRole('dialog').getByRole('button', { name: 'Run it now' }).click();
        await tell.getByText('done', { exact: true }).waitFor();
        await button(page, 'Run now: Start of the release').click();
        const past = page.getByRole('dialog', { name: 'Run “Start of the release” now?' });
        await past.getByText(/^What comes before the start does not allow it yet/).waitFor();
        assert.notEqual(await past.getByLabel('Why').getAttribute('required'), null);
        await page.keyboard.press('Escape');
        await button(page, 'Leave out: Look at the front').click();
        await reasoned(page, 'Leave “Look at the front” out?', 'Leave it out');
        await check.getByText('left out', { exact: true }).waitFor();
        await check.getByText('ann: it is over').waitFor();
        assert.equal(await button(page, 'Leave out: Look at the front').count(), 0);
        assert.deepEqual(await violations(page, 'planned releases'), []);

        await page.setViewportSize({ width: 360, height: 800 });
        assert.deepEqual(await tooWide(page, 'planned releases'), []);
        await button(page, 'Cancel the planned release of 2.0.0').click();
        await reasoned(page, 'Cancel the planned release of shop 2.0.0?', 'Cancel the release');
        await planned(page).getByText('cancelled by ann: it is over').waitFor();
        assert.equal(await planned(page).getByRole('button').count(), 0);
      },
      { as: 'ann' },
    );
  });

  test('in the dark, on a phone and in Russian nothing is out of reach', async () => {
    await visits.visit(
      async (page) => {
        await page.goto('/services/shop/readiness?phase=people&item=people.runbook');
        await page.getByText('DevOps: Её опробовали').waitFor();
        assert.deepEqual([...(await violations(page, 'readiness')), ...(await tooWide(page, 'readiness'))], []);
        const report = await saved(page, card(page, 'Скачать отчёт').getByRole('link', { name: 'HTML' }));
        assert.match(report, /Отчёт о готовности/);
        await button(page, 'Подтвердить: Есть инструкция').click();
        await page.getByRole('dialog').waitFor();
        assert.deepEqual([...(await violations(page, 'a claim')), ...(await tooWide(page, 'a claim'))], []);
      },
      { ...onPhone, as: 'ann', colorScheme: 'dark', locale: 'ru-RU' },
    );
  });

  /** Begins to listen, and answers with the port. */
  async function listen(port: number, server: Server = createServer((socket) => socket.end())): Promise<number> {
    servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    const address = server.address();
    assert(address !== null && typeof address === 'object');
    return address.port;
  }
});

/** Opens the phase of the claims, with both of its items. */
async function openPeople(page: Page): Promise<void> {
  await page.goto('/services/shop/readiness');
  await page.getByRole('link', { name: 'People', exact: true }).click();
  for (const item of await card(page, 'People').getByRole('listitem').all()) await item.locator('summary').click();
}

async function reasoned(page: Page, title: string, go: string): Promise<void> {
  const dialog = page.getByRole('dialog', { name: title });
  await dialog.getByLabel('Why').fill('it is over');
  await dialog.getByRole('button', { name: go }).click();
  await dialog.waitFor({ state: 'detached' });
}

/** What a link that saves a file saves. */
async function saved(page: Page, link: ReturnType<Page['getByRole']>): Promise<string> {
  const coming = page.waitForEvent('download');
  await link.click();
  return readFileSync(await (await coming).path(), 'utf8');
}
