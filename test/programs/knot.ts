import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../src/system/free-port.ts';
import { Daemon, daemonFolder } from './daemon.ts';
import { installedProgram, type Program } from './debian-program.ts';

/** Where Knot DNS is, or why its suites are skipped. */
export function knotProgram(): Promise<Program> {
  return installedProgram('knot', '/usr/sbin/knotd');
}

/** A question for the root's name servers: anything that answers it is there. */
const probe = Buffer.from([0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1]);

/** A real name server on a free loopback port that knows the zones given. */
export class Knot {
  readonly port: number;
  readonly #binary: string;
  readonly #daemon = new Daemon('Knot DNS', daemonFolder('knot', 'data'));

  private constructor(binary: string, port: number) {
    this.#binary = binary;
    this.port = port;
  }

  /** @param zones - Text of each zone by its name; null: it is told to serve the zone and has no file of it, so it fails (SERVFAIL). */
  static async start(binary: string, zones: Readonly<Record<string, string | null>>): Promise<Knot> {
    const knot = new Knot(binary, await freePort());
    const { folder } = knot.#daemon;
    const data = join(folder, 'data');
    for (const [zone, text] of Object.entries(zones)) if (text !== null) writeFileSync(join(folder, `${zone}.zone`), text);
    const listed = Object.keys(zones).map(
      (zone) =>
        `  - domain: ${zone}\n    file: ${join(folder, `${zone}.zone`)}\n    zonefile-sync: -1\n    journal-content: none\n`,
    );
    const settings = [
      `server:\n  rundir: ${data}\n  listen: 127.0.0.1@${knot.port}\n`,
      `database:\n  storage: ${data}\n`,
      `control:\n  listen: ${join(data, 'knot.sock')}\n`,
      'log:\n  - target: stderr\n    any: error\n',
      `zone:\n${listed.join('')}`,
    ];
    writeFileSync(join(folder, 'knot.conf'), settings.join(''));
    await knot.#daemon.up({
      program: knot.#binary,
      args: ['-c', join(folder, 'knot.conf')],
      cwd: data,
      isReady: () => isAnswering(knot.port),
    });
    return knot;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Ends it and removes all it left. */
  async close(): Promise<void> {
    await this.#daemon.remove('SIGTERM');
  }
}

function isAnswering(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const end = (answer: boolean): void => {
      clearTimeout(timer);
      socket.close();
      resolve(answer);
    };
    const timer = setTimeout(end, 100, false);
    socket.once('error', () => end(false));
    socket.once('message', () => end(true));
    socket.connect(port, '127.0.0.1', () => socket.send(probe));
  });
}
