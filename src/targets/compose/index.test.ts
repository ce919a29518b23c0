import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { ComposeEngine } from '../../../test/programs/compose.ts';
import { nobody } from '../../../test/programs/daemon.ts';
import { UserError } from '../../errors.ts';
import { endpointOf, ensureUntil, eventually, never, targetConformance } from '../conformance.ts';
import type { Workload, WorkloadTarget } from '../target.ts';
import { run } from './command-line.ts';
import { label } from './container.ts';
import { refusalOf } from './refusals.ts';
import type { ComposeDefinition } from './schema.ts';
import { testPlace } from './test-place.fixture.ts';

const engine = await ComposeEngine.start();

if ('missing' in engine) test('compose', { skip: engine.missing }, () => undefined);
else {
  after(() => engine.close());
  // Most of the time is compose's own, between two answers of the engine.
  describe('compose on a real engine', { concurrency: 3 }, () => {
    targetConformance('compose', {
      isRemote: true,
      async place(t) {
        const place = testPlace(t, engine);
        return { open: () => place.open(), good: place.definition('web'), crashing: place.definition('crashing') };
      },
    });

    test('a version has one service of the file, on networks and with secrets as the document says, and is kept running', async (t) => {
      const place = testPlace(t, engine);
      await engine.docker('network', 'create', `${place.project}-net`);
      const target = place.open({ ...engine.env, SHOP_PASS: 'a$b"c' });
      const env = { GREETING: 'hi {version}', PASS: { env: 'SHOP_PASS' } };
      // Without a path its healthcheck says when it is ready.
      const work = place.work(place.definition('checked', { env, network: `${place.project}-net`, health: {} }));
      const sick = await eventually('it is told', async () => (await target.ensure(work, never()))[0]?.problem);
      assert.match(sick, /^not ready: its healthcheck fails: wget: server returned error: HTTP\/1\.1 404/);
      const mine = ['--filter', `label=com.docker.compose.project=${place.project}-shop-1_0_0`];
      const id = await engine.docker('ps', '--quiet', ...mine);
      const isWell = (well: boolean) => engine.docker('exec', id, '/bin/busybox', well ? 'touch' : 'rm', '/www/health');
      await isWell(true);
      const [one] = await ensureUntil(target, work, 'ready');
      const answer = await fetch(`http://127.0.0.1:${endpointOf(one).port}/`);
      assert.equal(await answer.text(), 'shop\n');
      const [seen] = JSON.parse(await engine.docker('inspect', id));
      assert.match(seen.Name, /^\/\S+checked.1$/);
      for (const variable of ['GREETING=hi 1.0.0', 'PASS=a$b"c', 'PRICE=5$'])
        assert(seen.Config.Env.includes(variable), variable);
      assert.equal(seen.Config.Labels[label.version], '1.0.0');
      assert.deepEqual(Object.keys(seen.NetworkSettings.Networks), [`${place.project}-net`]);
      await isWell(false);
      await ensureUntil(target, work, 'unready');
      await isWell(true);
      await engine.docker('stop', id);
      await eventually('somebody has stopped it, and it is there again', async () => {
        const [again] = await target.ensure(work, never());
        return again?.state === 'ready' && again.restarts === 1;
      });
      await target.retire('shop', '1.0.0', never());
      assert.match(await engine.docker('network', 'ls', '--format', '{{.Name}}'), new RegExp(`^${place.project}-net$`, 'm'));
    });

    test('an end by itself is told with its code and what it said last; its output can be read', async (t) => {
      const place = testPlace(t, engine);
      const target = place.open();
      const work = place.work(place.definition('crashing'));
      await eventually('it is told', async () => {
        const [crashed] = await target.ensure(work, never());
        return /^exit code 3 after \d+\.\d s: Error: no such table$/.test(crashed?.problem ?? '');
      });
      assert.equal((await target.output?.('shop', 'shop/1.0.0/0', 5, never()))?.at(-1), 'Error: no such table');
      for (const other of ['shop/1.0.0/7', 'shop/2.0.0/0', 'other/1.0.0/0'])
        assert.deepEqual(await target.output?.('shop', other, 5, never()), [], other);
    });

    test('an image that is not there and a file that compose refuses are told in its own words', async (t) => {
      const place = testPlace(t, engine);
      const target = place.open();
      const missing = await refusal(target, place.work(place.definition('missing')));
      assert.equal(missing.code, 'E_COMPOSE_UP');
      // The engine's own words: nobody answers there, or whatever stands between says so.
      assert.match(missing.message, /^compose cannot start missing from localhost:1\/shop:1\.0\.0: .*(localhost:1|503)/);
      const file = join(place.cwd, 'compose.yaml');
      appendFileSync(file, '  wrong:\n    imge: shop\n');
      const wrong = await refusal(place.open(), place.work(place.definition('web')));
      assert.equal(wrong.code, 'E_COMPOSE_FILE');
      assert.match(wrong.message, /imge/);
      const line =
        readFileSync(file, 'utf8')
          .split('\n')
          .findIndex((text) => text.includes('imge')) + 1;
      assert.equal(wrong.where, `${file}:${line}`);
      writeFileSync(file, 'services: {}\n');
      assert.deepEqual(await target.list('shop', never()), []);
    });

    test('a project of somebody else is not touched', async (t) => {
      const place = testPlace(t, engine);
      const project = `label=com.docker.compose.project=${place.project}-shop-1_0_0`;
      const sleep = ['shop:1.0.0', '/bin/busybox', 'sleep', '600'];
      const theirs = await engine.docker(
        'run',
        '--detach',
        '--network=none',
        '--label',
        project.slice('label='.length),
        ...sleep,
      );
      const target = place.open();
      assert.equal((await refusal(target, place.work(place.definition('web')))).code, 'E_PROJECT_TAKEN');
      await target.retire('shop', '1.0.0', never());
      assert.equal(await engine.docker('ps', '--quiet', '--no-trunc', '--filter', project), theirs);
      await engine.docker('rm', '--force', theirs);
    });

    test('without an engine, without permission and without a command each says what to do', async (t) => {
      const place = testPlace(t, engine);
      const work = place.work(place.definition('web'));
      const gone = place.open({ ...engine.env, DOCKER_HOST: `unix://${place.cwd}/none.sock` });
      const unreachable = await refusal(gone, work);
      assert.equal(unreachable.code, 'E_ENGINE_UNREACHABLE');
      assert.match(unreachable.message, /Cannot connect to the Docker daemon at unix:/);
      assert.match(unreachable.fix, /systemctl start docker/);
      await assert.rejects(gone.list('shop', never()), { code: 'E_ENGINE_UNREACHABLE' });
      await assert.rejects(gone.retire('shop', '1.0.0', never()), { code: 'E_ENGINE_UNREACHABLE' });
      const words = ['setpriv', `--reuid=${nobody}`, '--clear-groups', `--regid=${nobody}`, 'docker', 'ps'];
      const answer = await run({ words, env: engine.env, timeoutMs: 10_000 }, never());
      const forbidden = refusalOf('docker ps', answer);
      assert.equal(forbidden.code, 'E_ENGINE_FORBIDDEN');
      assert.match(forbidden.fix, /usermod -aG docker/);
      assert.equal((await refusal(place.open({ PATH: place.cwd }), work)).code, 'E_DOCKER_MISSING');
    });

    test('without compose it says what to install', async (t) => {
      if (await engine.hasPlugin()) return t.skip('the plugin of this machine is found wherever docker is');
      const place = testPlace(t, engine);
      symlinkSync(engine.program, join(place.cwd, 'docker'));
      const target = place.open({ ...engine.env, PATH: place.cwd });
      assert.equal((await refusal(target, place.work(place.definition('web')))).code, 'E_COMPOSE_MISSING');
    });
  });
}

/** What a target has against a workload. */
async function refusal(target: WorkloadTarget<ComposeDefinition>, work: Workload<ComposeDefinition>): Promise<UserError> {
  return eventually('it is refused', () =>
    target.ensure(work, never()).then(
      () => null,
      (error: unknown) => {
        assert(error instanceof UserError, String(error));
        return error;
      },
    ),
  );
}
