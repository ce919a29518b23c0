import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { temporaryFolder, userError } from './conformance.ts';
import { lockDataFolder } from './data-folder.ts';

test('the folder is made for its owner only, and the lock says where', (t) => {
  const folder = join(temporaryFolder(t), 'a', 'b');
  const lock = lockDataFolder(folder, 'controller', () => 0);
  t.after(() => lock.close());
  assert.equal(lock.folder, folder);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.equal(statSync(join(folder, 'controller.lock')).mode & 0o777, 0o600);
  const holder = JSON.parse(readFileSync(join(folder, 'controller.json'), 'utf8'));
  assert.deepEqual(holder, { pid: process.pid, owner: 'controller', since: '1970-01-01T00:00:00.000Z' });
});

test('a second lock is refused with who has it since when, and succeeds after the first is closed', (t) => {
  const folder = temporaryFolder(t);
  const first = lockDataFolder(folder, 'rampart up', () => 0);
  t.after(() => first.close());
  const refused = userError(
    'E_ALREADY_RUNNING',
    new RegExp(`rampart up \\(pid ${process.pid}, since 1970-01-01T00:00:00.000Z\\)`),
  );
  assert.throws(() => lockDataFolder(folder, 'second'), refused);
  assert.throws(() => lockDataFolder(`${folder}/.`, 'second'), refused);
  first.close();
  const second = lockDataFolder(folder, 'second');
  first.close(); // A late second close of the first must not open the door that is now the second's.
  assert.throws(() => lockDataFolder(folder, 'third'), userError('E_ALREADY_RUNNING', /second/));
  second.close();
  assert.equal(existsSync(join(folder, 'controller.json')), false);
});

test('a holder that cannot be read still keeps others out', (t) => {
  const folder = temporaryFolder(t);
  const lock = lockDataFolder(folder, 'first');
  t.after(() => lock.close());
  for (const text of ['', '{', '[]', '{"pid":"x"}']) {
    writeFileSync(join(folder, 'controller.json'), text);
    assert.throws(() => lockDataFolder(folder, 'second'), userError('E_ALREADY_RUNNING', /just starting/));
  }
});

test('a controller that was killed leaves no lock behind', async (t) => {
  const folder = temporaryFolder(t);
  const child = lockingChild(t, folder);
  assert.equal(await child.answer, 'locked');
  assert.throws(() => lockDataFolder(folder, 'second'), userError('E_ALREADY_RUNNING', new RegExp(`pid ${child.process.pid}`)));
  const ended = once(child.process, 'exit');
  child.process.kill('SIGKILL');
  await ended;
  lockDataFolder(folder, 'second').close();
});

test('of many that start at the same moment exactly one gets the lock', async (t) => {
  const folder = join(temporaryFolder(t), 'new');
  const children = Array.from({ length: 4 }, () => lockingChild(t, folder));
  const answers = await Promise.all(children.map(({ answer }) => answer));
  assert.deepEqual(answers.sort(), ['E_ALREADY_RUNNING', 'E_ALREADY_RUNNING', 'E_ALREADY_RUNNING', 'locked']);
});

test('a path that cannot be a data folder is refused with the reason', (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'file'), '');
  assert.throws(() => lockDataFolder(join(folder, 'file'), 'one'), userError('E_DATA_FOLDER', /it is a file/));
  assert.throws(
    () => lockDataFolder(join(folder, 'file', 'sub'), 'one'),
    userError('E_DATA_FOLDER', /a part of its path is a file/),
  );
  writeFileSync(join(folder, 'controller.lock'), 'somebody wrote into the lock file'.repeat(50));
  assert.throws(() => lockDataFolder(folder, 'one'), userError('E_DATA_FOLDER', /not a database/));
});

/** A process that takes the lock, says so, and keeps it until its input ends (so it ends with this test, whatever happens). */
function lockingChild(t: TestContext, folder: string): { process: ChildProcess; answer: Promise<string> } {
  const script = `
    import { lockDataFolder } from ${JSON.stringify(new URL('./data-folder.ts', import.meta.url).href)};
    let answer = 'locked';
    try { lockDataFolder(process.argv[1], 'child'); } catch (error) { answer = error.code; }
    console.log(answer);
    globalThis.gc();
    process.stdin.resume();
  `;
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '--eval', script, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const answer = once(createInterface(child.stdout), 'line').then(([line]) => String(line));
  return { process: child, answer };
}
