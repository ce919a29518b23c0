import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { freePort, rampart, until } from '../../../test/acceptance/stage.ts';
import { Alertmanager, alertmanagerProgram } from '../../../test/programs/alertmanager.ts';
import { fires } from '../../alerts/objective.fixture.ts';
import { alertsStream } from '../../runtime/alerts/alert-records.ts';
import { objectivesStream } from '../../runtime/objectives/objective-records.ts';
import { openSqliteLog } from '../../stores/sqlite/index.ts';
import { Served } from '../access/server.fixture.ts';
import type { Reach } from '../settings/reach.ts';
import { alertsIn } from './alerts.fixture.ts';

const program = await alertmanagerProgram();
const run = promisify(execFile);
type Status = {
  readonly received: { readonly lastAtMs: number | null };
  readonly alertmanagers: readonly { readonly ok: boolean }[];
};

test(
  'an alert on record goes out when the controller starts, and is no news when it comes back by the webhook',
  'missing' in program ? { skip: program.missing } : {},
  async () => {
    assert('path' in program);
    const server = new Served({}, {}, await freePort());
    await server.up();
    const { secret } = await server.token('alerts', [{ role: 'reporter', services: '*' }]);
    const alertmanager = await Alertmanager.start(
      program.path,
      `route: { receiver: rampart, group_wait: 0s, group_interval: 200ms, repeat_interval: 200ms }
receivers:
  - name: rampart
    webhook_configs: [{ url: "${server.host.url}/api/v1/alertmanager/webhook", http_config: { bearer_token: ${secret} } }]
`,
    );
    try {
      await server.down();
      await recordFiring(server.data);
      const resolveTimeoutMs = 300_000;
      const spec = {
        url: alertmanager.url,
        headers: {},
        timeoutMs: 5_000,
        intervalMs: 500,
        resolveTimeoutMs,
        generatorUrl: null,
      };
      server.settings = { ...server.settings, alertmanagers: [spec] };
      await server.up();
      await until('it is active there', async () => (await alertmanager.alerts()).length === 1);
      const told = async () => (await server.own<Status>('GET', '/api/v1/alertmanagers')).received.lastAtMs;
      await until('it has come back', async () => (await told()) !== null);
      const { state, events } = await alertsIn(server.host.log);
      // What the controller says of its own alert meanwhile (no data) is no other one.
      assert.deepEqual([state.open.size, events.filter(({ kind }) => kind !== 'alert-changed').length], [1, 2]);
      const { reach } = await server.own<{ reach: readonly Reach[] }>('GET', '/api/v1/settings');
      const found = reach.find(({ what }) => what === `alertmanager ${alertmanager.url}`);
      assert.deepEqual([found?.ok, found?.detail], [true, 'has taken all alerts']);
      await alertmanager.down();
      const status = async () => (await server.own<Status>('GET', '/api/v1/alertmanagers')).alertmanagers[0];
      await until('it is missed', async () => (await status())?.ok === false);
      const { stdout } = await run(rampart, ['alerts', '--data', server.data]).catch((error) => error);
      assert.match(stdout, /^FIRING {2}checkout availability P0 {2}\(page\)/);
      assert.match(stdout, /^NOT DELIVERED {2}\d+ wait for Alertmanager http:\S+ \(.*: it cannot be reached: ECONNREFUSED/m);
    } finally {
      await alertmanager.close();
      await server.close();
    }
  },
);

/** As a controller did that has ended since. */
async function recordFiring(folder: string): Promise<void> {
  const log = await openSqliteLog(join(folder, 'log.db'));
  try {
    const at = Date.now();
    const events = fires('P0').map((event) => ({ at, release: null, ...event }));
    // Its objective is there as well: an alert without one is ended. Nothing counts for it, and no data ends nothing.
    const objective = { name: 'availability', targetPpm: 999_000, windowMs: 30 * 86_400_000, belowMs: null };
    const data = { id: 'checkout/availability', service: 'checkout', standalone: null, objective, why: '' };
    const set = { at, release: null, kind: 'objective-set', actor: 'controller', data };
    await log.append(await log.claim('tests'), [
      { stream: alertsStream, expectedVersion: 0, events },
      { stream: objectivesStream, expectedVersion: 0, events: [set] },
    ]);
  } finally {
    await log.close();
  }
}
