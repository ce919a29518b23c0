import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { problemIn, Served } from '../access/server.fixture.ts';
import { IncidentAnswer } from '../schemas/incidents.ts';
import { IncidentMessagesAnswer } from '../schemas/notifications.ts';
import { RunbooksAnswer } from '../schemas/runbooks.ts';
import { type Heard, StreamClient } from './client.fixture.ts';

describe('a live stream of incidents', () => {
  const served = new Served();
  const clients: StreamClient[] = [];
  before(() => served.up());
  after(async () => {
    for (const client of clients) client.close();
    await served.close();
  });
  const open = async (query: string, token = served.ownerToken, more: Record<string, string> = {}): Promise<StreamClient> => {
    const client = await StreamClient.open(served.host.url, query, { authorization: `Bearer ${token}`, ...more });
    clients.push(client);
    return client;
  };
  const tell = async (name: string, labels: Record<string, string> = {}): Promise<void> => {
    const alert = { labels: { alertname: name, severity: 'critical', ...labels }, annotations: { summary: 'bad' } };
    await served.own('POST', '/api/v2/alerts', [alert]);
  };
  const verb = async (id: string, body: object): Promise<void> => {
    await served.own('POST', `/api/v1/incidents/${id}/verbs`, body);
  };
  const rows = (heard: Heard | undefined) =>
    (heard?.data.incidents ?? []) as readonly { id: string; service: string | null; state: string }[];

  test('brings the list and one of them as the plain answers are, and its timeline from where the client was, in its language', async () => {
    const list = await open('topic=incidents');
    await list.until('the empty list', () => list.all('incidents').length > 0);
    assert.deepEqual([rows(list.all('incidents')[0]), list.all('incidents')[0]?.data.count], [[], 0]);
    await tell('DiskFull');
    await list.until('the incident', () => rows(list.all('incidents').at(-1)).length === 1);
    const [{ id = '' } = {}] = rows(list.all('incidents').at(-1));
    const one = await open(`topic=incident:${id}&lang=ru&after=0`);
    await one.until('its beginning', () => one.all('incident').length > 0 && one.seqs.length >= 2);
    await verb(id, { verb: 'acknowledge', why: 'mine' });
    await one.until('who has it', () => one.all('incident').some(({ data }) => data.state === 'acknowledged'));
    await one.until('the line of it', () => one.all('entry').some(({ data }) => data.kind === 'incident-acknowledged'));
    await list.until('the same in the list', () => rows(list.all('incidents').at(-1))[0]?.state === 'acknowledged');
    const { runbooks, messages, nowMs, ...incident } = one.all('incident').at(-1)?.data ?? {};
    assert.deepEqual(incident, await served.own('GET', `/api/v1/incidents/${id}?lang=ru`));
    assert.equal(typeof nowMs, 'number');
    IncidentAnswer.parse(incident);
    RunbooksAnswer.parse({ runbooks });
    IncidentMessagesAnswer.parse({ messages });
    const { incidents } = await served.own<{ incidents: unknown }>('GET', '/api/v1/incidents?state=live');
    assert.deepEqual(list.all('incidents').at(-1)?.data.incidents, incidents);
    assert.equal(list.all('entry').length, 0);
    const told = async () =>
      (await served.own<{ events: { seq: number; said: string }[] }>('GET', `/api/v1/incidents/${id}/events?lang=ru`)).events;
    assert.deepEqual(
      one.all('entry').map(({ data: { seq, said, incident: of } }) => [seq, said, of]),
      (await told()).map(({ seq, said }) => [seq, said, id]),
    );
    // Away for a while, also while the server is started anew, it goes on where it was.
    const seen = one.seqs[0] ?? 0;
    one.close();
    await verb(id, { verb: 'note', text: 'a note' });
    await served.down();
    await served.up();
    const again = await open(`topic=incident:${id}&lang=ru`, served.ownerToken, { 'last-event-id': String(seen) });
    const all = await told();
    await again.until('what it has missed', () => again.seqs.length >= all.length - 1);
    await verb(id, { verb: 'resolve' });
    await again.until('its end', () => again.all('entry').some(({ data }) => data.kind === 'incident-resolved'));
    assert.deepEqual(
      again.seqs,
      (await told()).slice(1).map(({ seq }) => seq),
    );
  });

  test('shows nobody an incident or a change that they may not see, and ends when they may not any more', async () => {
    const document = `apiVersion: rampart/v1
kind: Service
metadata: { name: shop }
spec:
  target: { process: { command: [rampart-has-no-such-program] } }
  router: { builtin: { listen: 127.0.0.1:1 } }
`;
    const { release } = await served.own<{ release: string }>('POST', '/api/v1/releases', {
      document,
      folder: '/',
      version: '1.0.0',
    });
    await served.own('POST', `/api/v1/releases/${release}/verbs`, { verb: 'abort', why: 'enough' });
    await tell('ShopFails', { service: 'shop' });
    await tell('SecretFails');
    const all = await open('topic=incidents');
    await all.until('both', () => rows(all.all('incidents').at(-1)).length === 2);
    const [ofNone, ofShop] = [null, 'shop'].map(
      (of) => rows(all.all('incidents').at(-1)).find(({ service }) => service === of)?.id,
    );
    const { token, secret } = await served.token('shop-viewer', [{ role: 'viewer', services: ['shop'] }]);
    const refused = async (query: string): Promise<string> =>
      problemIn(await served.ask('GET', `/api/v1/stream?${query}`, undefined, { token: secret }));
    assert.match(await refused(`topic=incident:${ofNone}`), /^404 E_UNKNOWN_INCIDENT/);
    assert.match(await refused('topic=incident:none'), /^404 E_UNKNOWN_INCIDENT/);
    assert.match(await refused('topic=notifications'), /^403 E_FORBIDDEN/);
    assert.match(await refused('topic=status-page'), /^403 E_FORBIDDEN/);
    const mine = await open(`topic=incidents&topic=incident:${ofShop}&topic=silences&topic=on-call`, secret);
    await mine.until('its levels', () => mine.all('incident').length > 0 && mine.all('changed').length === 2);
    assert.deepEqual(
      mine.all('incidents').flatMap((heard) => rows(heard).map(({ service }) => service)),
      ['shop'],
    );
    assert.equal(mine.all('incidents').at(-1)?.data.count, 1);
    await served.own('POST', '/api/v1/silences', { matchers: ['team="x"'], for: '1h' });
    await mine.until('that silences have changed', () => mine.all('changed').length === 3);
    const { what, seq } = mine.all('changed').at(-1)?.data ?? {};
    assert.deepEqual([what, Number(seq) > 0], ['silences', true]);
    await served.own('DELETE', `/api/v1/tokens/${token.id}`);
    await mine.until('the end of the stream', () => mine.isEnded, 5_000);
    await served.host.controller.agent('shop')?.dismantle(AbortSignal.timeout(20_000));
  });
});
