import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { temporaryFolder } from '../conformance.ts';

/*
 * A file system of its own in a mount namespace of its own: the kernel removes it with the last process inside, so that nothing stays
 * mounted however a test ends.
 */
const inNamespace = ['--mount', '--propagation', 'private', ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'])];
const mountsAllowed = spawnSync('unshare', [...inNamespace, 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
const skip = mountsAllowed ? false : 'this machine lets us mount nothing';

const prelude = `
  import assert from 'node:assert/strict';
  import { execFileSync } from 'node:child_process';
  import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
  import { join } from 'node:path';
  import { openSqliteLog } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
  import { lockDataFolder } from ${JSON.stringify(new URL('../data-folder.ts', import.meta.url).href)};
  const folder = process.argv[1];
  const file = join(folder, 'log.db');
  const event = { at: 1, kind: 'noted', release: null, actor: 'child', data: 'x'.repeat(2_000) };
  /** Appends until it fails; answers the error and how many events were acknowledged. */
  async function fill(log, token, version) {
    for (;;) {
      try {
        const [result] = await log.append(token, [{ stream: 'a', expectedVersion: version, events: [event, event, event] }]);
        version = result.version;
      } catch (error) { return { error, version }; }
    }
  }
`;

/** Runs `body` as a module, in a shell that has prepared the ground with `setUp`; fails with what it wrote. */
function run(setUp: string, body: string, folder: string, command: readonly [string, ...string[]]): void {
  const [program, ...args] = command;
  const shell = `set -e; ${setUp}; exec "$NODE" --input-type=module --eval "$SCRIPT" "$1"`;
  const result = spawnSync(program, [...args, 'sh', '-c', shell, 'sh', folder], {
    env: { ...process.env, NODE: process.execPath, SCRIPT: prelude + body },
    encoding: 'utf8',
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  assert.equal(result.status, 0, result.stderr || String(result.error));
}

test('a full disk stores nothing of the batch, and the same log goes on when there is space', { skip }, (t) => {
  const body = `
    writeFileSync(join(folder, 'ballast'), Buffer.alloc(500_000));
    const log = await openSqliteLog(file);
    const token = await log.claim('one');
    const full = await fill(log, token, 0);
    assert.equal(full.error.code, 'E_LOG_FULL', String(full.error.cause ?? full.error));
    assert.match(full.error.fix, /Free space/);
    assert(full.version > 0);
    for (let again = 0; again < 5; again++) {
      const more = await fill(log, token, full.version);
      assert.equal(more.error.code, 'E_LOG_FULL');
      full.version = more.version;
    }
    assert.equal((await log.readAll(0, 100_000)).length, full.version);
    assert.equal((await log.verify()).kind, 'intact');
    rmSync(join(folder, 'ballast'));
    const [result] = await log.append(token, [{ stream: 'a', expectedVersion: full.version, events: [event] }]);
    assert.equal(result.kind, 'appended');
    assert((await log.claim('two')) > token);
    await log.close();
    const again = await openSqliteLog(file);
    assert.equal((await again.verify()).events, full.version + 1);
    await again.close();
  `;
  run('mount -t tmpfs -o size=2m none "$1"', body, temporaryFolder(t), ['unshare', ...inNamespace]);
});

test('on a disk that is full from the start the log says so', { skip }, (t) => {
  const body = `
    try { writeFileSync(join(folder, 'ballast'), Buffer.alloc(2_000_000)); } catch {}
    await assert.rejects(openSqliteLog(file), { code: 'E_LOG_FULL' });
    assert.throws(() => lockDataFolder(folder, 'one'), { code: 'E_DATA_FOLDER', message: /no space/ });
    rmSync(join(folder, 'ballast'));
    await (await openSqliteLog(file)).close();
    lockDataFolder(folder, 'one').close();
  `;
  run('mount -t tmpfs -o size=1m none "$1"', body, temporaryFolder(t), ['unshare', ...inNamespace]);
});

test('a folder that became read-only is refused, and nothing is lost', { skip }, (t) => {
  const body = `
    await (await openSqliteLog(file)).close();
    execFileSync('mount', ['-o', 'remount,ro', folder]);
    await assert.rejects(openSqliteLog(file), { code: 'E_LOG_UNAVAILABLE', message: /not writable/ });
    await assert.rejects(openSqliteLog(join(folder, 'new.db')), { code: 'E_LOG_UNAVAILABLE', message: /not writable/ });
    assert.throws(() => lockDataFolder(folder, 'one'), { code: 'E_DATA_FOLDER', message: /read-only/ });
    assert.throws(() => lockDataFolder(join(folder, 'new'), 'one'), { code: 'E_DATA_FOLDER', message: /read-only/ });
    execFileSync('mount', ['-o', 'remount,rw', folder]);
    await (await openSqliteLog(file)).close();
  `;
  run('mount -t tmpfs none "$1"', body, temporaryFolder(t), ['unshare', ...inNamespace]);
});

// The limit makes every write beyond it fail with EFBIG, which SQLite reports as an I/O error; Node ignores the signal that comes along.
const limits = process.platform === 'linux' ? false : 'prlimit is a program of Linux';
test('an I/O error stores nothing of the batch, and the same log goes on when the disk works again', { skip: limits }, (t) => {
  const body = `
    const log = await openSqliteLog(file);
    const token = await log.claim('one');
    const failed = await fill(log, token, 0);
    assert.equal(failed.error.code, 'E_LOG_UNAVAILABLE', String(failed.error));
    assert.equal((await log.readAll(0, 100_000)).length, failed.version);
    assert.equal((await log.verify()).kind, 'intact');
    execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited']);
    const [result] = await log.append(token, [{ stream: 'a', expectedVersion: failed.version, events: [event] }]);
    assert.equal(result.kind, 'appended');
    await log.close();
    const again = await openSqliteLog(file);
    assert.equal((await again.verify()).events, failed.version + 1);
    await again.close();
  `;
  run('ulimit -S -f 2048', body, temporaryFolder(t), ['env']);
});
