import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { debianProgram, type Program } from './debian-program.ts';
import { freePort } from './free-port.ts';
import { type PushedSeries, remoteWrite } from './remote-write.ts';

const patienceMs = 20_000;
/** Nobody: a server of a test has no business with what is root's. */
const nobody = 65_534;

/** Where Prometheus is, or why its suites are skipped. */
export function prometheusProgram(): Promise<Program> {
  return debianProgram('prometheus', '/usr/bin/prometheus');
}

/** A real Prometheus on a free loopback port, with its data in a folder of its own. Takes remote writes and native histograms. */
export class Prometheus {
  readonly folder: string;
  readonly port: number;
  readonly #binary: string;
  readonly #kill = () => void this.#child?.kill('SIGKILL');
  #child: ChildProcess | null = null;
  #output = '';

  private constructor(binary: string, port: number) {
    this.#binary = binary;
    this.port = port;
    this.folder = mkdtempSync(join(tmpdir(), 'rampart-prometheus-'));
    chmodSync(this.folder, 0o755);
    mkdirSync(join(this.folder, 'data'));
    if (process.getuid?.() === 0) chownSync(join(this.folder, 'data'), nobody, nobody);
    process.once('exit', this.#kill);
  }

  /** @param config - Text of its configuration; without one it scrapes nothing. */
  static async start(binary: string, config = 'scrape_configs: []\n'): Promise<Prometheus> {
    const prometheus = new Prometheus(binary, await freePort());
    writeFileSync(join(prometheus.folder, 'prometheus.yml'), config);
    await prometheus.up();
    return prometheus;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it, again after `down`, and waits until it is ready. */
  async up(): Promise<void> {
    const child = spawn(
      this.#binary,
      [
        `--config.file=${join(this.folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(this.folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${this.port}`,
        '--web.enable-remote-write-receiver',
        '--enable-feature=native-histograms',
      ],
      {
        cwd: this.folder,
        env: {},
        stdio: ['ignore', 'ignore', 'pipe'],
        ...(process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {}),
      },
    );
    this.#child = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#output = (this.#output + text).slice(-4_000)));
    const deadline = performance.now() + patienceMs;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`Prometheus ended with ${child.exitCode}: ${this.#output}`);
      if (await this.#isReady()) return;
      if (performance.now() > deadline) throw new Error(`Prometheus is not ready: ${this.#output}`);
      await delay(20);
    }
  }

  /** Ends it; its data stays. */
  async down(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const hurry = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    await ended;
    clearTimeout(hurry);
  }

  /** Ends it and removes all it left. */
  async close(): Promise<void> {
    await this.down();
    process.removeListener('exit', this.#kill);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Takes samples in. They can be queried when this resolves. */
  async push(series: readonly PushedSeries[]): Promise<void> {
    const response = await fetch(`${this.url}/api/v1/write`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-protobuf',
        'content-encoding': 'snappy',
        'x-prometheus-remote-write-version': '0.1.0',
      },
      body: remoteWrite(series),
      signal: AbortSignal.timeout(patienceMs),
    });
    if (response.status !== 204) throw new Error(`remote write: ${response.status} ${await response.text()}`);
  }

  async #isReady(): Promise<boolean> {
    try {
      const response = await fetch(`${this.url}/-/ready`, { signal: AbortSignal.timeout(1_000) });
      await response.arrayBuffer();
      return response.status === 200;
    } catch {
      return false;
    }
  }
}
