import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Daemon, daemonFolder, patienceMs } from './daemon.ts';
import { debianFile, installedProgram } from './debian-program.ts';

const run = promisify(execFile);

/** What every container of a test can run: `busybox httpd`, `sh`, `sleep`. */
export const busybox = '/bin/busybox';

/**
 * A real Docker engine that the test has for itself, with a compose command: the plugin where this machine has it, else Debian's
 * docker-compose 1. Its containers have a network of their own and published ports; nothing can be pulled.
 */
export class ComposeEngine {
  readonly #daemon: Daemon;
  readonly #binaries: string;
  /** Whole path of `docker`. */
  readonly program: string;
  /** For calls of `docker` and `docker compose` that mean this engine. */
  readonly env: Readonly<Record<string, string>>;

  private constructor(daemon: Daemon, programs: readonly string[]) {
    this.#daemon = daemon;
    this.#binaries = programs.map((program) => dirname(program)).join(':');
    this.program = programs[0] ?? '';
    this.env = {
      PATH: `${this.#binaries}:${process.env.PATH ?? '/usr/bin:/bin'}`,
      HOME: daemon.folder,
      DOCKER_HOST: `unix://${this.socket}`,
    };
  }

  get socket(): string {
    return join(this.#daemon.folder, 'docker.sock');
  }

  /** A folder of this engine that is removed with it. */
  get folder(): string {
    return this.#daemon.folder;
  }

  /** Starts an engine, or says why there can be none here. With CI=true that is a failure. */
  static async start(): Promise<ComposeEngine | { readonly missing: string }> {
    const daemon = new Daemon('the Docker engine', daemonFolder('docker', 'run'));
    try {
      if (process.getuid?.() !== 0) throw new Error('only root may start a Docker engine');
      const engine = new ComposeEngine(daemon, await programs());
      await engine.#up();
      await engine.#haveCompose();
      await engine.#makeImages();
      return engine;
    } catch (error) {
      await daemon.remove();
      const missing = `there is no Docker engine for tests: ${String(error).split('\n')[0]}`;
      if (process.env.CI === 'true') throw new Error(missing, { cause: error });
      return { missing };
    }
  }

  /** What `docker` answers. */
  async docker(...words: readonly string[]): Promise<string> {
    const { stdout } = await run('docker', words, { env: this.env, timeout: patienceMs });
    return stdout.trim();
  }

  /** Ends and removes all there is of it. */
  async close(): Promise<void> {
    try {
      // A killed engine would leave the bridges of its networks behind.
      const ids = (await this.docker('ps', '--all', '--quiet')).split('\n').filter(Boolean);
      if (ids.length > 0) await this.docker('rm', '--force', '--volumes', ...ids);
      await this.docker('network', 'prune', '--force');
    } finally {
      this.#kill();
      await this.#daemon.remove();
    }
  }

  /** Ends the engine itself, so that who made its namespaces waits for it and nobody else has to. */
  #kill(): void {
    const { pid } = this.#daemon;
    if (pid === 0) return;
    for (const child of readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean))
      process.kill(Number(child), 'SIGKILL');
  }

  async #up(): Promise<void> {
    const { folder } = this.#daemon;
    await this.#daemon.up({
      // In namespaces of its own for processes and mounts, so that all of them end with it however it ends.
      program: 'unshare',
      args: [
        ...['--pid', '--fork', '--kill-child', '--mount', '--mount-proc', '--'],
        'dockerd',
        `--host=unix://${this.socket}`,
        `--data-root=${join(folder, 'data')}`,
        `--exec-root=${join(folder, 'exec')}`,
        `--pidfile=${join(folder, 'dockerd.pid')}`,
        '--storage-driver=vfs',
        '--bridge=none',
        '--default-address-pool=base=10.213.0.0/16,size=24',
        '--iptables=false',
        '--ip6tables=false',
        '--ip-forward=false',
        '--log-level=error',
      ],
      cwd: folder,
      env: { PATH: `${this.#binaries}:/usr/sbin:/usr/bin:/sbin:/bin` },
      isRoot: true,
      isReady: async () =>
        await this.docker('version').then(
          () => true,
          () => false,
        ),
    });
  }

  /** Whether `docker compose` is there. */
  hasPlugin(): Promise<boolean> {
    return this.docker('compose', 'version').then(
      () => true,
      () => false,
    );
  }

  async #haveCompose(): Promise<void> {
    if (await this.hasPlugin()) return;
    const program = await installedProgram('docker-compose', '/usr/bin/docker-compose');
    if ('missing' in program) throw new Error(program.missing);
  }

  /** `shop:1.0.0` and so on: busybox, and a page to serve. */
  async #makeImages(): Promise<void> {
    const program = await debianFile('busybox-static', busybox);
    if ('missing' in program) throw new Error(program.missing);
    const root = join(this.#daemon.folder, 'image');
    mkdirSync(join(root, 'www'), { recursive: true });
    mkdirSync(join(root, 'bin'));
    cpSync(program.path, join(root, busybox));
    writeFileSync(join(root, 'www', 'index.html'), 'shop\n');
    const archive = join(this.#daemon.folder, 'image.tar');
    await run('tar', ['-C', root, '-cf', archive, '.'], { timeout: patienceMs });
    await this.docker('import', archive, 'shop:1.0.0');
    for (const version of ['1.1.0', '1.2.0']) await this.docker('tag', 'shop:1.0.0', `shop:${version}`);
  }
}

/** Whole paths of `docker` and of what an engine consists of, each from its package. */
async function programs(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [name, path] of [
    ['docker.io', '/usr/bin/docker'],
    ['docker.io', '/usr/sbin/dockerd'],
    ['containerd', '/usr/bin/containerd'],
    ['runc', '/usr/sbin/runc'],
  ] as const) {
    const program = await debianFile(name, path);
    if ('missing' in program) throw new Error(program.missing);
    found.push(program.path);
  }
  return found;
}
