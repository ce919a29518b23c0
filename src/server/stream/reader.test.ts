import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { until } from '../../../test/acceptance/stage.ts';
import { openMemoryLog } from '../../stores/memory/index.ts';
import { StreamReader } from './reader.ts';

const past = { log: openMemoryLog(), incidentEvents: async () => [] };

/** A real connection whose client takes nothing until it is told to. */
async function connection(t: TestContext): Promise<{ readonly response: ServerResponse; readonly client: Socket }> {
  const server = createServer();
  t.after(() => server.close().closeAllConnections());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as { readonly port: number };
  const client = connect(port, '127.0.0.1').setEncoding('latin1');
  t.after(() => client.destroy());
  client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
  client.pause();
  return { response, client };
}

function readerOf(response: ServerResponse, onEnd = () => {}): StreamReader {
  const warn = (error: unknown): void => assert.fail(String(error));
  return new StreamReader({ past, language: 'en', response, topics: [], afterSeq: null, lastSeq: () => 0, onEnd, warn });
}

/** A level of a megabyte: some of them are more than the two ends of a connection take. */
const level = (number: number): Buffer => Buffer.from(`level ${number} ${'x'.repeat(1_048_576)}\n\n`);

test('of a client that takes nothing no more waits than a quarter of a megabyte and one message', async (t) => {
  const { response } = await connection(t);
  const reader = readerOf(response);
  for (let number = 0; number < 100; number += 1) {
    reader.level('a', level(number));
    reader.passing(level(number));
    assert(response.writableLength <= 262_144 + 1_048_700);
  }
});

test('a client that takes something again gets the newest level of each topic', async (t) => {
  const { response, client } = await connection(t);
  const reader = readerOf(response);
  for (let number = 0; number < 100; number += 1) for (const key of ['a', 'b']) reader.level(key, level(number));
  let text = '';
  client.on('data', (chunk: string) => {
    text = (text + chunk).replaceAll(/x{2,}/g, 'x');
  });
  client.resume();
  await until('the newest of both', () => text.match(/level 99 x/g)?.length === 2);
  const seen = [...text.matchAll(/level (\d+)/g)].map(([, number]) => Number(number));
  assert(seen.length < 60, `${seen.length} levels`);
  assert.deepEqual(
    seen,
    seen.toSorted((a, b) => a - b),
  );
});

test('a client that takes nothing for half a minute is cut off, and one that takes something is not', async (t) => {
  const { response, client } = await connection(t);
  let ends = 0;
  const reader = readerOf(response, () => (ends += 1));
  assert.equal(reader.isStalled(0), false);
  for (let number = 0; number < 20; number += 1) reader.level('a', level(number));
  assert.equal(reader.isStalled(10_000), false);
  assert.equal(reader.isStalled(39_999), false);
  client.resume();
  await until('it has taken all', () => response.writableLength === 0);
  assert.equal(reader.isStalled(60_000), false);
  client.pause();
  for (let number = 0; number < 20; number += 1) reader.level('a', level(number));
  assert.equal(reader.isStalled(60_001), false);
  assert.equal(reader.isStalled(90_001), true);
  reader.end();
  reader.end();
  assert.equal(ends, 1);
  await until('the connection is cut', () => response.destroyed);
  reader.level('a', level(1));
  reader.catchUp();
});
