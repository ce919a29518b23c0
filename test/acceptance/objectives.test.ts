import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Alert } from '../../src/alerts/types.ts';
import type { ReleaseSummary } from '../../src/release/summary.ts';
import type { VerifiedObjective } from '../../src/runtime/objectives/verify.ts';
import type { ObjectiveView } from '../../src/views/objective-view.ts';
import type { ReportJson } from '../../src/views/readiness/json.ts';
import { Alertmanager, alertmanagerProgram } from '../programs/alertmanager.ts';
import { Stage, until } from './stage.ts';
import { Users } from './users.ts';

const stage = new Stage();
/** Short windows, so that a test sees an alert from its beginning to its end. */
const alerts = 'alerts: [ { name: P0, budget: 10%, in: 1m, short: 30s, minBad: 3 } ]';
const objectives = `[ { name: availability, target: 99.9%, window: 1h, ${alerts} } ]`;
const id = 'shop/availability';
let port = 0;

const objective = async (): Promise<ObjectiveView> => {
  const { body } = await stage.ask('GET', `/api/v1/objectives/${id}`);
  return body as ObjectiveView;
};
const counted = async () => {
  const { byVersion } = await objective();
  return Object.fromEntries(byVersion.map(({ version, bad, total }) => [version, { requests: total, failed: bad }]));
};
const alertsOf = async (name: string): Promise<readonly Alert[]> => {
  const { body } = await stage.ask('GET', '/api/v1/alerts?state=all');
  return (body as { alerts: readonly Alert[] }).alerts.filter(({ service }) => service === name);
};
/** Whether nothing of the service fires, by a check. */
async function quiet(code: number): Promise<{ readonly status: string; readonly why: string }> {
  const { phases } = await stage.json<ReportJson>(code, 'check', 'billing');
  const [item] = phases.flatMap((phase) => phase.items);
  assert(item);
  return item;
}
/** Those of a service that answers with nothing but errors, until the end. */
let failed: Users | null = null;

describe('objectives', () => {
  before(() => stage.up());
  after(async () => {
    await failed?.stop();
    await stage.close();
  });

  test('let a check pass while nothing fires', async () => {
    const items = 'items: [ { id: quiet, title: Quiet, validFor: 1s, check: { alerts: { quiet: {} } } } ]';
    stage.write(
      'quiet.yaml',
      `apiVersion: rampart/v1\nkind: Checklist\nmetadata: { name: quiet }\nspec: { phases: [ { id: now, title: Now, ${items} } ] }\n`,
    );
    stage.behaves('6.6.6', { failEvery: 1 });
    const billing = await stage.place('billing', { objectives, readiness: '{ checklist: ./quiet.yaml }' });
    await stage.install(billing, '6.6.6');
    const { status, why } = await quiet(0);
    assert.deepEqual([status, why], ['pass', 'nothing fires']);
    // Their alert has come when it is asked for below.
    failed = new Users(billing.port, 10);
  });

  test('count every request through a killed controller, and alert with the release that did it', async () => {
    const shop = await stage.place('shop', { objectives });
    ({ port } = shop);
    stage.behaves('2.0.0', { failEvery: 1 });
    await stage.install(shop, '1.0.0');
    const users = new Users(shop.port, 25);
    const failing = stage.begin(shop, '2.0.0');
    await until('the users are served', () => users.answered > 40);
    assert.equal((await stage.end(await failing)).outcome, 'rolled-back');
    await stage.down('SIGKILL');
    // Whatever is asked for now is counted by the router, and by nobody else.
    const before = users.answered;
    await until('users are served without a controller', () => users.answered > before + 25);
    await stage.up();
    const seen = await users.stop();
    await until(
      'every request has been counted',
      async () => Object.values(await counted()).reduce((sum, { requests }) => sum + requests, 0) >= users.answered,
      40_000,
    );
    assert.deepEqual(await counted(), seen);
    assert.ok((seen['2.0.0']?.failed ?? 0) >= 3, JSON.stringify(seen));

    await until('it was told', async () => (await alertsOf('shop')).some(({ firedAtMs }) => firedAtMs !== null), 40_000);
    const [alert] = await alertsOf('shop');
    assert(alert?.attribution);
    assert.deepEqual([alert.key, alert.urgency, alert.service], [`${id}/P0`, 'page', 'shop']);
    assert.deepEqual(alert.attribution.release, { id: await failing, version: '2.0.0', stable: '1.0.0' });
    assert.match(alert.attribution.said, /^2\.0\.0 \(release .*\): it fails more: 2\.0\.0 \d+ of \d+ bad/);

    const list = await stage.cli('slo');
    assert.match(list.out, /shop\/availability +99\.9% over 1h +(ok|BREACHING) /);
    const told = await stage.cli('alerts', '--all');
    assert.match(told.out, /(FIRING|RECOVERING|RESOLVED) +shop availability P0 +\(page\)/);
  });

  test('answer a pipeline, refuse a release that they do not bear, and bear it once it is said that something does not count', async () => {
    type Verified = { readonly ok: boolean; readonly results: readonly VerifiedObjective[] };
    const verified = await stage.json<Verified>(1, 'slo', 'verify', 'shop', '--window', '30m');
    assert.deepEqual([verified.ok, verified.results[0]?.state], [false, 'breaching']);
    assert.match(verified.results[0]?.said ?? '', /^availability not kept: \d+ of \d+ bad in 30m/);
    assert.equal((await stage.cli('slo', 'verify', 'shop', '--slo', 'none')).code, 2);

    const gate = '{ slo: availability, left: 100%, window: 10s }';
    const gated = await stage.place('shop', { objectives, release: { gate } }, port);
    const users = new Users(port, 50);
    try {
      const refused = await stage.json<ReleaseSummary>(1, 'release', gated.file, '--version', '3.0.0', '--wait');
      assert.equal(refused.outcome, 'rolled-back');
      assert.match(refused.reason, /availability: .* of the budget left, 100 % are asked for/);
      const corrected = await stage.json<ObjectiveView>(
        ...([0, 'slo', 'correct', id, '--from', '10m', '--to', '+9m55s', '--why', 'a rehearsal'] as const),
      );
      assert.deepEqual([corrected.budget.badEvents, corrected.corrections[0]?.why], [0, 'a rehearsal']);
      assert.ok((corrected.budgetWithoutCorrections?.badEvents ?? 0) >= 3);
      // The gate looks at the last ten seconds that are known: on a slow machine they would still be those that do not count.
      const isKept = async () => (await stage.cli('slo', 'verify', 'shop', '--window', '10s')).code === 0;
      await until('what counts again is kept', isKept);
      assert.equal((await stage.install(gated, '3.1.0')).outcome, 'succeeded');
      assert.equal((await stage.json<Verified>(0, 'slo', 'verify', 'shop', '--window', '10s')).ok, true);
      const audit = await stage.cli('audit', 'list');
      assert.match(audit.out, /correction-added +shop\/availability +a rehearsal/);
    } finally {
      await users.stop();
    }
  });

  test('keep a check from passing while an alert fires, whether of an objective or received from Alertmanager', async (t) => {
    const program = await alertmanagerProgram();
    if ('path' in program) {
      const { url, token } = stage.door();
      const webhook = `{ url: "${url}/api/v1/alertmanager/webhook", http_config: { authorization: { credentials: ${token} } } }`;
      const alertmanager = await Alertmanager.start(
        program.path,
        `route: { receiver: here, group_wait: 0s }\nreceivers: [{ name: here, webhook_configs: [${webhook}] }]\n`,
      );
      t.after(() => alertmanager.close());
      await alertmanager.post([{ labels: { alertname: 'DiskFull', service: 'billing', severity: 'critical' } }]);
      await until('it has come', async () => (await alertsOf('billing')).some(({ name }) => name === 'DiskFull'));
    }
    const fires = async () => (await alertsOf('billing')).some(({ name, state }) => name.endsWith('P0') && state === 'firing');
    await until('the objective tells', fires, 60_000);
    const { why } = await quiet(1);
    assert.match(why, /P0 \(page\) fires since \d+ min/);
    if ('path' in program) assert.match(why, /DiskFull \(page\) fires since 0 min/);
  });
});
