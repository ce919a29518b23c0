import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Stage, until } from './stage.ts';
import { Users } from './users.ts';

/** A stage that a program may reach by address and token. */
class Remote extends Stage {
  remote: { readonly url: string; readonly token: string } | null = null;
  override get environment(): NodeJS.ProcessEnv {
    if (!this.remote) return super.environment;
    return {
      ...super.environment,
      RAMPART_DATA: join(this.folder, 'none'),
      RAMPART_URL: this.remote.url,
      RAMPART_TOKEN: this.remote.token,
    };
  }
}

test('a program that may ask only four times a minute waits for a release, over a restart of the controller', async (t) => {
  const stage = new Remote();
  t.after(() => stage.close());
  const settings = stage.write(
    'controller.yaml',
    'apiVersion: rampart/v1\nkind: Controller\nmetadata: { name: tests }\nspec: { rateLimits: { token: { perMinute: 4 } } }\n',
  );
  await stage.up('--config', settings);
  const shop = await stage.place('shop', {
    release: { strategy: '{ canary: { steps: [ { weight: 20%, for: 3s }, { weight: 50%, for: 3s } ] } }', lease: '30s' },
  });
  await stage.install(shop, '1.0.0');
  const { secret } = await stage.json<{ secret: string }>(0, 'tokens', 'add', 'ci', '--role', 'operator', '--service', 'shop');
  const { url } = stage.door();
  const users = new Users(shop.port, 60);
  t.after(() => users.stop());
  stage.remote = { url, token: secret };
  const waiting = stage.cli('release', shop.file, '--version', '2.0.0', '--wait');
  stage.remote = null;
  await until('the release has begun', async () => (await stage.service('shop')).live?.state === 'progressing');
  const id = (await stage.service('shop')).live?.id ?? '';
  await stage.down('SIGTERM');
  await stage.up('--config', settings, '--listen', new URL(url).host);
  const summary = await stage.end(id);
  const { code, out, err } = await waiting;
  assert.equal(summary.outcome, 'succeeded', summary.reason);
  assert.equal(code, 0, out + err);
  assert.equal(err, '', readFileSync(stage.upLog, 'utf8'));
  const said = (await stage.events(id)).flatMap((event) => event.said ?? []);
  const told = out.split('\n').map((line) => line.replace(/^\d\d:\d\d:\d\d {2}/, ''));
  assert.deepEqual(told.slice(0, said.length), said, 'every line is told once, in order');
});
