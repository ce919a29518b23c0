import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { GroupReleaseView } from '../../src/views/group-view.ts';
import { Stage } from '../acceptance/stage.ts';
import { Users } from '../acceptance/users.ts';
import { onPhone, phone, tooWide, violations } from './accessibility.fixture.ts';
import { button, heading, noBrowser, Visits } from './browser.fixture.ts';

const stage = new Stage();
const visits = new Visits(stage);

/** A page of the console, the heading that says in either language that it is there, and what is opened on it. */
type Place = { readonly path: string; readonly en: RegExp; readonly ru: RegExp; readonly open?: (page: Page) => Promise<void> };

describe('the console', { skip: noBrowser }, () => {
  let users: Users;
  let live = '';
  let ended = '';
  let places: readonly Place[] = [];

  before(async () => {
    await stage.up();
    await visits.open();
    await visits.welcome('ann', { role: 'admin', services: '*' });
    await visits.welcome('otto-with-a-rather-long-name', { role: 'operator', services: ['shop', 'an-empty-one'] });
    await stage.json(0, 'tokens', 'add', 'ci', '--role', 'operator', '--service', 'shop', '--expires', '30d');
    const shop = await stage.place('shop', { release: { strategy: '{ canary: { steps: [ { weight: 20%, for: 600s } ] } }' } });
    const group = `apiVersion: rampart/v1\nkind: ReleaseGroup\nmetadata: { name: all-of-it }\nspec: { members: [ { service: shop, file: shop.yaml } ] }\n`;
    const first = await stage.json<GroupReleaseView>(
      0,
      'release',
      stage.write('group.yaml', group),
      '--version',
      '1.0.0',
      '--wait',
    );
    ended = first.members[0]?.release ?? '';
    const flags = `apiVersion: rampart/v1
kind: FlagSet
metadata: { name: a-set-with-a-rather-long-name }
spec:
  flags:
    new-checkout: { variants: { on: true, off: false }, defaultVariant: off }
    a-flag-that-has-a-rather-long-name: { variants: { on: true, off: false }, defaultVariant: off }
`;
    assert.equal((await stage.cli('flag', 'apply', stage.write('flags.yaml', flags))).code, 0);
    await stage.json(0, 'flag', 'share', 'new-checkout', '12.5%');
    await stage.json(0, 'flag', 'off', 'a-flag-that-has-a-rather-long-name', '--why', 'a reason that needs more than one line');
    const other = await stage.place('basket', { release: { approval: '{ by: another }' } });
    const asking = await stage.begin(other, '1.0.0');
    stage.behaves('1.1.0-bad', { crashesAtOnce: true });
    const bad = await stage.begin(shop, '1.1.0-bad');
    await stage.end(bad);
    users = new Users(shop.port, 40);
    live = await stage.begin(shop, '2.0.0', '--why', 'a reason that is long enough to be broken into two lines on a phone');
    await stage.reaches(live, 'a verdict', ({ weight, verdict }) => weight === 20 && verdict?.kind === 'pass');
    places = [
      { path: '/', en: /^Overview/, ru: /^Обзор/ },
      { path: `/releases/${live}`, en: /^shop 2\.0\.0/, ru: /^shop 2\.0\.0/ },
      { path: `/releases/${ended}`, en: /^shop 1\.0\.0/, ru: /^shop 1\.0\.0/ },
      { path: `/releases/${bad}`, en: /^shop 1\.1\.0-bad/, ru: /^shop 1\.1\.0-bad/ },
      { path: `/releases/${asking}`, en: /^basket 1\.0\.0/, ru: /^basket 1\.0\.0/ },
      { path: '/services/shop', en: /^shop/, ru: /^shop/ },
      { path: '/services/shop/signals', en: /^Signals of shop/, ru: /^Сигналы shop/ },
      { path: '/new-release?service=shop', en: /^New release/, ru: /^Новый выпуск/, open: showPlan },
      { path: '/objectives', en: /^Objectives/, ru: /^Цели/, open: (page) => page.getByText('target: 99.9%').waitFor() },
      { path: '/alerts', en: /^Alerts/, ru: /^Тревоги/, open: (page) => page.getByText('No alert is open').waitFor() },
      { path: '/flags', en: /^Feature flags/, ru: /^Флаги функций/, open: ofFlag },
      { path: '/groups', en: /^Groups/, ru: /^Группы/ },
      { path: '/audit', en: /^Audit/, ru: /^Аудит/ },
      { path: '/access', en: /^Users and tokens/, ru: /^Доступ/ },
      { path: '/settings', en: /^Settings/, ru: /^Настройки/ },
      { path: '/account', en: /^Change password/, ru: /^Смена пароля/ },
      { path: '/nowhere', en: /^There is nothing here/, ru: /^Здесь ничего нет/ },
      { path: '/sign-in', en: /^Sign in/, ru: /^Вход/ },
      { path: '/welcome#a-code', en: /^Welcome/, ru: /^Добро пожаловать/ },
    ];
  });
  after(async () => {
    await users?.stop();
    await visits.close();
    await stage.close();
  });

  test('has no serious violation of accessibility on any page or in any window, light', async () => {
    await visits.visit(
      async (page) => {
        const found: string[] = [];
        for (const { path, en, open } of places) {
          await go(page, path, en);
          await open?.(page);
          found.push(...(await violations(page, path)));
        }
        await go(page, `/releases/${live}`, /^shop 2/);
        for (const opened of [
          () => button(page, 'Abort').click(),
          () => page.keyboard.press('?'),
          () => page.getByRole('button', { name: /^Log of shop\/2/ }).click(),
        ]) {
          await opened();
          await page.getByRole('dialog').waitFor();
          found.push(...(await violations(page, 'a dialog')));
          await page.keyboard.press('Escape');
          await page.getByRole('dialog').waitFor({ state: 'detached' });
        }
        assert.deepEqual(found, []);
      },
      { as: 'ann' },
    );
  });

  test('has none in the dark and on a phone either, where nothing is wider than it and abort is at hand, in Russian', async () => {
    await visits.visit(
      async (page) => {
        const found: string[] = [];
        for (const { path, ru } of places) {
          await go(page, path, ru);
          found.push(...(await violations(page, path)), ...(await tooWide(page, path)));
          if (path === '/access') found.push(...(await outOfReach(page)));
        }
        assert.deepEqual(found, []);
        await abortByThumb(page, 'Прервать');
      },
      { ...onPhone, as: 'ann', colorScheme: 'dark', locale: 'ru-RU' },
    );
  });

  test('fits on a phone in English, too, with a plan as well', async () => {
    await visits.visit(
      async (page) => {
        await go(page, '/new-release?service=shop', /^New release/);
        await showPlan(page);
        assert.deepEqual(await tooWide(page, 'a plan'), []);
        await abortByThumb(page, 'Abort');
        assert.deepEqual(await tooWide(page, 'a release'), []);
        await go(page, '/access', /^Users and tokens/);
        assert.deepEqual(await outOfReach(page), []);
      },
      { ...onPhone, as: 'ann' },
    );
  });

  test('is Russian when it is chosen, with its plural forms and the sentences of the guard, also after a reload', async () => {
    await visits.visit(
      async (page) => {
        await go(page, '/', /^Overview/);
        await page.getByLabel('Account of ann').click();
        await page.getByLabel('Language').selectOption('ru');
        await heading(page, 'Обзор').waitFor();
        await page.getByText('2 сервиса · 2 выпуска идут').waitFor();
        assert.equal(await page.locator('html').getAttribute('lang'), 'ru');
        await go(page, `/releases/${live}`, /Продвигается/);
        const sentence = page.locator('.verdict-sentence');
        assert.match((await sentence.textContent()) ?? '', /[а-я]+ [\d\s]+ из [\d\s]+ /, 'the guard speaks Russian');
        await page.getByRole('button', { name: /^Прервать/ }).click();
        await page.getByRole('dialog', { name: 'Прервать выпуск shop 2.0.0?' }).waitFor();
      },
      { as: 'ann' },
    );
    await visits.visit(async (page) => await go(page, '/sign-in', /^Вход/), { locale: 'ru-RU' });
  });

  test('is dark when the system is, and light or dark when that is chosen', async () => {
    await visits.visit(
      async (page) => {
        const isDark = async (): Promise<boolean> =>
          ((await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')) as string)
            .match(/\d+/g)
            ?.slice(0, 3)
            .every((part) => Number(part) < 80) ?? false;
        await go(page, '/', /^Overview/);
        assert.equal(await isDark(), true, 'as the system');
        await page.getByLabel('Account of ann').click();
        await page.getByLabel('Colours').selectOption('light');
        assert.equal(await isDark(), false, 'as chosen');
        await page.reload();
        await heading(page, 'Overview').waitFor();
        assert.equal(await isDark(), false, 'as chosen before');
      },
      { as: 'ann', colorScheme: 'dark' },
    );
  });

  test('can be used by keys: ? lists them, they lead to pages, and Tab reaches every verb', async () => {
    await visits.visit(
      async (page) => {
        await go(page, `/releases/${live}`, /^shop 2/);
        await button(page, 'Abort').waitFor();
        await page.keyboard.press('?');
        const keys = page.getByRole('dialog', { name: 'Keys' });
        for (const name of ['g o To the overview', 'a Abort', 'p Pause', '? This list'])
          await keys.getByRole('row', { name, exact: true }).waitFor();
        await page.keyboard.press('Escape');
        await keys.waitFor({ state: 'detached' });
        const reached = new Set<string>();
        for (let presses = 0; presses < 30; presses += 1) {
          await page.keyboard.press('Tab');
          reached.add(String(await page.evaluate('document.activeElement?.textContent ?? ""')).split(':')[0] ?? '');
          if (presses === 0) assert(reached.has('Skip to the content'), 'the first Tab leads past the menu');
        }
        for (const verb of ['Approve', 'Resume', 'Pause', 'Promote', 'Retry', 'Abort']) assert(reached.has(verb), verb);
        await page.keyboard.press('g');
        await page.keyboard.press('o');
        await heading(page, 'Overview').waitFor();
      },
      { as: 'ann' },
    );
  });

  async function abortByThumb(page: Page, name: string): Promise<void> {
    await go(page, `/releases/${live}`, /^shop 2/);
    const box = await button(page, name).boundingBox();
    assert(box && box.y + box.height <= phone.height, `abort is in sight without scrolling: ${JSON.stringify(box)}`);
    await button(page, name).tap();
    const window = await page.getByRole('dialog').boundingBox();
    assert(window && window.x >= 0 && window.x + window.width <= phone.width, JSON.stringify(window));
  }
});

async function go(page: Page, path: string, title: RegExp): Promise<void> {
  await page.goto(path);
  await page.getByRole('heading', { level: 1, name: title }).waitFor();
  // Charts and tables come later than their page.
  await page.waitForLoadState('networkidle', { timeout: 3_000 }).catch(() => {});
}

/** The window of a share, which has the most fields. */
async function ofFlag(page: Page): Promise<void> {
  await button(page, /^Reset: new-checkout/).waitFor();
  await button(page, /^Share…: new-checkout/).click();
  await page.getByRole('dialog').getByLabel('Share in percent').waitFor();
}

async function showPlan(page: Page): Promise<void> {
  await page.getByLabel('Version', { exact: true }).fill('3.0.0');
  await button(page, 'Show the plan').click();
  await button(page, 'Start the release of shop 3.0.0').waitFor();
}

/** Buttons of the two tables that a thumb cannot reach without pushing a table aside. */
async function outOfReach(page: Page): Promise<readonly string[]> {
  await page.locator('table').nth(1).waitFor();
  const found: string[] = [];
  const buttons = await page.locator('table button').all();
  for (const one of buttons) {
    const box = await one.boundingBox();
    if (!box || box.x < 0 || box.x + box.width > phone.width) found.push((await one.getAttribute('aria-label')) ?? 'a button');
  }
  assert(buttons.length >= 5, 'users and tokens have buttons');
  return found;
}
