import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { systemCode, UserError } from '../../errors.ts';

/** Where all processes listen. */
export const loopback = '127.0.0.1';
const lowest = 20_000;
const tries = 100;

/**
 * Ports that instances of this controller have, whether their process runs or not. For all targets of this process together: each
 * service has its own target, and two of them must not choose the same port at the same time.
 */
const taken = new Set<number>();

/**
 * Chooses a loopback port that nobody listens on and no other instance has, and reserves it until `releasePort`.
 *
 * @throws UserError `E_PORT_TAKEN` when none was found.
 */
export async function takeFreePort(): Promise<number> {
  const range = portRange(ephemeralStart());
  for (let i = 0; i < tries; i++) {
    const port = range.first + Math.floor(Math.random() * (range.last - range.first + 1));
    if (taken.has(port)) continue;
    taken.add(port); // Before the wait, in which another instance could choose it.
    if (await isPortFree(port)) return port;
    taken.delete(port);
  }
  throw new UserError('E_PORT_TAKEN', `no free port on ${loopback} among ${tries} tried from ${range.first} to ${range.last}`, {
    where: `${loopback}, ports ${range.first}–${range.last}`,
    fix: 'See what listens there with `ss -tlnp`, and end what is not needed.',
  });
}

/** Reserves a port that an instance has had since an earlier controller. */
export function keepPort(port: number): void {
  taken.add(port);
}

/** Lets others have the port again. Safe to repeat. */
export function releasePort(port: number): void {
  taken.delete(port);
}

/** Whether a process could listen on this loopback port now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      if (systemCode(error) === 'EADDRINUSE' || systemCode(error) === 'EACCES') resolve(false);
      else reject(error);
    });
    server.listen({ host: loopback, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * Where to look for ports: below those that the system gives to outgoing connections, because a router's connection could otherwise
 * take the port of an instance during its restart.
 *
 * @param ephemeralFirst - First port for outgoing connections.
 */
export function portRange(ephemeralFirst: number): { readonly first: number; readonly last: number } {
  const last = ephemeralFirst - 1;
  return last - lowest >= 1_000 ? { first: lowest, last } : { first: lowest, last: 65_535 };
}

function ephemeralStart(): number {
  try {
    const first = Number.parseInt(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'latin1'), 10);
    return Number.isSafeInteger(first) ? first : 32_768;
  } catch {
    return 32_768; // Not Linux: others start at 49152 or 32768, and the lower one is right for both.
  }
}
