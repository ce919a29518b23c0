import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { installedProgram, type Program } from './debian-program.ts';

const patienceMs = 20_000;
/** Nobody: a server of a test has no business with what is root's. */
const nobody = 65_534;

/** Where HAProxy is, or why its suites are skipped. */
export function haproxyProgram(): Promise<Program> {
  return installedProgram('haproxy', '/usr/sbin/haproxy');
}

/** What a test wants otherwise in the configuration. */
export type HaproxySettings = {
  /** Lines of backend `shop`, instead of the usual ones. */
  readonly backend?: readonly string[];
  /** What the socket may do; `admin` by default. */
  readonly level?: 'user' | 'operator' | 'admin';
  /** Whether the backend has its servers again after a restart; so by default. */
  readonly keepsServers?: boolean;
  /** UDP port of this machine to which every request is logged; none by default. */
  readonly log?: number;
  /** Whether the backend asks the map of Rampart's matches. */
  readonly match?: boolean;
  /** More sections. */
  readonly sections?: string;
};

/** A real HAProxy on a free loopback port, with a frontend, and a backend `shop` whose servers are for Rampart to fill. */
export class Haproxy {
  readonly folder: string;
  readonly port: number;
  readonly #binary: string;
  readonly #kill = () => void this.#child?.kill('SIGKILL');
  #child: ChildProcess | null = null;
  #output = '';

  private constructor(binary: string, port: number, folder: string) {
    this.#binary = binary;
    this.port = port;
    this.folder = folder;
    process.once('exit', this.#kill);
  }

  static async start(binary: string, settings: HaproxySettings = {}): Promise<Haproxy> {
    const folder = mkdtempSync(join(tmpdir(), 'rampart-haproxy-'));
    chmodSync(folder, 0o755);
    const haproxy = new Haproxy(binary, await freePort(), folder);
    mkdirSync(join(folder, 'run'));
    if (process.getuid?.() === 0) chownSync(join(folder, 'run'), nobody, nobody);
    haproxy.configure(settings);
    await haproxy.up();
    return haproxy;
  }

  /** Where its users connect. */
  get address(): { readonly host: string; readonly port: number } {
    return { host: '127.0.0.1', port: this.port };
  }

  get socket(): string {
    return join(this.folder, 'run', 'admin.sock');
  }

  /** The folder for `router.haproxy.state`. */
  get state(): string {
    return join(this.folder, 'state');
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Writes the configuration, which counts from the next start on. */
  configure({ backend, level = 'admin', keepsServers = true, log, match, sections = '' }: HaproxySettings): void {
    const servers = backend ?? ['balance roundrobin', 'server-template rampart 1-8 127.0.0.1:1 disabled'];
    const kept = keepsServers ? [`server-state-file-name ${this.state}/shop.state`, 'load-server-state-from-file local'] : [];
    const map = `${this.state}/shop.map`;
    const fetched = `req.hdrs,map_reg(${map})`;
    const matched = match ? [`use-server %[${fetched}] if { ${fetched} -m found }`] : [];
    if (match) {
      mkdirSync(this.state, { recursive: true });
      writeFileSync(map, '', { flag: 'a' });
    }
    const logs = log === undefined ? '' : `  log 127.0.0.1:${log} local0\n  option httplog\n`;
    writeFileSync(
      join(this.folder, 'haproxy.cfg'),
      `global
  stats socket ${this.socket} mode 600 level ${level} expose-fd listeners
  maxconn 2000
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
  retries 2
  option redispatch
${logs}frontend web
  bind 127.0.0.1:${this.port}
  default_backend shop
backend shop
${[...servers, ...kept, ...matched].map((line) => `  ${line}\n`).join('')}${sections}
`,
    );
  }

  /** Reloads it without a gap: a new process takes the sockets over, and the old one ends when its connections have. */
  async reload(): Promise<void> {
    const old = this.#child;
    if (!old) throw new Error('HAProxy does not run');
    await this.up(['-x', this.socket, '-sf', String(old.pid)]);
    const hurry = setTimeout(() => old.kill('SIGKILL'), patienceMs);
    if (old.exitCode === null && old.signalCode === null) await new Promise((resolve) => old.once('exit', resolve));
    clearTimeout(hurry);
  }

  /** Starts it, again after `down`, and waits until it is ready. */
  async up(more: readonly string[] = []): Promise<void> {
    const child = spawn(this.#binary, ['-db', '-f', join(this.folder, 'haproxy.cfg'), ...more], {
      cwd: this.folder,
      env: {},
      stdio: ['ignore', 'ignore', 'pipe'],
      ...(process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {}),
    });
    this.#child = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#output = (this.#output + text).slice(-4_000)));
    const deadline = performance.now() + patienceMs;
    for (;;) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`HAProxy ended with ${child.exitCode ?? child.signalCode}: ${this.#output}`);
      if ((await this.say('show info').catch(() => '')).includes(`Pid: ${child.pid}`)) return;
      if (performance.now() > deadline) throw new Error(`HAProxy is not ready: ${this.#output}`);
      await delay(10);
    }
  }

  /** Ends it, as a crash does or as its service manager does; its configuration stays. */
  async down(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  /** What an operator types into the socket, and HAProxy's answer. */
  say(line: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let answer = '';
      const socket = connect(this.socket, () => socket.write(`${line}\n`));
      socket.setTimeout(patienceMs, () => socket.destroy(new Error('HAProxy says nothing')));
      socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
      socket.on('end', () => resolve(answer));
      socket.on('error', reject);
    });
  }

  /** Ends it and removes all it left. */
  async close(): Promise<void> {
    await this.down();
    process.removeListener('exit', this.#kill);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}

/** A UDP port of this machine that nobody has at the moment, for `HaproxySettings.log`. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}
