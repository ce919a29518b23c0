import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { allProcesses, isSameProcess, parsePs, parseStat, processesByLife, processMark } from './process-table.ts';

test('a line of /proc/PID/stat is read whatever the name of the program is', () => {
  const after = 'S 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 1 2 3';
  const want = { pid: 42, group: 42, session: 42, mark: 'boot/987654' };
  for (const name of ['node', 'a b', ') S 9 (', '']) assert.deepEqual(parseStat(`42 (${name}) ${after}\n`, 'boot'), want, name);
  assert.equal(parseStat(`42 (node) ${after.replace('S', 'Z')}`, 'boot'), null, 'a zombie does not run');
  assert.equal(parseStat('', 'boot'), null);
  assert.equal(parseStat('42 (node) S 1 42', 'boot'), null);
});

test('the output of ps is read where there is no /proc', () => {
  const text = execFileSync('ps', ['-p', String(process.pid), '-o', 'pid=,pgid=,stat=,lstart='], { encoding: 'utf8' });
  const [own, ...more] = parsePs(text);
  assert.deepEqual(more, []);
  assert.equal(own?.pid, process.pid);
  assert.match(own?.mark ?? '', /^lstart\/\w{3} \w{3} +\d+ \d\d:\d\d:\d\d \d{4}$/);
  assert.deepEqual(parsePs('  7  7 Z+  Thu Jan  1 00:00:00 1970\n\n'), []);
});

test('a process is told from every other one that has its pid', async (t) => {
  const life = `test/1/0:${process.pid}`;
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    env: { RAMPART_INSTANCE: life },
    detached: true,
  });
  t.after(() => child.kill('SIGKILL'));
  const pid = child.pid ?? 0;
  const mark = processMark(pid) ?? '';
  assert(isSameProcess({ pid, mark }));
  assert(!isSameProcess({ pid, mark: `${mark}0` }));
  assert(!isSameProcess({ pid: process.pid, mark }));
  assert(allProcesses().some((entry) => entry.pid === pid && entry.session === pid && entry.group === pid));
  assert.deepEqual(
    processesByLife(new Set([life, 'other']))
      .get(life)
      ?.map((entry) => entry.pid),
    [pid],
  );
  assert.equal(processesByLife(new Set([life.slice(0, -1)])).size, 0, 'a life matches as a whole');
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(processMark(pid), null);
  assert.equal(processesByLife(new Set([life])).size, 0);
});
