import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { debianProgram, type Program } from './debian-program.ts';

const run = promisify(execFile);

/** Where OpenSSL is, or why there are no certificates. */
export function opensslProgram(): Promise<Program> {
  return debianProgram('openssl', '/usr/bin/openssl');
}

/** PEM files of an authority of one's own, and of whom it knows. */
export class Authority {
  readonly folder = mkdtempSync(join(tmpdir(), 'rampart-authority-'));
  readonly #openssl: string;

  private constructor(openssl: string) {
    this.#openssl = openssl;
  }

  static async found(openssl: string): Promise<Authority> {
    const authority = new Authority(openssl);
    await authority.#run([
      'req',
      '-x509',
      ...newKey,
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-days',
      '2',
      '-subj',
      '/CN=Test authority',
    ]);
    return authority;
  }

  /** Makes `NAME.pem` and `NAME.key`. */
  async sign(name: string, dns: string): Promise<void> {
    await this.#run(['req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${dns}`]);
    writeFileSync(this.file(`${name}.ext`), `subjectAltName=DNS:${dns}\n`);
    const request = ['-in', `${name}.csr`, '-out', `${name}.pem`, '-days', '2', '-extfile', `${name}.ext`];
    await this.#run(['x509', '-req', ...request, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial']);
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  text(name: string): string {
    return readFileSync(this.file(name), 'utf8');
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #run(args: readonly string[]): Promise<void> {
    await run(this.#openssl, args, { cwd: this.folder, timeout: 20_000 });
  }
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
