import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { freePort, type Placed, Stage } from '../acceptance/stage.ts';
import { Users } from '../acceptance/users.ts';
import { card, heading, noBrowser, Visits } from './browser.fixture.ts';

const stage = new Stage();
const visits = new Visits(stage);
const hourMs = 3_600_000;

/** Sets the browser's clock wrong before anything of the page runs. */
const wrongBy = (ms: number): string => `
  const Right = Date;
  globalThis.Date = class extends Right {
    constructor(...given) {
      if (given.length === 0) super(Right.now() + ${ms});
      else super(...given);
    }
    static now() {
      return Right.now() + ${ms};
    }
  };
`;

describe('an open page of the console', { skip: noBrowser }, () => {
  let shop: Placed;
  let users: Users;
  let id = '';
  let listen: readonly string[] = [];

  before(async () => {
    // The same after a restart, as a page that stays open needs it.
    listen = ['--listen', `127.0.0.1:${await freePort()}`];
    await stage.up(...listen);
    await visits.open();
    await visits.welcome('ann', { role: 'admin', services: '*' });
    await visits.welcome('vera', { role: 'viewer', services: '*' });
    shop = await stage.place('shop', { release: { strategy: '{ canary: { steps: [ { weight: 20%, for: 300s } ] } }' } });
    await stage.install(shop, '1.0.0');
    users = new Users(shop.port, 40);
    id = await stage.begin(shop, '2.0.0');
    await stage.reaches(id, 'traffic', ({ state, weight }) => state === 'progressing' && weight === 20);
  });
  after(async () => {
    await users?.stop();
    await visits.close();
    await stage.close();
  });

  for (const [what, ms] of [
    ['an hour ahead', hourMs],
    ['an hour behind', -hourMs],
  ] as const)
    test(`says how long ago things were also where the browser's clock is ${what}`, async () => {
      await visits.visit(
        async (page, context) => {
          await context.addInitScript({ content: wrongBy(ms) });
          await page.goto('/');
          const row = page.getByRole('listitem').filter({ has: heading(page, 'shop') });
          const shown = row.getByRole('time').or(row.locator('time')).first();
          await page.getByText('Live', { exact: true }).first().waitFor();
          const [at, text] = [await shown.getAttribute('datetime'), await shown.textContent()];
          const seconds = (Date.now() - Date.parse(at ?? '')) / 1_000;
          const [, told = '', unit = ''] = /^(\d+) (sec|min)/.exec(text ?? '') ?? [];
          const toldSeconds = Number(told) * (unit === 'min' ? 60 : 1);
          assert(Math.abs(seconds - toldSeconds) <= (unit === 'min' ? 60 : 20), `${text}, and it was ${seconds} s ago`);
          await page.goto(`/releases/${id}`);
          await card(page, 'Where it is')
            .getByText(/^[1-4]m( \d+s)? left$/)
            .waitFor();
        },
        { as: 'vera' },
      );
    });

  test('says that the controller is gone, and is right again without a reload when it is back', async () => {
    await visits.visit(
      async (page) => {
        await page.goto(`/releases/${id}`);
        await page.getByText('Live', { exact: true }).first().waitFor();
        await page.evaluate('globalThis.untouched = true');
        await stage.down('SIGKILL');
        await page.getByText(/^Connection lost, data from .* ago/).waitFor();
        await heading(page, /^shop 2\.0\.0/).waitFor();
        await stage.up(...listen);
        await page.getByText('Live', { exact: true }).first().waitFor();
        await page
          .getByText(/^Connection lost/)
          .first()
          .waitFor({ state: 'detached' });
        await stage.json(0, 'pause', 'shop', '--why', 'after the fall');
        await heading(page, /Held/).waitFor();
        await card(page, 'Timeline')
          .getByText(/pause by tess \(after the fall\)/)
          .waitFor();
        assert.equal(await page.evaluate('globalThis.untouched'), true, 'it was not loaded anew');
        const told = (await stage.events(id)).filter(({ said }) => said !== null);
        const all = page.getByRole('button', { name: /^Show all/ });
        if ((await all.count()) > 0) await all.click();
        await card(page, 'Timeline')
          .getByRole('listitem')
          .nth(told.length - 1)
          .waitFor();
        assert.equal(
          await card(page, 'Timeline').getByRole('listitem').count(),
          told.length,
          'no record is missing or there twice',
        );
      },
      { as: 'ann', expects: [/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/] },
    );
  });

  test('leads to the sign-in as soon as its user is disabled', async () => {
    await visits.visit(
      async (page) => {
        await page.goto(`/releases/${id}`);
        await page.getByText('Live', { exact: true }).first().waitFor();
        await stage.json(0, 'users', 'change', 'vera', '--disable', '--why', 'left us');
        await heading(page, 'Sign in').waitFor();
        assert.equal(new URL(page.url()).searchParams.get('back'), `/releases/${id}`);
        assert.equal(await page.getByText('2.0.0').count(), 0, 'nothing of the page is left');
      },
      { as: 'vera', expects: [/401/, /ERR_INCOMPLETE_CHUNKED_ENCODING/] },
    );
  });
});
