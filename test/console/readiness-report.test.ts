import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { reportForms } from '../../src/views/readiness/forms.ts';
import { notReady } from '../../src/views/readiness/report.fixture.ts';
import { chromiumProgram, startChromium } from '../programs/chromium.ts';
import { onPhone, tooWide, violations } from './accessibility.fixture.ts';

const program = await chromiumProgram();

describe('the file of a readiness report', { skip: 'missing' in program ? program.missing : false }, () => {
  let browser: Browser;
  let folder = '';
  let file = '';

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rampart-report-'));
    const path = join(folder, 'report.html');
    // Words without a place to break them, such as addresses, are what makes a page too wide.
    const why = `https://registry.example/${'security/advisories/'.repeat(5)}`;
    const phases = notReady.report.phases.map((phase) => ({ ...phase, items: phase.items.map((item) => ({ ...item, why })) }));
    const report = { ...notReady.report, phases };
    await writeFile(path, reportForms.html.write({ ...notReady, report }, 'ru'));
    file = pathToFileURL(path).href;
    assert.ok('path' in program);
    browser = await startChromium(program.path);
  });

  after(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('is readable in light and dark, and on a phone, and loads nothing', async () => {
    const loaded: string[] = [];
    const backgrounds: unknown[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ ...onPhone, colorScheme });
      page.on('request', (request) => loaded.push(request.url()));
      await page.goto(file);
      assert.deepEqual(await tooWide(page, colorScheme), []);
      assert.deepEqual(await violations(page, colorScheme), []);
      backgrounds.push(await page.evaluate('getComputedStyle(document.body).backgroundColor'));
      assert.equal(await page.locator('main img, main script').count(), 0);
      await page.close();
    }
    assert.deepEqual(loaded, [file, file]);
    assert.notEqual(backgrounds[0], backgrounds[1]);
  });

  test('is light on paper, within its edges, whatever the screen is', async () => {
    const page = await browser.newPage({ colorScheme: 'dark', viewport: { width: 680, height: 900 } });
    await page.goto(file);
    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.evaluate('getComputedStyle(document.body).backgroundColor'), 'rgb(255, 255, 255)');
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 680);
    const paper = (await page.pdf({ format: 'A4' })).toString('latin1');
    const pages = [...paper.matchAll(/\/Type\s*\/Page\b/g)].length;
    assert.ok(pages >= 2 && pages <= 6, `${pages} pages`);
    await page.close();
  });

  test('its JUnit form is XML that a parser takes, with every item as a test case', async () => {
    const page = await browser.newPage();
    const found = await page.evaluate(
      `((text) => {
        const parsed = new DOMParser().parseFromString(text, 'application/xml');
        return [parsed.querySelectorAll('parsererror').length, parsed.querySelectorAll('testsuite').length, parsed.querySelectorAll('testcase').length];
      })(${JSON.stringify(reportForms.junit.write(notReady, 'ru'))})`,
    );
    assert.deepEqual(found, [0, 3, 8]);
    await page.close();
  });
});
