import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRun, type StreamAnswer, type StreamCounts, type StreamRun, tickRun } from './stream.ts';

const open = { op: 'open', run: 'r', tick_s: 5, steps: [{ at: 0, w: 0.1 }] } as const;
const good = (n: number): StreamCounts => ({ n, e: 0, h: [36, n] });

function play(
  ticks: readonly { t: number; w: number; stable: StreamCounts | null; canary: StreamCounts | null }[],
): StreamAnswer[] {
  const run: StreamRun = openRun(open);
  return ticks.map((tick) => tickRun(run, { op: 'tick', run: 'r', ...tick }));
}

const before = Array.from({ length: 60 }, (_, i) => ({
  t: -295 + 5 * i,
  w: 0,
  stable: { n: 450, e: i % 2, h: [36, 400, 44, 50] },
  canary: good(0),
}));

test('every tick is answered with its run and time', () => {
  const answers = play(before);
  assert.deepEqual(
    answers.map(({ run, t }) => [run, t]),
    before.map(({ t }) => ['r', t]),
  );
});

test('a faulty candidate is aborted with the reason, a good one goes on', () => {
  const during = (e: number) =>
    Array.from({ length: 8 }, (_, i) => ({
      t: 5 + 5 * i,
      w: 0.1,
      stable: { n: 450, e: 0, h: [36, 450] },
      canary: { n: 50, e, h: [36, 50] },
    }));
  const bad = play([...before, ...during(10)]).slice(before.length);
  assert.equal(bad[0]?.verdict, 'abort');
  assert.match(bad[0]?.reason ?? '', /^candidate fails 10 of 50 requests where stable fails 0 of 450; evidence/);
  assert.equal(play([...before, ...during(0)]).at(-1)?.verdict, 'continue');
});

test('missed scrapes hold', () => {
  const missed = Array.from({ length: 14 }, (_, i) => ({ t: 5 + 5 * i, w: 0.1, stable: null, canary: null }));
  assert.equal(play([...before, ...missed]).at(-1)?.verdict, 'hold');
});
