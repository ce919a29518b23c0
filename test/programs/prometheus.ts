import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../src/system/free-port.ts';
import { Daemon, daemonFolder, patienceMs } from './daemon.ts';
import { debianProgram, type Program } from './debian-program.ts';
import { type PushedSeries, remoteWrite } from './remote-write.ts';

/** Where Prometheus is, or why its suites are skipped. */
export function prometheusProgram(): Promise<Program> {
  return debianProgram('prometheus', '/usr/bin/prometheus');
}

/** A real Prometheus on a free loopback port, with its data in a folder of its own. Takes remote writes and native histograms. */
export class Prometheus {
  readonly port: number;
  readonly #binary: string;
  readonly #flags: readonly string[];
  readonly #daemon = new Daemon('Prometheus', daemonFolder('prometheus', 'data'));

  private constructor(binary: string, port: number, flags: readonly string[]) {
    this.#binary = binary;
    this.#flags = flags;
    this.port = port;
  }

  /**
   * @param config - Text of its configuration; without one it scrapes nothing.
   * @param files - Others beside it, by name, such as one of rules.
   */
  static async start(
    binary: string,
    config = 'scrape_configs: []\n',
    files: Readonly<Record<string, string>> = {},
    ...flags: readonly string[]
  ): Promise<Prometheus> {
    const prometheus = new Prometheus(binary, await freePort(), flags);
    for (const [name, text] of Object.entries({ ...files, 'prometheus.yml': config }))
      writeFileSync(join(prometheus.folder, name), text);
    await prometheus.up();
    return prometheus;
  }

  get folder(): string {
    return this.#daemon.folder;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it, again after `down`, and waits until it is ready. */
  async up(): Promise<void> {
    const args = [
      `--config.file=${join(this.folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(this.folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${this.port}`,
      '--web.enable-remote-write-receiver',
      '--enable-feature=native-histograms',
      ...this.#flags,
    ];
    await this.#daemon.up({ program: this.#binary, args, cwd: this.folder, isReady: () => this.#isReady() });
  }

  /** Ends it; its data stays. */
  async down(): Promise<void> {
    await this.#daemon.down('SIGTERM');
  }

  /** Ends it and removes all it left. */
  async close(): Promise<void> {
    await this.#daemon.remove('SIGTERM');
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
