import { execFile } from 'node:child_process';
import { chownSync, existsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../src/system/free-port.ts';
import { asNobody, Daemon, daemonFolder, patienceMs } from './daemon.ts';
import { installedProgram, type Program } from './debian-program.ts';

const run = promisify(execFile);

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
  // In memory where there is such a place: nothing of it has to last.
  readonly #daemon = new Daemon('PostgreSQL', daemonFolder('postgres', 'data', existsSync('/dev/shm') ? '/dev/shm' : tmpdir()));
  #refusal = '';

  private constructor(binary: string, port: number) {
    this.programs = dirname(binary);
    this.port = port;
  }

  /**
   * @param binary - Path of `postgres`.
   * @param more - Settings beside its own, and files of its data folder.
   */
  static async start(
    binary: string,
    more: { readonly settings?: readonly string[]; readonly files?: Readonly<Record<string, string>> } = {},
  ): Promise<Postgres> {
    const postgres = new Postgres(binary, await freePort());
    const data = postgres.#data;
    const init = ['-D', data, '-U', 'postgres', '--auth-local=trust', '--auth-host=scram-sha-256', '--no-sync', '-E', 'UTF8'];
    await run(join(postgres.programs, 'initdb'), [...init, '--locale=C'], { ...asNobody, cwd: data, timeout: patienceMs });
    for (const [name, text] of Object.entries(more.files ?? {})) {
      writeFileSync(join(data, name), text, { mode: 0o600 });
      if (asNobody.uid !== undefined) chownSync(join(data, name), asNobody.uid, asNobody.gid);
    }
    const place = [`port=${postgres.port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${data}`];
    const settings = ['fsync=off', ...place, ...(more.settings ?? [])];
    const role = `CREATE ROLE ${postgres.user} LOGIN PASSWORD '${postgres.password}'`;
    await postgres.#daemon.up({
      program: binary,
      args: ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
      cwd: data,
      env: { PATH: process.env.PATH },
      isReady: () => postgres.#asRoot(role),
    });
    return postgres;
  }

  /** Folder of its socket, over which whoever may enter it is believed. */
  get #data(): string {
    return join(this.#daemon.folder, 'data');
  }

  /** Makes an empty database that belongs to `user`. */
  async create(database: string): Promise<void> {
    if (!(await this.#asRoot(`CREATE DATABASE ${database} OWNER ${this.user}`))) throw new Error(this.#refusal);
  }

  /** Runs SQL as the superuser. */
  async administer(database: string, text: string): Promise<void> {
    if (!(await this.#asRoot(text, database))) throw new Error(this.#refusal);
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
    await this.#daemon.remove('SIGINT');
  }

  async #asRoot(text: string, database = 'postgres'): Promise<boolean> {
    const words = [
      '-h',
      this.#data,
      '-p',
      String(this.port),
      '-U',
      'postgres',
      '-X',
      '-q',
      '-v',
      'ON_ERROR_STOP=1',
      '-c',
      text,
      database,
    ];
    const env = { PATH: process.env.PATH };
    return run(join(this.programs, 'psql'), words, {
      ...asNobody,
      cwd: this.#data,
      env,
      timeout: patienceMs,
    }).then(
      () => true,
      (error: Error) => {
        this.#refusal = error.message;
        return false;
      },
    );
  }
}
