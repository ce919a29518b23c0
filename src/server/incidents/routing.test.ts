import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { until } from '../../../test/acceptance/stage.ts';
import type { ExplanationView } from '../../views/explanation-view.ts';
import type { RoutingLintView, SimulationView } from '../../views/routing-view.ts';
import { Served } from '../access/server.fixture.ts';

/** A program that takes signed messages over HTTP. */
const receiver: Server = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(204).end());
});

const tree = (spec: string): string => `apiVersion: rampart/v1
kind: AlertRouting
metadata: { name: default }
spec: ${spec}
`;
const setup = (port: number): string => `apiVersion: rampart/v1
kind: Notifier
metadata: { name: room }
spec: { webhook: { url: http://127.0.0.1:${port}/room } }
---
${tree('{ route: { notifiers: [room], groupBy: [alertname] } }')}`;

describe('who is told of alerts, over the API', () => {
  const served = new Served({});
  before(async () => {
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    await served.up();
    const { port } = receiver.address() as AddressInfo;
    await served.own('PUT', '/api/v1/incidents/setup', { files: [{ file: 'setup.yaml', text: setup(port) }] });
    const labels = { alertname: 'DiskFull', severity: 'critical' };
    await served.own('POST', '/api/v2/alerts', [{ labels, annotations: { summary: 'full' } }]);
  });
  after(async () => {
    await served.close();
    receiver.closeAllConnections();
    receiver.close();
  });
  const explained = (more = ''): Promise<ExplanationView> =>
    served.own<ExplanationView>('GET', `/api/v1/alerts/DiskFull/explain${more}`);

  test('an alert is explained by the routing in force, with what was really told of it', async () => {
    await until('it is on record that the receiver has taken it', async () =>
      (await explained()).messages.some(({ state }) => state === 'delivered'),
    );
    const { alert, nodes, incidents, messages, messageCount } = await explained();
    assert.deepEqual([alert.name, alert.labels.severity, nodes.length, incidents.length], ['DiskFull', 'critical', 1, 1]);
    assert.deepEqual([nodes[0]?.place, nodes[0]?.notifiers, nodes[0]?.group], ['route', ['room'], '{}:{alertname="DiskFull"}']);
    assert.deepEqual([messageCount, messages[0]?.notifier, messages[0]?.incident], [1, 'room', incidents[0]]);
    assert.match(messages[0]?.text ?? '', /room, .*: delivered 20.*Z/);
    const again = await served.own<ExplanationView>('GET', `/api/v1/alerts/${encodeURIComponent(alert.id)}/explain?lang=ru`);
    assert.match(again.nodes[0]?.said[0] ?? '', /первый/);
    const path = `/api/v1/alerts/DiskFull/explain?at=${alert.firedAtMs - 1}`;
    const early = await served.ask('GET', path, undefined, { token: served.ownerToken });
    assert.deepEqual([early.status, (early.body as { code: string }).code], [404, 'E_UNKNOWN_ALERT']);
  });

  test('another routing is played on what is on record, and its mistakes are told at their place', async () => {
    const ask = (text: string, path = 'simulate') =>
      served.ask('POST', `/api/v1/incidents/routing/${path}`, { file: 'next.yaml', text }, { token: served.ownerToken });
    const played = (await ask(tree('{ route: { notifiers: [other] } }'))).body as SimulationView;
    assert.deepEqual(
      played.differences.map(({ receiver: { name }, kind }) => `${name} ${kind}`),
      ['room no-longer', 'other now'],
    );
    assert.equal(played.lostCount, 0);
    const reader = await served.token('reader', [{ role: 'viewer', services: ['shop'] }]);
    const shown = { token: reader.secret };
    const refused = await served.ask('POST', '/api/v1/incidents/routing/lint', { text: '' }, shown);
    const hidden = await served.ask('GET', '/api/v1/alerts/DiskFull/explain', undefined, shown);
    assert.deepEqual([refused.status, hidden.status], [403, 404], 'of services that one may not see nothing is said');
    const wrong = await ask(tree('{ route: { notifier: [other] } }'));
    const { code, problems } = wrong.body as { code: string; problems: readonly { line: number; column: number }[] };
    assert.deepEqual([wrong.status, code, problems[0]?.line], [422, 'E_SPEC', 4]);
    const { found } = (await ask(tree('{ route: { notifiers: [room, other] } }'), 'lint')).body as {
      found: readonly RoutingLintView[];
    };
    assert.deepEqual(
      found.map(({ rule, place, line }) => [rule, place, line]),
      [['no-such-notifier', 'route', 4]],
    );
  });
});
