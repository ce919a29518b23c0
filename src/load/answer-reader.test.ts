import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnswerReader, UnreadableAnswer } from './answer-reader.ts';

const answers: readonly [name: string, text: string, status: number, isKept: boolean, isHead?: boolean][] = [
  ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', 200, true],
  ['nothing', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', 200, true],
  ['no content', 'HTTP/1.1 204 No Content\r\n\r\n', 204, true],
  ['not modified', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', 304, true],
  ['an answer to HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', 200, true, true],
  ['an end', 'HTTP/1.1 500 No\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno', 500, false],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok', 200, false],
  ['HTTP/1.0 that stays', 'HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok', 200, true],
  ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=1\r\n0123456789\r\n0\r\n\r\n', 200, true],
  ['a trailer', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n', 200, true],
  ['an interim answer', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok', 201, true],
];

for (const [name, text, status, isKept, isHead = false] of answers)
  test(`${name} is read to its end, wherever it is cut`, () => {
    const bytes = Buffer.from(text);
    for (let cut = 0; cut < bytes.length; cut += 1) {
      const reader = new AnswerReader();
      // Twice on one connection: nothing of the first is left.
      for (let turn = 0; turn < 2; turn += 1) {
        reader.begin(isHead);
        if (cut > 0) assert.equal(reader.take(bytes.subarray(0, cut)), false, `complete after ${cut} bytes`);
        assert.equal(reader.take(bytes.subarray(cut)), true, `not complete, cut at ${cut}`);
        assert.deepEqual([reader.status, reader.isKept], [status, isKept]);
      }
    }
  });

test('an answer without a length ends with its connection', () => {
  const reader = new AnswerReader();
  reader.begin(false);
  assert.equal(reader.take(Buffer.from('HTTP/1.1 200 OK\r\n\r\nhello')), false);
  assert.deepEqual([reader.endsWithClose, reader.isKept], [true, false]);
});

const unreadable: readonly [name: string, text: string][] = [
  ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
  ['HTTP/2', 'HTTP/2 200\r\n\r\n'],
  ['a chunk without a size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n'],
  ['more than was asked for', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n'],
  ['a head without an end', 'x'.repeat(70_000)],
];

for (const [name, text] of unreadable)
  test(`${name} is no answer`, () => {
    const reader = new AnswerReader();
    reader.begin(false);
    assert.throws(() => reader.take(Buffer.from(text)), UnreadableAnswer);
  });
