/** The story of `disk.test.ts`, run by it where this process may mount a small disk that nobody else sees. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Stage, until } from './stage.ts';
import { ask, Users } from './users.ts';

const leaseMs = 3_000;
const stage = new Stage();
try {
  mkdirSync(stage.data);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'none', stage.data]);
  await stage.up();
  const shop = await stage.place('shop', {
    release: { strategy: '{ canary: { steps: [ { weight: 30%, for: 6s }, { weight: 60%, for: 1s } ] } }', lease: `${leaseMs}ms` },
  });
  await stage.install(shop, '1.0.0');
  const users = new Users(shop.port, 60);
  const id = await stage.begin(shop, '2.0.0');
  await until('the candidate is used', () => (users.seen['2.0.0']?.requests ?? 0) > 5);

  const ballast = join(stage.data, 'ballast');
  fill(ballast);
  await until('the controller says that the disk is full', () => readFileSync(stage.upLog, 'utf8').includes('no space left'));
  const saidMs = performance.now();
  const away = (): number => performance.now() - (users.lastSentMs['2.0.0'] ?? 0);
  await until('no request has reached the candidate for a second', () => away() > 1_000);
  const lastedMs = (users.lastSentMs['2.0.0'] ?? 0) - saidMs;
  assert(lastedMs <= leaseMs + 1_000, `the candidate had traffic for ${Math.round(lastedMs)} ms on a full disk`);
  assert.deepEqual(await ask(shop.port), { status: 200, version: '1.0.0' });

  const ready = await stage.ask('GET', '/ready');
  assert.equal(ready.status, 503, JSON.stringify(ready.body));
  const other = await stage.place('other');
  const refusal = await stage.json<{ code: string; fix: string }>(3, 'release', other.file, '--version', '1.0.0');
  assert.equal(refusal.code, 'E_LOG_FAILING');
  assert.match(refusal.fix, /make room/);
  assert.equal((await stage.json<{ kind: string }>(0, 'audit', 'verify')).kind, 'intact', 'nothing is half-written');

  rmSync(ballast);
  await until('the controller is ready again', async () => (await stage.ask('GET', '/ready')).status === 200);
  assert.equal((await stage.ask('GET', '/api/v1/services/other')).status, 404, 'what was refused has not begun');
  const summary = await stage.end(id);
  assert.equal(summary.outcome, 'succeeded', summary.reason);
  await users.stop();
  assert.equal(users.failed, 0, users.examples.join('; '));
  assert.equal(users.seen.none, undefined);
  assert.equal(await stage.down('SIGTERM'), 0);
  assert.equal((await stage.json<{ kind: string }>(0, 'audit', 'verify')).kind, 'intact');
} catch (error) {
  console.error(error);
  console.error(readFileSync(stage.upLog, 'utf8').slice(-2_000));
  process.exitCode = 1;
} finally {
  await end();
}

/** Whatever is still under way must not keep a failed story alive. */
async function end(): Promise<void> {
  await stage.close(() => execFileSync('umount', ['--lazy', stage.data]));
  process.exit();
}

/** Takes every byte that there is. */
function fill(file: string): void {
  const handle = openSync(file, 'w');
  try {
    for (let size = 1_048_576; size >= 1; size = size > 1 ? size / 4 : 0)
      try {
        for (;;) writeSync(handle, Buffer.alloc(size));
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
      }
  } finally {
    closeSync(handle);
  }
}
