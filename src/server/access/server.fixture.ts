import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../../test/acceptance/stage.ts';
import type { Grant } from '../../access/types.ts';
import { demoOn } from '../../cli/demo/on-controller.ts';
import { type ControllerSpec, controllerDefaults } from '../../spec/controller.ts';
import { type Host, startHost } from '../host.ts';
import type { SendingLimits } from '../options.ts';
import type { Cost } from './password.ts';
import type { SessionView } from './session-view.ts';

export type Answer = { readonly status: number; readonly body: unknown; readonly headers: Headers };

/** What a request shows beside its path. */
export type Shown = {
  readonly cookie?: string;
  readonly csrf?: string;
  readonly token?: string;
  readonly headers?: Record<string, string>;
};

/** A browser or program that is signed in. */
export type SignedIn = Required<Pick<Shown, 'cookie' | 'csrf'>> & { readonly session: SessionView };

export const admin: Grant = { role: 'admin', services: '*' };
export const password = 'four words in a row';

/** A real controller with its API on a data folder of its own, that can be stopped and started again. */
export class Served {
  readonly data = mkdtempSync(join(tmpdir(), 'rampart-access-'));
  readonly warnings: string[] = [];
  /** Taken with the next `up`. */
  settings: ControllerSpec;
  /** Taken with the next `up`; undefined: what it costs outside of a test, two tenths of a second for each look at a password. */
  passwordCost: Cost | undefined = { ln: 10, r: 8, p: 1 };
  readonly #environment: NodeJS.ProcessEnv;
  readonly #port: number;
  readonly #sending: SendingLimits | undefined;
  #host: Host | null = null;

  /** @param environment - What the controller finds in its environment. */
  constructor(settings: Partial<ControllerSpec> = {}, environment: NodeJS.ProcessEnv = {}, port = 0, sending?: SendingLimits) {
    this.settings = { ...controllerDefaults, ...settings };
    this.#environment = environment;
    this.#port = port;
    this.#sending = sending;
  }

  async up(): Promise<Host> {
    this.#host = await startHost({
      data: this.data,
      listen: { host: '127.0.0.1', port: this.#port },
      user: 'tests',
      environment: this.#environment,
      doorFile: 'api.json',
      demo: demoOn,
      settings: this.settings,
      version: '0.0.0',
      checkAnswers: true,
      ...(this.#sending === undefined ? {} : { sending: this.#sending }),
      ...(this.passwordCost === undefined ? {} : { passwordCost: this.passwordCost }),
      warn: (_service, text) => this.warnings.push(text),
    });
    return this.#host;
  }

  async down(): Promise<void> {
    await this.#host?.close();
    this.#host = null;
  }

  async close(): Promise<void> {
    // Routers outlive their controller, and are nobody's after this.
    for (const { name } of this.#host?.controller.services ?? [])
      await this.#host?.controller.agent(name)?.dismantle(AbortSignal.timeout(10_000));
    // Those that stand in front of nothing are ended by the controller itself, within a second or two.
    try {
      if (this.#host) await until('no router is left', () => !this.#hasRouter());
    } finally {
      await this.down();
      rmSync(this.data, { recursive: true, force: true });
    }
  }

  #hasRouter(): boolean {
    const routers = join(this.data, 'routers');
    return existsSync(routers) && readdirSync(routers).some((name) => existsSync(join(routers, name, 'process.json')));
  }

  get host(): Host {
    assert(this.#host);
    return this.#host;
  }

  get ownerToken(): string {
    return JSON.parse(readFileSync(join(this.data, 'api.json'), 'utf8')).token;
  }

  async ask(method: string, path: string, body?: unknown, { cookie, csrf, token, headers }: Shown = {}): Promise<Answer> {
    const response = await fetch(`${this.host.url}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(cookie === undefined ? {} : { cookie }),
        ...(csrf === undefined ? {} : { 'x-rampart-csrf': csrf }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? true;
    const read = text === '' ? null : isJson ? JSON.parse(text) : text;
    return { status: response.status, body: read, headers: response.headers };
  }

  /** Asks as the owner of the data folder, and expects success. */
  async own<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.ask(method, path, body, { token: this.ownerToken });
    assert(answer.status < 300, JSON.stringify(answer.body));
    return answer.body as T;
  }

  /** Adds a user, who then chooses a password by their link. */
  async person(name: string, ...grants: readonly Grant[]): Promise<SignedIn> {
    const { link } = await this.own<{ link: string }>('POST', '/api/v1/users', { name, grants });
    return signedIn(await this.ask('POST', '/auth/welcome', { code: codeOf(link), password }));
  }

  async token(name: string, grants: readonly Grant[], expiresAtMs: number | null = null) {
    return await this.own<{ token: { id: string }; secret: string }>('POST', '/api/v1/tokens', { name, grants, expiresAtMs });
  }
}

export function codeOf(link: string | null): string {
  const [, code] = /\/welcome#([\w-]+)$/.exec(link ?? '') ?? [];
  assert(code, String(link));
  return code;
}

/** What a browser keeps of a sign-in. */
export function signedIn(answer: Answer): SignedIn {
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  const session = answer.body as SessionView;
  const [cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';');
  assert(session.csrf);
  return { cookie, csrf: session.csrf, session };
}

/** The problem of an answer, as `STATUS CODE title`. */
export function problemIn({ status, body }: Answer): string {
  const { code, title } = body as { code: string; title: string };
  return `${status} ${code} ${title}`;
}
