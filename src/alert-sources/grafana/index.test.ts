import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toldOf } from '../../alerts/told.ts';
import type { AlertsRead } from '../source.ts';
import { verify } from '../verify.ts';
import { grafana } from './index.ts';
import { grafanaAlert, grafanaMessage, grafanaSigned } from './payload.fixture.ts';

const config = grafana.schema.parse({ secret: { env: 'KEY' }, timestampHeader: 'X-Grafana-Alerting-Timestamp' });
const nowMs = Date.parse('2026-11-29T01:21:00Z');

function readOf(json: unknown): AlertsRead {
  const read = grafana.read(config, { contentType: 'application/json', json });
  assert(!('problem' in read), JSON.stringify(read));
  return read;
}

function toldIn(alert: object) {
  const [one] = readOf(grafanaMessage([alert])).alerts;
  assert(one);
  const told = toldOf(one, 'source', nowMs, 'grafana');
  assert(!('problem' in told), JSON.stringify(told));
  return told;
}

test('an alert has its labels, its texts, its numbers and where there is more', () => {
  const { name, labels, annotations, url, said, startsAtMs, isOver } = toldIn(grafanaAlert());
  assert.deepEqual(
    [name, said, isOver, startsAtMs],
    ['HighLatency', 'p95 of checkout is 3.2 s', false, Date.parse('2026-11-29T01:20:10.5Z')],
  );
  assert.deepEqual(labels, { alertname: 'HighLatency', grafana_folder: 'Shop', service: 'checkout', severity: 'critical' });
  assert.equal(url, 'https://grafana.example/alerting/grafana/fe1h2/view?orgId=1');
  assert.deepEqual(annotations, {
    summary: 'p95 of checkout is 3.2 s',
    runbook_url: 'https://runbooks.example/latency',
    values: 'B = 3.2, C = 1',
    dashboard_url: 'https://grafana.example/d/shop?from=1764379210500&orgId=1&to=1764382810500',
    panel_url: 'https://grafana.example/d/shop?from=1764379210500&orgId=1&to=1764382810500&viewPanel=4',
    silence_url: 'https://grafana.example/alerting/silence/new?alertmanager=grafana&matcher=__alert_rule_uid__%3Dfe1h2&orgId=1',
  });
});

test('the end of an alert is the end of the same one', () => {
  const over = toldIn(grafanaAlert({ status: 'resolved', endsAt: '2026-11-29T01:25:00Z', values: null }));
  assert.deepEqual([over.isOver, over.key], [true, toldIn(grafanaAlert()).key]);
});

test('without data, and with an error, the alert is called after its rule, and is another one', () => {
  const labels = {
    alertname: 'DatasourceNoData',
    rulename: 'HighLatency',
    datasource_uid: 'prom',
    ref_id: 'A',
    grafana_folder: 'Shop',
  };
  const noData = toldIn(grafanaAlert({ labels, values: null, annotations: {} }));
  assert.deepEqual(
    [noData.name, noData.said],
    ['HighLatency: its query has no data', 'HighLatency: its query has no data is firing'],
  );
  assert.notEqual(noData.key, toldIn(grafanaAlert()).key);
  const annotations = { Error: 'failed to query data: connection refused' };
  const failed = toldIn(grafanaAlert({ labels: { ...labels, alertname: 'DatasourceError' }, annotations, values: {} }));
  assert.deepEqual([failed.name, failed.annotations.Error], ['HighLatency: its query failed', annotations.Error]);
  // As rules that alert on no data do.
  const alerting = toldIn(grafanaAlert({ annotations: { grafana_state_reason: 'NoData' } }));
  assert.deepEqual([alerting.name, alerting.key], ['HighLatency: its query has no data', toldIn(grafanaAlert()).key]);
});

test('names that are Grafana’s own are left out, as newer versions leave them out of the message', () => {
  const own = { __alert_rule_uid__: 'fe1h2', __dashboardUid__: 'shop', __value_string__: 'x' };
  const old = toldIn(grafanaAlert({ labels: { ...own, ...(toldIn(grafanaAlert()).labels as object) }, annotations: own }));
  assert.deepEqual([old.key, Object.keys(old.annotations)[0]], [toldIn(grafanaAlert()).key, 'values']);
});

test('a test of the contact point opens nothing; what was left out is said', () => {
  const alert = grafanaAlert({
    labels: { alertname: 'TestAlert', instance: 'Grafana' },
    annotations: { summary: 'Notification test' },
    generatorURL: '?orgId=1',
  });
  const read = readOf(grafanaMessage([alert], { truncatedAlerts: 3 }));
  assert.deepEqual([read.alerts, read.truncated, read.notes.length], [[], 3, 1]);
});

test('an alert that is none does not take the others with it', () => {
  const { alerts, problems } = readOf(grafanaMessage([grafanaAlert({ status: 'alerting' }), grafanaAlert(), 7]));
  assert.equal(alerts.length, 1);
  assert.match(problems.join('\n'), /^alert 1: status: .*\nalert 3: it: /);
});

const refused: readonly [what: string, json: unknown, problem: RegExp][] = [
  ['a message of the legacy alerting', { ruleName: 'x', state: 'alerting', evalMatches: [] }, /legacy alerting/],
  ['a message of an Alertmanager', grafanaMessage([], { version: '4' }), /version 4 .* not "1"/],
  ['a payload of one’s own', { text: 'down' }, /no message of a Grafana contact point: version/],
  ['more alerts than fit', grafanaMessage(Array.from({ length: 2_001 }, () => grafanaAlert())), /alerts/],
];
for (const [what, json, problem] of refused)
  test(`${what} is refused, with what to do`, () => {
    const read = grafana.read(config, { contentType: 'application/json', json });
    assert('problem' in read);
    assert.match(read.problem, problem);
    assert.ok(read.fix.length > 0);
  });

test('the signature of Grafana 12 is taken, with its time and without', () => {
  const body = JSON.stringify(grafanaMessage([grafanaAlert()]));
  for (const [proof, atS] of [
    [grafana.proof(config), nowMs / 1_000],
    [grafana.proof(grafana.schema.parse({ secret: { env: 'KEY' } })), null],
  ] as const) {
    const message = { headers: grafanaSigned(body, 'hmac key', atS), body: Buffer.from(body), nowMs };
    assert.equal(verify(proof, ['hmac key'], message).kind, 'verified');
    assert.equal(verify(proof, ['another'], message).kind, 'refused');
  }
});
