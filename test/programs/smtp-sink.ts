import { join } from 'node:path';
import { freePort } from '../../src/system/free-port.ts';
import { Daemon, daemonFolder } from './daemon.ts';
import { debianProgram, type Program } from './debian-program.ts';
import { isListening } from './is-ready.ts';

/** Where Postfix's sink for mail is, or why its suites are skipped. */
export function smtpSinkProgram(): Promise<Program> {
  return debianProgram('postfix', '/usr/sbin/smtp-sink');
}

/** Postfix's own server for tests on a free loopback port: it takes all mail, and speaks no TLS. */
export class SmtpSink {
  readonly port: number;
  readonly #daemon = new Daemon('smtp-sink', daemonFolder('smtp-sink', 'mail'));

  private constructor(port: number) {
    this.port = port;
  }

  static async start(binary: string): Promise<SmtpSink> {
    const sink = new SmtpSink(await freePort());
    await sink.#daemon.up({
      program: binary,
      args: ['-d', '%s.', `127.0.0.1:${sink.port}`, '64'],
      cwd: sink.mail,
      // Where its libraries lie when the package was unpacked only.
      env: { LD_LIBRARY_PATH: join(binary, '../../lib/postfix') },
      isReady: () => isListening(sink.port),
    });
    return sink;
  }

  /** Folder with a file for each mail that it took. */
  get mail(): string {
    return join(this.#daemon.folder, 'mail');
  }

  /** Ends it and removes all it left. */
  async close(): Promise<void> {
    await this.#daemon.remove('SIGTERM');
  }
}
