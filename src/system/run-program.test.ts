import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { runProgram } from './run-program.ts';

const soon = (): AbortSignal => AbortSignal.timeout(20_000);
const shell = (script: string, signal = soon(), env?: NodeJS.ProcessEnv) => runProgram(['sh', '-c', script], { env }, signal);

test('a program is told by its code, its signal and the end of its output', async () => {
  const ended = { kind: 'ended', code: 0, by: null } as const;
  assert.deepEqual(await shell('echo one; echo two >&2'), { ...ended, output: 'one\ntwo\n' });
  assert.deepEqual(await shell('exit 3'), { ...ended, code: 3, output: '' });
  assert.deepEqual(await shell('kill -TERM $$'), { ...ended, code: null, by: 'SIGTERM', output: '' });
  assert.deepEqual(await shell('printf "$WORD"', soon(), { PATH: process.env.PATH, WORD: 'яблоко' }), {
    ...ended,
    output: 'яблоко',
  });
  const long = await shell('head -c 100000 /dev/zero | tr "\\0" x; echo end');
  assert.ok(long.kind === 'ended' && long.output.length === 16_384 && long.output.endsWith('xend\n'));
});

test('a program that is not there says so', async () => {
  const end = await runProgram(['/no/such/program'], {}, soon());
  assert.ok(end.kind === 'not-run' && /ENOENT/.test(end.why));
});

test('what a program leaves running is not waited for', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-program-'));
  const file = join(folder, 'pid');
  t.after(() => {
    process.kill(Number(readFileSync(file, 'utf8')), 'SIGKILL');
    rmSync(folder, { recursive: true });
  });
  // It keeps the pipes.
  const end = await shell(`sleep 60 & echo $! > ${file}; echo begun`);
  assert.deepEqual(end, { kind: 'ended', code: 0, by: null, output: 'begun\n' });
});

test('what a program leaves running ends with it where that is asked for', async () => {
  const end = await runProgram(['sh', '-c', 'sleep 60 & echo $!'], { endsAll: true }, soon());
  assert.ok(end.kind === 'ended');
  const stat = `/proc/${end.output.trim()}/stat`;
  const isGone = (): boolean => !existsSync(stat) || / Z /.test(readFileSync(stat, 'utf8'));
  while (!isGone()) await pause(5, undefined, { signal: soon() });
});

test('all that a program says is heard, by its streams', async () => {
  const heard = { stdout: 0, stderr: 0 };
  const script = 'head -c 300000 /dev/zero; head -c 200000 /dev/zero >&2';
  await runProgram(['sh', '-c', script], { heard: (part, stream) => (heard[stream] += part.length) }, soon());
  assert.deepEqual(heard, { stdout: 300_000, stderr: 200_000 });
});

test('a program that is called off is killed with what it has started', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-program-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'pid');
  const caller = new AbortController();
  const running = shell(`sleep 60 & echo $! > ${file}.new; mv ${file}.new ${file}; wait`, caller.signal);
  while (!existsSync(file)) await pause(5, undefined, { signal: soon() });
  caller.abort();
  assert.deepEqual(await running, { kind: 'called-off', output: '' });
  const pid = Number(readFileSync(file, 'utf8'));
  const isGone = (): boolean => !existsSync(`/proc/${pid}`) || / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  while (!isGone()) await pause(5, undefined, { signal: soon() });
  assert.deepEqual(await shell('echo never', caller.signal), { kind: 'called-off', output: '' });
});

test('a program reads what it is given, or as much as it wants', async () => {
  const input = () => Readable.from(['one\n', 'x'.repeat(1_000_000), '\nend\n']);
  const all = await runProgram(['tail', '-n', '1'], { input: input() }, soon());
  assert.deepEqual(all, { kind: 'ended', code: 0, by: null, output: 'end\n' });
  const some = await runProgram(['head', '-n', '1'], { input: input() }, soon());
  assert.deepEqual(some, { kind: 'ended', code: 0, by: null, output: 'one\n' });
  const none = input();
  assert.equal((await runProgram(['/no/such/program'], { input: none }, soon())).kind, 'not-run');
  assert.ok(none.destroyed);
});
