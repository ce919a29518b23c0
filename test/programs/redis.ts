import { spawn } from 'node:child_process';
import { chownSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { freePort } from '../../src/system/free-port.ts';
import { asNobody, Daemon, daemonFolder, patienceMs } from './daemon.ts';
import { installedProgram, type Program } from './debian-program.ts';

/** Where Redis is, or why its suites are skipped. */
export function redisProgram(): Promise<Program> {
  return installedProgram('redis-server', '/usr/bin/redis-server');
}

/** A real Redis on free loopback ports, one of them with TLS where it has a certificate, with its data in a folder of its own. */
export class Redis {
  readonly port: number;
  readonly #daemon = new Daemon('Redis', daemonFolder('redis', 'data'));

  private constructor(port: number) {
    this.port = port;
  }

  /**
   * @param settings - Words of its configuration beside its own.
   * @param files - Files of its data folder, which `settings` name.
   */
  static async start(
    binary: string,
    settings: readonly string[] = [],
    files: Readonly<Record<string, string>> = {},
  ): Promise<Redis> {
    const redis = new Redis(await freePort());
    const data = join(redis.#daemon.folder, 'data');
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(data, name), text, { mode: 0o600 });
      if (asNobody.uid !== undefined) chownSync(join(data, name), asNobody.uid, asNobody.gid);
    }
    await redis.#daemon.up({
      program: binary,
      args: ['--port', String(redis.port), '--bind', '127.0.0.1', '--dir', data, '--save', '', ...settings],
      cwd: data,
      env: { PATH: `${dirname(binary)}:${process.env.PATH}` },
      isReady: () => redis.#isListening(),
    });
    return redis;
  }

  /** Sends commands, one a line and as they would be typed, over one connection; the answers do not matter. */
  async send(commands: readonly string[]): Promise<void> {
    const client = spawn('redis-cli', ['-h', '127.0.0.1', '-p', String(this.port)], { stdio: ['pipe', 'pipe', 'inherit'] });
    let output = '';
    client.stdout.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-4_000)));
    client.stdin.end(`${commands.join('\n')}\n`);
    const code = await new Promise((resolve) => client.once('close', resolve));
    if (code !== 0 || /^(ERR|NOAUTH|WRONG)/m.test(output)) throw new Error(`redis-cli: ${output}`);
  }

  /** Ends it and removes all it left. */
  async close(): Promise<void> {
    await this.#daemon.remove('SIGTERM');
  }

  #isListening(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port: this.port, timeout: patienceMs });
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
  }
}
