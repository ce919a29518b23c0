import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Stage, until } from './stage.ts';
import { Users } from './users.ts';

type Refusal = { readonly error: string; readonly code: string };

const stage = new Stage();
const hookSource = `
import { appendFileSync } from 'node:fs';
const [file, word, code] = process.argv.slice(2);
const { RAMPART_SERVICE, RAMPART_VERSION, RAMPART_STABLE, RAMPART_WEIGHT } = process.env;
appendFileSync(file, [word, RAMPART_SERVICE, RAMPART_STABLE, RAMPART_VERSION, RAMPART_WEIGHT].join(' ') + '\\n');
if (code) { console.error('no connection to the cache'); process.exit(Number(code)); }
`;
const hookFile = stage.write('hook.mjs', hookSource);
const hook = (file: string, word: string, code = ''): string =>
  JSON.stringify([process.execPath, hookFile, join(stage.folder, file), word, ...(code ? [code] : [])]);
const done = (file: string): readonly string[] => {
  const path = join(stage.folder, file);
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
};

describe('releases of one service', { concurrency: 3 }, () => {
  before(() => stage.up());
  after(() => stage.close());

  test('the version that is stable or live already is refused; a second waits, a third takes its place', async () => {
    const shop = await stage.place('queue', { release: { strategy: '{ canary: { steps: [ { weight: 50%, for: 60s } ] } }' } });
    await stage.install(shop, '1.0.0');
    const stable = await stage.json<Refusal>(1, 'release', shop.file, '--version', '1.0.0');
    assert.deepEqual([stable.code, stable.error], ['E_REFUSED', 'queue: 1.0.0 is the stable version already']);
    const users = new Users(shop.port, 40);
    try {
      const first = await stage.begin(shop, '2.0.0');
      await stage.reaches(first, 'traffic', ({ weight }) => weight === 50);
      const live = await stage.json<Refusal>(1, 'release', shop.file, '--version', '2.0.0');
      assert.equal(live.code, 'E_REFUSED');
      assert.match(live.error, new RegExp(`2\\.0\\.0 is being released already \\(${first}\\)`));

      const second = await stage.begin(shop, '3.0.0');
      assert.equal((await stage.release(second)).state, 'queued');
      assert.match((await stage.json<{ said: string }>(1, 'promote', second)).said, /waits for another release; only abort/);
      const third = await stage.begin(shop, '4.0.0');
      const superseded = await stage.end(second);
      assert.deepEqual([superseded.outcome, superseded.reason], ['superseded', '4.0.0 was asked for after it']);
      assert.deepEqual(Object.keys(stage.instances('queue')).sort(), ['1.0.0', '2.0.0'], 'who waits runs nothing');

      await stage.json(0, 'abort', first);
      assert.equal((await stage.end(first)).outcome, 'rolled-back');
      await stage.reaches(third, 'its turn', ({ state }) => state === 'progressing');
      await stage.json(0, 'promote', third);
      assert.equal((await stage.end(third)).outcome, 'succeeded');
      assert.equal((await stage.service('queue')).stable?.version, '4.0.0');
    } finally {
      await users.stop();
    }
    assert.equal(users.failed, 0, users.examples.join('; '));
  });

  test('hooks run in their place with the release in their environment, and are undone in reverse when it goes back', async () => {
    const steps = `{ canary: { steps: [
        { hook: { name: warm, command: ${hook('hooks', 'warm')}, compensate: { command: ${hook('hooks', 'cool')} } } },
        { weight: 20%, for: 0s },
        { hook: { name: tell, command: ${hook('hooks', 'tell')}, compensate: { command: ${hook('hooks', 'untell')} } } },
        { pause: until-resumed } ] } }`;
    const shop = await stage.place('hooked', { release: { strategy: steps.replaceAll('\n', ' ') } });
    await stage.install(shop, '1.0.0');
    assert.deepEqual(done('hooks'), [], 'the first version goes straight to its users');
    const users = new Users(shop.port, 60);
    try {
      const id = await stage.begin(shop, '2.0.0');
      await stage.reaches(id, 'the pause', ({ doing }) => /until|resume/.test(doing) && done('hooks').length === 2);
      assert.deepEqual(done('hooks'), ['warm hooked 1.0.0 2.0.0 0', 'tell hooked 1.0.0 2.0.0 20']);
      await stage.json(0, 'abort', id);
      const summary = await stage.end(id);
      assert.equal(summary.outcome, 'rolled-back');
      assert.deepEqual(done('hooks').slice(2), ['untell hooked 1.0.0 2.0.0 20', 'cool hooked 1.0.0 2.0.0 20']);
      const { findings } = await stage.release(id);
      assert.deepEqual(
        findings.map(({ what, ok }) => [what, ok]),
        [
          ['warm', true],
          ['tell', true],
          ['undo tell', true],
          ['undo warm', true],
          ['stable after rollback', true],
        ],
      );
    } finally {
      await users.stop();
    }
    assert.equal(users.failed, 0, users.examples.join('; '));
  });

  test('a hook that fails is tried as often as it says, and then the release goes back with its last words', async () => {
    const steps = `{ canary: { steps: [ { hook: { name: warm, attempts: 2, command: ${hook('failing', 'warm', '4')} } }, { weight: 20%, for: 1s } ] } }`;
    const shop = await stage.place('failing', { release: { strategy: steps } });
    await stage.install(shop, '1.0.0');
    const summary = await stage.end(await stage.begin(shop, '2.0.0'));
    assert.equal(summary.outcome, 'rolled-back');
    assert.match(summary.reason, /warm failed: exit code 4: no connection to the cache/);
    assert.equal(summary.candidateRequests, 0);
    assert.equal(done('failing').length, 2);
  });

  test('an approval before the start is waited for, expires, and is called off', async () => {
    const shop = await stage.place('asking', { release: { approval: '{ expires: 1s }' } });
    const expired = await stage.end(await stage.begin(shop, '1.0.0'));
    assert.deepEqual([expired.outcome, expired.reason], ['cancelled', 'nobody approved it in time']);

    const patient = { release: { approval: '{ expires: 60s }' } };
    const { name, file } = await stage.place('patient', patient);
    const called = await stage.begin({ name, file, port: 0 }, '1.0.0');
    await stage.reaches(called, 'it asks', ({ state }) => state === 'awaiting-approval');
    assert.deepEqual(stage.instances(name), {}, 'nothing is started before');
    await stage.json(0, 'abort', called, '--why', 'not today');
    const cancelled = await stage.end(called);
    assert.deepEqual([cancelled.outcome, cancelled.reason], ['cancelled', 'aborted by tess: not today']);

    const approved = await stage.begin({ name, file, port: 0 }, '1.0.0');
    await stage.reaches(approved, 'it asks', ({ state }) => state === 'awaiting-approval');
    await stage.json(0, 'approve', name);
    assert.equal((await stage.end(approved)).outcome, 'succeeded');
    await until('it runs', () => Object.keys(stage.instances(name)).length === 1);
  });
});
