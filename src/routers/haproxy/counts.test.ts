import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CountsKept } from './counts.ts';
import type { ServerStats } from './server-rows.ts';

/** A server that has ended so many requests, as one run of HAProxy says it. */
function look(second: number, run: string, n: number, given = n) {
  const counters = { n, status: 0, connect: 0, moved: 0, broken: 0, lost: 0 };
  const stats: ServerStats = { isBackup: false, current: 0, given, counters };
  return {
    atMs: second * 1_000,
    run,
    servers: new Map([['rampart1', stats]]),
    versions: new Map([['rampart1', '1.0.0']]),
    weight: 0,
  };
}

const cases: readonly [name: string, looks: readonly ReturnType<typeof look>[], counted: number][] = [
  ['what has come since the first look', [look(0, 'a', 5), look(1, 'a', 9)], 4],
  ['another run that has served more by now', [look(0, 'a', 5), look(1, 'b', 20)], 20],
  ['counters that somebody has cleared', [look(0, 'a', 5), look(1, 'a', 2)], 2],
  ['a total that falls for a moment', [look(0, 'a', 50), look(1, 'a', 48, 51), look(2, 'a', 52)], 2],
];
for (const [name, looks, counted] of cases)
  test(`counted once: ${name}`, () => {
    const counts = new CountsKept();
    for (const one of looks) counts.note(one);
    const samples = counts.samples({ stable: '1.0.0', candidate: null, afterSecond: -1, limit: 10 }, [], null);
    assert.equal(
      samples.reduce((sum, { stable }) => sum + (stable?.n ?? 0), 0),
      counted,
    );
  });
