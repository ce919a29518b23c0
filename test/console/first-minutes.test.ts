import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { firstCommands } from '../../web/src/pages/overview/first-commands.ts';
import { Stage } from '../acceptance/stage.ts';
import { violations } from './accessibility.fixture.ts';
import { button, heading, noBrowser, password, Visits } from './browser.fixture.ts';

const stage = new Stage();
const visits = new Visits(stage);

async function signIn(page: Page, name: string, word: string): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(word);
  await button(page, 'Sign in').click();
}

async function signOut(page: Page, name: string): Promise<void> {
  await page.getByLabel(`Account of ${name}`).click();
  await button(page, 'Sign out').click();
  await heading(page, 'Sign in').waitFor();
}

describe('the first minutes of the console', { skip: noBrowser }, () => {
  before(async () => {
    await stage.up();
    await visits.open();
  });
  after(async () => {
    await visits.close();
    await stage.close();
  });

  test('the printed link makes the first admin once, who then signs out and in', async () => {
    const [link = ''] = /http:\/\/127\.0\.0\.1:\d+\/welcome#[\w-]{24}/.exec(readFileSync(stage.upLog, 'utf8')) ?? [];
    await visits.visit(async (page) => {
      await page.goto('/');
      await heading(page, 'Sign in').waitFor();
      await page.getByText('Nobody can sign in yet').waitFor();
      await page.goto(link);
      await heading(page, 'Welcome').waitFor();
      assert(!page.url().includes('#'), 'the code is out of the address at once');
      await page.getByText('You are the first here.').waitFor();
      await page.getByLabel('Name').fill('ann');
      await page.getByLabel('New password').fill('short');
      await page.getByLabel('The same again').fill('short');
      await button(page, 'Set password and sign in').click();
      await page.getByText('It is too short.').waitFor();
      await page.getByLabel('New password').fill(password);
      await page.getByText('It differs from the one above.').waitFor();
      await page.getByLabel('The same again').fill(password);
      await button(page, 'Set password and sign in').click();
      await heading(page, 'Overview').waitFor();
      assert.equal(new URL(page.url()).pathname, '/');
      await signOut(page, 'ann');
      await page.goto('/audit');
      await heading(page, 'Sign in').waitFor();
      await signIn(page, 'ann', password);
      await heading(page, 'Audit').waitFor();
      assert.equal(new URL(page.url()).pathname, '/audit', 'one is back where one wanted to go');
    });
    await visits.visit(
      async (page) => {
        await page.goto(link);
        await heading(page, 'Welcome').waitFor();
        assert(await page.getByText('Choose a password. You will be signed in').isVisible());
        await page.getByLabel('New password').fill(password);
        await page.getByLabel('The same again').fill(password);
        await button(page, 'Set password and sign in').click();
        assert.match((await page.getByRole('alert').textContent()) ?? '', /link/);
        await page.goto('/');
        await heading(page, 'Sign in').waitFor();
      },
      { expects: [/auth\/welcome/] },
    );
  });

  test('a wrong password is said, and nothing of the console is shown', async () => {
    await visits.visit(
      async (page) => {
        await page.goto('/sign-in');
        await signIn(page, 'ann', 'not this one');
        assert.match((await page.getByRole('alert').textContent()) ?? '', /password/);
        await page.goto('/settings');
        await heading(page, 'Sign in').waitFor();
        assert.equal(await page.getByRole('navigation').count(), 0);
      },
      { expects: [/auth\/sign-in/] },
    );
  });

  test('a session that ends in the middle leads to the sign-in, and then back to the page', async () => {
    await visits.visit(
      async (page, context) => {
        await page.goto('/sign-in');
        await signIn(page, 'ann', password);
        await heading(page, 'Overview').waitFor();
        await page.getByRole('navigation').getByRole('link', { name: 'Users and tokens' }).click();
        await heading(page, 'Users and tokens').waitFor();
        await context.clearCookies();
        await page.getByRole('navigation').getByRole('link', { name: 'Settings' }).click();
        await heading(page, 'Sign in').waitFor();
        await signIn(page, 'ann', password);
        await heading(page, 'Settings').waitFor();
        await page.goBack();
        assert(!page.url().includes('sign-in'), 'the way back does not lead to the sign-in');
      },
      { expects: [/401/] },
    );
  });

  test('where there is no service yet, the commands for the first are shown, and an admin can start the demo and end its users', async () => {
    await visits.welcome('vera', { role: 'viewer', services: '*' });
    await visits.visit(
      async (page) => {
        await page.goto('/');
        await heading(page, 'Make your first service').waitFor();
        await page.getByText('An admin can start it here.').waitFor();
        assert.equal(await button(page, 'Start the demo').count(), 0);
      },
      { as: 'vera' },
    );
    await visits.visit(async (page, context) => {
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      await page.goto('/sign-in');
      await signIn(page, 'ann', password);
      for (const command of firstCommands) await page.getByText(`Command: ${command}`, { exact: true }).waitFor();
      assert.deepEqual(await violations(page, 'an empty overview'), []);
      await button(page, 'Copy').first().click();
      await button(page, 'Copied').waitFor();
      assert.equal(await page.evaluate('navigator.clipboard.readText()'), firstCommands[0]);
      await button(page, 'Start the demo').click();
      await page.getByRole('main').getByRole('link', { name: 'shop', exact: true }).waitFor();
      await button(page, 'End its users').click();
      await button(page, 'End its users').waitFor({ state: 'detached' });
    });
    const { body } = await stage.ask('GET', '/api/v1/demo');
    assert.equal((body as { state: string }).state, 'ended');
  });
});
