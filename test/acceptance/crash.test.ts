import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isRunning, kill, rampart, Stage, until } from './stage.ts';
import { ask, Users } from './users.ts';

const slowSteps = '{ canary: { steps: [ { weight: 20%, for: 3s }, { weight: 50%, for: 2s } ] } }';

describe('when something dies', { concurrency: 2 }, () => {
  test('a controller that is killed in the middle of a release is replaced, nothing is started twice and no request is lost', async (t) => {
    const stage = new Stage();
    t.after(() => stage.close());
    await stage.up();
    const shop = await stage.place('shop', { release: { strategy: slowSteps, lease: '30s' } });
    await stage.install(shop, '1.0.0');
    const users = new Users(shop.port, 60);
    try {
      const following = stage.cli('release', shop.file, '--version', '2.0.0', '--wait', '--json');
      await until('the candidate is used', () => (users.seen['2.0.0']?.requests ?? 0) > 2);
      const id = (await stage.service('shop')).live?.id ?? '';
      const running = { instances: stage.instances('shop'), router: stage.routerPid('shop') };
      assert.deepEqual(Object.keys(running.instances).sort(), ['1.0.0', '2.0.0']);
      assert.equal(await stage.down('SIGKILL'), null);
      const answered = users.answered;
      await until('users are served without a controller', () => users.answered > answered + 30);
      assert.deepEqual({ instances: stage.instances('shop'), router: stage.routerPid('shop') }, running);
      await stage.up();
      const view = await stage.release(id);
      assert.equal(view.summary, null, 'the release goes on');
      assert.deepEqual({ instances: stage.instances('shop'), router: stage.routerPid('shop') }, running, 'all are adopted');
      const summary = await stage.end(id);
      assert.equal(summary.outcome, 'succeeded', summary.reason);
      assert.deepEqual(
        { instances: stage.instances('shop'), router: stage.routerPid('shop') },
        { instances: { '2.0.0': running.instances['2.0.0'] }, router: running.router },
      );
      const followed = await following;
      assert.equal(followed.code, 0, followed.err);
      assert.deepEqual(JSON.parse(followed.out), summary, 'whoever follows the release is told its end by the next controller');
    } finally {
      await users.stop();
    }
    assert.equal(users.failed, 0, users.examples.join('; '));
    assert.equal(users.seen.none, undefined);
  });

  test('without a controller the candidate has no traffic within the lease and a second, and the next controller goes on', async (t) => {
    const stage = new Stage();
    t.after(() => stage.close());
    await stage.up();
    const leaseMs = 2_000;
    const shop = await stage.place('shop', { release: { strategy: slowSteps, lease: `${leaseMs}ms` } });
    await stage.install(shop, '1.0.0');
    const users = new Users(shop.port, 60);
    try {
      const id = await stage.begin(shop, '2.0.0');
      await until('the candidate is used', () => (users.seen['2.0.0']?.requests ?? 0) > 2);
      await stage.down('SIGKILL');
      const killedMs = performance.now();
      const away = (): number => performance.now() - (users.lastSentMs['2.0.0'] ?? 0);
      await until('no request has reached the candidate for a second', () => away() > 1_000);
      const lastedMs = (users.lastSentMs['2.0.0'] ?? 0) - killedMs;
      assert(lastedMs <= leaseMs + 1_000, `the candidate had traffic for ${Math.round(lastedMs)} ms without a controller`);
      await stage.up();
      const summary = await stage.end(id);
      assert.equal(summary.outcome, 'succeeded', summary.reason);
      assert(
        (await stage.events(id)).some(({ said }) =>
          said?.includes('went back to stable, because its lease was not renewed in time'),
        ),
      );
    } finally {
      await users.stop();
    }
    assert.equal(users.failed, 0, users.examples.join('; '));
  });

  test('a router that is killed comes back by itself with its route, and the release goes on', async (t) => {
    const stage = new Stage();
    t.after(() => stage.close());
    await stage.up();
    const shop = await stage.place('shop', { release: { strategy: slowSteps } });
    await stage.install(shop, '1.0.0');
    const users = new Users(shop.port, 60);
    try {
      const id = await stage.begin(shop, '2.0.0');
      await until('the candidate is used', () => (users.seen['2.0.0']?.requests ?? 0) > 2);
      const router = stage.routerPid('shop');
      kill(router);
      await until('another router runs', () => stage.routerPid('shop') !== router && isRunning(stage.routerPid('shop')));
      const before = users.seen['2.0.0']?.requests ?? 0;
      await until('the candidate is used again', () => (users.seen['2.0.0']?.requests ?? 0) > before);
      const summary = await stage.end(id);
      assert.equal(summary.outcome, 'succeeded', summary.reason);
      assert.equal(summary.failedRequests, 0);
      assert.deepEqual(await ask(shop.port), { status: 200, version: '2.0.0' });
    } finally {
      await users.stop();
    }
    // What failed, failed because nobody listened.
    const { none, ...versions } = users.seen;
    assert(Object.values(versions).every(({ failed }) => failed === 0));
    assert.equal(users.failed, none?.failed ?? 0);
  });

  test('a router that is killed while nothing is released comes back too', async (t) => {
    const stage = new Stage();
    t.after(() => stage.close());
    await stage.up();
    const shop = await stage.place('shop');
    await stage.install(shop, '1.0.0');
    const router = stage.routerPid('shop');
    kill(router);
    await until('users are served again', async () => (await ask(shop.port)).version === '1.0.0');
    assert.notEqual(stage.routerPid('shop'), router);
  });

  test('a second controller on the same data folder is refused by the name of the first, which works on', async (t) => {
    const stage = new Stage();
    t.after(() => stage.close());
    const pid = await stage.up();
    const refusal = await stage.json<{ code: string; error: string; fix: string }>(3, 'up', '--listen', '127.0.0.1:0');
    assert.equal(refusal.code, 'E_ALREADY_RUNNING');
    assert.match(refusal.error, new RegExp(`in use by tess \\(pid ${pid}, since `));
    assert.match(refusal.fix, new RegExp(`kill ${pid}`));
    await stage.install(await stage.place('shop'), '1.0.0');
    assert.equal(await stage.down('SIGTERM'), 0);
    await stage.up();
    assert.equal((await stage.service('shop')).stable?.version, '1.0.0');
  });

  test('a controller whose reader goes away works on, and ends as it should', async (t) => {
    const stage = new Stage();
    t.after(() => stage.close());
    const child = spawn(process.execPath, [rampart, 'up', '--listen', '127.0.0.1:0'], {
      cwd: stage.folder,
      env: stage.environment,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.stdout.once('data', () => child.stdout.destroy());
    await until('its reader is gone', () => child.stdout.destroyed);
    const pid = await stage.json<{ error: string }>(3, 'up', '--listen', '127.0.0.1:0');
    assert.match(pid.error, new RegExp(`pid ${child.pid}`));
    child.kill('SIGTERM');
    assert.equal(await ended, 0);
    assert.equal(existsSync(join(stage.data, 'api.json')), false, 'it has cleared up');
  });

  test('a damaged log is refused with what to do, and users are served meanwhile', async (t) => {
    const stage = new Stage();
    t.after(() => stage.close());
    await stage.up();
    const shop = await stage.place('shop');
    await stage.install(shop, '1.0.0');
    assert.equal(await stage.down('SIGTERM'), 0);
    const running = { instances: stage.instances('shop'), router: stage.routerPid('shop') };
    const users = new Users(shop.port, 40);
    try {
      assert.equal((await stage.json<{ kind: string }>(0, 'audit', 'verify')).kind, 'intact');
      const file = join(stage.data, 'log.db');
      const bytes = readFileSync(file);
      const place = bytes.lastIndexOf('is stable');
      assert(place > 0);
      const damaged = Buffer.from(bytes);
      damaged[place] = (damaged[place] ?? 0) ^ 1;
      writeFileSync(file, damaged);

      const refusal = await stage.json<{ code: string; error: string; fix: string }>(3, 'up', '--listen', '127.0.0.1:0');
      assert.equal(refusal.code, 'E_LOG_CORRUPT');
      assert.match(refusal.error, /damaged from event \d+ on/);
      assert.match(refusal.fix, /restore a copy of the whole data folder/);
      assert.deepEqual(readFileSync(file), damaged, 'nothing is repaired by itself');
      const verified = await stage.json<{ kind: string; reason: string }>(1, 'audit', 'verify');
      assert.equal(verified.kind, 'broken');
      assert.deepEqual({ instances: stage.instances('shop'), router: stage.routerPid('shop') }, running);

      writeFileSync(file, bytes);
      await stage.up();
      assert.equal((await stage.service('shop')).stable?.version, '1.0.0');
      assert.deepEqual({ instances: stage.instances('shop'), router: stage.routerPid('shop') }, running);
    } finally {
      await users.stop();
    }
    assert.equal(users.failed, 0, users.examples.join('; '));
    assert((users.seen['1.0.0']?.requests ?? 0) > 0);
  });
});
