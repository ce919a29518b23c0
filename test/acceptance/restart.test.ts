import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { IncidentView } from '../../src/views/incident-view.ts';
import type { RestartView } from '../../src/views/service-view.ts';
import { Stage, until } from './stage.ts';
import { Users } from './users.ts';

const stage = new Stage();
const incidents = '{ signals: false, respond: { P0: [check, restart], margin: 1s, verify: 40s } }';
const release = { strategy: '{ canary: { steps: [ { weight: 50%, for: 1s } ] } }' };

describe('restart', () => {
  before(() => stage.up());
  after(() => stage.close());

  test('one instance after the other is started anew, and no user notices, also when the controller is killed meanwhile', async () => {
    const shop = await stage.place('shop', { process: { replicas: '3' }, release });
    await stage.install(shop, '1.0.0');
    const old = stage.instances('shop')['1.0.0'] ?? [];
    assert.equal(old.length, 3);
    const dry = await stage.cli('restart', 'shop', '--dry-run');
    assert.match(dry.out, /^would do this: the 3 instances of 1\.0\.0 are started anew one after another/);
    const wrong = await stage.cli('restart', 'shop', '--version', '9.9.9');
    assert.deepEqual([wrong.code, /9\.9\.9 does not run: 1\.0\.0 does/.test(wrong.err)], [2, true], wrong.err);
    assert.deepEqual(stage.instances('shop')['1.0.0'], old);
    const users = new Users(shop.port, 50);
    try {
      assert.equal((await stage.cli('restart', 'shop', '--no-wait', '--why', 'it leaks')).code, 0);
      await until('the first is another one', () => !old.every((pid) => stage.instances('shop')['1.0.0']?.includes(pid)));
      await stage.down('SIGKILL');
      await stage.up();
      await until('it is done', async () => (await stage.service('shop')).restart?.outcome === 'done');
    } finally {
      await users.stop();
    }
    const anew = stage.instances('shop')['1.0.0'] ?? [];
    assert.deepEqual([anew.length, anew.filter((pid) => old.includes(pid))], [3, []]);
    assert.deepEqual([users.failed, users.examples], [0, []]);
    const { instances } = await stage.service('shop');
    for (const { state, restarts, problem } of instances) assert.deepEqual([state, restarts, problem], ['ready', 0, null]);
    const audit = (await stage.ask('GET', '/api/v1/audit?service=shop')).body as {
      readonly entries: readonly {
        readonly kind: string;
        readonly actor: string;
        readonly why: string;
        readonly subject: string;
      }[];
    };
    const entry = audit.entries.find(({ kind }) => kind === 'restart-asked');
    assert.deepEqual([entry?.actor, entry?.why, entry?.subject], ['tess', 'it leaks', '1.0.0']);
    const again = await stage.json<RestartView>(0, 'restart', 'shop');
    assert.deepEqual([again.outcome, again.said], ['done', 'all 3 instances of 1.0.0 have been started anew']);
  });

  test('an instance that does not come back ends it, and the others go on', async () => {
    const till = await stage.place('till', { process: { replicas: '2' }, release });
    await stage.install(till, '1.0.0');
    const old = stage.instances('till')['1.0.0'] ?? [];
    stage.behaves('1.0.0', { crashesAtOnce: true });
    const answer = await stage.cli('restart', 'till');
    stage.behaves('1.0.0', {});
    assert.equal(answer.code, 1, answer.out);
    assert.match(
      answer.out,
      /the restart of 1\.0\.0 has failed: till\/1\.0\.0\/0 does not start: exit code 1.*; the others stay as they are/,
    );
    assert.ok(old.some((pid) => stage.instances('till')['1.0.0']?.includes(pid)));
    await until('the next start of it is fine', async () =>
      (await stage.service('till')).instances.every(({ state }) => state === 'ready'),
    );
    const stop = await stage.cli('restart', 'till', '--stop');
    assert.deepEqual([stop.code, stop.out.trim()], [1, 'no restart is under way']);
  });

  test('the first responder restarts what only a restart helps, without a command for it', async () => {
    const desk = await stage.place('desk', { process: { replicas: '2' }, release, incidents });
    await stage.install(desk, '1.0.0');
    const old = stage.instances('desk')['1.0.0'] ?? [];
    stage.behaves('1.0.0', { sickBefore: Date.now() });
    const tell = async (isFiring: boolean): Promise<void> => {
      const labels = { alertname: 'TooManyErrors', service: 'desk', severity: 'critical' };
      const alert = { labels, ...(isFiring ? {} : { endsAt: new Date().toISOString() }) };
      assert.equal((await stage.ask('POST', '/api/v2/alerts', [alert])).status, 200);
    };
    const incidentOf = async (): Promise<IncidentView> => {
      const { body } = await stage.ask('GET', '/api/v1/incidents?service=desk');
      const [row] = (body as { incidents: readonly { id: string }[] }).incidents;
      return (await stage.ask('GET', `/api/v1/incidents/${row?.id}`)).body as IncidentView;
    };
    await tell(true);
    await until('it looks whether the restart helps', async () =>
      (await incidentOf()).actions.some(({ kind }) => kind === 'verify'),
    );
    assert.ok(!old.some((pid) => stage.instances('desk')['1.0.0']?.includes(pid)));
    assert.equal((await fetch(`http://127.0.0.1:${desk.port}/`)).status, 200);
    await tell(false);
    await until('the incident is over, and how it went is on record', async () => {
      const { state, actions } = await incidentOf();
      return state === 'resolved' && actions.every(({ endedAtMs }) => endedAtMs !== null);
    });
    const { id, actions, person } = await incidentOf();
    const did = actions.map(({ id: action, outcome }) => `${action} ${outcome}`);
    assert.deepEqual([did, person], [['check-1 no-help', 'restart-1 helped', 'verify-1 helped'], null]);
    const { restart } = await stage.service('desk');
    assert.deepEqual([restart?.id, restart?.by, restart?.outcome], [`incident ${id}/restart-1`, 'rampart', 'done']);
  });
});
