import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { debianProgram, type Program } from './debian-program.ts';

const patienceMs = 20_000;
/** Nobody: a server of a test has no business with what is root's. */
const nobody = 65_534;

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
  readonly folder: string;
  readonly port: number;
  readonly adminPort: number;
  readonly #binary: string;
  readonly #kill = () => void this.#child?.kill('SIGKILL');
  #child: ChildProcess | null = null;
  #output = '';

  private constructor(binary: string, folder: string, port: number, adminPort: number) {
    this.#binary = binary;
    this.folder = folder;
    this.port = port;
    this.adminPort = adminPort;
    process.once('exit', this.#kill);
  }

  static async start(binary: string, settings: CaddySettings = {}): Promise<Caddy> {
    const folder = mkdtempSync(join(tmpdir(), 'rampart-caddy-'));
    chmodSync(folder, 0o755);
    const [port, adminPort] = await freePorts();
    const caddy = new Caddy(binary, folder, port, adminPort);
    mkdirSync(join(folder, 'home'));
    if (process.getuid?.() === 0) chownSync(join(folder, 'home'), nobody, nobody);
    caddy.configure(settings);
    await caddy.up();
    return caddy;
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
    return this.#child?.pid ?? 0;
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
    const child = spawn(this.#binary, ['run', '--config', join(this.folder, 'caddy.json')], {
      cwd: home,
      env: { HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home },
      stdio: ['ignore', 'ignore', 'pipe'],
      ...(process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {}),
    });
    this.#child = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#output = (this.#output + text).slice(-4_000)));
    const deadline = performance.now() + patienceMs;
    for (;;) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`Caddy ended with ${child.exitCode ?? child.signalCode}: ${this.#output}`);
      if (await this.#isReady()) return;
      if (performance.now() > deadline) throw new Error(`Caddy is not ready: ${this.#output}`);
      await delay(10);
    }
  }

  /** Ends it as a crash does; its user's configuration stays. */
  async down(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  /** What its user asks of the admin API, and the answer. */
  async ask(method: string, path: string, body?: unknown): Promise<unknown> {
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
    await this.down();
    process.removeListener('exit', this.#kill);
    rmSync(this.folder, { recursive: true, force: true });
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

/** Two ports that were free just now. */
async function freePorts(): Promise<readonly [number, number]> {
  const servers = [createServer(), createServer()] as const;
  const ports = servers.map(
    (server) =>
      new Promise<number>((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', () => {
          const address = server.address();
          if (typeof address === 'object' && address) resolve(address.port);
          else reject(new Error('no port'));
        });
      }),
  );
  const [first, second] = await Promise.all(ports);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return [first as number, second as number];
}
