import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { nobody, patienceMs } from './daemon.ts';
import { installedProgram, type Program } from './debian-program.ts';
import { freePorts } from './free-port.ts';

const lookMs = 10;
const modules = '/usr/lib/nginx/modules';

/** Where nginx and its Lua module are, or why their suites are skipped. */
export async function nginxProgram(): Promise<Program> {
  const lua = await installedProgram('libnginx-mod-http-lua', `${modules}/ngx_http_lua_module.so`);
  return 'missing' in lua ? lua : await installedProgram('nginx-light', '/usr/sbin/nginx');
}

/** What a test wants otherwise. */
export type NginxSettings = {
  /** Whether the Lua module is loaded; so by default. */
  readonly lua?: boolean;
  /** Text in `http {}`, before the server of the users. */
  readonly http?: string;
  /** Text in the location of the users. */
  readonly location?: string;
};

/** A real nginx of a user's: two workers, a server on a free loopback port that passes everything to Rampart's upstream. */
export class Nginx {
  readonly folder = mkdtempSync(join(tmpdir(), 'rampart-nginx-'));
  readonly port: number;
  readonly status: string;
  readonly include: string;
  readonly log: string;
  readonly #binary: string;
  readonly #variable: string;
  readonly #kill = () => void this.signal('SIGKILL');
  #child: ChildProcess | null = null;
  #output = '';

  private constructor(binary: string, ports: readonly [number, number], variable: string) {
    this.#binary = binary;
    this.#variable = variable;
    this.port = ports[0];
    this.status = `127.0.0.1:${ports[1]}`;
    const home = join(this.folder, 'home');
    mkdirSync(home);
    this.include = join(home, 'rampart.conf');
    this.log = join(home, 'requests.log');
    chmodSync(this.folder, 0o755);
    if (process.getuid?.() === 0) {
      chownSync(home, nobody, nobody);
      // What is made in here belongs to nginx's group, so that it can read it.
      chmodSync(home, 0o2775);
    }
    this.configure({});
    process.once('exit', this.#kill);
  }

  /** @param variable - What `proxy_pass` names, without its dollar. Nothing runs yet: see `up`. */
  static async make(binary: string, variable: string): Promise<Nginx> {
    const [port = 0, status = 0] = await freePorts(2);
    return new Nginx(binary, [port, status], variable);
  }

  /** The command with these words, run as the user that nginx runs as. */
  command(...words: readonly string[]): string[] {
    const asNobody = ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', '--no-new-privs'];
    const nginx = [
      this.#binary,
      '-p',
      this.folder,
      '-c',
      join(this.folder, 'nginx.conf'),
      '-e',
      join(this.folder, 'home/error.log'),
    ];
    return [...(process.getuid?.() === 0 ? asNobody : []), ...nginx, ...words];
  }

  /** Writes the user's own configuration. */
  configure({ lua = true, http = '', location = '' }: NginxSettings): void {
    const home = join(this.folder, 'home');
    const load = lua ? ['ndk_http', 'ngx_http_lua'].map((name) => `load_module ${modules}/${name}_module.so;\n`).join('') : '';
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${home}/${name};`);
    writeFileSync(
      join(this.folder, 'nginx.conf'),
      `${load}daemon off;
worker_processes 2;
pid ${home}/nginx.pid;
events { worker_connections 1024; }
http {
    ${temporary.join(' ')}
    access_log ${home}/access.log;
    include ${this.include};
    ${http}
    server {
        listen 127.0.0.1:${this.port};
        location / {
            ${location}
            proxy_pass http://$${this.#variable};
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }
    }
}
`,
    );
  }

  /** Starts it, and waits until it takes connections. */
  async up(): Promise<void> {
    const [program = '', ...words] = this.command();
    const child = spawn(program, words, { cwd: this.folder, env: {}, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    this.#child = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#output = (this.#output + text).slice(-4_000)));
    const deadline = performance.now() + patienceMs;
    // It listens before it has written down who it is, which is what a reload asks.
    while (!((await isListening(this.port)) && this.#hasPid())) {
      if (child.exitCode !== null || performance.now() > deadline) throw new Error(`nginx does not start: ${this.#output}`);
      await delay(lookMs);
    }
  }

  #hasPid(): boolean {
    const file = join(this.folder, 'home', 'nginx.pid');
    return existsSync(file) && readFileSync(file, 'utf8').trim() === String(this.#child?.pid);
  }

  /** Kills it with its workers, as a crash does. */
  async crash(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Has it load its configuration anew, and waits until its workers are other ones. */
  async reload(): Promise<void> {
    const before = this.workers();
    this.#child?.kill('SIGHUP');
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const now = this.workers();
      if (now.length > 0 && now.every((pid) => !before.includes(pid))) return;
      if (performance.now() > deadline) throw new Error(`nginx does not reload: ${this.#output}`);
      await delay(lookMs);
    }
  }

  workers(): readonly string[] {
    const pid = this.#child?.pid;
    if (pid === undefined || !existsSync(`/proc/${pid}`)) return [];
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  }

  /** Ends it and removes all it left. */
  async close(): Promise<void> {
    await this.#end('SIGTERM');
    process.removeListener('exit', this.#kill);
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const ended = child.exitCode === null && child.signalCode === null ? new Promise((done) => child.once('exit', done)) : null;
    this.signal(signal);
    const hurry = setTimeout(() => this.signal('SIGKILL'), patienceMs);
    await ended;
    clearTimeout(hurry);
    this.#child = null;
    const deadline = performance.now() + patienceMs;
    while ((await isListening(this.port)) && performance.now() < deadline) await delay(lookMs);
  }

  /** To the whole group: a master that is killed cannot end its workers. */
  signal(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // It has ended already.
    }
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
