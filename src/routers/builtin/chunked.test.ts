import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ChunkedBody, type ChunkedState } from './chunked.ts';

/** Feeds the bytes cut into pieces of these sizes, in turn. */
function feed(bytes: Buffer, sizes: readonly number[]): { state: ChunkedState; content: string; used: number } {
  const body = new ChunkedBody();
  let content = '';
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const piece = bytes.subarray(at, at + (sizes[i % sizes.length] ?? bytes.length));
    const state = body.feed(piece, 0, (part) => {
      content += part.toString('latin1');
    });
    if (state !== 'more') return { state, content, used: at + (state === 'done' ? body.end : 0) };
    at += piece.length;
  }
  return { state: 'more', content, used: bytes.length };
}

test('content comes out as it went in, however the bytes are cut, and what follows is left alone', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
      fc.constantFrom('', ';a=b', ' ;x="y"'),
      fc.constantFrom('', 'X-T: 1\r\n', 'A: b\r\nC: d\r\n'),
      (parts, sizes, extension, trailers) => {
        const chunks = parts.map(
          (part) => `${part.length.toString(16)}${extension}\r\n${Buffer.from(part).toString('latin1')}\r\n`,
        );
        const message = `${chunks.join('')}0\r\n${trailers}\r\n`;
        const found = feed(Buffer.from(`${message}HTTP/1.1`, 'latin1'), sizes);
        assert.deepEqual(found, {
          state: 'done',
          content: parts.map((part) => Buffer.from(part).toString('latin1')).join(''),
          used: message.length,
        });
      },
    ),
  );
});

for (const text of [
  '\r\n',
  'g\r\n',
  '-1\r\n',
  '1\na',
  '1\r\nab\r\n',
  '1\r\na\n',
  '123456789\r\n',
  '0\r\nX: 1\n\r\n',
  '1;\n\r\na\r\n',
  '0\r\n\rx',
])
  test(`${JSON.stringify(text)} is not chunked coding, however it is cut`, () => {
    for (const size of [1, 2, 100]) assert.equal(feed(Buffer.from(text), [size]).state, 'bad');
  });

test('endless extensions and trailers are not waited out', () => {
  assert.equal(feed(Buffer.from(`1;${'x'.repeat(70_000)}`), [1_000]).state, 'bad');
  assert.equal(feed(Buffer.from(`0\r\n${'x'.repeat(70_000)}`), [1_000]).state, 'bad');
});
