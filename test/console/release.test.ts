import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { type Placed, Stage } from '../acceptance/stage.ts';
import { Users } from '../acceptance/users.ts';
import { button, card, heading, noBrowser, Visits } from './browser.fixture.ts';

const stage = new Stage();
const visits = new Visits(stage);

const everything = { role: 'admin', services: '*' } as const;

/** A service with users whose stable version is 1.0.0. */
async function running(name: string, release: Readonly<Record<string, string>>): Promise<{ shop: Placed; users: Users }> {
  const shop = await stage.place(name, { release });
  await stage.install(shop, '1.0.0');
  return { shop, users: new Users(shop.port, 60) };
}

/** Begins a release on the page that is for it, and stays on the page of the release. */
async function beginByHand(page: Page, service: string, version: string, why: string): Promise<string> {
  await page.goto('/');
  await page.getByRole('navigation').getByRole('link', { name: 'New release' }).click();
  await page.getByLabel('Service', { exact: true }).selectOption(service);
  await page.getByLabel('Version', { exact: true }).fill(version);
  await page.getByLabel('Why (may be left out)').fill(why);
  await button(page, 'Show the plan').click();
  await card(page, `Plan of ${service} ${version}`).getByRole('row').nth(1).waitFor();
  await button(page, `Start the release of ${service} ${version}`).click();
  await heading(page, new RegExp(`^${service} ${version}`)).waitFor();
  return new URL(page.url()).pathname.split('/').at(-1) ?? '';
}

/** Notes every text that the page shows from now on under this heading. */
async function noteTexts(page: Page, selector: string): Promise<() => Promise<readonly string[]>> {
  // As text, because it runs in the page.
  await page.evaluate(`
    globalThis.noted = new Set();
    globalThis.untouched = true;
    new MutationObserver(() => {
      const text = document.querySelector(${JSON.stringify(selector)})?.textContent;
      if (text) noted.add(text);
    }).observe(document, { childList: true, subtree: true, characterData: true });
  `);
  return async () => {
    const { noted, untouched } = (await page.evaluate(
      '({ noted: [...globalThis.noted ?? []], untouched: globalThis.untouched })',
    )) as {
      noted: readonly string[];
      untouched?: boolean;
    };
    assert.equal(untouched, true, 'the page was not loaded anew');
    return noted;
  };
}

const said = (page: Page) => page.getByRole('status').filter({ hasText: / by / });

describe('a release in the console', { skip: noBrowser, concurrency: 2 }, () => {
  before(async () => {
    await stage.up();
    await visits.open();
    await visits.welcome('ann', everything);
    await visits.welcome('sam', { role: 'operator', services: '*' });
    await visits.welcome('vera', { role: 'viewer', services: '*' });
    await visits.welcome('april', { role: 'approver', services: ['asks'] });
    await visits.welcome('otto', { role: 'operator', services: ['other'] });
  });
  after(async () => {
    await visits.close();
    await stage.close();
  });

  test('is started, and a bad version is seen to abort itself, without a reload', async () => {
    const { users } = await running('bad', {
      strategy: '{ canary: { steps: [ { weight: 20%, for: 60s }, { weight: 50%, for: 60s } ] } }',
      guard: '{ errors: { worseBy: 10%, max: 30% }, latency: { p95: { worseBy: off, max: 5s } }, minRequests: 5 }',
    });
    stage.behaves('1.1.0-bad', { failEvery: 2 });
    try {
      await visits.visit(
        async (page) => {
          const id = await beginByHand(page, 'bad', '1.1.0-bad', 'a faster basket');
          await page.getByText('“a faster basket”').waitFor();
          const weights = await noteTexts(page, '.split-words');
          await heading(page, /Rolled back/).waitFor();
          const summary = await stage.end(id);
          assert.equal(summary.outcome, 'rolled-back');
          await page.getByText(summary.reason, { exact: true }).waitFor();
          const { verdict } = await stage.release(id);
          assert(verdict);
          assert.match(verdict.sentence, /\d/, 'the sentence has its numbers');
          await card(page, 'Verdict').getByText(verdict.sentence, { exact: true }).first().waitFor();
          await card(page, 'Verdict').getByText('Fail', { exact: true }).first().waitFor();
          assert(
            (await weights()).some((text) => /wanted 20\s?%/.test(text)),
            'the weight moved under the eyes',
          );
          await card(page, 'Timeline')
            .getByText(/requested by sam|sam/)
            .first()
            .waitFor();
          assert.match(await page.title(), /^Rolled back: bad 1\.1\.0-bad/);
          await card(page, 'Instances').getByText('1.1.0-bad').waitFor({ state: 'detached' });
          assert.equal(await card(page, 'Instances').getByText('1.0.0', { exact: true }).count(), 1);
          await button(page, 'Abort').waitFor({ state: 'detached' });
        },
        { as: 'sam' },
      );
    } finally {
      await users.stop();
    }
  });

  test('is paused, resumed and aborted with reasons, the last by keyboard only, and all of it is in its timeline', async () => {
    const { shop, users } = await running('steered', { strategy: '{ canary: { steps: [ { weight: 20%, for: 120s } ] } }' });
    try {
      const id = await stage.begin(shop, '2.0.0', '--why', 'the spring sale');
      await stage.reaches(id, 'traffic', ({ state, weight }) => state === 'progressing' && weight === 20);
      await visits.visit(
        async (page) => {
          await page.goto(`/releases/${id}`);
          await button(page, 'Pause').click();
          await page.getByLabel('Why').fill('lunch');
          await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
          await heading(page, /Held/).waitFor();
          await card(page, 'Timeline')
            .getByText(/pause by ann \(lunch\)/)
            .waitFor();
          await button(page, 'Resume').click();
          await page.keyboard.type('back');
          await page.keyboard.press('Enter');
          await card(page, 'Timeline')
            .getByText(/resume by ann \(back\)/)
            .waitFor();
          await button(page, /^Abort/).waitFor();

          await page.keyboard.press('a');
          const dialog = page.getByRole('dialog', { name: 'Abort the release of steered 2.0.0?' });
          await dialog.waitFor();
          await page.keyboard.press('Escape');
          await dialog.waitFor({ state: 'detached' });
          assert.equal((await stage.release(id)).summary, null, 'Escape does nothing');
          await page.keyboard.press('a');
          await page.keyboard.type('wrong build');
          await page.keyboard.press('Enter');
          await said(page)
            .getByText(/abort by ann \(wrong build\)/)
            .waitFor();
          await heading(page, /Rolled back/).waitFor();
          await card(page, 'Timeline')
            .getByText(/abort by ann \(wrong build\)/)
            .waitFor();
          assert.match((await stage.end(id)).reason, /aborted by ann: wrong build/);
        },
        { as: 'ann' },
      );
    } finally {
      await users.stop();
    }
  });

  test('is aborted by one click and one confirmation, without any words', async () => {
    const { shop, users } = await running('stopped', { strategy: '{ canary: { steps: [ { weight: 20%, for: 120s } ] } }' });
    try {
      const id = await stage.begin(shop, '2.0.0');
      await stage.reaches(id, 'traffic', ({ state, weight }) => state === 'progressing' && weight === 20);
      await visits.visit(
        async (page) => {
          await page.goto('/');
          const stopped = page.getByRole('listitem').filter({ has: heading(page, 'stopped') });
          await stopped.getByRole('link', { name: '2.0.0' }).click();
          await button(page, 'Abort').click();
          await button(page, 'Abort now').click();
          await heading(page, /Rolled back/).waitFor();
        },
        { as: 'ann' },
      );
      assert.match((await stage.end(id)).reason, /aborted by ann/);
    } finally {
      await users.stop();
    }
  });

  test('waits for an approval, which whoever started it cannot give, nor who may only look, nor who is of another service', async () => {
    const { users } = await running('asks', {
      strategy: '{ canary: { steps: [ { approve: { by: another } }, { weight: 50%, for: 1s } ] } }',
    });
    try {
      let id = '';
      await visits.visit(
        async (page) => {
          id = await beginByHand(page, 'asks', '2.0.0', 'please look');
          await page.getByText('ann has started it, so another has to approve it').first().waitFor();
          assert.equal(await page.getByRole('button', { name: /^Approve/ }).count(), 0);
          await page.keyboard.press('y');
          await page.getByText('Approve: ann has started it, so another has to approve it').first().waitFor();
          assert.equal(await page.getByRole('dialog').count(), 0);
        },
        { as: 'ann' },
      );
      await visits.visit(
        async (page) => {
          await page.goto(`/releases/${id}`);
          await page.getByText('You may look at this release, not steer it.').waitFor();
          for (const verb of ['Approve', 'Pause', 'Resume', 'Promote', 'Retry', 'Abort'])
            assert.equal(await page.getByRole('button', { name: new RegExp(`^${verb}`) }).count(), 0, verb);
          await page.keyboard.press('a');
          await page.keyboard.press('?');
          await page.getByRole('dialog', { name: 'Keys' }).waitFor();
          assert.equal(await page.getByRole('dialog').count(), 1);
          assert.equal(await page.getByRole('dialog').getByText('Abort').count(), 0);
        },
        { as: 'vera' },
      );
      for (const verb of ['approve', 'abort', 'pause', 'promote'])
        assert.equal((await visits.askAs('vera', 'POST', `/api/v1/releases/${id}/verbs`, { verb, why: 'x' })).status, 403, verb);
      await visits.visit(
        async (page) => {
          await page.goto('/');
          await heading(page, 'Overview').waitFor();
          await page.getByText('Make your first service').waitFor();
          assert.equal(await page.getByText('asks').count(), 0, 'a service of others is not shown');
          await page.goto(`/releases/${id}`);
          await heading(page, 'There is nothing here').or(heading(page, 'You may not see this')).waitFor();
          assert.equal(await page.getByText('2.0.0').count(), 0);
        },
        { as: 'otto', expects: [/40[34]/] },
      );
      await visits.visit(
        async (page) => {
          await page.goto('/');
          await page.getByRole('link', { name: /asks.*Look/ }).click();
          await button(page, 'Approve').click();
          await page.getByLabel('Why').fill('looked at it');
          await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
          await card(page, 'Timeline')
            .getByText(/approve by april \(looked at it\)/)
            .waitFor();
          await heading(page, /Succeeded/).waitFor();
          assert.equal((await stage.end(id)).outcome, 'succeeded');
        },
        { as: 'april' },
      );
    } finally {
      await users.stop();
    }
  });
});
