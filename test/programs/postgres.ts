import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { installedProgram, type Program } from './debian-program.ts';
import { freePort } from './free-port.ts';

const run = promisify(execFile);
const patienceMs = 20_000;
/** Nobody: PostgreSQL refuses to be root. */
const nobody = 65_534;
const asNobody = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};

/** Where PostgreSQL is, or why its suites are skipped. Its other programs lie beside it. */
export function postgresProgram(): Promise<Program> {
  return installedProgram('postgresql', '/usr/lib/postgresql/15/bin/postgres');
}

/** A real PostgreSQL on a free loopback port, with its data in a folder of its own. It asks for the password of its one user. */
export class Postgres {
  /** Folder of its programs. */
  readonly programs: string;
  readonly port: number;
  readonly user = 'shop_owner';
  readonly password = 'correct horse';
  readonly #folder: string;
  readonly #kill = () => void this.#child?.kill('SIGKILL');
  #child: ChildProcess | null = null;
  #output = '';

  private constructor(binary: string, port: number) {
    this.programs = dirname(binary);
    this.port = port;
    // In memory where there is such a place: nothing of it has to last.
    this.#folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'rampart-postgres-'));
    chmodSync(this.#folder, 0o755);
    mkdirSync(join(this.#folder, 'data'), { mode: 0o700 });
    if (asNobody.uid !== undefined) chownSync(join(this.#folder, 'data'), nobody, nobody);
    process.once('exit', this.#kill);
  }

  /** @param binary - Path of `postgres`. */
  static async start(binary: string): Promise<Postgres> {
    const postgres = new Postgres(binary, await freePort());
    const data = join(postgres.#folder, 'data');
    const init = ['-D', data, '-U', 'postgres', '--auth-local=trust', '--auth-host=scram-sha-256', '--no-sync', '-E', 'UTF8'];
    await run(join(postgres.programs, 'initdb'), [...init, '--locale=C'], { ...asNobody, cwd: data, timeout: patienceMs });
    const settings = ['fsync=off', `port=${postgres.port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${data}`];
    const words = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
    const child = spawn(binary, words, { ...asNobody, cwd: data, stdio: ['ignore', 'ignore', 'pipe'] });
    postgres.#child = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => (postgres.#output = (postgres.#output + text).slice(-4_000)));
    const deadline = performance.now() + patienceMs;
    const role = `CREATE ROLE ${postgres.user} LOGIN PASSWORD '${postgres.password}'`;
    while (!(await postgres.#asRoot(role))) {
      if (child.exitCode !== null || performance.now() > deadline)
        throw new Error(`PostgreSQL is not ready: ${postgres.#output}`);
      await delay(20);
    }
    return postgres;
  }

  /** Makes an empty database that belongs to `user`. */
  async create(database: string): Promise<void> {
    if (!(await this.#asRoot(`CREATE DATABASE ${database} OWNER ${this.user}`))) throw new Error(this.#output);
  }

  /** Runs SQL as `user`, and answers with what it printed: rows by line, fields by `|`. */
  async sql(database: string, text: string): Promise<string> {
    const words = ['-h', '127.0.0.1', '-p', String(this.port), '-U', this.user, '-w', '-X', '-q', '-tA', '-v', 'ON_ERROR_STOP=1'];
    const env = { PATH: process.env.PATH, PGPASSWORD: this.password };
    const { stdout } = await run(join(this.programs, 'psql'), [...words, '-c', text, database], { env, timeout: patienceMs });
    return stdout.trim();
  }

  /** Ends it and removes all it left. */
  async close(): Promise<void> {
    process.removeListener('exit', this.#kill);
    const child = this.#child;
    this.#child = null;
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGINT');
      const hurry = setTimeout(() => child.kill('SIGKILL'), patienceMs);
      await ended;
      clearTimeout(hurry);
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #asRoot(text: string): Promise<boolean> {
    const words = [
      '-h',
      join(this.#folder, 'data'),
      '-p',
      String(this.port),
      '-U',
      'postgres',
      '-X',
      '-q',
      '-c',
      text,
      'postgres',
    ];
    const env = { PATH: process.env.PATH };
    return run(join(this.programs, 'psql'), words, {
      ...asNobody,
      cwd: join(this.#folder, 'data'),
      env,
      timeout: patienceMs,
    }).then(
      () => true,
      (error: Error) => {
        this.#output += error.message;
        return false;
      },
    );
  }
}
