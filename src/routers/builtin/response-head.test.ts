import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { headerPairs, type ResponseHead, readResponseHead } from './response-head.ts';

const read = (lines: readonly string[], toHead = false) => readResponseHead(`${lines.join('\r\n')}\r\n`, toHead);

const good: readonly [name: string, lines: readonly string[], want: Partial<ResponseHead>][] = [
  [
    'a length',
    ['HTTP/1.1 200 OK', 'Content-Length: 5'],
    { status: 200, reason: 'OK', framing: 'length', length: 5, reusable: true },
  ],
  [
    'chunks',
    ['HTTP/1.1 200 OK', 'Transfer-Encoding: Chunked', 'X: 1'],
    { framing: 'chunked', lines: 'X: 1\r\n', reusable: true },
  ],
  ['neither', ['HTTP/1.1 200'], { framing: 'close', reason: '', reusable: false }],
  ['HTTP/1.0', ['HTTP/1.0 200 OK', 'Content-Length: 5'], { framing: 'length', reusable: false }],
  ['HTTP/1.0 kept', ['HTTP/1.0 200 OK', 'Content-Length: 5', 'Connection: keep-alive'], { reusable: true }],
  ['closing', ['HTTP/1.1 200 OK', 'Content-Length: 5', 'Connection: Close'], { reusable: false, lines: 'Content-Length: 5\r\n' }],
  ['no content', ['HTTP/1.1 204 No Content', 'Content-Length: 0', 'A: b'], { framing: 'none', lines: 'A: b\r\n' }],
  ['not modified', ['HTTP/1.1 304 Not Modified', 'Content-Length: 9'], { framing: 'none', lines: 'Content-Length: 9\r\n' }],
  [
    'keep-alive',
    ['HTTP/1.1 200 OK', 'A: b', 'Keep-Alive: timeout=5, max=9', 'C: d'],
    { keepAliveS: 5, lines: 'A: b\r\nC: d\r\n' },
  ],
  ['named', ['HTTP/1.1 200 OK', 'Connection: x-a, close', 'X-A: 1', 'X-B: 2'], { lines: 'X-B: 2\r\n', reusable: false }],
  ['length named', ['HTTP/1.1 200 OK', 'Connection: content-length', 'Content-Length: 1'], { lines: 'Content-Length: 1\r\n' }],
  [
    'switching',
    ['HTTP/1.1 101 Go', 'Connection: Upgrade', 'Upgrade: websocket'],
    { upgrade: true, lines: 'Upgrade: websocket\r\n' },
  ],
];
for (const [name, lines, want] of good)
  test(`an answer with ${name} is read`, () => {
    const head = read(lines);
    assert.ok(head);
    assert.deepEqual(Object.fromEntries(Object.keys(want).map((key) => [key, head[key as keyof ResponseHead]])), want);
  });

test('an answer to HEAD has no body whatever it says', () => {
  assert.equal(read(['HTTP/1.1 200 OK', 'Content-Length: 5'], true)?.framing, 'none');
  assert.equal(read(['HTTP/1.1 200 OK', 'Transfer-Encoding: chunked'], true)?.framing, 'none');
});

const bad: readonly (readonly string[])[] = [
  ['HTTP/1.1 99 Low'],
  ['HTTP/1.2 200 OK'],
  ['http/1.1 200 OK'],
  ['HTTP/1.1 200 OK', 'A b: c'],
  ['HTTP/1.1 200 OK', 'A : c'],
  ['HTTP/1.1 200 OK', ' A: c'],
  ['HTTP/1.1 200 OK', 'A: b\nC: d'],
  ['HTTP/1.1 200 OK', 'A: b\rC: d'],
  ['HTTP/1.1 200 OK', 'no colon'],
  ['HTTP/1.1 200 OK', 'Content-Length: -1'],
  ['HTTP/1.1 200 OK', 'Content-Length: 1, 1'],
  ['HTTP/1.1 200 OK', 'Content-Length: 1', 'content-length: 1'],
  ['HTTP/1.1 200 OK', 'Content-Length: 1', 'Transfer-Encoding: chunked'],
  ['HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
  ['HTTP/1.0 200 OK', 'Transfer-Encoding: chunked'],
];
for (const lines of bad) test(`${JSON.stringify(lines)} is not an answer`, () => assert.equal(read(lines), undefined));

test('whatever comes, what is handed on has only whole lines that are safe to send', () => {
  const piece = fc.constantFrom(
    'HTTP/1.1 200 OK',
    '\r\n',
    '\n',
    '\r',
    ': ',
    'Connection',
    'close',
    'Content-Length',
    '5',
    'X-A',
    ' ',
    ',',
    '\0',
    'é',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const head = readResponseHead(`HTTP/1.1 200 OK\r\n${pieces.join('')}\r\n`, false);
      if (head === undefined) return;
      assert.match(head.lines, /^([^\s:]+:[^\r\n\0]*\r\n)*$/);
      assert.equal(headerPairs(head.lines).length, (head.lines.match(/\r\n/g)?.length ?? 0) * 2);
    }),
    { numRuns: 2_000 },
  );
});
