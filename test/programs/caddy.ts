import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../../src/errors.ts';
import { Daemon, daemonFolder, patienceMs } from './daemon.ts';
import { debianProgram, type Program } from './debian-program.ts';
import { freePorts } from './free-port.ts';

/** Where Caddy is, or why its suites are skipped. */
export function caddyProgram(): Promise<Program> {
  return debianProgram('caddy', '/usr/bin/caddy');
}

/** What a test wants otherwise in the configuration. */
export type CaddySettings = {
  /** Handlers of the one route; by default an empty `subroute` with the @id `shop` and nothing after it. */
  readonly handle?: readonly unknown[];
  /** Whether attempts are logged to `log`; so by default. */
  readonly logs?: boolean;
};

/** A real Caddy on free loopback ports with the configuration of its user, which it takes anew at each start. */
export class Caddy {
  readonly port: number;
  readonly adminPort: number;
  readonly #binary: string;
  readonly #daemon = new Daemon('Caddy', daemonFolder('caddy', 'home'));

  private constructor(binary: string, port: number, adminPort: number) {
    this.#binary = binary;
    this.port = port;
    this.adminPort = adminPort;
  }

  static async start(binary: string, settings: CaddySettings = {}): Promise<Caddy> {
    const [port, adminPort] = await freePorts(2);
    const caddy = new Caddy(binary, port ?? 0, adminPort ?? 0);
    caddy.configure(settings);
    await caddy.up();
    return caddy;
  }

  get folder(): string {
    return this.#daemon.folder;
  }

  /** Where its users connect. */
  get address(): { readonly host: string; readonly port: number } {
    return { host: '127.0.0.1', port: this.port };
  }

  get admin(): string {
    return `http://127.0.0.1:${this.adminPort}`;
  }

  /** Its log of attempts. */
  get log(): string {
    return join(this.folder, 'home', 'rampart.log');
  }

  /** The process, to be stopped and continued. */
  get pid(): number {
    return this.#daemon.pid;
  }

  /** Writes the user's configuration, which counts from the next start on. */
  configure({ handle = [{ '@id': 'shop', handler: 'subroute' }], logs = true }: CaddySettings): void {
    const attempts = {
      level: 'DEBUG',
      include: ['http.handlers.reverse_proxy'],
      writer: { output: 'file', filename: this.log },
      encoder: {
        format: 'filter',
        wrap: { format: 'json' },
        fields: { 'request>headers': { filter: 'delete' }, headers: { filter: 'delete' } },
      },
    };
    const server = { listen: [`127.0.0.1:${this.port}`], automatic_https: { disable: true }, routes: [{ handle }] };
    const config = {
      admin: { listen: `127.0.0.1:${this.adminPort}`, config: { persist: false } },
      logging: { logs: { default: { level: 'ERROR' }, ...(logs ? { rampart: attempts } : {}) } },
      apps: { http: { servers: { web: server } } },
    };
    writeFileSync(join(this.folder, 'caddy.json'), JSON.stringify(config), { mode: 0o644 });
  }

  /** Starts it, again after `down`, and waits until it is ready. */
  async up(): Promise<void> {
    const home = join(this.folder, 'home');
    await this.#daemon.up({
      program: this.#binary,
      args: ['run', '--config', join(this.folder, 'caddy.json')],
      cwd: home,
      env: { HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home },
      isReady: () => this.#isReady(),
    });
  }

  /** Ends it as a crash does; its user's configuration stays. */
  async down(): Promise<void> {
    await this.#daemon.down('SIGKILL');
  }

  /** What its user asks of the admin API, and the answer. */
  async ask(method: string, path: string, body?: unknown): Promise<unknown> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#askOnce(method, path, body);
      } catch (error) {
        // The admin server from before the last change closes its socket, and resets the connections that it has not taken up.
        const isReset = error instanceof TypeError && systemCode(error.cause) === 'ECONNRESET';
        if (!isReset || tries === 5) throw error;
      }
    }
  }

  async #askOnce(method: string, path: string, body: unknown): Promise<unknown> {
    const response = await fetch(`${this.admin}${path}`, {
      method,
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(patienceMs),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  }

  /** Ends it and removes all it left. */
  async close(): Promise<void> {
    await this.#daemon.remove();
  }

  async #isReady(): Promise<boolean> {
    try {
      await this.ask('GET', '/config/apps');
      return true;
    } catch {
      return false;
    }
  }
}
