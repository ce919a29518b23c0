import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Stage } from '../acceptance/stage.ts';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const password = 'correct horse battery staple';

/** A page of somebody, and everything in it that went wrong without being asked for. */
export type Visit = { readonly page: Page; readonly problems: readonly string[] };

/** Opens a page of the console in a browser of its own: no cookie, no choice of before. */
export async function visit(browser: Browser, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    // What was refused on purpose is told by the browser too.
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) problems.push(message.text());
  });
  page.on('request', (request) => {
    if (!/^http:\/\/127\.0\.0\.1:/.test(request.url())) problems.push(`asked another host: ${request.url()}`);
  });
  return { page, problems };
}

/** The one-time link of the first admin, as `rampart up` has printed it. */
export function setupLink(stage: Stage): string {
  const [link] = /http:\/\/[^\s"]+\/welcome#[\w-]+/.exec(readFileSync(stage.upLog, 'utf8')) ?? [];
  assert(link, 'rampart up prints a link for the first admin');
  return link;
}

/** Uses a one-time link. */
export async function enter(page: Page, link: string, name: string | null): Promise<void> {
  await page.goto(link);
  if (name !== null) await page.getByLabel('Name').fill(name);
  await page.getByLabel('New password').fill(password);
  await page.getByLabel('The same again').fill(password);
  await page.getByRole('button', { name: 'Set password and sign in' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
}

/** Invites somebody, and answers with their link. */
export async function invite(stage: Stage, name: string, role: string): Promise<string> {
  const body = { name, grants: [{ role, services: '*' }] };
  const answer = await stage.ask('POST', '/api/v1/users', body);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return (answer.body as { link: string }).link;
}

/** Fails where axe-core finds anything that is serious, or the page is wider than its window. */
export async function assertAccessible(page: Page, what: string): Promise<void> {
  // Evaluated by the debugger, which no policy of the page concerns.
  const found = await page.evaluate(`(async () => {
    if (!window.axe) { ${axeSource} }
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 120)).join(' | '));
  })()`);
  assert.deepEqual(found, [], what);
  const isWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
  assert.equal(isWide, false, `${what} is wider than its window`);
}
