import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type Placed, Stage } from '../acceptance/stage.ts';
import { Users } from '../acceptance/users.ts';
import { chromiumProgram, startChromium } from '../programs/chromium.ts';
import { assertAccessible, enter, invite, password, setupLink, type Visit, visit } from './pages.ts';

const chromium = await chromiumProgram();
const skip = 'missing' in chromium ? { skip: chromium.missing } : {};

describe('the console', skip, () => {
  const stage = new Stage();
  let browser: Browser;
  let shop: Placed;
  let users: Users;
  let admin: Visit;

  before(async () => {
    assert('path' in chromium);
    await stage.up();
    shop = await stage.place('shop', { release: { strategy: '{ canary: { steps: [ { weight: 20%, for: 1m } ] } }' } });
    browser = await startChromium(chromium.path);
    admin = await visit(browser);
  });
  after(async () => {
    await users?.stop();
    await browser?.close();
    await stage.close();
  });

  const open = async (page: Page, path: string, heading: string): Promise<void> => {
    await page.goto(`${stage.door().url}${path}`);
    await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
  };
  const begin = (version: string): Promise<string> => stage.begin(shop, version);
  const begun = async (id: string): Promise<unknown> => stage.reaches(id, 'it has traffic', ({ weight }) => weight === 20);

  test('the first admin chooses a name and a password, and finds out how to begin', async () => {
    await enter(admin.page, setupLink(stage), 'ada');
    await admin.page.getByRole('heading', { name: 'Make your first service' }).waitFor();
    assert.equal(new URL(admin.page.url()).hash, '', 'the code is not left in the address');
    await assertAccessible(admin.page, 'an empty overview');
  });

  test('a release that fails requests goes back before the eyes of whoever looks at it', async () => {
    await stage.json(0, 'release', shop.file, '--version', '1.0.0', '--wait');
    users = new Users(shop.port, 40);
    stage.behaves('2.0.0', { failEvery: 2 });
    const id = await begin('2.0.0');
    await open(admin.page, `/releases/${id}`, 'shop 2.0.0');
    await admin.page.getByRole('heading', { level: 1 }).getByText('Rolled back').waitFor();
    await admin.page
      .getByText(/2\.0\.0 fails \d+ of \d+ requests/)
      .first()
      .waitFor();
    await admin.page.getByText('First hurt to safe').waitFor();
    await assertAccessible(admin.page, 'a release that has gone back');
  });

  test('a release is started with its plan, and aborted by one key and one confirmation', async () => {
    const { page } = admin;
    await open(page, '/new-release', 'New release');
    await page.getByLabel('Version').fill('3.0.0');
    await page.getByRole('button', { name: 'Show the plan' }).click();
    await page.getByRole('button', { name: 'Start the release of shop 3.0.0' }).click();
    await page.getByRole('heading', { name: 'shop 3.0.0', level: 1 }).waitFor();
    const id = decodeURIComponent(page.url().slice(page.url().lastIndexOf('/') + 1));
    await begun(id);
    await page.keyboard.press('a');
    await page.getByRole('dialog').getByText('All traffic goes back to 1.0.0 at once').waitFor();
    await page.keyboard.type('too many questions');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1 }).getByText('Rolled back').waitFor();
    const { reason } = await stage.end(id);
    assert.match(reason, /aborted by ada: too many questions/);
    assert.deepEqual(admin.problems, []);
  });

  test('a viewer looks and does not steer', async () => {
    const { page, problems } = await visit(browser);
    await enter(page, await invite(stage, 'vera', 'viewer'), null);
    const id = await begin('4.0.0');
    await begun(id);
    await open(page, `/releases/${id}`, 'shop 4.0.0');
    await page.getByText('You may look at this release, not steer it.').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Abort' }).count(), 0);
    await stage.json(0, 'abort', id);
    await page.getByRole('heading', { level: 1 }).getByText('Rolled back').waitFor();
    assert.deepEqual(problems, []);
  });

  test('whoever may approve finds the question first, and answers it with a reason', async () => {
    const strategy = '{ canary: { steps: [ { weight: 20%, for: 1m } ] } }';
    const asked = await stage.place('shop', { release: { strategy, approval: '{ by: another }' } }, shop.port);
    const id = await stage.begin(asked, '5.0.0');
    const { page, problems } = await visit(browser);
    await enter(page, await invite(stage, 'ann', 'approver'), null);
    await page.getByRole('link', { name: /shop.*Look/ }).click();
    await page.getByRole('heading', { name: 'shop 5.0.0', level: 1 }).getByText('Awaiting approval').waitFor();
    await assertAccessible(page, 'a release that waits for an approval');
    await page.getByRole('button', { name: 'Approve' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Approve' }).click();
    assert.equal(await dialog.isVisible(), true, 'an approval needs a reason');
    await dialog.getByLabel('Why').fill('seen in the review');
    await dialog.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('heading', { level: 1 }).getByText('Progressing').waitFor();
    assert((await stage.events(id)).some(({ actor, said }) => actor === 'ann' && said?.includes('seen in the review')));
    await stage.json(0, 'abort', id);
    await stage.end(id);
    assert.deepEqual(problems, []);
  });

  test('a page says that the controller is gone and goes on when it is back', async () => {
    // On the same port: a page cannot know of another.
    const { page } = await visit(browser);
    await enter(page, await invite(stage, 'otto', 'operator'), null);
    await page.getByTitle('Live', { exact: true }).waitFor();
    const { host } = new URL(stage.door().url);
    await stage.down('SIGTERM');
    await page.getByText('Connection lost, data from').waitFor();
    await stage.up('--listen', host);
    await page.getByTitle('Live', { exact: true }).waitFor();
  });

  test('a clock of the browser that is hours wrong spoils no time', async () => {
    const { page } = await visit(browser);
    await page.addInitScript(`{ const now = Date.now; Date.now = () => now() + 3 * 3_600_000; }`);
    await enter(page, await invite(stage, 'cleo', 'viewer'), null);
    await open(page, '/services/shop', 'shop');
    assert.doesNotMatch((await page.locator('.page-head time').first().textContent()) ?? '', /hr|day/);
  });

  test('every page is accessible, in both languages, light and dark, on a phone', async () => {
    const [ended] = (await stage.service('shop')).ended;
    const paths = [
      '/',
      `/releases/${ended?.release}`,
      '/services/shop',
      '/new-release',
      '/audit',
      '/access',
      '/settings',
      '/account',
    ];
    for (const [locale, colorScheme, width] of [
      ['en-GB', 'dark', 1_280],
      ['ru-RU', 'light', 360],
    ] as const) {
      const { page, problems } = await visit(browser, { locale, colorScheme, viewport: { width, height: 740 } });
      await page.goto(`${stage.door().url}/sign-in`);
      await assertAccessible(page, `sign-in in ${locale}`);
      await page.locator('input[name=username]').fill('ada');
      await page.locator('input[name=password]').fill(password);
      await page.locator('button[type=submit]').click();
      await page.locator('.services').waitFor();
      assert.equal(await page.locator('html').getAttribute('lang'), locale.slice(0, 2));
      for (const path of paths) {
        await page.goto(`${stage.door().url}${path}`);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.waitForLoadState('load');
        await assertAccessible(page, `${path} in ${locale}, ${colorScheme}`);
      }
      assert.deepEqual(problems, []);
    }
  });
});
