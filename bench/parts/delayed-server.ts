import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Milliseconds that answers take in turn: most are quick, one in ten is slow, so that p95 lies among the slow ones. */
const delaysMs = [8, 12, 10, 9, 15, 11, 40, 8, 13, 10, 9, 20, 11, 8, 14, 10, 40, 12, 9, 25] as const;

const body = 'x'.repeat(110);
let count = 0;
const server = createServer((_, response) => {
  const delay = delaysMs[count % delaysMs.length] ?? 0;
  count += 1;
  setTimeout(() => response.end(body), delay);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
// How many requests it has had is asked from outside, so that nobody has to believe the generator.
process.on('message', () => process.send?.({ count }));
process.on('disconnect', () => process.exit(0));
