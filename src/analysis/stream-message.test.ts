import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLine } from './stream-message.ts';

const counts = { n: 10, e: 1, h: [20, 10] };
const tick = { op: 'tick', run: 'a', t: 5, w: 0.1, stable: counts, canary: null };

test('the messages of the protocol are read as they are', () => {
  const given = [{ op: 'open', run: 'a', tick_s: 5, steps: [{ at: 0, w: 0.1 }], policy: {} }, tick, { op: 'close', run: 'a' }];
  for (const message of given) assert.deepEqual(readLine(JSON.stringify(message)), { message, problem: null });
});

const wrong: readonly [line: unknown, problem: RegExp][] = [
  [[], /expected a JSON object/],
  [null, /expected a JSON object/],
  [{ op: 'tick' }, /^run:/],
  [{ op: 'stop', run: 'a' }, /^op: expected open, tick or close/],
  [{ ...tick, t: 1.5 }, /^t:/],
  [{ ...tick, t: '5' }, /^t:/],
  [{ ...tick, w: 50 }, /^w: expected a weight from 0 to 1/],
  [{ ...tick, stable: undefined }, /^stable: expected counts/],
  [{ ...tick, stable: { ...counts, e: 11 } }, /^stable\.e:/],
  [{ ...tick, canary: { ...counts, n: -1 } }, /^canary\.n:/],
  [{ ...tick, canary: { ...counts, h: [1] } }, /^canary\.h:/],
  [{ op: 'open', run: 'a', policy: { errors: { maxPpm: 1 } } }, /^policy\.errors:/],
  [{ op: 'open', run: 'a', policy: { latency: [{}] } }, /^policy\.latency:/],
];
for (const [line, problem] of wrong)
  test(`${JSON.stringify(line)} is refused`, () => assert.match(readLine(JSON.stringify(line)).problem ?? '', problem));

test('what is no JSON is refused', () => assert.equal(readLine('{"op":').problem, 'no JSON'));
