import { setTimeout as delay } from 'node:timers/promises';
import { onStage } from '../src/cli/demo/stage.ts';
import { playStory } from '../src/cli/demo/story.ts';
import { chromiumProgram, startChromium } from '../test/programs/chromium.ts';
import type { Bench } from './parts/figure.ts';
import { rounded, spreadOf } from './parts/spread.ts';

const password = 'four words in a row';
/** Whatever is waited for in the browser takes less than this, or the bench is broken. */
const patienceMs = 30_000;

/** A browser that has never been here, in front of the controller of the demo: what it loads, until the overview can be used; and from a record on the disk to the eyes of whoever looks at the release. */
export const bench: Bench = async ({ quick, signal, say }) => {
  const program = await chromiumProgram();
  if ('missing' in program) return [{ figure: 'console', skipped: program.missing }];
  const browser = await startChromium(program.path);
  try {
    return await onStage(async (stage) => {
      const { host, controller } = stage;
      const enough = new AbortController();
      const playing = playStory(stage, () => {}, AbortSignal.any([signal, enough.signal]));
      playing.catch(() => {});
      const cookie = await firstAdmin(host.url, host.setupLink ?? '');
      await until(() => controller.service('shop')?.live?.version === '1.1.0', signal);

      say('first load');
      const loads: number[] = [];
      let bytes = 0;
      for (let times = 0; times < (quick ? 5 : 20); times += 1) {
        const context = await browser.newContext();
        await context.addCookies([{ name: cookie.name, value: cookie.value, url: host.url }]);
        const page = await context.newPage();
        const sizes: Promise<number>[] = [];
        // One that ends while the page is closed has no size any more, and belongs to no first load.
        page.on('requestfinished', (request) =>
          sizes.push(
            request.sizes().then(
              ({ responseBodySize }) => responseBodySize,
              () => 0,
            ),
          ),
        );
        const began = performance.now();
        await page.goto(host.url);
        await page.getByRole('link', { name: 'shop', exact: true }).first().waitFor({ timeout: patienceMs });
        loads.push(performance.now() - began);
        bytes = Math.max(
          bytes,
          (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0),
        );
        await context.close();
      }

      say('from the record to the screen');
      await until(() => controller.service('shop')?.live?.version === '1.3.0', signal);
      const id = controller.service('shop')?.live?.id ?? '';
      await until(() => (controller.service('shop')?.live?.exposure.weight ?? 0) > 0, signal);
      await controller.verb(id, 'pause', 'bench', 'to look at it');
      const context = await browser.newContext();
      await context.addCookies([{ name: cookie.name, value: cookie.value, url: host.url }]);
      const page = await context.newPage();
      await page.addInitScript({ content: notes });
      await page.goto(`${host.url}/releases/${id}`);
      await page.getByText('to look at it').first().waitFor({ timeout: patienceMs });
      const durable = new Map<string, number>();
      const stop = host.log.subscribe((events) => {
        const atMs = Date.now();
        for (const { kind, data } of events)
          if (kind === 'verb') durable.set((data as { event: { why: string } }).event.why, atMs);
      });
      const times = quick ? 20 : 60;
      for (let index = 0; index < times; index += 1) {
        await controller.verb(id, index % 2 === 0 ? 'resume' : 'pause', 'bench', `look ${index}.`);
        await delay(500, undefined, { signal });
      }
      await page
        .getByText(`look ${times - 1}.`)
        .first()
        .waitFor({ timeout: patienceMs });
      stop();
      const shown = await page.evaluate(() => (globalThis as unknown as { shown: [string, number][] }).shown);
      const delays = [...durable].map(([why, atMs]) => (shown.find(([text]) => text.includes(why))?.[1] ?? Number.NaN) - atMs);
      await context.close();
      enough.abort(new Error('everything is measured'));
      await playing.catch(() => {});

      const load = spreadOf(loads);
      const seen = spreadOf(delays);
      return [
        {
          figure: 'console',
          limit: { firstLoadKiB: { atMost: 250 }, usableP95Ms: { atMost: 1_500 }, onScreenP95Ms: { atMost: 300 } },
          measured: {
            firstLoadKiB: rounded(bytes / 1_024),
            usableP50Ms: load.p50,
            usableP95Ms: load.p95,
            onScreenP50Ms: seen.p50,
            onScreenP95Ms: seen.p95,
            loads: load.n,
            records: seen.n,
          },
          text: `a first load of ${Math.round(bytes / 1_024)} KiB (≤ 250) shows the services after ${load.p50} ms (p50), ${load.p95} ms (p95, ≤ 1,500); a record is on the screen ${seen.p50} ms (p50), ${seen.p95} ms (p95, ≤ 300) after it was durable`,
        },
      ];
    }, say);
  } finally {
    await browser.close();
  }
};

/** Makes the first admin, and answers with the cookie of their session. */
async function firstAdmin(url: string, link: string): Promise<{ name: string; value: string }> {
  const response = await fetch(`${url}/auth/welcome`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: link.split('#')[1], name: 'ann', password }),
    signal: AbortSignal.timeout(patienceMs),
  });
  const [name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(response.headers.get('set-cookie') ?? '')?.slice(1) ?? [];
  if (!response.ok || name === '') throw new Error(`nobody could be made admin: ${response.status} ${await response.text()}`);
  return { name, value };
}

/**
 * Notes each text that comes into the page, once it may have been painted, with the time of the same clock that the record has. As text,
 * because it runs in the page.
 */
const notes = `
  globalThis.shown = [];
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes)
      for (const node of addedNodes) requestAnimationFrame(() => shown.push([node.textContent ?? '', Date.now()]));
  }).observe(document, { childList: true, subtree: true });
`;

async function until(isTrue: () => boolean, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (!isTrue()) {
    signal.throwIfAborted();
    if (performance.now() > deadline) throw new Error('the demo got stuck');
    await delay(20);
  }
}
