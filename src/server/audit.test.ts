import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { cutWhenStalled } from './audit.ts';

test('an export that nobody takes is cut off, and one that is read slowly is not', { timeout: 20_000 }, async () => {
  const maxMs = 200;
  const chunk = 'x'.repeat(200_000);
  const ended: string[] = [];
  const server = createServer((request, response) => {
    const lines = Readable.from(
      (function* () {
        for (let sent = 0; sent < 100; sent += 1) yield chunk;
      })(),
      { highWaterMark: 1 },
    );
    const stop = cutWhenStalled(lines, response, maxMs);
    lines.once('error', (error) => {
      ended.push(`${request.url} ${error.message}`);
      response.destroy();
    });
    lines.once('close', stop);
    lines.pipe(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const ask = (path: string) => {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    return socket;
  };
  const silent = ask('/silent').pause();
  const slow = ask('/slow').pause();
  let read = 0;
  slow.on('data', (bytes) => {
    read += bytes.length;
    slow.pause();
  });
  const reading = setInterval(() => slow.resume(), 2);
  try {
    await once(slow, 'close');
    assert(read > 100 * chunk.length, `${read} bytes`);
    assert.deepEqual(ended, ['/silent nothing of it was taken for too long']);
  } finally {
    clearInterval(reading);
    silent.destroy();
    slow.destroy();
    server.close();
  }
});
