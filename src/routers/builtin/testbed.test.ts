import assert from 'node:assert/strict';
import net, { type AddressInfo, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { errorClasses, type Slot } from '../counters.ts';
import type { Backend, Endpoint, Route } from '../router.ts';
import { until } from '../users.fixture.ts';
import { Engine } from './engine.ts';
import { BuiltinConfig } from './schema.ts';

// No tests of its own: what the tests of the engine share.

/** An engine in this process with everything on `stable` unless `route` says otherwise; ends with the test. */
export async function makeEngine(t: TestContext, route: Partial<Route>, written: Record<string, unknown> = {}) {
  const config = BuiltinConfig.parse({ listen: '127.0.0.1:0', ...written });
  const engine = new Engine({ service: 'checkout', config, edgesMs: [] });
  const { port } = await engine.listen('127.0.0.1', 0);
  t.after(() => engine.drain(0));
  engine.apply({ route: { stable: null, candidate: null, weight: 0, match: [], ...route }, leaseLeftMs: null });
  const slots: Slot[] = [];
  const refused: Record<string, number> = {};
  const collect = () => {
    const report = engine.report();
    slots.push(...report.slots);
    for (const [status, count] of Object.entries(report.refused)) refused[status] = (refused[status] ?? 0) + count;
  };
  return {
    engine,
    where: { host: '127.0.0.1', port } satisfies Endpoint,
    refused: () => {
      collect();
      return refused;
    },
    /** Waits until this many requests (aborted ones included) of the version have been counted, and answers their sum. */
    async counted(version: string, ended: number) {
      const sum = { n: 0, aborted: 0, classes: {} as Record<string, number> };
      await until(() => {
        collect();
        const own = slots.filter((slot) => slot.version === version);
        sum.n = own.reduce((n, slot) => n + slot.n, 0);
        sum.aborted = own.reduce((n, slot) => n + slot.aborted, 0);
        errorClasses.forEach((name, i) => {
          const count = own.reduce((n, slot) => n + (slot.classes[i] as number), 0);
          if (count > 0) sum.classes[name] = count;
        });
        return sum.n + sum.aborted >= ended;
      });
      return sum;
    },
  };
}

/** A version that is a bare TCP server, for answers that no HTTP server would give. */
export async function rawVersion(
  t: TestContext,
  version: string,
  handle: (socket: Socket, request: string, connection: number) => void,
): Promise<Backend> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = net.createServer((socket) => {
    const connection = ++connections;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => handle(socket, bytes.toString('latin1'), connection));
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { version, endpoints: [{ host: '127.0.0.1', port: (server.address() as AddressInfo).port }] };
}

/** An address where nobody listens. */
export async function deadEndpoint(): Promise<Endpoint> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return { host: '127.0.0.1', port };
}

/** Sends bytes as they are and answers all that comes back until the other side closes or `isEnough`. */
export async function sendRaw(
  where: Endpoint,
  bytes: string | Buffer,
  isEnough: (text: string) => boolean = () => false,
): Promise<string> {
  return await new Promise((resolve, reject) => {
    let text = '';
    const socket = net.connect(where.port, where.host, () => socket.write(bytes));
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new assert.AssertionError({ message: `no end of the answer: ${JSON.stringify(text.slice(0, 200))}` }));
    }, 8_000);
    socket.on('data', (part) => {
      text += part.toString('latin1');
      if (isEnough(text)) socket.destroy();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(text);
    });
  });
}
