import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { UserError } from '../../errors.ts';
import { endpointOf, ensureUntil, eventually, never } from '../conformance.ts';
import { readInstanceLog } from './index.ts';
import { ask, kill, testPlace } from './test-place.fixture.ts';

/** For `assert.rejects`: a `UserError` with this code, which says where and what to do. */
function userError(code: string, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    if (!(error instanceof UserError)) throw error;
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert(error.where !== '' && error.fix !== '');
    return true;
  };
}

test('a process gets its port, names and the given environment, and nothing else of the controller', async (t) => {
  const place = testPlace(t);
  process.env.RAMPART_TEST_SECRET = 'secret';
  t.after(() => delete process.env.RAMPART_TEST_SECRET);
  const target = place.open();
  const env = { URL: 'http://{service}:{port}/{version}', JSON: '{"a":{"b":1}}', NUMBER: 7 };
  const [instance] = await ensureUntil(target, place.work(place.definition('good', { env })), 'ready');
  assert(instance);
  const seen = JSON.parse((await ask(endpointOf(instance).port, '/env')) ?? '');
  const { PORT, HOST, RAMPART_SERVICE, RAMPART_VERSION, RAMPART_INSTANCE, URL, JSON: json, NUMBER, cwd, argv } = seen;
  assert.deepEqual(
    { PORT, HOST, RAMPART_SERVICE, RAMPART_VERSION, URL, json, NUMBER, cwd, argv },
    {
      PORT: String(endpointOf(instance).port),
      HOST: '127.0.0.1',
      RAMPART_SERVICE: 'shop',
      RAMPART_VERSION: '1.0.0',
      URL: `http://shop:${endpointOf(instance).port}/1.0.0`,
      json: '{"a":{"b":1}}',
      NUMBER: '7',
      cwd: place.cwd,
      argv: ['good'],
    },
  );
  assert.match(RAMPART_INSTANCE, /^shop\/1\.0\.0\/0:[0-9a-f-]{36}$/);
  assert.equal(seen.RAMPART_TEST_SECRET, undefined);
  assert.equal(statSync(place.recordFile()).mode & 0o777, 0o600);
  const open = place.definition('good', { inheritEnv: true });
  const [other] = await ensureUntil(target, place.work(open, 1, '2.0.0'), 'ready');
  assert.equal(JSON.parse((await ask(endpointOf(other).port, '/env')) ?? '').RAMPART_TEST_SECRET, 'secret');
});

test('what can never work is refused with what to do', async (t) => {
  const place = testPlace(t);
  const target = place.open();
  const ensure = (more: object) => target.ensure(place.work(place.definition('good', { ...more })), never());
  await assert.rejects(ensure({ command: ['no-such-program'] }), (error) => {
    assert.match((error as UserError).fix, /PATH is \//);
    return userError('E_COMMAND_NOT_FOUND', /was not found: no-such-program$/)(error);
  });
  await assert.rejects(
    ensure({ command: ['./server.mjs'] }),
    userError('E_COMMAND_NOT_FOUND', /is no program: .*\/app\/server\.mjs$/),
  );
  writeFileSync(join(place.cwd, 'broken'), '#!/no/such/interpreter\n', { mode: 0o755 });
  await assert.rejects(ensure({ command: ['./broken'] }), userError('E_COMMAND_NOT_FOUND', /cannot run .*broken/));
  await assert.rejects(ensure({ cwd: join(place.root, '{version}') }), userError('E_CWD_MISSING', /does not exist: .*1\.0\.0$/));
  assert.deepEqual(await target.list('shop', never()), []);
  assert.equal(existsSync(place.recordFile()), false);
  await ensureUntil(target, place.work(place.definition('good')), 'ready');
});

test('names that lead out of the folder are refused', async (t) => {
  const place = testPlace(t);
  const target = place.open();
  const work = place.work(place.definition('good'));
  for (const name of ['..', '.', '', '../x', 'a/b', 'a\\b', 'a..b', '/etc', '-rf', 'a\0b', 'x'.repeat(200)]) {
    await assert.rejects(target.ensure({ ...work, version: name }, never()), userError('E_NAME', /name of a version/), name);
    await assert.rejects(target.ensure({ ...work, service: name }, never()), userError('E_NAME', /name of a service/), name);
    await assert.rejects(target.list(name, never()), userError('E_NAME', /service/), name);
    await assert.rejects(target.retire('shop', name, never()), userError('E_NAME', /version/), name);
    assert.throws(
      () => readInstanceLog(place.folder, { service: 'shop', version: name, ordinal: 0 }, 1),
      userError('E_NAME', /version/),
    );
  }
  assert.deepEqual(readdirSync(place.root), ['app']);
});

test('a folder that takes no files is said, starts nothing and stops nothing that runs', async (t) => {
  const place = testPlace(t);
  const definition = place.definition('good');
  writeFileSync(place.folder, 'a file where the folder should be');
  await assert.rejects(place.open().ensure(place.work(definition), never()), userError('E_DATA_FOLDER', /ENOTDIR/));
  assert.deepEqual(place.processes(), []);
  rmSync(place.folder);
  const target = place.open();
  const before = await ensureUntil(target, place.work(definition), 'ready');
  // A folder in the record's place fails for root too.
  mkdirSync(place.recordFile(1));
  await assert.rejects(target.ensure(place.work(definition, 2), never()), userError('E_DATA_FOLDER', /EISDIR/));
  assert.deepEqual(await target.ensure(place.work(definition), never()), before);
  assert.equal(place.processes().length, 1);
  // The first one's own record may be on its way into its place.
  await eventually('no half-written record is left', async () => {
    const names = readdirSync(join(place.folder, 'shop', '1.0.0')).sort();
    return names.join() === '0.json,0.log,1.json' ? names : null;
  });
});

test('a process that dies at once says why, and how long it lived, and waits longer each time', async (t) => {
  const place = testPlace(t);
  const target = place.open();
  const work = place.work(place.definition('crash'));
  const [crashed] = await ensureUntil(target, work, 'crashed');
  assert.match(crashed?.problem ?? '', /^exit code 1 after \d+\.\d s: Error: no such table$/);
  const port = endpointOf(crashed).port;
  const [later] = await eventually('it was started again twice', async () => {
    const now = await target.ensure(work, never());
    return now.some(({ restarts }) => restarts >= 2) ? now : null;
  });
  assert.equal(endpointOf(later).port, port);
});

test('a process that dies later is told at once, and starts again on its port', async (t) => {
  const place = testPlace(t);
  const target = place.open();
  const work = place.work(place.definition('good', { restart: { backoff: '100ms', max: '100ms' } }));
  const [before] = await ensureUntil(target, work, 'ready');
  assert(before);
  const heard = Promise.withResolvers<string>();
  target.onChange(heard.resolve);
  await ask(endpointOf(before).port, '/crash');
  assert.equal(await heard.promise, 'shop');
  const [crashed] = await target.list('shop', never());
  assert.deepEqual([crashed?.state, crashed?.restarts], ['crashed', 0]);
  assert.match(crashed?.problem ?? '', /^exit code 3 after \d+\.\d s$/);
  const [after] = await ensureUntil(target, work, 'ready');
  assert.deepEqual([after?.restarts, after?.endpoint], [1, endpointOf(before)]);
  kill(place.record().process?.pid ?? 0);
  await eventually('its signal is told', async () =>
    (await target.ensure(work, never())).some(({ problem }) => problem?.startsWith('killed by SIGKILL after')),
  );
});

test('a port that a stranger took during the restart is given up for another', async (t) => {
  const place = testPlace(t);
  const target = place.open();
  const work = place.work(place.definition('good', { restart: { backoff: '300ms', max: '300ms' } }));
  const [before] = await ensureUntil(target, work, 'ready');
  const port = endpointOf(before).port;
  await ask(port, '/crash');
  await ensureUntil(target, work, 'crashed');
  const stranger = createServer().listen(port, '127.0.0.1');
  t.after(() => stranger.close());
  const [after] = await ensureUntil(target, work, 'ready');
  assert.notEqual(endpointOf(after).port, port);
  assert.match(place.logged.join(), new RegExp(`another program listens on port ${port}`));
});

test('readiness comes with the first good check and goes after several bad ones', async (t) => {
  const place = testPlace(t);
  const target = place.open();
  const work = place.work(place.definition('good'));
  const sick = join(place.cwd, 'sick');
  writeFileSync(sick, '');
  await eventually('it says why it is not ready', async () =>
    (await target.ensure(work, never())).some(
      ({ state, problem }) => state === 'starting' && problem === 'not ready: GET /health answered 503',
    ),
  );
  rmSync(sick);
  await ensureUntil(target, work, 'ready');
  writeFileSync(sick, '');
  const [unready] = await ensureUntil(target, work, 'unready');
  assert.equal(unready?.problem, 'not ready: GET /health answered 503');
  rmSync(sick);
  const [again] = await ensureUntil(target, work, 'ready');
  assert.deepEqual([again?.restarts, again?.problem], [0, undefined]);
});

test('a process that does not live any more is ended and started again', async (t) => {
  const place = testPlace(t);
  const target = place.open();
  const liveness = { path: '/live', interval: '30ms', timeout: '100ms', failures: 2 };
  const work = place.work(place.definition('good', { liveness }));
  const [before] = await ensureUntil(target, work, 'ready');
  const pid = place.record().process?.pid;
  writeFileSync(join(place.cwd, 'dead'), '');
  await eventually('it is ended', () => !place.processes().includes(pid ?? 0));
  rmSync(join(place.cwd, 'dead'));
  const [after] = await ensureUntil(target, work, 'ready');
  assert.equal(endpointOf(after).port, endpointOf(before).port);
  assert((after?.restarts ?? 0) >= 1);
  assert.match(
    after?.problem ?? '',
    /^restarted because the liveness check failed 2 times \(GET \/live was not answered within 100 ms\) after \d+\.\d s$/,
  );
});

test('whatever ignores the request to end is killed at the deadline, with all that it started', async (t) => {
  const place = testPlace(t);
  const target = place.open();
  const work = place.work(place.definition('stubborn family', { stop: { deadline: '300ms' } }));
  await ensureUntil(target, work, 'ready');
  await eventually('its child is there', () => place.processes().length === 2);
  const startedMs = performance.now();
  const retired = target.retire('shop', '1.0.0', never());
  const more = { ...work, replicas: 2 };
  await eventually('it is stopping', async () => (await target.ensure(more, never())).every(({ state }) => state === 'stopping'));
  assert.equal((await target.ensure(more, never())).length, 1, 'nothing is started while it is retired');
  await retired;
  const tookMs = performance.now() - startedMs;
  assert(tookMs >= 290 && tookMs < 3_000, `${tookMs} ms`);
  assert.deepEqual(place.processes(), []);
});

test('what a crashed process leaves behind is killed before it is started again', async (t) => {
  const place = testPlace(t);
  const target = place.open();
  const work = place.work(place.definition('family', { restart: { backoff: '1h', max: '1h' } }));
  const [instance] = await ensureUntil(target, work, 'ready');
  await eventually('its child is there', () => place.processes().length === 2);
  await ask(endpointOf(instance).port, '/crash');
  await eventually('nothing is left', () => place.processes().length === 0);
});

test('a retire that is given up goes on, and the next one waits for the same end', async (t) => {
  const place = testPlace(t);
  const target = place.open();
  const work = place.work(place.definition('stubborn', { stop: { deadline: '400ms' } }));
  await ensureUntil(target, work, 'ready');
  const impatient = new AbortController();
  const first = target.retire('shop', '1.0.0', impatient.signal);
  impatient.abort(new Error('no time'));
  await assert.rejects(first, /no time/);
  await target.retire('shop', '1.0.0', never());
  assert.deepEqual(place.processes(), []);
  assert.equal(existsSync(place.recordFile()), false);
});

test('a log is rotated while it is written, within its bounds, and can be read back', async (t) => {
  const place = testPlace(t);
  const target = place.open();
  const work = place.work(place.definition('chatty', { logs: { maxSize: '20KiB', keep: 2 } }));
  await ensureUntil(target, work, 'ready');
  const file = join(place.folder, 'shop', '1.0.0', '0.log');
  await eventually('it was rotated twice', () => existsSync(`${file}.2`));
  assert.equal(existsSync(`${file}.3`), false);
  const lines = readInstanceLog(place.folder, { service: 'shop', version: '1.0.0', ordinal: 0 }, 20);
  assert.equal(lines.length, 20);
  for (const line of lines.slice(0, -1)) assert.equal(line, 'x'.repeat(99));
  await target.retire('shop', '1.0.0', never());
  assert(readFileSync(`${file}.1`).length > 20_000, 'logs stay when a version is retired');
});

test('the logs of the last five ended versions stay', async (t) => {
  const place = testPlace(t);
  const target = place.open();
  const definition = place.definition('crash', { restart: { backoff: '1h', max: '1h' } });
  await target.ensure(place.work(definition, 1, 'running'), never());
  for (const version of ['1', '2', '3', '4', '5', '6']) {
    await target.ensure(place.work(definition, 1, version), never());
    await target.retire('shop', version, never());
  }
  assert.deepEqual(readdirSync(join(place.folder, 'shop')).sort(), ['2', '3', '4', '5', '6', 'running']);
});

test('a controller whose target is closed starts nothing and touches nothing', async (t) => {
  const place = testPlace(t);
  mkdirSync(place.folder);
  const target = place.open();
  const work = place.work(place.definition('good', { restart: { backoff: '10ms', max: '10ms' } }));
  const [instance] = await ensureUntil(target, work, 'ready');
  await target.close();
  await assert.rejects(target.ensure(work, never()), /closed/);
  const record = place.record();
  await ask(endpointOf(instance).port, '/crash');
  await eventually('it is gone', () => place.processes().length === 0);
  assert.deepEqual(place.record(), record);
});
