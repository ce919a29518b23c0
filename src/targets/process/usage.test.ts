import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileLimitIn, usageIn, usageOf } from './usage.ts';

test('a line of /proc is read whatever the process is called', () => {
  const fields = `1 1 1 0 -1 4194560 0 0 0 0 120 30 7 3 20 0 11 0 12345 0 0`;
  const status = 'Name:\tx\nVmRSS:\t    2048 kB\nThreads:\t11\n';
  for (const name of ['node', 'a) b (c', ') S 1'])
    assert.deepEqual(usageIn(`42 (${name}) S ${fields}`, status), { cpuMs: 1_600, memoryBytes: 2_097_152, threads: 11 });
  assert.deepEqual(usageIn(`42 (node) Z ${fields}`, ''), { cpuMs: 1_600, memoryBytes: 0, threads: 0 });
  for (const bad of ['', '42', '42 (node', '42 (node) S 1 2', '42 (node) S 1 1 1 0 -1 4194560 0 0 0 0 x x x x'])
    assert.equal(usageIn(bad, status), null, bad);
});

test('the limit of open files is the soft one', () => {
  const limits = (soft: string) =>
    `Limit  Soft Limit  Hard Limit  Units\nMax open files            ${soft}                 1048576              files     \n`;
  assert.equal(fileLimitIn(limits('1024')), 1_024);
  assert.equal(fileLimitIn(limits('unlimited')), null);
  assert.equal(fileLimitIn(''), null);
});

test('a process and what it has started count together', { skip: process.platform !== 'linux' }, async () => {
  // By its own processor time: on a busy machine a third of a second may hold little of it.
  const busy = 'const ms = () => process.cpuUsage().user / 1000; while (ms() < 300); setInterval(() => {}, 1000)';
  const child = spawn('/bin/sh', ['-c', `"$0" -e "$1" & wait`, process.execPath, busy], { stdio: 'ignore', detached: true });
  assert(child.pid);
  try {
    const deadline = performance.now() + 20_000;
    for (;;) {
      const usage = await usageOf(child.pid);
      assert(usage);
      if (usage.cpuMs >= 200 && usage.memoryBytes > 20_000_000) break;
      assert(performance.now() < deadline, JSON.stringify(usage));
      await delay(20);
    }
  } finally {
    process.kill(-child.pid, 'SIGKILL');
  }
  assert.equal(await usageOf(2 ** 22 + 1), null);
});
