/** Takes the pictures of the console from a real run of the demo, in a real Chromium: `npm run build:console && node docs/pictures/console.ts`. */
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { onStage } from '../../src/cli/demo/stage.ts';
import { playStory } from '../../src/cli/demo/story.ts';
import { chromiumProgram, startChromium } from '../../test/programs/chromium.ts';

const wide = { width: 1_280, height: 800 };
const phone = { width: 360, height: 740 };

const program = await chromiumProgram();
if ('missing' in program) throw new Error(program.missing);
const browser = await startChromium(program.path);
const called = new AbortController();
try {
  await onStage(
    async (stage) => {
      const { host, controller } = stage;
      const playing = playStory(stage, () => {}, called.signal);
      playing.catch(() => {});
      const signedIn = await firstAdmin(host.setupLink ?? '');
      const live = (): string | undefined => controller.service('shop')?.live?.version;
      await until(() => live() === '1.2.0' && (controller.service('shop')?.live?.exposure.weight ?? 0) > 0);
      await delay(1_500);
      await shoot(await open(browser, signedIn, wide, host.url, 'shop'), 'console-overview');
      await until(() => live() === '1.3.0' && (controller.service('shop')?.live?.exposure.weight ?? 0) >= 50);
      // Long enough for the band to have narrowed, short of the end of the step.
      await delay(2_500);
      const { id } = controller.service('shop')?.live ?? { id: '' };
      const page = `${host.url}/releases/${id}`;
      await shoot(await open(browser, signedIn, wide, page, '1.3.0'), 'console-release');
      await shoot(await open(browser, signedIn, wide, page, '1.3.0', 'dark'), 'console-release-dark');
      await shoot(await open(browser, signedIn, phone, page, '1.3.0'), 'console-phone');
      called.abort(new Error('the pictures are taken'));
      await playing.catch(() => {});
    },
    (text) => console.error(text),
  );
} finally {
  await browser.close();
}

type SignedIn = { readonly name: string; readonly value: string };

async function firstAdmin(link: string): Promise<SignedIn> {
  const [url = '', code = ''] = link.split('/welcome#');
  const response = await fetch(`${url}/auth/welcome`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, name: 'ann', password: 'four words in a row' }),
    signal: AbortSignal.timeout(10_000),
  });
  const [name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(response.headers.get('set-cookie') ?? '')?.slice(1) ?? [];
  if (name === '') throw new Error(`nobody could be made admin: ${response.status}`);
  return { name, value };
}

async function open(
  from: Browser,
  cookie: SignedIn,
  viewport: { readonly width: number; readonly height: number },
  url: string,
  text: string,
  colorScheme: 'light' | 'dark' = 'light',
): Promise<Page> {
  const context = await from.newContext({ viewport, colorScheme, locale: 'en-GB', reducedMotion: 'reduce' });
  await context.addCookies([{ ...cookie, url: new URL(url).origin }]);
  const page = await context.newPage();
  await page.goto(url);
  await page.getByText(text).first().waitFor();
  return page;
}

async function shoot(page: Page, name: string): Promise<void> {
  // Until the charts are drawn and the line is live.
  await delay(1_200);
  await page.screenshot({ path: fileURLToPath(new URL(`./${name}.png`, import.meta.url)) });
  await page.context().close();
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error('the demo got stuck');
    await delay(20);
  }
}
