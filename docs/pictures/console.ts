/** Takes the pictures of the console from a real run of the demo: `node docs/pictures/console.ts`. The console has to be built before (`npm run build:console`). */
import { statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { onStage, type Stage } from '../../src/cli/demo/stage.ts';
import { playStory } from '../../src/cli/demo/story.ts';
import { chromiumProgram, startChromium } from '../../test/programs/chromium.ts';

const wide = { width: 1440, height: 1180 } as const;
const phone = { width: 360, height: 740 } as const;
const password = 'four words in a row';
const patienceMs = 90_000;
/** A README loads on a phone, too. */
const bytesMax = 250 * 1_024;

const program = await chromiumProgram();
if ('missing' in program) throw new Error(program.missing);
const browser = await startChromium(program.path);
const enough = new AbortController();
try {
  await onStage(async (stage) => {
    const playing = playStory(stage, () => {}, enough.signal).catch(() => {});
    try {
      await takeAll(browser, stage);
    } finally {
      enough.abort(new Error('the pictures are taken'));
      await playing;
    }
  }, console.error);
} finally {
  await browser.close();
}

async function takeAll(browser: Browser, { host, controller }: Stage): Promise<void> {
  const door = await browser.newContext({ baseURL: host.url, locale: 'en-GB' });
  const entrance = await door.newPage();
  await entrance.goto(host.setupLink ?? '');
  await entrance.getByText('You are the first here.').waitFor();
  await entrance.getByLabel('Name').fill('ann');
  await entrance.getByLabel('New password').fill(password);
  await entrance.getByLabel('The same again').fill(password);
  await entrance.getByRole('button', { name: 'Set password and sign in' }).click();
  await entrance.getByRole('heading', { name: 'Overview' }).waitFor();
  const storageState = await door.storageState();
  await door.close();

  const take = async (name: string, path: string, settings: BrowserContextOptions, isThere: (page: Page) => Promise<void>) => {
    const context = await browser.newContext({
      baseURL: host.url,
      locale: 'en-GB',
      timezoneId: 'UTC',
      reducedMotion: 'reduce',
      storageState,
      ...settings,
    });
    context.setDefaultTimeout(patienceMs);
    const page = await context.newPage();
    await page.goto(path);
    await isThere(page);
    const file = fileURLToPath(new URL(`./console-${name}.png`, import.meta.url));
    await page.screenshot({ path: file });
    await context.close();
    const bytes = statSync(file).size;
    console.log(`console-${name}.png: ${Math.round(bytes / 1_024)} KiB`);
    if (bytes > bytesMax) throw new Error(`${file} has ${bytes} bytes, and ${bytesMax} are allowed`);
  };
  const liveRelease = async (version: string, fromPercent: number): Promise<string> => {
    await until(`${version} gets traffic`, () => {
      const live = controller.service('shop')?.live;
      return live?.version === version && live.exposure.weight >= fromPercent;
    });
    return `/releases/${controller.service('shop')?.live?.id}`;
  };

  const broken = await liveRelease('1.1.0', 1);
  await take('release', broken, { viewport: wide, colorScheme: 'light' }, async (page) => {
    await page.getByRole('heading', { name: /Rolled back/ }).waitFor();
    await page.locator('canvas').first().waitFor();
    await page.getByRole('region', { name: 'Instances' }).getByText('1.1.0').waitFor({ state: 'detached' });
  });
  const isJudged = async (page: Page): Promise<void> => {
    await page.getByRole('region', { name: 'Verdict' }).getByText('Pass', { exact: true }).first().waitFor();
    await page.locator('canvas').first().waitFor();
  };
  const good = await liveRelease('1.3.0', 1);
  await take('phone', good, { viewport: phone, deviceScaleFactor: 2, isMobile: true, colorScheme: 'light' }, isJudged);
  await take('overview', '/', { viewport: { ...wide, height: 460 }, colorScheme: 'light' }, async (page) => {
    await page.getByRole('link', { name: '1.3.0' }).waitFor();
  });
  // At the end of a step, when its band has become narrow.
  await liveRelease('1.3.0', 50);
  await take('release-dark', good, { viewport: wide, colorScheme: 'dark' }, async (page) => {
    await isJudged(page);
    await page.getByText('1s left', { exact: true }).waitFor();
  });
}

async function until(what: string, isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`not within ${patienceMs / 1_000} s: ${what}`);
    await delay(20);
  }
}
