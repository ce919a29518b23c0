import { writeFileSync } from 'node:fs';
import type https from 'node:https';
import { join } from 'node:path';
import { freePort } from '../../src/system/free-port.ts';
import { Daemon, daemonFolder, patienceMs } from './daemon.ts';
import { debianProgram, type Program } from './debian-program.ts';
import { isReady } from './is-ready.ts';
import { type PushedSeries, remoteWrite } from './remote-write.ts';

/** Where Prometheus is, or why its suites are skipped. */
export function prometheusProgram(): Promise<Program> {
  return debianProgram('prometheus', '/usr/bin/prometheus');
}

/** How its own address is secured, and how one gets in. */
export type Secured = {
  /** Its `web.config.file`, and files that this names. */
  readonly files: Readonly<Record<string, string>> & { readonly 'web.yml': string };
  /** Of whoever is let in. */
  readonly request: https.RequestOptions;
};

/** A real Prometheus on a free loopback port, with its data in a folder of its own. Takes remote writes and native histograms. */
export class Prometheus {
  readonly port: number;
  readonly #binary: string;
  readonly #daemon = new Daemon('Prometheus', daemonFolder('prometheus', 'data'));
  readonly #secured: Secured | null;
  readonly #flags: readonly string[];

  private constructor(binary: string, port: number, secured: Secured | null, flags: readonly string[]) {
    this.#binary = binary;
    this.port = port;
    this.#secured = secured;
    this.#flags = flags;
  }

  /**
   * @param config - Text of its configuration; without one it scrapes nothing.
   * @param more - Other files that this names, and flags.
   */
  static async start(
    binary: string,
    config = 'scrape_configs: []\n',
    secured: Secured | null = null,
    more: { readonly files?: Readonly<Record<string, string>>; readonly flags?: readonly string[] } = {},
  ): Promise<Prometheus> {
    const prometheus = new Prometheus(binary, await freePort(), secured, more.flags ?? []);
    const files = { 'prometheus.yml': config, ...secured?.files, ...more.files };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(prometheus.folder, name), text);
    await prometheus.up();
    return prometheus;
  }

  get folder(): string {
    return this.#daemon.folder;
  }

  get url(): string {
    return `${this.#secured ? 'https' : 'http'}://127.0.0.1:${this.port}`;
  }

  /** Starts it, again after `down`, and waits until it is ready. */
  async up(): Promise<void> {
    const args = [
      `--config.file=${join(this.folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(this.folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${this.port}`,
      '--web.enable-remote-write-receiver',
      '--enable-feature=native-histograms',
      ...(this.#secured ? [`--web.config.file=${join(this.folder, 'web.yml')}`] : []),
      ...this.#flags,
    ];
    await this.#daemon.up({
      program: this.#binary,
      args,
      cwd: this.folder,
      isReady: () => isReady(this.url, this.#secured?.request ?? null),
    });
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
}
