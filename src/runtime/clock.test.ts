import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualTime } from '../../test/simulation/virtual-time.ts';
import { notBefore, steady, systemClock, within } from './clock.ts';

/** Wall clock and monotonic clock after each step, and what the steady clock says. */
const steps: readonly [name: string, wallMs: number, monotonicMs: number, saidMs: number][] = [
  ['both go on', 1_100, 100, 1_100],
  ['the wall clock is set back an hour: the monotonic one counts on', 1_200 - 3_600_000, 200, 1_200],
  ['it goes on from there', 1_500 - 3_600_000, 500, 1_500],
  ['it is set right again', 1_600, 600, 1_600],
  ['it is set forward: later is safe, because a deadline is at most early', 61_700, 700, 61_700],
  ['and back by that minute', 1_800, 800, 61_800],
  ['until it has caught up', 70_000, 900, 70_000],
];

test('the steady clock never goes back', () => {
  let wallMs = 1_000;
  let monotonicMs = 0;
  const now = steady(
    () => wallMs,
    () => monotonicMs,
  );
  assert.equal(now(), 1_000);
  for (const [name, wall, monotonic, said] of steps) {
    wallMs = wall;
    monotonicMs = monotonic;
    assert.equal(now(), said, name);
  }
});

test('a clock that is not before a moment is ahead by a constant, or not at all', () => {
  const time = new VirtualTime(1_000_000);
  const clock = time.clock({ dead: false });
  assert.equal(notBefore(clock, 900_000), clock);
  const ahead = notBefore(clock, 1_500_000);
  assert.equal(ahead.now(), 1_500_000);
  time.elapsedMs = 250;
  assert.equal(ahead.now(), 1_500_250);
});

const never = (): Promise<never> => new Promise(() => {});

test('work that ends in time gives its answer, and its timer is gone', async () => {
  const time = new VirtualTime(0);
  const clock = time.clock({ dead: false });
  assert.equal(await within(clock, 100, 'work', new AbortController().signal, async () => 'done'), 'done');
});

test('work that fails fails with its own reason', async () => {
  const clock = new VirtualTime(0).clock({ dead: false });
  await assert.rejects(
    within(clock, 100, 'work', new AbortController().signal, async () => {
      throw new Error('no such file');
    }),
    /no such file/,
  );
});

test('work that ignores its signal is left behind at its limit', async () => {
  const time = new VirtualTime(0);
  let seen: AbortSignal | undefined;
  const work = within(time.clock({ dead: false }), 100, 'the router', new AbortController().signal, (signal) => {
    seen = signal;
    return never();
  });
  const rejected = assert.rejects(work, /the router gave no answer within 100 ms/);
  await time.runUntil(99);
  assert.equal(seen?.aborted, false);
  await time.runUntil(100);
  await rejected;
  assert.equal(seen?.aborted, true);
});

test('work that is called off ends at once, and is told', async () => {
  const time = new VirtualTime(0);
  const parent = new AbortController();
  let seen: AbortSignal | undefined;
  const work = within(time.clock({ dead: false }), 100, 'the router', parent.signal, (signal) => {
    seen = signal;
    return never();
  });
  const rejected = assert.rejects(work, /the router was called off/);
  parent.abort();
  await rejected;
  assert.equal(seen?.aborted, true);
});

test('a wait ends with its signal, also one that has ended before', async () => {
  const signal = AbortSignal.abort();
  await systemClock.after(1e9, signal);
  const waiting = new AbortController();
  const wait = systemClock.after(1e12, waiting.signal);
  waiting.abort();
  await wait;
});
