import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { documentOf } from '../acceptance/small-service.ts';
import { freePort, type Placed, Stage } from '../acceptance/stage.ts';
import { Users } from '../acceptance/users.ts';
import { button, card, heading, noBrowser, password, Visits } from './browser.fixture.ts';

const stage = new Stage();
const visits = new Visits(stage);

describe('the pages around a release', { skip: noBrowser }, () => {
  let shop: Placed;
  let users: Users;

  before(async () => {
    await stage.up();
    await visits.open();
    await visits.welcome('ann', { role: 'admin', services: '*' });
    shop = await stage.place('shop');
    await stage.install(shop, '1.0.0');
    users = new Users(shop.port, 40);
    await stage.install(shop, '2.0.0');
  });
  after(async () => {
    await users?.stop();
    await visits.close();
    await stage.close();
  });

  test('a service shows its signals, figures, document and past, and is rolled back after it was said what would happen', async () => {
    await visits.visit(
      async (page) => {
        await page.goto('/');
        await page.getByRole('main').getByRole('link', { name: 'shop', exact: true }).click();
        await heading(page, /^shop/).waitFor();
        await card(page, 'Golden signals').waitFor();
        await card(page, 'Delivery (DORA)').getByText('1 deployment').waitFor();
        await card(page, 'Releases')
          .getByRole('row', { name: /^2\.0\.0 Succeeded .* 0 of [\d,]+ tess/ })
          .waitFor();
        await card(page, 'Configuration').getByText('kind: canary').waitFor();
        await button(page, 'Roll back').click();
        const dialog = page.getByRole('dialog', { name: 'Roll shop back?' });
        await dialog.getByLabel('Why (may be left out)').fill('the old one was better');
        await dialog.getByRole('button', { name: 'Only say what would happen' }).click();
        await dialog.getByText('This would happen').waitFor();
        await dialog
          .getByRole('status')
          .getByText(/1\.0\.0/)
          .waitFor();
        assert.equal((await stage.service('shop')).stable?.version, '2.0.0', 'nothing has happened yet');
        await dialog.getByRole('button', { name: 'Roll back now' }).click();
        await heading(page, /^shop 1\.0\.0/).waitFor();
        await heading(page, /Succeeded/).waitFor();
        assert.equal((await stage.service('shop')).stable?.version, '1.0.0');
        await page.getByText('“the old one was better”').waitFor();
      },
      { as: 'ann' },
    );
  });

  test('the golden signals of a service stand in four cards, with their levels and what users ask for', async () => {
    await visits.visit(
      async (page) => {
        await page.goto('/services/shop');
        await page.getByRole('link', { name: 'All signals and their levels' }).click();
        await heading(page, /^Signals of shop/).waitFor();
        await card(page, 'Latency')
          .getByRole('row', { name: /^p95 [\d.]+ ms OK 500 ms 1,000 ms 2,000 ms$/ })
          .waitFor();
        await card(page, 'Traffic')
          .getByText(/requests\/s$/)
          .waitFor();
        await card(page, 'Errors')
          .getByRole('row', { name: /^failed requests \S+ OK 1% 1% 5%$/i })
          .waitFor();
        const saturation = card(page, 'Saturation');
        await saturation.getByRole('row', { name: /^disk [\d.]+% .* of .* OK 80% 80% 90%$/i }).waitFor();
        await saturation.getByRole('row', { name: /^queue – Not known – 80% 95%$/i }).waitFor();
        await card(page, 'What users ask for')
          .getByRole('row', { name: /^GET \/\S* / })
          .first()
          .waitFor();
        await button(page, '60 s').click();
        await page.getByRole('button', { name: '60 s', pressed: true }).waitFor();
        await page.getByRole('link', { name: 'Back to shop' }).click();
        await heading(page, /^shop/).waitFor();
      },
      { as: 'ann' },
    );
  });

  test('a new service begins with a document: its mistakes are said by line, then its plan is shown, then it is started', async () => {
    const document = documentOf('basket', await freePort());
    await visits.visit(
      async (page) => {
        await page.goto('/new-release');
        await page.getByLabel('Another one').check();
        await page.getByLabel('Service document').fill(document.replace('weight: 20%', 'weight: 120%'));
        await page.getByLabel('Folder on the controller’s machine').fill(stage.folder);
        await page.getByLabel('Version', { exact: true }).fill('1.0.0');
        await button(page, 'Show the plan').click();
        await page
          .getByRole('alert')
          .getByText(/line \d+:\d+/)
          .first()
          .waitFor();
        await page.getByLabel('Service document').fill(document);
        await button(page, 'Show the plan').click();
        await card(page, 'Plan of basket 1.0.0').waitFor();
        await page.getByLabel('Version', { exact: true }).fill('1.0.1');
        await page.getByText('Something has changed since: show the plan again.').waitFor();
        assert.equal(await page.getByRole('button', { name: /^Start the release/ }).count(), 0);
        await button(page, 'Show the plan').click();
        await button(page, 'Start the release of basket 1.0.1').click();
        await heading(page, /^basket 1\.0\.1.*Succeeded/).waitFor();
      },
      { as: 'ann', expects: [/api\/v1\/plan/] },
    );
  });

  test('somebody is invited, chooses a password, sees only their service, and is disabled', async () => {
    let link = '';
    await visits.visit(
      async (page) => {
        await page.goto('/access');
        await button(page, 'Invite somebody').click();
        const dialog = page.getByRole('dialog');
        await dialog.getByLabel('Name').fill('boris');
        await dialog.getByLabel('Role', { exact: true }).selectOption('operator');
        await dialog.getByLabel('On', { exact: true }).selectOption('some services');
        await dialog.getByRole('checkbox', { name: 'shop' }).check();
        for (const other of await dialog.getByRole('checkbox', { name: 'basket' }).all()) await other.uncheck();
        await dialog.getByRole('button', { name: 'Make the link' }).click();
        const shown = page.getByRole('dialog', { name: 'Link for boris' }).getByText(/\/welcome#/);
        link = /http\S+/.exec((await shown.textContent()) ?? '')?.[0] ?? '';
        await page.keyboard.press('Escape');
        await page.getByRole('row', { name: /^boris operator of shop never Invited/ }).waitFor();
      },
      { as: 'ann' },
    );
    await visits.visit(async (page) => {
      await page.goto(link);
      await page.getByLabel('New password').fill(password);
      await page.getByLabel('The same again').fill(password);
      await button(page, 'Set password and sign in').click();
      await heading(page, 'Overview').waitFor();
      await page.getByText(/^1 service /).waitFor();
      const pages = page.getByRole('navigation');
      await pages.getByRole('link', { name: 'Audit' }).waitFor();
      assert.equal(await pages.getByRole('link', { name: 'Users and tokens' }).count(), 0);
      await page.goto('/access');
      await page.getByText('You may not see this').waitFor();
      await page.goto('/account');
      await page.getByLabel('Present password').fill(password);
      await page.getByLabel('New password').fill(`${password} more`);
      await page.getByLabel('The same again').fill(`${password} more`);
      await button(page, 'Change password').click();
      await page.getByText('Your password has been changed.').waitFor();
    });
    await visits.visit(
      async (page) => {
        await page.goto('/access');
        await button(page, 'Disable: boris').click();
        await page.getByRole('dialog', { name: 'Disable boris?' }).getByRole('button', { name: 'Disable' }).click();
        await page.getByRole('row', { name: /^boris .* Disabled/ }).waitFor();
      },
      { as: 'ann' },
    );
    await visits.visit(
      async (page) => {
        await page.goto('/sign-in');
        await page.getByLabel('Name').fill('boris');
        await page.getByLabel('Password').fill(`${password} more`);
        await button(page, 'Sign in').click();
        await page.getByRole('alert').waitFor();
      },
      { expects: [/auth\/sign-in/] },
    );
  });

  test('a token is shown once, works, and is revoked', async () => {
    await visits.visit(
      async (page) => {
        await page.goto('/access');
        await button(page, 'New token').click();
        const dialog = page.getByRole('dialog');
        await dialog.getByLabel('Name').fill('ci');
        assert.equal(
          await dialog.getByLabel('Role', { exact: true }).inputValue(),
          'viewer',
          'the least, unless somebody says more',
        );
        await dialog.getByText('Choose the services, or all of them.').waitFor();
        await dialog.getByRole('checkbox', { name: 'shop' }).check();
        await dialog.getByRole('button', { name: 'Make the token' }).click();
        const shown = page.getByRole('dialog', { name: 'Token ci' }).getByText(/rmp_/);
        const secret = /rmp_\S+/.exec((await shown.textContent()) ?? '')?.[0] ?? '';
        const asked = async (): Promise<number> =>
          (await fetch(`${stage.door().url}/api/v1/services`, { headers: { authorization: `Bearer ${secret}` } })).status;
        assert.equal(await asked(), 200);
        await page.keyboard.press('Escape');
        assert.equal(await page.getByText(secret).count(), 0);
        await page.getByRole('row', { name: /^ci viewer of shop ann/ }).waitFor();
        await button(page, 'Revoke: ci').click();
        await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
        await page
          .getByRole('row', { name: /^ci .* Revoked/ })
          .or(page.getByText('There is none.'))
          .first()
          .waitFor();
        assert.equal(await asked(), 401);
      },
      { as: 'ann' },
    );
  });

  test('a flag is given to a share of the users, and switched off by one click and one confirmation', async () => {
    const set = `apiVersion: rampart/v1
kind: FlagSet
metadata: { name: shop }
spec: { flags: { new-checkout: { variants: { on: true, off: false }, defaultVariant: off } } }
`;
    assert.equal((await stage.cli('flag', 'apply', stage.write('flags.yaml', set))).code, 0);
    await visits.visit(
      async (page) => {
        await page.goto('/');
        await page.getByRole('link', { name: 'Flags', exact: true }).first().click();
        const row = page.getByRole('row', { name: /^new-checkout/ });
        await row.getByText('Everybody has off').waitFor();
        await button(page, 'Share…: new-checkout').click();
        const dialog = page.getByRole('dialog', { name: 'Give new-checkout to a share of the users?' });
        await dialog.getByLabel('Share in percent').fill('101');
        await dialog.getByText('A number from 0 to 100.').waitFor();
        await dialog.getByLabel('Share in percent').fill('12.5');
        await dialog.getByRole('button', { name: 'Give it out' }).click();
        await row.getByText('12.5% have on, the others off').waitFor();
        await row.getByText(/^by ann/).waitFor();
        await button(page, 'Switch off: new-checkout').click();
        await page
          .getByRole('dialog', { name: 'Switch new-checkout off?' })
          .getByRole('button', { name: 'Switch off now' })
          .click();
        await row.getByText('Switched off: everybody has off').waitFor();
        await button(page, 'Reset: new-checkout').click();
        await page.getByRole('dialog').getByRole('button', { name: 'Reset' }).click();
        await row.getByText('Everybody has off', { exact: true }).waitFor();
      },
      { as: 'ann' },
    );
  });

  test('a group shows where each of its services is, and all of them are taken back at once', async () => {
    const slow = { release: { strategy: '{ canary: { steps: [ { weight: 50%, for: 300s } ] } }' } };
    const cart = await stage.place('cart', slow);
    await stage.install(cart, '1.0.0');
    const group = `apiVersion: rampart/v1\nkind: ReleaseGroup\nmetadata: { name: buying }\nspec: { members: [ { service: cart, file: cart.yaml } ] }\n`;
    await stage.json(0, 'release', stage.write('buying.yaml', group), '--version', '2.0.0');
    await visits.visit(
      async (page) => {
        await page.goto('/groups');
        const buying = card(page, /^buying/);
        await buying.getByRole('row', { name: /^cart 1\.0\.0 → 2\.0\.0 – is released/ }).waitFor();
        await buying.getByRole('link', { name: 'is released' }).click();
        await heading(page, /^cart 2\.0\.0/).waitFor();
        await page.getByRole('link', { name: /^with group buying/ }).click();
        await buying.getByRole('button', { name: 'Abort' }).click();
        const dialog = page.getByRole('dialog', { name: 'Abort the release of group buying?' });
        await dialog.getByRole('button', { name: 'Abort now' }).click();
        await buying.getByText('Rolled back').waitFor();
        await buying.getByRole('row', { name: /^cart .* went back/ }).waitFor();
      },
      { as: 'ann' },
    );
  });

  test('the audit is filtered, verified and exported', async () => {
    await visits.visit(
      async (page) => {
        await page.goto('/audit');
        const entries = page.getByRole('listitem').filter({ has: page.locator('time') });
        await entries.filter({ hasText: 'release requested' }).first().waitFor();
        await page.getByLabel('What').selectOption('user added');
        await entries.filter({ hasText: 'release requested' }).first().waitFor({ state: 'detached' });
        await entries.filter({ hasText: 'ann' }).first().waitFor();
        assert.match(page.url(), /kind=user-added/);
        await entries.first().getByText('From where, before and after').click();
        await entries
          .first()
          .getByText(/127\.0\.0\.1 · /)
          .waitFor();
        await page.getByLabel('Who').fill('nobody-of-this-name');
        await page.getByText('No record fits.').waitFor();
        await button(page, 'Verify the chain').click();
        await page.getByText(/^The chain is intact: [\d,]+ records$/).waitFor();
        const coming = page.waitForEvent('download');
        await page.getByRole('link', { name: 'Export (JSON lines)' }).click();
        const lines = readFileSync(await (await coming).path(), 'utf8')
          .trim()
          .split('\n');
        assert(lines.some((line) => JSON.parse(line).kind === 'requested'));
      },
      { as: 'ann' },
    );
  });

  test('the settings say what the controller is and what is configured', async () => {
    await visits.visit(
      async (page) => {
        await page.goto('/settings');
        await card(page, 'Controller').getByText(stage.data).waitFor();
        await card(page, 'Configured')
          .getByText(/^after .* without use, .* at most$/)
          .waitFor();
        await card(page, 'Reachable').waitFor();
        await button(page, 'Try again what is reachable').click();
        await card(page, 'Controller').waitFor();
      },
      { as: 'ann' },
    );
  });
});
