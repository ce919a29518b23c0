import { createSocket } from 'node:dgram';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort } from '../../src/system/free-port.ts';
import { Daemon, daemonFolder, ended, patienceMs } from './daemon.ts';
import { installedProgram, type Program } from './debian-program.ts';

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
  readonly port: number;
  readonly #binary: string;
  readonly #daemon = new Daemon('HAProxy', daemonFolder('haproxy', 'run'));

  private constructor(binary: string, port: number) {
    this.#binary = binary;
    this.port = port;
  }

  static async start(binary: string, settings: HaproxySettings = {}): Promise<Haproxy> {
    const haproxy = new Haproxy(binary, await freePort());
    haproxy.configure(settings);
    await haproxy.up();
    return haproxy;
  }

  get folder(): string {
    return this.#daemon.folder;
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
    return this.#daemon.pid;
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
    const old = this.#daemon.child;
    if (!old) throw new Error('HAProxy does not run');
    await this.up(['-x', this.socket, '-sf', String(old.pid)]);
    await ended(old, null);
  }

  /** Starts it, again after `down`, and waits until it is ready. */
  async up(more: readonly string[] = []): Promise<void> {
    await this.#daemon.up({
      program: this.#binary,
      args: ['-db', '-f', join(this.folder, 'haproxy.cfg'), ...more],
      cwd: this.folder,
      // While one takes over from another, the answer may be that of the other.
      isReady: async ({ pid }) => (await this.say('show info').catch(() => '')).includes(`Pid: ${pid}`),
    });
  }

  /** Ends it, as a crash does or as its service manager does; its configuration stays. */
  async down(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    await this.#daemon.down(signal);
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
    await this.#daemon.remove();
  }
}

/** A UDP port of this machine that nobody has at the moment, for `HaproxySettings.log`. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}
