import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ChatEndpoint } from '../../src/runtime/incidents/chat-endpoint.fixture.ts';
import { Stage } from '../acceptance/stage.ts';
import { onPhone, tooWide, violations } from './accessibility.fixture.ts';
import { button, card, heading, noBrowser, Visits } from './browser.fixture.ts';

test('a narration is asked for in the console or by a command, cites events of the page, and is taken over as summary', {
  skip: noBrowser,
}, async (t) => {
  const stage = new Stage();
  const visits = new Visits(stage);
  t.after(async () => {
    await visits.close();
    await stage.close();
  });
  const endpoint = await ChatEndpoint.start(t, 'm-1');
  writeFileSync(join(stage.folder, 'key'), `${ChatEndpoint.key}\n`, { mode: 0o600 });
  const setup = join(stage.folder, 'narration.yaml');
  writeFileSync(
    setup,
    `apiVersion: rampart/v1\nkind: Narration\nmetadata: { name: llm }\nspec: { baseUrl: "${endpoint.baseUrl}", model: m-1, key: { file: ${stage.folder}/key } }\n`,
  );
  await stage.up();
  await Promise.all([visits.open(), visits.welcome('ann', { role: 'admin', services: '*' })]);
  const { id } = await stage.json<{ id: string }>(0, 'incidents', 'open', 'Orders & payments fail');
  const off = await stage.cli('incidents', 'narrate', id);
  assert.match(`${off.code} ${off.err}`, /^1 .*nothing is set up to narrate/s);
  assert.match((await stage.cli('incidents', 'apply', setup)).out, /added +Narration +llm/);

  await visits.visit(
    async (page) => {
      await page.goto(`/incidents/${id}`);
      const own = card(page, 'Narration');
      await own.getByText('m-1 can put the events into words.').waitFor();
      await button(page, 'Narrate').click();
      await own.getByText(/^Written by model m-1 from these events, .* not proven\.$/).waitFor();
      await own.getByText('Left out: 1 citing no event').waitFor();
      assert.deepEqual(await violations(page, 'narration'), []);
      const cited = own.getByRole('link', { name: /^event \d+$/ }).first();
      await cited.click();
      const row = card(page, 'Timeline').locator(await cited.getAttribute('href').then((href) => href ?? ''));
      await row.getByText('P1 opened by tess: Orders & payments fail').waitFor();
      assert.match((await row.getAttribute('class')) ?? '', /aim/);

      await button(page, 'Correct the beginning').click();
      const started = page.getByRole('dialog', { name: /^When did Orders .* begin\?$/ });
      await started.getByLabel('Users were hurt first').fill('2020-01-01T00:00');
      await started.getByLabel(/^Reason|^Why/).fill('a slip');
      await started.getByRole('button', { name: 'Correct the beginning' }).click();
      await started.getByText(/more than 30 days later/).waitFor();
      const { openedAtMs } = await stage.json<{ openedAtMs: number }>(0, 'incidents', 'show', id);
      const earlier = await page.evaluate((ms) => {
        const at = new Date(ms - 3_600_000 - new Date(ms).getTimezoneOffset() * 60_000);
        return at.toISOString().slice(0, 16);
      }, openedAtMs);
      await started.getByLabel('Users were hurt first').fill(earlier);
      assert.deepEqual(await violations(page, 'beginning'), []);
      await started.getByRole('button', { name: 'Correct the beginning' }).click();
      await page.getByText('ann says so').waitFor();

      await page.goto(`/incidents/${id}/post-mortem`);
      await heading(page, /Orders/).waitFor();
      await button(page, 'Take it over as summary').click();
      const summary = page.getByLabel('Summary');
      assert.match(await summary.inputValue(), /^It is on record: P1 opened by tess/);
      await button(page, 'Save').click();
      await page.getByText('Saved').waitFor();
    },
    { as: 'ann', expects: [/status of 400/] },
  );

  await visits.visit(
    async (page) => {
      await page.goto(`/incidents/${id}`);
      await card(page, 'Narration')
        .getByText(/^Written by model/)
        .waitFor();
      assert.deepEqual(await tooWide(page, 'narration'), []);
    },
    { as: 'ann', ...onPhone },
  );

  const narrated = await stage.cli('incidents', 'narrate', id, '--why', 'for the review');
  assert.equal(narrated.code, 0, narrated.err);
  assert.match(
    narrated.out,
    /^narration written by model m-1, .*; not proven\n {2}It is on record: .* \(#\d+\)\n[\s\S]* {2}left out: 1 citing no event\n$/,
  );
  const shown = (await stage.cli('incidents', 'show', id)).out;
  assert.ok(shown.includes(narrated.out.trim()), shown);
  assert.match(shown, / \(says ann\), known /);
});
