import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { TestContext } from 'node:test';

/**
 * A server that accepts every connection, for the time of a test. Answers its port.
 *
 * @param answer - What it says to whatever it is told, before it closes; null: it never says anything.
 */
export async function silentServer(t: TestContext, answer: string | null = null): Promise<number> {
  const server = createServer((socket) => {
    t.after(() => socket.destroy());
    socket.on('error', () => {}).on('data', () => answer !== null && socket.end(answer));
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** The same, as an address. */
export async function silentAddress(t: TestContext): Promise<string> {
  return `http://127.0.0.1:${await silentServer(t)}`;
}
