import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { until } from '../../../test/acceptance/stage.ts';
import type { IncidentRow, IncidentView } from '../../views/incident-view.ts';
import { Served } from '../access/server.fixture.ts';

type Heard = { readonly to: string; readonly event: string; readonly thread: string };

/** Two programs that take signed messages over HTTP; the second one does not answer at first. */
const heard: Heard[] = [];
let isSecondUp = false;
const receiver: Server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
  request.on('end', () => {
    const to = request.url ?? '';
    const isUp = to !== '/lead' || isSecondUp;
    if (isUp) {
      const { event, thread } = JSON.parse(body) as Heard;
      heard.push({ to, event, thread });
    }
    response.writeHead(isUp ? 204 : 503).end();
  });
});

const setup = (port: number): string => `apiVersion: rampart/v1
kind: Notifier
metadata: { name: anna-hook }
spec: { webhook: { url: http://127.0.0.1:${port}/anna } }
---
apiVersion: rampart/v1
kind: Notifier
metadata: { name: lead-hook }
spec: { webhook: { url: http://127.0.0.1:${port}/lead } }
---
apiVersion: rampart/v1
kind: Person
metadata: { name: anna }
spec: { fullName: Anna, contacts: [ { notifier: anna-hook } ], accounts: { bot: "12345" } }
---
apiVersion: rampart/v1
kind: Notifier
metadata: { name: bot }
spec: { telegram: { token: { env: BOT_TOKEN }, chat: "-100123", webhookSecret: { env: BOT_SECRET } } }
---
apiVersion: rampart/v1
kind: EscalationPolicy
metadata: { name: all }
spec: { steps: [ { notify: [ { person: anna }, { notifier: lead-hook } ] } ] }
`;

describe('people are told of incidents', () => {
  const served = new Served({}, { BOT_TOKEN: '1:token', BOT_SECRET: 'only-telegram-knows' });
  before(async () => {
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    await served.up();
  });
  after(async () => {
    await served.close();
    receiver.closeAllConnections();
    receiver.close();
  });
  const tell = async (more: object = {}) => {
    const labels = { alertname: 'DiskFull', severity: 'critical' };
    await served.own('POST', '/api/v2/alerts', [{ labels, annotations: { summary: 'full' }, ...more }]);
  };
  const incident = async (): Promise<IncidentView | undefined> => {
    const { incidents } = await served.own<{ incidents: readonly IncidentRow[] }>('GET', '/api/v1/incidents');
    const [row] = incidents;
    return row && (await served.own<IncidentView>('GET', `/api/v1/incidents/${row.id}`));
  };
  const events = (to: string): readonly string[] => heard.filter((one) => one.to === to).map(({ event }) => event);

  test('by the policy at once, of who has taken it and of its end; through a restart, and whoever was not told hears nothing of its end', async () => {
    const { port } = receiver.address() as AddressInfo;
    await served.own('PUT', '/api/v1/incidents/setup', { files: [{ file: 'setup.yaml', text: setup(port) }] });
    await tell();
    await until('anna was told, and it is on record', async () => ((await incident())?.toldAtMs ?? null) !== null);
    const opened = await incident();
    const { messages } = await served.own<{ messages: readonly Record<string, unknown>[] }>(
      'GET',
      `/api/v1/incidents/${opened?.id}/messages`,
    );
    assert.deepEqual(
      messages.map(({ notifier, event, state }) => [notifier, event, state]).toSorted(),
      [
        ['anna-hook', 'trigger', 'delivered'],
        ['lead-hook', 'trigger', 'waiting'],
      ],
      'what waits, and what was delivered',
    );
    assert.ok(!messages.some((message) => 'to' in message || 'id' in message), 'addresses of people are for whoever may see all');
    assert.deepEqual([events('/anna'), heard[0]?.thread], [['trigger'], opened?.id]);
    await served.down();
    await served.up();
    const press = async (from: number, secret: string, notifier = 'bot') => {
      const update = { callback_query: { id: '77', from: { id: from }, data: `a:${opened?.id}` } };
      const headers = { 'x-telegram-bot-api-secret-token': secret };
      return await served.ask('POST', `/inbound/${notifier}`, update, { headers });
    };
    assert.deepEqual(
      [(await press(12_345, 'guessed')).status, (await press(12_345, 'only-telegram-knows', 'anna-hook')).status],
      [401, 401],
    );
    const stranger = await press(666, 'only-telegram-knows');
    assert.deepEqual(stranger.body, {
      ...{ method: 'answerCallbackQuery', callback_query_id: '77', show_alert: true },
      text: 'no person has an account "666" at bot',
    });
    assert.equal((await incident())?.ack, null);
    const pressed = await press(12_345, 'only-telegram-knows');
    assert.deepEqual(pressed.body, { method: 'answerCallbackQuery', callback_query_id: '77', text: 'acknowledged by anna' });
    assert.equal((await incident())?.ack?.by, 'anna');
    await until('she hears that she has it', () => events('/anna').includes('acknowledge'));
    isSecondUp = true;
    await tell({ endsAt: new Date().toISOString() });
    await until('she hears of its end', () => events('/anna').includes('resolve'));
    await until('it is over', async () => (await incident())?.state === 'resolved');
    assert.deepEqual(events('/anna'), ['trigger', 'acknowledge', 'resolve']);
    // What it may have taken in spite of its answer is ended there too, and nothing else comes.
    assert.ok(!events('/lead').includes('trigger'), events('/lead').join());
    const told = async () =>
      (await incident())?.told.map(({ person, notifier, state }) => `${person ?? notifier} ${state}`) ?? [];
    await until('it is noted who was told and who was not', async () => (await told()).includes('lead-hook cancelled'));
    assert.ok((await told()).includes('anna delivered'));
  });
});
