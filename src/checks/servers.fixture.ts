import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { TestContext } from 'node:test';
import { freePort } from '../system/free-port.ts';

/** An HTTP server on loopback for one test; its address. With a key and a certificate it speaks TLS. */
export async function serving(t: TestContext, answer: http.RequestListener, tls?: https.ServerOptions): Promise<string> {
  const server = tls ? https.createServer(tls, answer) : http.createServer(answer);
  await listening(t, server);
  return `${tls ? 'https' : 'http'}://127.0.0.1:${portOf(server)}`;
}

/** A server of raw bytes on loopback for one test; its port. */
export async function talking(t: TestContext, take: (socket: net.Socket) => void): Promise<number> {
  const server = net.createServer((socket) => {
    // What nobody reads hides that the other side has gone.
    socket.on('error', () => {}).resume();
    take(socket);
  });
  await listening(t, server);
  return portOf(server);
}

/** Accepts and never says anything. */
export function silent(t: TestContext): Promise<number> {
  return talking(t, () => {});
}

/** The same, as an address. */
export async function silentAddress(t: TestContext): Promise<string> {
  return `http://127.0.0.1:${await silent(t)}`;
}

/** Begins so, and then says the same without an end. */
export function endless(t: TestContext, head: string, rest: string): Promise<number> {
  const part = rest.repeat(Math.ceil(65_536 / rest.length));
  return talking(t, (socket) => {
    socket.write(head);
    const more = (): void => {
      while (!socket.destroyed && socket.write(part));
    };
    socket.on('drain', more);
    more();
  });
}

/** Nothing listens at this port. */
export function closedPort(): Promise<number> {
  return freePort();
}

async function listening(t: TestContext, server: net.Server): Promise<void> {
  const sockets = new Set<net.Socket>();
  const keep = (socket: net.Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  };
  server.on('connection', keep);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
}

function portOf(server: net.Server): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}
