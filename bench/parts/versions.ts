/** Two versions of nothing, two instances of each, in a thread of their own: they answer with their name, at once or, at `/slow`, after a while. Started by `backends.ts`. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort } from 'node:worker_threads';

/** Long enough to be under way when the route changes. */
const slowMs = 200;
const ports: Record<string, number[]> = {};
/** When the last request came to each, on the clock of all threads of this process. */
const lastAtMs: Record<string, number> = {};
/** Numbers of the requests that came to any of them. */
const received = new Set<number>();
for (const version of ['stable', 'stable', 'candidate', 'candidate']) {
  const server = createServer((request, response) => {
    request.resume();
    lastAtMs[version] = performance.timeOrigin + performance.now();
    received.add(Number(request.headers['x-request']));
    const answer = (): void => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': version.length, 'x-shop-version': version });
      response.end(version);
    };
    if (request.url === '/slow') setTimeout(answer, slowMs);
    else answer();
  });
  // Only the router may end a connection that it keeps: the bench is about its changes of weight.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  (ports[version] ??= []).push((server.address() as AddressInfo).port);
}
parentPort?.on('message', (asked: 'last' | readonly number[]) =>
  parentPort?.postMessage(asked === 'last' ? lastAtMs : asked.filter((number) => received.has(number))),
);
parentPort?.postMessage(ports);
