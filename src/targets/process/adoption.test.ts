import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { UserError } from '../../errors.ts';
import { endpointOf, ensureUntil, eventually, never } from '../conformance.ts';
import { isSameProcess, processMark } from './process-table.ts';
import { ask, kill, testPlace } from './test-place.fixture.ts';

test('a controller that is killed leaves its processes, and the next one adopts them without starting any', async (t) => {
  const place = testPlace(t);
  const definition = place.definition('good');
  const script = join(place.root, 'controller.mjs');
  writeFileSync(
    script,
    `import process from 'node:process'; import { process as target } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))};
     const controller = target.create({ folder: ${JSON.stringify(place.folder)}, environment: process.env });
     const work = ${JSON.stringify(place.work(definition, 2))};
     setInterval(async () => {
       const instances = await controller.ensure(work, new AbortController().signal);
       if (instances.length === 2 && instances.every(({ state }) => state === 'ready')) console.log('ready');
     }, 30);`,
  );
  const controller = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => controller.kill('SIGKILL'));
  await once(controller.stdout, 'data');
  controller.kill('SIGKILL');
  await once(controller, 'exit');
  const pids = [0, 1].map((ordinal) => place.record(ordinal).process?.pid);
  const target = place.open();
  const adopted = await target.ensure(place.work(definition, 2), never());
  for (const [ordinal, instance] of adopted.entries()) {
    assert.deepEqual([instance.state, instance.restarts], ['ready', 0]);
    assert.equal(await ask(endpointOf(instance).port, '/'), String(pids[ordinal]));
  }
  assert.deepEqual([...place.processes()].sort(), pids.sort());
  // It is no child of this controller, so there is no event and no exit code; it is noticed all the same, and started again.
  kill(pids[0] ?? 0);
  const [again] = await eventually('it was started again', async () => {
    const now = await target.ensure(place.work(definition, 2), never());
    return now.some(({ restarts, state }) => restarts === 1 && state === 'ready')
      ? now.filter(({ restarts }) => restarts === 1)
      : null;
  });
  assert.match(again?.problem ?? '', /^ended \(exit code not known, because an earlier controller had started it\) after \d/);
  await target.retire('shop', '1.0.0', never());
  assert.deepEqual(place.processes(), []);
});

test('one bad answer at the take-over does not cut off an instance that was ready', async (t) => {
  const place = testPlace(t);
  const work = place.work(place.definition('good', { health: { interval: '1h', timeout: '500ms' } }));
  const first = place.open();
  const before = await ensureUntil(first, work, 'ready');
  await first.close();
  writeFileSync(join(place.cwd, 'sick'), '');
  assert.deepEqual(await place.open().ensure(work, never()), before);
});

test('a process that was started but not written down is found by its life', async (t) => {
  const place = testPlace(t);
  const definition = place.definition('family');
  const first = place.open();
  const [before] = await ensureUntil(first, place.work(definition), 'ready');
  await first.close();
  assert(before);
  const { process: known, ...rest } = place.record();
  assert(known);
  writeFileSync(place.recordFile(), JSON.stringify({ ...rest, process: null, wasReady: false, readySinceMs: null }));
  const target = place.open();
  // Its child has the same life in its environment; it is the first of the two that is adopted.
  assert.deepEqual(await target.ensure(place.work(definition), never()), [before]);
  assert.equal(place.processes().length, 2);
  await eventually('its pid is on record', () => place.record().process?.pid === known.pid);
});

test('an intent that came to nothing is carried out, and is no restart', async (t) => {
  const place = testPlace(t);
  const definition = place.definition('good');
  const first = place.open();
  const [before] = await ensureUntil(first, place.work(definition), 'ready');
  await first.close();
  const { process: known, life, ...rest } = place.record();
  kill(known?.pid ?? 0);
  await eventually('it is gone', () => place.processes().length === 0);
  writeFileSync(place.recordFile(), JSON.stringify({ ...rest, process: null, life: `${life}x` }));
  const [after] = await ensureUntil(place.open(), place.work(definition), 'ready');
  assert.notEqual(after?.life, before?.life);
  assert.deepEqual({ ...after, life: '' }, { ...before, life: '' });
});

test('a restart that an earlier controller had put on record, and no more, is carried out, and is no crash', async (t) => {
  const place = testPlace(t);
  const definition = place.definition('good');
  const first = place.open();
  const [before] = await ensureUntil(first, place.work(definition), 'ready');
  await first.close();
  writeFileSync(place.recordFile(), JSON.stringify({ ...place.record(), isAskedToEnd: true }));
  const target = place.open();
  const after = await eventually('it was started anew', async () => {
    const [now] = await target.ensure(place.work(definition), never());
    return now?.state === 'ready' && now.life !== before?.life ? now : null;
  });
  assert.deepEqual({ ...after, life: '' }, { ...before, life: '' });
  assert.equal(place.record().isAskedToEnd, false);
});

test('what is to be started anew is on record when the target says that it has begun', async (t) => {
  const place = testPlace(t);
  const definition = place.definition('stubborn', { stop: { deadline: '1h' } });
  const target = place.open();
  const [before] = await ensureUntil(target, place.work(definition), 'ready');
  const instances = [{ id: before?.id ?? '', life: before?.life ?? null }];
  await target.restart?.(place.work(definition), { id: 'r1', askedAtMs: 0, instances }, never());
  assert.equal(place.record().isAskedToEnd, true);
});

test('a process whose start does not match is neither adopted nor touched', async (t) => {
  const place = testPlace(t);
  const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore', detached: true });
  t.after(() => stranger.kill('SIGKILL'));
  const pid = stranger.pid ?? 0;
  const mark = processMark(pid) ?? '';
  const definition = place.definition('good');
  const first = place.open();
  await ensureUntil(first, place.work(definition), 'ready');
  await first.close();
  const record = place.record();
  kill(record.process?.pid ?? 0);
  await eventually('it is gone', () => place.processes().length === 0);
  writeFileSync(
    place.recordFile(),
    JSON.stringify({
      ...record,
      process: { ...record.process, pid, mark: mark.replace(/\d+$/, (tick) => String(Number(tick) - 1)) },
    }),
  );
  const target = place.open();
  assert.deepEqual(await target.list('shop', never()), []);
  const [again] = await ensureUntil(target, place.work(definition), 'ready');
  assert.equal(again?.restarts, 1);
  assert.match(again?.problem ?? '', /^ended while no controller was running/);
  await target.retire('shop', '1.0.0', never());
  assert(isSameProcess({ pid, mark }), 'the stranger lives');
});

test('the back-off goes on where the earlier controller was', async (t) => {
  const place = testPlace(t);
  const definition = place.definition('crash', { restart: { backoff: '50ms', max: '1h' } });
  const first = place.open();
  await eventually('it ended three times', async () => {
    await first.ensure(place.work(definition), never());
    return place.record().ends >= 3;
  });
  await first.close();
  const before = place.record();
  const target = place.open();
  const [waiting] = await target.ensure(place.work(definition), never());
  assert.equal(waiting?.state, 'crashed');
  await eventually('it ended once more', () => place.record().ends > before.ends);
  assert.equal(place.record().restarts, before.restarts + 1);
  assert.equal(place.record().port, before.port);
});

test('a damaged record is refused: going on could start a second process', async (t) => {
  const place = testPlace(t);
  const definition = place.definition('good');
  mkdirSync(dirname(place.recordFile()), { recursive: true });
  for (const text of ['', '{"format":2}', 'not json']) {
    writeFileSync(place.recordFile(), text);
    await assert.rejects(
      place.open().ensure(place.work(definition), never()),
      (error) => error instanceof UserError && error.code === 'E_RECORD_DAMAGED' && error.where === place.recordFile(),
    );
    assert.equal(readFileSync(place.recordFile(), 'utf8'), text);
  }
  assert.deepEqual(place.processes(), []);
});
