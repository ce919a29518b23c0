import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../../../test/acceptance/stage.ts';
import { Alertmanager, alertmanagerProgram } from '../../../test/programs/alertmanager.ts';
import { Prometheus, prometheusProgram } from '../../../test/programs/prometheus.ts';
import type { Alert } from '../../alerts/types.ts';
import { controllerDefaults } from '../../spec/controller.ts';
import { problemIn, Served } from '../access/server.fixture.ts';
import { alertsIn } from './alerts.fixture.ts';

const [alertmanagerIs, prometheusIs] = [await alertmanagerProgram(), await prometheusProgram()];
const skip = (program: typeof prometheusIs) => ('missing' in program ? { skip: program.missing } : {});
const reporter = [{ role: 'reporter', services: '*' }] as const;
const webhook = '/api/v1/alertmanager/webhook';
const posted = '/api/v2/alerts';

const server = new Served({ receivedAlerts: { ...controllerDefaults.receivedAlerts, max: 50 } });
let token = '';
let alertmanager: Alertmanager;
let prometheus: Prometheus;

before(async () => {
  await server.up();
  token = (await server.token('alerts', reporter)).secret;
  const starts: Promise<void>[] = [];
  if ('path' in alertmanagerIs) starts.push(startAlertmanager(alertmanagerIs.path));
  if ('path' in prometheusIs) starts.push(startPrometheus(prometheusIs.path));
  await Promise.all(starts);
});
after(async () => {
  await Promise.all([alertmanager?.close(), prometheus?.close()]);
  await server.close();
});

/** It tells of everything twice, as it can show who it is: by a bearer token, and by basic auth. */
async function startAlertmanager(path: string): Promise<void> {
  const receiver = (name: string, auth: string) =>
    `  - name: ${name}\n    webhook_configs: [{ url: "${server.host.url}${webhook}", http_config: { ${auth} } }]\n`;
  alertmanager = await Alertmanager.start(
    path,
    `route:
  receiver: bearer
  group_by: [team]
  group_wait: 0s
  group_interval: 200ms
  repeat_interval: 200ms
  routes: [{ receiver: basic, matchers: ['team="basic"'] }]
receivers:
${receiver('bearer', `authorization: { credentials: ${token} }`)}${receiver('basic', `basic_auth: { username: any, password: ${token} }`)}`,
  );
}

/** One that fires while `shop_down` is 1, and has this server in the place of an Alertmanager. */
async function startPrometheus(path: string): Promise<void> {
  const rule =
    '{ alert: ShopDown, expr: shop_down == 1, labels: { severity: warning }, annotations: { summary: "shop {{ $value }}" } }';
  prometheus = await Prometheus.start(
    path,
    `global: { evaluation_interval: 1s }
rule_files: [rules.yml]
alerting:
  alertmanagers:
    - basic_auth: { username: prometheus, password: ${token} }
      static_configs: [{ targets: ['${new URL(server.host.url).host}'] }]
`,
    null,
    { files: { 'rules.yml': `groups: [{ name: shop, rules: [${rule}] }]\n` }, flags: ['--rules.alert.resend-delay=1s'] },
  );
  await shopIs(1);
}

async function shopIs(down: number): Promise<void> {
  await prometheus.push([{ labels: { __name__: 'shop_down', job: 'shop' }, samples: [[Date.now(), down]] }]);
}

const openOf = async (name: string): Promise<readonly Alert[]> =>
  [...(await alertsIn(server.host.log)).state.open.values()].filter((alert) => alert.name === name);
const endedOf = async (name: string): Promise<readonly Alert[]> =>
  (await alertsIn(server.host.log)).state.ended.filter((alert) => alert.name === name);
const eventsOf = async (name: string): Promise<readonly string[]> => {
  const { events } = await alertsIn(server.host.log);
  return events.filter(({ data }) => (data as { key: string }).key.includes(`/${name}-`)).map(({ kind }) => kind);
};
const tell = (path: string, body: unknown, shown = token) => server.ask('POST', path, body, { token: shown });
const alert = (name: string, more: object = {}) => ({ labels: { alertname: name }, ...more });
const message = (alerts: readonly object[], more: object = {}) => ({ version: '4', status: 'firing', alerts, ...more });

describe('a real Alertmanager with a webhook to here', skip(alertmanagerIs), () => {
  for (const team of ['bearer', 'basic'])
    test(`tells of a group with ${team} auth: it opens, is repeated without a record, and resolves`, async () => {
      const names = [`Slow${team}`, `Full${team}`];
      const alerts = names.map((alertname) => ({
        labels: { alertname, team, severity: 'critical' },
        annotations: { summary: `${alertname} it is` },
        generatorURL: 'http://prometheus:9090/graph',
      }));
      await alertmanager.post(alerts);
      for (const name of names) await until(`${name} is open`, async () => (await openOf(name)).length === 1);
      const [first] = await openOf(names[0] ?? '');
      assert.deepEqual(
        [first?.state, first?.urgency, first?.said, first?.url, first?.origin, first?.repeatedWithinMs],
        ['firing', 'page', `Slow${team} it is`, 'http://prometheus:9090/graph', 'alertmanager', 43_200_000],
      );
      const held = (await alertmanager.alerts()).find(({ labels }) => labels.alertname === names[0]);
      assert.equal(first?.key, `alertmanager/${names[0]}-${held?.fingerprint}`);
      const seenMs = async () => await lastMessageMs();
      const beforeMs = await seenMs();
      await until('it was repeated', async () => (await seenMs()) > beforeMs + 200);
      assert.deepEqual(await eventsOf(names[0] ?? ''), ['alert-pending', 'alert-fired']);
      await alertmanager.post(alerts.map((one) => ({ ...one, endsAt: new Date().toISOString() })));
      for (const name of names) await until(`${name} is over`, async () => (await endedOf(name)).length === 1);
      assert.equal((await endedOf(names[0] ?? ''))[0]?.said, 'Alertmanager says that it is over');
      assert.deepEqual(await eventsOf(names[1] ?? ''), ['alert-pending', 'alert-fired', 'alert-resolved']);
    });
});

/** When the last message with alerts came, as the settings say. */
async function lastMessageMs(): Promise<number> {
  const { received } = await server.own<{ received: { lastAtMs: number | null } }>('GET', '/api/v1/alertmanagers');
  return received.lastAtMs ?? 0;
}

test('a message delivered again changes nothing', async () => {
  const body = message([alert('Twice', { status: 'firing', startsAt: new Date().toISOString() })], { truncatedAlerts: 3 });
  const [first, second] = [await tell(webhook, body), await tell(webhook, body)];
  const none = { opened: 0, resolved: 0, repeated: 0, ours: 0, passed: 0, truncated: 3, notes: [] };
  assert.deepEqual(
    [first.body, second.body],
    [
      { ...none, opened: 1 },
      { ...none, repeated: 1 },
    ],
  );
  assert.equal((await eventsOf('Twice')).length, 2);
});

test('an alert that nobody repeats is over', async () => {
  const lasting = () => ({ endsAt: new Date(Date.now() + 1_500).toISOString() });
  await tell(posted, [alert('Quiet', lasting())]);
  assert.equal((await openOf('Quiet')).length, 1);
  await until('it is over', async () => (await endedOf('Quiet')).length === 1);
  assert.match((await endedOf('Quiet'))[0]?.said ?? '', /^it was not told of again within \d+s, so it counts as over$/);
});

const wrong: readonly [what: string, path: string, body: unknown, problem: RegExp][] = [
  ['of another version', webhook, message([], { version: '5' }), /^400 E_INPUT this is version 5 of the webhook/],
  ['without a version', webhook, { alerts: [] }, /^400 E_INPUT .*version/],
  ['that is none', webhook, [1], /^400 E_INPUT/],
  ['with a label that is no text', posted, [{ labels: { a: 1 } }], /^400 E_INPUT .*labels/],
  ['with more alerts than fit', posted, Array.from({ length: 2_001 }, () => alert('x')), /^400 E_INPUT/],
  ['with 3 MB', posted, [alert('x', { annotations: { a: 'y'.repeat(3_000_000) } })], /^413 E_INPUT/],
  [
    'with an alert without labels',
    posted,
    [{ labels: {} }, alert('Good')],
    /^400 E_INPUT 1 alert was not taken: alert 1: it has no labels/,
  ],
];
for (const [what, path, body, problem] of wrong)
  test(`a message ${what} is refused with what is wrong`, async () => {
    assert.match(problemIn(await tell(path, body)), problem);
  });

test('the rest of a message with an alert that is wrong is taken', async () => {
  assert.equal((await openOf('Good')).length, 1);
});

test('whoever has no token, or may only look, tells nothing', async () => {
  const { secret } = await server.token('looks', [{ role: 'viewer', services: '*' }]);
  for (const path of [webhook, posted]) {
    const body = path === webhook ? message([alert('Mine', { status: 'firing' })]) : [alert('Mine')];
    assert.match(problemIn(await tell(path, body, secret)), /^403 E_FORBIDDEN token looks may not report alerts$/);
    assert.equal((await server.ask('POST', path, body)).status, 401);
    const headers = { authorization: `Basic ${Buffer.from('a:b').toString('base64')}` };
    assert.equal((await server.ask('POST', path, body, { headers })).status, 401);
  }
  assert.equal((await openOf('Mine')).length, 0);
});

test('whoever may tell of one service only tells of nothing else, and learns of none', async () => {
  const { secret } = await server.token('shop-alerts', [{ role: 'reporter', services: ['shop'] }]);
  const answer = await tell(posted, [{ labels: { alertname: 'Other', service: 'secret' } }], secret);
  assert.equal(problemIn(answer), '403 E_FORBIDDEN token shop-alerts may not report alerts: Other');
});

test('a flood fills the room of other programs, and is told to come again', async () => {
  const flood = Array.from({ length: 60 }, (_, at) => alert(`Flood${at}`));
  assert.match(
    problemIn(await tell(posted, flood)),
    /^503 E_ALERTS_FULL \d+ alerts? (was|were) not taken: 50 of other programs are open/,
  );
  const over = flood.map((one) => ({ ...one, endsAt: new Date().toISOString() }));
  assert.equal((await tell(posted, over)).status, 200);
});

test('whoever sends too often is told to send it again, and not that it is refused for good', async () => {
  const limited = new Served({ rateLimits: { ...controllerDefaults.rateLimits, alerts: { perMinute: 1 } } });
  try {
    await limited.up();
    const { secret } = await limited.token('alerts', reporter);
    const send = () => limited.ask('POST', posted, [alert('Often')], { token: secret });
    assert.equal((await send()).status, 200);
    const answer = await send();
    assert.match(problemIn(answer), /^503 E_ALERTS_FULL token alerts may ask 1 times a minute/);
    assert(Number(answer.headers.get('retry-after')) > 0);
  } finally {
    await limited.close();
  }
});

test('a real Prometheus has this server as its Alertmanager: its alert opens and resolves', skip(prometheusIs), async () => {
  await until('ShopDown is open', async () => (await openOf('ShopDown')).length === 1);
  const [opened] = await openOf('ShopDown');
  assert.deepEqual([opened?.said, opened?.urgency, opened?.labels.job], ['shop 1', 'chat', 'shop']);
  assert.match(opened?.url ?? '', /^http:\/\/.*\/graph\?g0\.expr=shop_down/);
  await shopIs(0);
  await until('ShopDown is over', async () => (await endedOf('ShopDown')).length === 1);
  assert.equal((await endedOf('ShopDown'))[0]?.said, 'alerts says that it is over');
});
