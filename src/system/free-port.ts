import { createServer } from 'node:net';

/**
 * A port that was free a moment ago, for a program that cannot choose one itself.
 *
 * @throws The system's errors, such as `EADDRNOTAVAIL` for a host that is not this machine.
 */
export function freePort(host = '127.0.0.1'): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port is free'))));
    });
  });
}
