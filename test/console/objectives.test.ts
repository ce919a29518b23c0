import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { localMinute } from '../../web/src/components/local-minute.ts';
import { Stage } from '../acceptance/stage.ts';
import { Users } from '../acceptance/users.ts';
import { onPhone, tooWide, violations } from './accessibility.fixture.ts';
import { button, card, heading, noBrowser, Visits } from './browser.fixture.ts';

const stage = new Stage();
const visits = new Visits(stage);

/** Half of all requests fail, and a third is enough for the first alert to fire; the second is silenced by it. */
const objectives = `
    - name: availability
      target: 90%
      window: 1h
      alerts:
        - { name: P0, budget: 1%, in: 10s, short: 10s, minBad: 5, tells: page }
        - { name: P1, budget: 1%, in: 20s, short: 10s, minBad: 5, tells: chat }
    - { name: latency, target: 99%, below: 5s, window: 30d }
`;

/** Of a service that is not under control here, counted by a Prometheus that is not there. */
const standalone = `apiVersion: openslo/v1
kind: SLO
metadata: { name: erp-actions }
spec:
  service: erp
  indicator:
    metadata: { name: erp-actions }
    spec:
      ratioMetric:
        counter: true
        bad: { metricSource: { type: Prometheus, spec: { query: failed_total } } }
        total: { metricSource: { type: Prometheus, spec: { query: actions_total } } }
  timeWindow: [{ duration: 28d, isRolling: true }]
  budgetingMethod: Occurrences
  objectives: [{ target: 0.98 }]
`;

describe('objectives and alerts in the console', { skip: noBrowser }, () => {
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
      const { code, err } = await stage.cli('slo', 'apply', stage.write('slo.yaml', standalone));
      assert.equal(code, 0, err);
    };
    await Promise.all([fail(), look()]);
  });
  after(async () => {
    await users?.stop();
    await visits.close();
    await stage.close();
  });

  test('what fires is first, in the navigation, at its service and on the overview, and leads to its numbers', async () => {
    await visits.visit(
      async (page) => {
        await page.goto('/alerts');
        await heading(page, 'Alerts').waitFor();
        await page.keyboard.press('g');
        await page.keyboard.press('s');
        const rows = page.getByRole('table').getByRole('row');
        await rows.nth(1).getByText('P0 fires').waitFor();
        await rows
          .nth(1)
          .getByText(/overspent|left/)
          .waitFor();
        const other = rows.nth(2);
        await other.getByRole('rowheader', { name: 'erp-actions' }).waitFor();
        await other.getByText('No data').waitFor();
        assert.equal(await other.getByRole('link', { name: 'erp', exact: true }).count(), 0, 'it is not under control here');
        await rows.nth(3).getByText('latency').waitFor();
        const pages = page.getByRole('navigation').getByRole('link', { name: 'Alerts (1 page fires)' }).first();
        await pages.waitFor();
        await page.getByLabel('State').selectOption('Firing');
        await rows.nth(2).waitFor({ state: 'detached' });
        assert.match(page.url(), /state=firing/);

        await rows.nth(1).getByRole('link', { name: 'availability' }).click();
        await heading(page, /^availability/).waitFor();
        const budget = card(page, 'Error budget');
        await budget.getByRole('row', { name: /^Against the allowance/ }).waitFor();
        await budget.getByRole('row', { name: /^Against what was observed/ }).waitFor();
        await card(page, 'Burn-rate alerts')
          .getByRole('row', { name: /^P0 .* Breaching Firing 3\.6× / })
          .waitFor();
        await card(page, 'By version')
          .getByRole('row', { name: /^1\.0\.0/ })
          .waitFor();
        const down = card(page, 'Burn-down');
        await down.getByText('Show the sum').click();
        await down.getByRole('listitem').filter({ hasText: '10 % that may be bad' }).first().waitFor();
        await down.getByRole('link', { name: '1.0.0' }).waitFor();
        assert.deepEqual(await violations(page, 'an objective'), []);

        await page.getByRole('link', { name: 'Its alerts' }).click();
        const open = page.getByRole('region', { name: 'Open alerts' }).getByRole('listitem');
        const loud = open.filter({ hasText: 'availability P0' }).first();
        await loud.getByText('Pages at once').first().waitFor();
        await loud
          .getByText(/^fired /)
          .first()
          .waitFor();
        await loud.getByText('speaks for 1 more').click();
        await loud.getByText('shop/availability/P0 speaks for it').waitFor();
        await loud.getByText('Labels and annotations').first().click();
        await loud.getByText('shop/availability/P0', { exact: true }).waitFor();
        assert.deepEqual(await violations(page, 'alerts'), []);

        await page.goto('/');
        await page
          .getByRole('main')
          .getByRole('link', { name: /^shop: availability P0/ })
          .first()
          .waitFor();
        await page.getByRole('listitem').getByRole('link', { name: 'availability', exact: true }).waitFor();
        await page.getByRole('link', { name: '1 alert fires' }).waitFor();
        await page.getByRole('main').getByRole('link', { name: 'shop', exact: true }).first().click();
        await card(page, 'Objectives').getByText('P0 fires').waitFor();
        await card(page, 'Objectives').getByRole('link', { name: 'availability P0' }).waitFor();
      },
      { as: 'ann' },
    );
  });

  test('maintenance is left out with a reason, both numbers stay in sight, and it counts again', async () => {
    await visits.visit(
      async (page) => {
        await openObjective(page);
        const maintenance = card(page, 'Maintenance that does not count');
        await maintenance.getByText('All of its time counts.').waitFor();
        await maintenance.getByRole('button', { name: 'Add some' }).click();
        const dialog = page.getByRole('dialog', { name: 'Leave some time of availability out of account?' });
        await dialog.getByLabel('To', { exact: true }).fill('2020-01-01T00:00');
        await dialog.getByLabel('Why').fill('the database was moved');
        await dialog.getByRole('button', { name: 'Leave it out' }).click();
        await dialog.getByText('Its end has to come after its beginning.').waitFor();
        await dialog.getByLabel('To', { exact: true }).fill('2040-01-01T00:00');
        await dialog.getByRole('button', { name: 'Leave it out' }).click();
        await dialog
          .getByRole('alert')
          .getByText(/at most 92 days/)
          .waitFor();
        await dialog.getByLabel('To', { exact: true }).fill(localMinute(Date.now() + 120_000));
        await dialog.getByRole('button', { name: 'Leave it out' }).click();
        await maintenance.getByRole('row', { name: /the database was moved ann/ }).waitFor();
        await card(page, 'Error budget').getByRole('columnheader', { name: 'With everything' }).waitFor();
        await maintenance.getByRole('button', { name: /^Remove: / }).click();
        const remove = page.getByRole('dialog', { name: 'Let this time count again?' });
        await remove.getByLabel('Why').fill('it was only half of it');
        await remove.getByRole('button', { name: 'Let it count' }).click();
        await maintenance.getByText('All of its time counts.').waitFor();
        await page.goto('/objectives/shop/nothing-of-this-name');
        await page.getByText('There is nothing here').waitFor();
      },
      { as: 'ann', expects: [/corrections/, /nothing-of-this-name/] },
    );
    await visits.visit(
      async (page) => {
        await openObjective(page);
        assert.equal(await button(page, 'Add some').count(), 0, 'who may only look is offered no change');
      },
      { as: 'vera' },
    );
  });

  test('in the dark, on a phone and in Russian nothing is out of reach', async () => {
    await visits.visit(
      async (page) => {
        const found: string[] = [];
        for (const [path, there] of [
          ['/objectives', 'Тревога P0'],
          ['/objectives/shop/availability', 'Ничего не осталось'],
          ['/alerts', 'Вызов сразу'],
        ] as const) {
          await page.goto(path);
          await page.getByText(there).first().waitFor();
          found.push(...(await violations(page, path)), ...(await tooWide(page, path)));
        }
        assert.deepEqual(found, []);
        await page.locator('summary', { hasText: 'Страницы' }).getByText('(1 не завершён)').waitFor();
      },
      { ...onPhone, as: 'ann', colorScheme: 'dark', locale: 'ru-RU' },
    );
  });
});

async function openObjective(page: Page): Promise<void> {
  await page.goto('/objectives/shop/availability');
  await heading(page, /^availability/).waitFor();
  await card(page, 'Burn-down').waitFor();
}
