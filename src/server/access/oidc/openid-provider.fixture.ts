import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

/** Somebody with an account at the provider. */
export type Account = { readonly sub: string; readonly preferred_username: string; readonly groups: readonly string[] };

export const clientSecret = 'the-secret-of-the-client';

/** A real OpenID provider on loopback, with its own pages for signing in and consenting. Any password is right. */
export class OpenIdProvider {
  readonly accounts = new Map<string, Account>();
  /** Whether claims of the scopes are in the ID token, too; the standard has them at the UserInfo endpoint alone. */
  readonly #inToken: boolean;
  /** What each request is answered with instead of what the provider would say; null: nothing. */
  instead: ((request: IncomingMessage, response: ServerResponse) => boolean) | null = null;
  #server: Server | null = null;
  #port = 0;

  constructor({ inToken = true }: { readonly inToken?: boolean } = {}) {
    this.#inToken = inToken;
  }

  get issuer(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Starts it, again after `down` on the same port. @param redirectUri - Where its one client may be sent back to. */
  async up(redirectUri: string): Promise<void> {
    const server = createServer((request, response) => {
      if (!handle) return void response.writeHead(503).end();
      if (this.instead?.(request, response)) return;
      handle(request, response);
    });
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
    const provider = new Provider(this.issuer, {
      clients: [{ client_id: 'rampart', client_secret: clientSecret, redirect_uris: [redirectUri] }],
      claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] },
      conformIdTokenClaims: !this.#inToken,
      findAccount: (_context, sub) => {
        const account = this.accounts.get(sub);
        return account && { accountId: sub, claims: async () => ({ ...account }) };
      },
      cookies: { keys: ['a key of a test'] },
    });
    const handle = provider.callback();
  }

  async down(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }
}

/** A browser as far as signing in needs one: follows redirects, keeps cookies for each host, fills in forms. */
export class Browser {
  readonly #cookies = new Map<string, Map<string, string>>();

  /** Asks, and follows redirects until `isThere` says that the next address is not to be asked any more. */
  async go(
    url: string,
    init: { readonly method?: string; readonly body?: string } = {},
    isThere: (url: string) => boolean = () => false,
  ): Promise<{ url: string; status: number; text: string }> {
    let next = url;
    let { method = 'GET', body } = init;
    for (let hops = 0; hops < 20; hops += 1) {
      const response = await fetch(next, {
        method,
        body: body ?? null,
        redirect: 'manual',
        headers: {
          cookie: this.cookies(next),
          accept: 'text/html',
          ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        },
      });
      this.#keep(next, response.headers.getSetCookie());
      const text = await response.text();
      const location = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || location === null)
        return { url: next, status: response.status, text };
      next = new URL(location, next).href;
      method = 'GET';
      body = undefined;
      if (isThere(next)) return { url: next, status: 302, text };
    }
    return assert.fail('too many redirects');
  }

  /** Signs in at the provider's pages and consents; answers with the address that it sends the browser back to. */
  async signInAt(start: string, account: string, callback: string): Promise<string> {
    const isBack = (url: string): boolean => url.startsWith(callback);
    let page = await this.go(start, {}, isBack);
    for (let forms = 0; forms < 5 && !isBack(page.url); forms += 1) {
      const action = /<form[^>]+action="([^"]+)"/.exec(page.text)?.[1];
      assert(action, `${page.status} ${page.url}: ${page.text.slice(0, 500)}`);
      const prompt = /name="prompt" value="([^"]+)"/.exec(page.text)?.[1] ?? 'login';
      const body = new URLSearchParams(prompt === 'login' ? { prompt, login: account, password: 'x' } : { prompt });
      page = await this.go(new URL(action, page.url).href, { method: 'POST', body: body.toString() }, isBack);
    }
    assert(isBack(page.url), page.url);
    return page.url;
  }

  cookies(url: string): string {
    const kept = this.#cookies.get(new URL(url).host) ?? new Map<string, string>();
    return [...kept].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  #keep(url: string, lines: readonly string[]): void {
    const { host } = new URL(url);
    const kept = this.#cookies.get(host) ?? new Map<string, string>();
    this.#cookies.set(host, kept);
    for (const line of lines) {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      if (/max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) kept.delete(pair.slice(0, at));
      else kept.set(pair.slice(0, at), pair.slice(at + 1));
    }
  }
}
