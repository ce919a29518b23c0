import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import type { Grant } from '../../src/access/types.ts';
import type { Stage } from '../acceptance/stage.ts';
import { chromiumProgram, startChromium } from '../programs/chromium.ts';

const built = fileURLToPath(new URL('../../web/dist/index.html', import.meta.url));
const program = await chromiumProgram();

/** Why there can be no visit, or false. */
export const noBrowser = 'missing' in program ? program.missing : false;

/** Longest that anything on a page may take on a slow machine with other work to do. */
const patienceMs = 60_000;
/** What a page says is cut to so much in a failure. */
const snapshotMax = 6_000;
export const password = 'four words in a row';
const cookieName = 'rampart_session';

export type VisitOptions = BrowserContextOptions & {
  /** Whoever is signed in from the beginning; nobody by default. */
  readonly as?: string;
  /** What the page may complain about, because the test is about it. */
  readonly expects?: readonly RegExp[];
};

/**
 * Visits to the console of a stage's controller, in one real browser. Each visit has a context of its own, and fails when the page has
 * complained: an error in its console, one that nobody caught, a request that failed, or one to another host.
 */
export class Visits {
  readonly #stage: Stage;
  #browser: Browser | null = null;
  readonly #cookies = new Map<string, string>();

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  async open(): Promise<void> {
    assert(existsSync(built), 'the console is not built: run `npm run build:console` first');
    assert('path' in program);
    this.#browser = await startChromium(program.path);
  }

  async close(): Promise<void> {
    await this.#browser?.close();
  }

  /** Makes a user who has a password and a session. The first one has to be an admin of all services. */
  async welcome(name: string, ...grants: readonly Grant[]): Promise<void> {
    const { status, body } = await this.#stage.ask('POST', '/api/v1/users', { name, grants });
    assert.equal(status, 201, JSON.stringify(body));
    const code = new URL((body as { link: string }).link).hash.slice(1);
    const response = await fetch(`${this.#stage.door().url}/auth/welcome`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code, password }),
      signal: AbortSignal.timeout(patienceMs),
    });
    const cookie = new RegExp(`${cookieName}=([^;]+)`).exec(response.headers.get('set-cookie') ?? '')?.[1];
    assert(cookie, `${name} gets no session: ${response.status} ${await response.text()}`);
    this.#cookies.set(name, cookie);
  }

  /** Asks the API as a page of this user would, but without a page. */
  async askAs(name: string, method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    const { url } = this.#stage.door();
    const headers = { cookie: `${cookieName}=${this.#cookies.get(name)}` };
    const session = await fetch(`${url}/api/v1/session`, { headers });
    const { csrf } = (await session.json()) as { csrf: string };
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...headers, 'x-rampart-csrf': csrf, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(patienceMs),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  }

  /** Opens a page that is empty yet, and does `work` with it. Paths are those of the console. */
  async visit(work: (page: Page, context: BrowserContext) => Promise<void>, options: VisitOptions = {}): Promise<void> {
    const { as, expects = [], ...settings } = options;
    const { url } = this.#stage.door();
    assert(this.#browser);
    const context = await this.#browser.newContext({ baseURL: url, locale: 'en-GB', reducedMotion: 'reduce', ...settings });
    context.setDefaultTimeout(patienceMs);
    if (as !== undefined) {
      const value = this.#cookies.get(as);
      assert(value, `nobody has welcomed ${as}`);
      await context.addCookies([{ name: cookieName, value, url, httpOnly: true, sameSite: 'Strict' }]);
    }
    const complaints = complaintsIn(context, new URL(url).host);
    const page = await context.newPage();
    try {
      await work(page, context);
      const unexpected = complaints.filter((complaint) => !expects.some((expected) => expected.test(complaint)));
      assert.deepEqual(unexpected, [], 'the page has complained');
    } catch (error) {
      const shown = await page.locator('body').ariaSnapshot({ timeout: 2_000 }).catch(String);
      const told = [`at ${page.url()}`, ...complaints, shown.slice(0, snapshotMax)].join('\n');
      throw new Error(`${error instanceof Error ? error.message : error}\n${told}`, { cause: error });
    } finally {
      await context.close();
    }
  }
}

/** What nobody should see in a console that works. A question that the page no longer wants an answer to is no complaint. */
function complaintsIn(context: BrowserContext, host: string): readonly string[] {
  const complaints: string[] = [];
  context.on('console', (message) => {
    const { url } = message.location();
    // Whether somebody is signed in is asked by asking.
    if (/401/.test(message.text()) && url.endsWith('/api/v1/session')) return;
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(`console: ${message.text()} (${url})`);
  });
  context.on('weberror', (error) => complaints.push(`uncaught: ${error.error().stack ?? error.error().message}`));
  context.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? '';
    if (why !== 'net::ERR_ABORTED') complaints.push(`request: ${request.method()} ${request.url()} ${why}`);
  });
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol !== 'data:' && url.protocol !== 'blob:' && url.host !== host) complaints.push(`elsewhere: ${url}`);
  });
  return complaints;
}

/** The parts of a page by their roles and names, shorter to write. */
export const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true });
export const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name, exact: true });
export const card = (page: Page, name: string | RegExp) => page.getByRole('region', { name, exact: true });
