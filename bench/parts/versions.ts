/** Two versions of nothing, in a thread of their own, that answer at once with their name. Started by `weight-change.ts`. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort } from 'node:worker_threads';

const ports: Record<string, number> = {};
/** When the last request came to each, on the clock of all threads of this process. */
const lastAtMs: Record<string, number> = {};
for (const version of ['stable', 'candidate']) {
  const server = createServer((request, response) => {
    request.resume();
    lastAtMs[version] = performance.timeOrigin + performance.now();
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': version.length, 'x-shop-version': version });
    response.end(version);
  });
  // Only the router may end a connection that it keeps: the bench is about its changes of weight.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ports[version] = (server.address() as AddressInfo).port;
}
parentPort?.on('message', () => parentPort?.postMessage(lastAtMs));
parentPort?.postMessage(ports);
