import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/*
 * A file system of its own in a mount namespace of its own: the kernel removes it with the last process inside, so that nothing stays
 * mounted however the test ends.
 */
const inNamespace = ['--mount', '--propagation', 'private', ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'])];
const mountsAllowed = spawnSync('unshare', [...inNamespace, 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
const skip = mountsAllowed ? false : 'this machine lets us mount nothing (unshare --mount, mount -t tmpfs: tried, refused)';

test('a disk that fills during a release leaves users on stable and the log whole, and all goes on when there is space', {
  skip,
}, async () => {
  const story = fileURLToPath(new URL('./full-disk.ts', import.meta.url));
  const child = spawn('unshare', [...inNamespace, process.execPath, story], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 120_000,
  });
  let told = '';
  child.stdout.on('data', (chunk: Buffer) => (told += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  assert.equal(code, 0, told);
});
