import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { messagesIn, type StreamMessage } from './event-stream.ts';

async function read(...chunks: readonly (string | Uint8Array)[]): Promise<readonly StreamMessage[]> {
  const encoder = new TextEncoder();
  async function* bytes() {
    for (const chunk of chunks) yield typeof chunk === 'string' ? encoder.encode(chunk) : chunk;
  }
  const found: StreamMessage[] = [];
  for await (const message of messagesIn(bytes())) found.push(message);
  return found;
}

const cases: readonly [name: string, text: string, messages: readonly StreamMessage[]][] = [
  ['an event, its data and its id', 'id: 7\nevent: entry\ndata: {}\n\n', [{ event: 'entry', data: '{}', id: '7' }]],
  ['several lines of data are one', 'data: a\ndata: b\n\n', [{ event: 'message', data: 'a\nb', id: null }]],
  [
    'a comment and an unknown field are let be',
    ': hello\nretry: 5\ncolour: red\ndata: a\n\n',
    [{ event: 'message', data: 'a', id: null }],
  ],
  ['without data there is no message', 'event: beat\n\n', []],
  [
    'only one space belongs to the colon',
    'data:  a\n\ndata:b\n\n',
    [
      { event: 'message', data: ' a', id: null },
      { event: 'message', data: 'b', id: null },
    ],
  ],
  [
    'an id lasts until there is another',
    'id: 1\ndata: a\n\ndata: b\n\n',
    [
      { event: 'message', data: 'a', id: '1' },
      { event: 'message', data: 'b', id: '1' },
    ],
  ],
  ['what is cut off by the end is no message', 'data: a\n\ndata: b\n', [{ event: 'message', data: 'a', id: null }]],
];
for (const [name, text, messages] of cases) {
  test(`in an event stream ${name}`, async () => {
    assert.deepEqual(await read(text), messages);
    for (const end of ['\r\n', '\r']) assert.deepEqual(await read(text.replaceAll('\n', end)), messages);
  });
}

test('an event stream means the same wherever its bytes are cut', async () => {
  const whole = new TextEncoder().encode('id: 12\r\nevent: entry\r\ndata: {"said":"всё хорошо"}\r\n\r\nevent: beat\ndata: 1\n\n');
  const messages = await read(whole);
  assert.equal(messages.length, 2);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(whole.length), { maxLength: 20 }), async (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
      const chunks = at.slice(1).map((end, index) => whole.subarray(at[index], end));
      assert.deepEqual(await read(...chunks), messages);
    }),
  );
});
