import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ControllerSpec } from '../../spec/controller.ts';
import { controllerDefaults } from '../../spec/controller.ts';
import { openSqliteLog } from '../../stores/sqlite/index.ts';
import { Served } from '../access/server.fixture.ts';
import type { Reach } from './reach.ts';

type Settings = { readonly settings: ControllerSpec; readonly reach: readonly Reach[]; readonly dataFolder: string };

const oidc: ControllerSpec['oidc'] = {
  name: 'Shop login',
  // Nobody listens there.
  issuer: 'http://127.0.0.1:9',
  clientId: 'rampart',
  clientSecret: { env: 'OIDC_SECRET' },
  scopes: ['openid'],
  nameClaim: 'sub',
  roles: [],
};

test('an admin sees what is configured and what is reachable, without a secret', async () => {
  const server = new Served({ oidc }, { OIDC_SECRET: 'hunter2-and-more' });
  await server.up();
  try {
    const viewer = await server.token('viewer', [{ role: 'viewer', services: '*' }]);
    assert.equal((await server.ask('GET', '/api/v1/settings', undefined, { token: viewer.secret })).status, 403);
    const { settings, reach, dataFolder } = await server.own<Settings>('GET', '/api/v1/settings');
    assert.deepEqual(settings.oidc?.clientSecret, { env: 'OIDC_SECRET' });
    assert.equal(dataFolder, server.data);
    const byName = Object.fromEntries(reach.map((one) => [one.what, one]));
    assert.deepEqual([byName.log?.ok, byName.log?.detail.replace(/[\d.]+/, 'N')], [true, 'can be written; has N MiB']);
    assert.equal(byName.disk?.ok, true);
    assert.equal(byName['sign-in']?.ok, false);
    assert.match(byName['sign-in']?.detail ?? '', /Shop login cannot be asked/);
    assert(!JSON.stringify({ settings, reach }).includes('hunter2'));
  } finally {
    await server.close();
  }
});

test('what is set up otherwise than at the start before is on record, with what it was', async () => {
  const server = new Served();
  const recorded = async () => {
    const log = await openSqliteLog(join(server.data, 'log.db'));
    const events = await log.read('access', 0, 100);
    await log.close();
    return events.filter(({ kind }) => kind === 'configured');
  };
  try {
    await server.up();
    await server.down();
    assert.deepEqual(await recorded(), []);
    server.settings = { ...controllerDefaults, cors: { origins: ['https://wall.example'] } };
    for (let times = 0; times < 2; times += 1) {
      await server.up();
      await server.down();
    }
    const [event, second] = await recorded();
    assert(event && second === undefined);
    const { before, after } = event.data as { before: ControllerSpec; after: ControllerSpec };
    assert.deepEqual([before.cors.origins, after.cors.origins], [[], ['https://wall.example']]);
    assert.equal(event.actor, 'tests');
  } finally {
    await server.close();
  }
});

test('a mistake in the document keeps the controller from starting, and says where it is', async () => {
  const { Stage } = await import('../../../test/acceptance/stage.ts');
  const stage = new Stage();
  try {
    const file = join(stage.folder, 'controller.yaml');
    writeFileSync(file, 'apiVersion: rampart/v1\nkind: Controller\nspec:\n  publicURL: https://a.example\n');
    const answer = await stage.cli('up', '--listen', '127.0.0.1:0', '--config', file);
    assert.equal(answer.code, 2);
    assert.match(answer.err, /controller\.yaml:4:3[\s\S]*did you mean "publicUrl"/);
  } finally {
    await stage.close();
  }
});
