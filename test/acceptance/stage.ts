import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ReleaseSummary } from '../../src/release/summary.ts';
import type { ReleaseView, ServiceView } from '../../src/views/service-view.ts';
import { type Behaviour, type DocumentOptions, documentOf, serverSource } from './small-service.ts';

export const rampart = fileURLToPath(new URL('../../bin/rampart.js', import.meta.url));

/** Longest that a condition of a test may take to come true on a slow machine with other work to do. */
const patienceMs = 60_000;
/** Longest that one command may take; `release --wait` lasts as long as its release. */
const commandMs = 90_000;
const lookMs = 150;

/** What a command answered. */
export type Answer = { readonly code: number | null; readonly out: string; readonly err: string };

export type EventLine = {
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly actor: string;
  readonly said: string | null;
};

/** A service of a stage: its document, where its users connect, and where its versions' behaviour is written. */
export type Placed = { readonly name: string; readonly file: string; readonly port: number };

/**
 * A place of its own for one test: a folder in memory with a data folder, documents and a small service in it, and a controller when
 * one is started. Everything that is ever started from here carries the folder's unique name in its environment (as HOME), so that
 * `close` finds it again and ends it, and nothing else.
 */
export class Stage {
  readonly folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'rampart-acceptance-'));
  data = join(this.folder, 'data');
  #controller: ChildProcess | null = null;
  #ups = 0;

  constructor() {
    writeFileSync(join(this.folder, 'server.mjs'), serverSource);
  }

  /** Ends whatever runs from here, then does `release`, and removes the folder. */
  async close(release: () => void = () => {}): Promise<void> {
    try {
      await until('every process of the test is gone', () => {
        const left = this.processes();
        for (const pid of left) kill(pid);
        return left.length === 0;
      });
      release();
    } finally {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }

  /** Processes that were started from here, whoever their parent is. */
  processes(): readonly number[] {
    return readdirSync('/proc').flatMap((name) => {
      const pid = Number(name);
      return Number.isInteger(pid) && pid !== process.pid && readProc(pid, 'environ').includes(this.folder) ? pid : [];
    });
  }

  get environment(): NodeJS.ProcessEnv {
    const { PATH, LANG, TZ, NODE_COMPILE_CACHE } = process.env;
    return {
      PATH,
      // Half of what a command costs is reading its sources: those before it have done that.
      ...(NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }),
      ...(LANG === undefined ? {} : { LANG }),
      ...(TZ === undefined ? {} : { TZ }),
      HOME: this.folder,
      TMPDIR: this.folder,
      RAMPART_USER: 'tess',
      RAMPART_DATA: this.data,
    };
  }

  /** Runs a command to its end. */
  async cli(...args: readonly string[]): Promise<Answer> {
    const child = spawn(process.execPath, [rampart, ...args], {
      cwd: this.folder,
      env: this.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: commandMs,
      killSignal: 'SIGKILL',
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk));
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    return { code, out, err };
  }

  /** Runs a command with `--json`, checks its exit code, and answers with what it printed. */
  async json<T>(code: number, ...args: readonly string[]): Promise<T> {
    const answer = await this.cli(...args, '--json');
    assert.equal(answer.code, code, `rampart ${args.join(' ')}: ${answer.out}${answer.err}`);
    return JSON.parse(answer.out) as T;
  }

  /** Starts a controller and waits until it answers. */
  async up(...args: readonly string[]): Promise<number> {
    this.#ups += 1;
    rmSync(join(this.data, 'api.json'), { force: true });
    // A file, not a pipe: what the controller starts outlives it, and a pipe would stay open with it.
    const log = openSync(this.upLog, 'a');
    const child = spawn(process.execPath, [rampart, 'up', '--listen', '127.0.0.1:0', '--json', ...args], {
      cwd: this.folder,
      env: this.environment,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#controller = child;
    await until('the controller answers', () => {
      assert.equal(child.exitCode, null, `the controller ended: ${readFileSync(this.upLog, 'utf8')}`);
      return existsSync(join(this.data, 'api.json'));
    });
    assert(child.pid);
    return child.pid;
  }

  get upLog(): string {
    return join(this.folder, `up-${this.#ups}.log`);
  }

  /** Ends the controller with a signal and answers with its exit code, null when the signal was its end. */
  async down(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#controller;
    assert(child);
    this.#controller = null;
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    child.kill(signal);
    return await ended;
  }

  /** Waits until the controller has ended by itself. */
  async ended(): Promise<number | null> {
    const child = this.#controller;
    assert(child);
    await until('the controller has ended', () => child.exitCode !== null || child.signalCode !== null);
    return child.exitCode;
  }

  /** Writes a document for the small service, and where its users will connect. */
  async place(name: string, options: DocumentOptions = {}, given?: number): Promise<Placed> {
    const port = given ?? (await freePort());
    return { name, file: this.write(`${name}.yaml`, documentOf(name, port, options)), port };
  }

  /** Writes a file and answers with its path. */
  write(name: string, text: string): string {
    const file = join(this.folder, name);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  /** Says what a version of the small service is like; it reads this when it starts. */
  behaves(version: string, behaviour: Behaviour): void {
    this.write(`behaviour/${version}.json`, JSON.stringify(behaviour));
  }

  /** Asks the API. */
  async ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown; type: string }> {
    const door = this.door();
    const response = await fetch(`${door.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${door.token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    return { status: response.status, body: JSON.parse(text), type: response.headers.get('content-type') ?? '' };
  }

  door(): { readonly url: string; readonly token: string; readonly pid: number } {
    return JSON.parse(readFileSync(join(this.data, 'api.json'), 'utf8'));
  }

  /** The service as the API shows it. */
  async service(name: string): Promise<ServiceView> {
    const { status, body } = await this.ask('GET', `/api/v1/services/${name}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body as ServiceView;
  }

  async release(id: string): Promise<ReleaseView> {
    const { status, body } = await this.ask('GET', `/api/v1/releases/${id}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body as ReleaseView;
  }

  async events(id: string): Promise<readonly EventLine[]> {
    const { body } = await this.ask('GET', `/api/v1/releases/${id}/events?limit=1000`);
    return (body as { events: readonly EventLine[] }).events;
  }

  /** Starts a release and answers with its id. */
  async begin({ file }: Placed, version: string, ...args: readonly string[]): Promise<string> {
    const { release } = await this.json<{ release: string }>(0, 'release', file, '--version', version, ...args);
    return release;
  }

  /** Releases a version to its end, and expects that it is stable then. */
  async install({ file, name }: Placed, version: string): Promise<ReleaseSummary> {
    const summary = await this.json<ReleaseSummary>(0, 'release', file, '--version', version, '--wait');
    assert.equal(summary.outcome, 'succeeded', summary.reason);
    assert.equal((await this.service(name)).stable?.version, version);
    return summary;
  }

  /** Waits for the end of a release. */
  async end(id: string): Promise<ReleaseSummary> {
    let summary: ReleaseSummary | null = null;
    await until(
      `release ${id} has ended`,
      async () => {
        ({ summary } = await this.release(id));
        return summary !== null;
      },
      60_000,
    );
    assert(summary);
    return summary;
  }

  /** Waits until the release is in this state, and fails at once when it has ended in another. */
  async reaches(id: string, what: string, isThere: (view: ReleaseView) => boolean): Promise<ReleaseView> {
    let view: ReleaseView | null = null;
    await until(`${id}: ${what}`, async () => {
      view = await this.release(id);
      if (isThere(view)) return true;
      assert.equal(view.summary, null, `waited for: ${what}`);
      return false;
    });
    assert(view);
    return view;
  }

  /** Process number of a service's router. */
  routerPid(service: string): number {
    return JSON.parse(readFileSync(join(this.data, 'routers', service, 'process.json'), 'utf8')).pid;
  }

  hasRouter(service: string): boolean {
    return existsSync(join(this.data, 'routers', service, 'process.json')) && isRunning(this.routerPid(service));
  }

  /** Process numbers of the small service's versions, by version. */
  instances(service: string): Readonly<Record<string, readonly number[]>> {
    const found: Record<string, number[]> = {};
    for (const pid of this.processes()) {
      const environment = readProc(pid, 'environ').split('\0');
      if (!environment.includes(`RAMPART_SERVICE=${service}`)) continue;
      const version = environment.find((line) => line.startsWith('RAMPART_VERSION='))?.slice('RAMPART_VERSION='.length) ?? '';
      (found[version] ??= []).push(pid);
    }
    return found;
  }
}

/** Waits for a condition, a bounded time. */
export async function until(what: string, isTrue: () => boolean | Promise<boolean>, withinMs = patienceMs): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await isTrue())) {
    if (performance.now() > deadline) assert.fail(`not within ${withinMs / 1_000} s: ${what}`);
    await delay(lookMs);
  }
}

/** Ends a process that may be gone already. */
export function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  assert(pid > 1 && pid !== process.pid);
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone, as wanted.
  }
}

export function isRunning(pid: number): boolean {
  const status = readProc(pid, 'stat');
  // A zombie has ended, and only waits for its parent to notice.
  return status !== '' && !/^\d+ \(.*\) Z/s.test(status);
}

/** A port below those that the system gives to outgoing connections, so that nobody gets it by chance before it is used. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = 10_000 + Math.floor(Math.random() * 9_999);
    if (await canListen(port)) return port;
  }
  return assert.fail('no port is free');
}

export function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // Gone, or somebody else's.
  }
}
