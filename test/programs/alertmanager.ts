import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../src/system/free-port.ts';
import { Daemon, daemonFolder, patienceMs } from './daemon.ts';
import { installedProgram, type Program } from './debian-program.ts';
import { isReady } from './is-ready.ts';
import type { Secured } from './prometheus.ts';

/** Where Alertmanager is, or why its suites are skipped. Debian's reads its templates at the path that the package puts them to. */
export function alertmanagerProgram(): Promise<Program> {
  return installedProgram('prometheus-alertmanager', '/usr/bin/prometheus-alertmanager');
}

/** An alert as `GET /api/v2/alerts` has it. */
export type HeldAlert = {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
  readonly fingerprint: string;
  readonly status: { readonly state: string; readonly silencedBy: readonly string[]; readonly inhibitedBy: readonly string[] };
};

/** A group as `GET /api/v2/alerts/groups` has it. */
export type HeldGroup = {
  readonly labels: Readonly<Record<string, string>>;
  readonly receiver: { readonly name: string };
  readonly alerts: readonly HeldAlert[];
};

const routesNowhere = 'route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n';

/** A real Alertmanager on a free loopback port, alone, with its data in a folder of its own. One with TLS is not asked for its alerts. */
export class Alertmanager {
  readonly port: number;
  readonly #binary: string;
  readonly #daemon = new Daemon('Alertmanager', daemonFolder('alertmanager', 'data'));

  readonly #secured: Secured | null;

  private constructor(binary: string, port: number, secured: Secured | null) {
    this.#binary = binary;
    this.port = port;
    this.#secured = secured;
  }

  /** @param config - Text of its configuration; without one it tells nobody. */
  static async start(binary: string, config = routesNowhere, secured: Secured | null = null): Promise<Alertmanager> {
    const alertmanager = new Alertmanager(binary, await freePort(), secured);
    for (const [name, text] of Object.entries({ 'alertmanager.yml': config, ...secured?.files }))
      writeFileSync(join(alertmanager.#daemon.folder, name), text);
    await alertmanager.up();
    return alertmanager;
  }

  get url(): string {
    return `${this.#secured ? 'https' : 'http'}://127.0.0.1:${this.port}`;
  }

  /** Starts it, again after `down`, and waits until it is ready. */
  async up(): Promise<void> {
    const { folder } = this.#daemon;
    const args = [
      `--config.file=${join(folder, 'alertmanager.yml')}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${this.port}`,
      '--cluster.listen-address=',
      ...(this.#secured ? [`--web.config.file=${join(folder, 'web.yml')}`] : []),
    ];
    await this.#daemon.up({
      program: this.#binary,
      args,
      cwd: folder,
      isReady: () => isReady(this.url, this.#secured?.request ?? null),
    });
  }

  /** Ends it as a crash does: it forgets its alerts. */
  async down(): Promise<void> {
    await this.#daemon.down('SIGKILL');
  }

  /** Ends it and removes all it left. */
  async close(): Promise<void> {
    await this.#daemon.remove('SIGTERM');
  }

  /** The alerts that it holds to be firing. */
  async alerts(): Promise<readonly HeldAlert[]> {
    return (await (await this.#ask('/api/v2/alerts')).json()) as HeldAlert[];
  }

  /** The groups that it has made of them, for each receiver. */
  async groups(): Promise<readonly HeldGroup[]> {
    return (await (await this.#ask('/api/v2/alerts/groups')).json()) as HeldGroup[];
  }

  /** Goes on with another configuration and the same alerts. */
  async reload(config: string): Promise<void> {
    writeFileSync(join(this.#daemon.folder, 'alertmanager.yml'), config);
    const response = await this.#ask('/-/reload', { method: 'POST' });
    const text = await response.text();
    if (!response.ok) throw new Error(`alertmanager: ${response.status} ${text}`);
  }

  /** Keeps alerts still for an hour. */
  async silence(matchers: readonly object[]): Promise<void> {
    const startsAt = new Date(Date.now()).toISOString();
    const endsAt = new Date(Date.now() + 3_600_000).toISOString();
    const body = JSON.stringify({ matchers, startsAt, endsAt, createdBy: 'test', comment: 'test' });
    const response = await this.#ask('/api/v2/silences', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`alertmanager: ${response.status} ${text}`);
  }

  /** Sends it alerts as Prometheus does. */
  async post(alerts: readonly object[]): Promise<void> {
    const body = JSON.stringify(alerts);
    const response = await this.#ask('/api/v2/alerts', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    if (!response.ok) throw new Error(`alertmanager: ${response.status} ${await response.text()}`);
    await response.arrayBuffer();
  }

  async #ask(path: string, init: RequestInit = {}): Promise<Response> {
    return await fetch(`${this.url}${path}`, { ...init, signal: AbortSignal.timeout(patienceMs) });
  }
}
