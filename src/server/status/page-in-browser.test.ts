import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { phone, tooWide, violations } from '../../../test/console/accessibility.fixture.ts';
import { chromiumProgram, startChromium } from '../../../test/programs/chromium.ts';
import { takeStatus } from '../../status/fold.ts';
import type { StatusState } from '../../status/types.ts';
import { statusFiles } from '../../views/status/files.ts';
import { acme, acmeEvents, acmeView, folded } from '../../views/status/status.fixture.ts';
import { saidHtml } from '../../views/status/subscribe-html.ts';
import { type StatusServer, startStatusServer } from './status-server.ts';

const program = await chromiumProgram();
const nowMs = Date.parse('2026-01-02T03:10:20Z');
const hour = 3_600_000;

/** The page of the example payloads, with work that goes on and subscriptions. */
function view() {
  const announced = (id: string, fromMs: number, title: { en: string; ru: string }) =>
    ({
      kind: 'status-work-announced',
      data: {
        id,
        title,
        components: ['c2'],
        fromMs,
        untilMs: fromMs + hour,
        said: { en: 'Orders may take longer.', ru: 'Заказы могут оформляться дольше.' },
      },
      at: nowMs - 5 * hour,
      actor: 'anna',
    }) as const;
  const events = [
    announced('m-1', nowMs - 2 * hour, { en: 'New network', ru: 'Новая сеть' }),
    {
      kind: 'status-work-begun',
      data: { id: 'm-1', atMs: nowMs - 2 * hour, said: 'It has begun.' },
      at: nowMs - 2 * hour,
      actor: 'status-page',
    },
    {
      kind: 'status-work-ended',
      data: { id: 'm-1', atMs: nowMs - hour, said: 'It is done.' },
      at: nowMs - hour,
      actor: 'status-page',
    },
    announced('m-2', nowMs - 60_000, { en: 'New database', ru: 'Новая база данных' }),
    {
      kind: 'status-work-begun',
      data: { id: 'm-2', atMs: nowMs - 60_000, said: { en: 'It has begun.', ru: 'Начались.' } },
      at: nowMs,
      actor: 'status-page',
    },
  ] as const;
  const state = events.reduce<StatusState>(takeStatus, folded(acmeEvents));
  const subscribers = { notifier: 'mail', max: 10, confirmWithinMs: hour, suspendAfter: 3, releases: true };
  return acmeView({ page: { ...acme, subscribers }, state, nowMs });
}

describe('the status page in a browser', 'missing' in program ? { skip: program.missing } : {}, () => {
  let browser: Browser;
  let server: StatusServer;
  const asked: string[] = [];
  before(async () => {
    assert('path' in program);
    browser = await startChromium(program.path);
    server = await startStatusServer({ host: '127.0.0.1', port: 0 }, async ({ request }) => {
      asked.push(request.body);
      const body = saidHtml({ view: view(), language: 'en', base: '' }, 'Look into your mailbox', 'A mail is on its way.');
      return { code: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
    });
    server.give(statusFiles(view(), ''));
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  for (const lang of ['en', 'ru'] as const)
    for (const colorScheme of ['light', 'dark'] as const)
      test(`it can be read by everybody: ${lang}, ${colorScheme}, on a phone`, async () => {
        const context = await browser.newContext({ colorScheme, viewport: phone });
        try {
          const page = await context.newPage();
          const found: string[] = [];
          for (const path of ['/', '/i/m-2', '/i/i1']) {
            await page.goto(`${server.url}${path}?lang=${lang}`);
            found.push(...(await violations(page, path)), ...(await tooWide(page, path)));
          }
          assert.deepEqual(found, []);
        } finally {
          await context.close();
        }
      });

  test('one subscribes by keys alone and without a script, to some components', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    try {
      const page = await context.newPage();
      await page.goto(`${server.url}/?lang=en`);
      await page.getByText('New database', { exact: true }).first().waitFor();
      assert.equal(await page.getByLabel('Checkout').isVisible(), false);
      await page.getByLabel('E-mail address').fill('anna@shop.example');
      await page.getByLabel('E-mail address').press('Tab');
      await page.keyboard.press('ArrowDown');
      await page.getByLabel('Checkout').focus();
      await page.keyboard.press('Space');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Look into your mailbox' }).waitFor();
      assert.deepEqual(asked, ['lang=en&email=anna%40shop.example&what=some&component=c2']);
    } finally {
      await context.close();
    }
  });
});
