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

  /**
   * Makes `NAME.pem` and `NAME.key`.
   *
   * @param period - When it holds, in Unix ms; two days from now on by default.
   */
  async sign(name: string, dns: string, period?: { readonly fromMs: number; readonly toMs: number }): Promise<void> {
    await this.#run(['req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${dns}`]);
    writeFileSync(this.file(`${name}.ext`), `subjectAltName=DNS:${dns}\n`);
    const request = ['-in', `${name}.csr`, '-out', `${name}.pem`, '-extfile', `${name}.ext`];
    if (!period)
      return await this.#run(['x509', '-req', ...request, '-days', '2', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial']);
    // Only this command of OpenSSL 3.0 takes two dates.
    writeFileSync(this.file('index.txt'), '');
    writeFileSync(this.file('ca.cnf'), caSettings);
    const dates = ['-startdate', asn1(period.fromMs), '-enddate', asn1(period.toMs)];
    await this.#run([
      'ca',
      '-batch',
      '-notext',
      '-config',
      'ca.cnf',
      ...request,
      ...dates,
      '-cert',
      'ca.pem',
      '-keyfile',
      'ca.key',
    ]);
  }

  /** Makes `NAME.pem` and `NAME.key`, signed by nobody else. */
  async selfSign(name: string, dns: string): Promise<void> {
    const made = ['-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', '2'];
    await this.#run(['req', '-x509', ...newKey, ...made, '-subj', `/CN=${dns}`, '-addext', `subjectAltName=DNS:${dns}`]);
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

const caSettings = `[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
default_md = sha256
rand_serial = yes
policy = any
unique_subject = no
[any]
commonName = supplied
`;

/** `20260131235959Z`. */
function asn1(ms: number): string {
  return `${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;
}
