import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CountsKept } from './counts.ts';
import { LoggedCounts } from './logged-counts.ts';
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

/** Forty requests in second 1, thirty in second 2, and how many lines of the log were read in each. */
const logs: readonly [name: string, lines: readonly [first: number, second: number], known: readonly (number | undefined)[]][] = [
  ['lines that are read in their own second', [40, 30], [40, 30]],
  ['lines that a busy process reads a second late are no missing ones', [5, 65], [5, 65]],
  ['a log that begins in the second after says nothing of the one before', [5, 30], [undefined, 30]],
  ['a log that ends', [40, 0], [40, undefined]],
];
for (const [name, lines, known] of logs)
  test(`counts with a log: ${name}`, () => {
    const counts = new CountsKept();
    for (const one of [look(1, 'a', 0), look(2, 'a', 40), look(3, 'a', 70)]) counts.note(one);
    const logged = new LoggedCounts([]);
    const request = { backend: 'shop', server: 'rampart1', ms: 1, failed: null, isAborted: false };
    for (const [i, count] of lines.entries())
      for (let line = 0; line < count; line += 1) logged.note('1.0.0', request, (i + 1) * 1_000 + line);
    const samples = counts.samples({ stable: '1.0.0', candidate: null, afterSecond: 0, limit: 10 }, [], logged);
    assert.deepEqual(
      samples.map(({ stable }) => stable?.n),
      known,
    );
    assert.equal(counts.isHardlyLogged(logged), known[1] === undefined);
  });
