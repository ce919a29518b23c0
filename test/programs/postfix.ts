import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../src/system/free-port.ts';
import { Daemon, nobody, patienceMs } from './daemon.ts';
import { installedProgram, type Program } from './debian-program.ts';
import { isListening } from './is-ready.ts';

/** Where Postfix's master is, or why its suites are skipped: it gives each of its parts a user of their own, which only root may. */
export async function postfixProgram(): Promise<Program> {
  const program = await installedProgram('postfix', '/usr/lib/postfix/sbin/master');
  return process.getuid?.() === 0 ? program : { missing: 'only root may start Postfix' };
}

/** What it may be asked for; PEM files. */
export type PostfixSettings = {
  readonly certificate: string;
  readonly key: string;
  /** Addresses that have a mailbox. */
  readonly mailboxes: readonly string[];
  /** What it says to others, by their address: `450 come back later`. */
  readonly says: Readonly<Record<string, string>>;
};

/** Postfix on a free loopback port, with a queue and mailboxes of its own: it wants STARTTLS, and delivers into folders. */
export class Postfix {
  readonly port: number;
  readonly #daemon: Daemon;

  private constructor(port: number, folder: string) {
    this.port = port;
    this.#daemon = new Daemon('postfix', folder);
  }

  static async start(binary: string, settings: PostfixSettings): Promise<Postfix> {
    const folder = mkdtempSync(join(tmpdir(), 'rampart-postfix-'));
    const postfix = new Postfix(await freePort(), folder);
    makeFolders(folder);
    writeFileSync(join(folder, 'conf/main.cf'), mainSettings(folder, dirname(binary), settings));
    writeFileSync(join(folder, 'conf/master.cf'), services(postfix.port));
    await postfix.#daemon.up({
      program: binary,
      args: ['-c', join(folder, 'conf'), '-s'],
      cwd: folder,
      isRoot: true,
      isReady: () => isListening(postfix.port),
    });
    return postfix;
  }

  /** The first mail of a mailbox, as it lies there; it comes a moment after it was taken. */
  async mail(address: string): Promise<Buffer> {
    const [first] = await this.mails(address, 1);
    if (first === undefined) throw new Error(`no mail for ${address}`);
    return first;
  }

  /** All mails of a mailbox, in no order, once there are so many. */
  async mails(address: string, count: number): Promise<readonly Buffer[]> {
    const folder = join(this.#daemon.folder, 'mail', address, 'new');
    const deadlineMs = performance.now() + patienceMs;
    for (;;) {
      const files = names(folder);
      if (files.length >= count) return files.map((file) => readFileSync(join(folder, file)));
      if (performance.now() > deadlineMs) throw new Error(`${files.length} of ${count} mails for ${address}`);
      await delay(10);
    }
  }

  /** Ends it and removes all it left. */
  async close(): Promise<void> {
    await this.#daemon.remove('SIGTERM');
  }
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** As its own set-up script makes them. */
function makeFolders(folder: string): void {
  chmodSync(folder, 0o755);
  const user = idOf('/etc/passwd', 'postfix');
  const group = idOf('/etc/group', 'postdrop');
  const make = (name: string, mode: number, uid: number, gid = 0): void => {
    mkdirSync(join(folder, name));
    chmodSync(join(folder, name), mode);
    chownSync(join(folder, name), uid, gid);
  };
  for (const name of ['conf', 'queue', 'queue/pid']) make(name, 0o755, 0);
  make('mail', 0o755, nobody, nobody);
  make('data', 0o700, user);
  const queues = ['active', 'bounce', 'corrupt', 'defer', 'deferred', 'flush', 'hold', 'incoming', 'private', 'saved', 'trace'];
  for (const name of queues) make(`queue/${name}`, 0o700, user);
  make('queue/public', 0o710, user, group);
  make('queue/maildrop', 0o730, user, group);
}

/** Third field of a line: the number of a user or a group. */
function idOf(file: string, name: string): number {
  const line = readFileSync(file, 'utf8')
    .split('\n')
    .find((one) => one.startsWith(`${name}:`));
  if (line === undefined) throw new Error(`${file} has no ${name}`);
  return Number(line.split(':')[2]);
}

function mainSettings(folder: string, programs: string, { certificate, key, mailboxes, says }: PostfixSettings): string {
  const table = (entries: readonly (readonly [string, string])[]) =>
    `inline:{ ${entries.map(([name, value]) => `{ ${name} = ${value} }`).join(', ')} }`;
  const boxes = table(mailboxes.map((address) => [address, `${address}/`]));
  const domains = [...new Set(mailboxes.map((address) => address.slice(address.indexOf('@') + 1)))];
  return `compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
daemon_directory = ${programs}
mail_owner = postfix
setgid_group = postdrop
myhostname = mail.example
mydestination =
inet_interfaces = 127.0.0.1
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
local_recipient_maps =
virtual_mailbox_domains = ${domains.join(' ')}
virtual_mailbox_base = ${folder}/mail
virtual_mailbox_maps = ${boxes}
virtual_uid_maps = static:${nobody}
virtual_gid_maps = static:${nobody}
smtpd_recipient_restrictions = check_recipient_access ${table(Object.entries(says))}, permit_mynetworks, reject
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = ${certificate}
smtpd_tls_key_file = ${key}
maillog_file = ${folder}/data/log
maillog_file_prefixes = ${tmpdir()}
`;
}

/** Its parts: none of them leads out of this machine. */
function services(port: number): string {
  const quiet = (name: string, program: string, most = '-') => `${name} unix - - n - ${most} ${program}`;
  return `${[
    `127.0.0.1:${port} inet n - n - - smtpd`,
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 300 1 qmgr',
    quiet('tlsmgr', 'tlsmgr', '1'),
    quiet('rewrite', 'trivial-rewrite'),
    ...['bounce', 'defer', 'trace'].map((name) => quiet(name, 'bounce', '0')),
    quiet('proxymap', 'proxymap'),
    quiet('error', 'error'),
    quiet('retry', 'error'),
    'virtual unix - n n - - virtual',
    quiet('anvil', 'anvil', '1'),
    'postlog unix-dgram n - n - 1 postlogd',
  ].join('\n')}\n`;
}
