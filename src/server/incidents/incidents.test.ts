import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../../../test/acceptance/stage.ts';
import type { IncidentRow, IncidentView } from '../../views/incident-view.ts';
import type { PostMortem } from '../../views/post-mortem/types.ts';
import { type Answer, admin, Served } from '../access/server.fixture.ts';

describe('incidents over the API', () => {
  const served = new Served();
  let viewer = '';
  let operator = '';
  let stranger = '';
  before(async () => {
    await served.up();
    viewer = (await served.token('viewer', [{ role: 'viewer', services: '*' }])).secret;
    operator = (await served.token('anna', [{ role: 'operator', services: '*' }])).secret;
    stranger = (await served.token('stranger', [{ ...admin, services: ['other'] }])).secret;
  });
  after(() => served.close());
  const ask = async (token: string, method: string, path: string, body?: unknown) =>
    await served.ask(method, `/api/v1/incidents${path}`, body, { token });
  const tell = async (name: string, endsAt?: string) => {
    const alert = {
      labels: { alertname: name, severity: 'critical' },
      annotations: { summary: 'bad' },
      ...(endsAt ? { endsAt } : {}),
    };
    await served.own('POST', '/api/v2/alerts', [alert]);
  };
  const listed = async (query = '') =>
    (await ask(viewer, 'GET', query)).body as { incidents: readonly IncidentRow[]; next: string | null };

  test('an alert that comes in is an incident, and over when it ends; its story is told in both languages', async () => {
    await tell('DiskFull');
    await until('there is an incident', async () => (await listed()).incidents.length === 1);
    const { id = '' } = (await listed('?state=live&severity=P0')).incidents[0] ?? {};
    assert.match(id, /^rampart-\d{8}-1$/);
    const acknowledged = await ask(operator, 'POST', `/${id}/verbs`, { verb: 'acknowledge', for: '1h' });
    assert.deepEqual(acknowledged.body, { done: true, said: 'acknowledged by anna' });
    const again = await ask(operator, 'POST', `/${id}/verbs?lang=ru`, { verb: 'acknowledge', for: '1h' });
    assert.deepEqual(again.body, { done: false, said: 'инцидент уже принят (anna)' });
    await ask(operator, 'POST', `/${id}/verbs`, { verb: 'note', text: 'two lines\nof text' });
    await tell('DiskFull', new Date().toISOString());
    await until('it is over', async () => (await listed('?state=over')).incidents[0]?.state === 'resolved');
    const incident = (await ask(viewer, 'GET', `/${id}`)).body as IncidentView;
    assert.deepEqual(
      [incident.title, incident.ack?.by, incident.alertCount, incident.notes.map(({ text }) => text)],
      ['DiskFull', 'anna', 1, ['two lines\nof text']],
    );
    const told = async (lang: string) =>
      ((await ask(viewer, 'GET', `/${id}/events?lang=${lang}`)).body as { events: readonly { said: string }[] }).events.map(
        ({ said }) => said,
      );
    const ended = (await told('en')).slice(-2);
    assert.deepEqual(await told('en'), [
      'P0 opened: DiskFull',
      'alert DiskFull: bad',
      'acknowledged by anna',
      'two lines\nof text',
      ended[0],
      'all its alerts have ended',
    ]);
    assert.equal((await told('ru')).at(-1), 'все тревоги завершились');
    const refused = await ask(operator, 'POST', `/${id}/verbs`, { verb: 'resolve' });
    assert.deepEqual(refused.body, { done: false, said: `${id} is over; reopen it to go on` });
  });

  test('incidents opened by hand are listed page by page, and a restart forgets nothing', async () => {
    for (const title of ['one', 'two', 'three']) {
      const opened = await ask(operator, 'POST', '', { title, severity: 'P2' });
      assert.equal(opened.status, 201);
      assert.equal((await ask(operator, 'POST', '', { title })).status, 200, 'there is one already');
    }
    const first = await listed('?limit=2');
    const second = await listed(`?limit=2&cursor=${first.next}`);
    assert.deepEqual(
      [...first.incidents, ...second.incidents].map(({ title }) => title),
      ['three', 'two', 'one', 'DiskFull'],
    );
    assert.equal(second.next, null);
    await served.down();
    await served.up();
    await until('the list is there', async () => (await listed()).incidents.length === 4);
    assert.deepEqual(
      (await listed()).incidents.map(({ state }) => state),
      ['open', 'open', 'open', 'resolved'],
    );
  });

  test('who may only look changes nothing, who sees other services sees none, and what is wrong is told', async () => {
    const [{ id = '' } = {}] = (await listed('?state=live')).incidents;
    assert.deepEqual(
      [
        codeOf(await ask(viewer, 'POST', `/${id}/verbs`, { verb: 'resolve' })),
        codeOf(await ask(viewer, 'POST', '', { title: 'x' })),
        codeOf(await ask(stranger, 'GET', `/${id}`)),
        codeOf(await ask(stranger, 'POST', `/${id}/verbs`, { verb: 'resolve' })),
        codeOf(await ask(operator, 'POST', '/none/verbs', { verb: 'resolve' })),
        codeOf(await ask(operator, 'POST', `/${id}/verbs`, { verb: 'severity', severity: 'P7' })),
        codeOf(await ask(operator, 'POST', `/${id}/verbs`, { verb: 'note', text: 'a\u001b[2J' })),
        codeOf(await ask(operator, 'POST', '', { title: 'x', service: 'no-such' })),
      ],
      [
        'E_FORBIDDEN',
        'E_FORBIDDEN',
        'E_UNKNOWN_INCIDENT',
        'E_UNKNOWN_INCIDENT',
        'E_UNKNOWN_INCIDENT',
        'E_INPUT',
        'E_INPUT',
        'E_UNKNOWN_SERVICE',
      ],
    );
    const hidden = (await ask(stranger, 'GET', '')).body as { incidents: readonly IncidentRow[] };
    assert.deepEqual(hidden.incidents, []);
  });

  test('a post-mortem is written from the record in each form; people write in it, decide what is to be done, and accept it', async () => {
    const [{ id = '' } = {}] = (await listed('?state=over')).incidents;
    const path = `/${id}/post-mortem`;
    const written = async (query: string) => await ask(viewer, 'GET', `${path}/report${query}`);
    assert.match(String((await written('?format=md&lang=ru')).body), /^# Разбор: DiskFull\n/);
    const html = await written('?format=html');
    assert.match(html.headers.get('content-type') ?? '', /^text\/html/);
    assert.match(String(html.body), /Left for people to write/);
    const texts = { causes: 'logs were kept\nfor ever', lessons: 'look' };
    assert.deepEqual((await ask(operator, 'PUT', path, { authors: ['anna'], texts, why: 'review' })).body, {
      done: true,
      said: 'written',
    });
    assert.deepEqual((await ask(operator, 'PUT', path, { texts })).body, { done: false, said: 'it says so already' });
    const item = { text: 'rotate logs', owner: 'boris', due: '2026-12-11' };
    assert.deepEqual((await ask(operator, 'POST', `/${id}/action-items`, item)).body, {
      done: true,
      said: 'a1: boris, until 2026-12-11',
      item: 'a1',
    });
    const owed = async (token: string) =>
      (await served.ask('GET', '/api/v1/action-items', undefined, { token })).body as { items: readonly { id: string }[] };
    assert.deepEqual([(await owed(viewer)).items.map(({ id: one }) => one), (await owed(stranger)).items], [['a1'], []]);
    await ask(operator, 'POST', `/${id}/action-items`, { item: 'a1', state: 'done' });
    assert.deepEqual((await owed(viewer)).items, []);
    const known = (await ask(viewer, 'GET', path)).body as PostMortem;
    assert.deepEqual(
      [known.review.texts.causes?.text, known.review.items.map(({ id: item, state }) => [item, state]), known.impact],
      ['logs were kept\nfor ever', [['a1', 'done']], []],
    );
    assert.equal(known.clocks[1]?.name, 'detected');
    assert.deepEqual((await ask(viewer, 'GET', `/${id}/lessons`)).body, { lessons: [], cases: [] });
    assert.deepEqual(
      [
        codeOf(await ask(viewer, 'PUT', path, { texts })),
        codeOf(await ask(stranger, 'GET', path)),
        codeOf(await ask(stranger, 'PUT', path, { texts })),
        codeOf(await ask(viewer, 'GET', '/none/post-mortem')),
        codeOf(await ask(operator, 'PUT', path, { texts: { guilty: 'anna' } })),
        codeOf(await ask(operator, 'PUT', path, { texts: { causes: 'a\u001b[2J' } })),
        codeOf(await ask(operator, 'POST', `/${id}/action-items`, { text: 'x', owner: 'anna' })),
        codeOf(await ask(operator, 'POST', `/${id}/action-items`, { item: 'a9', state: 'done' })),
      ],
      [
        'E_FORBIDDEN',
        'E_UNKNOWN_INCIDENT',
        'E_UNKNOWN_INCIDENT',
        'E_UNKNOWN_INCIDENT',
        'E_INPUT',
        'E_INPUT',
        'E_INPUT',
        'E_UNKNOWN_ITEM',
      ],
    );
    const { openedAtMs } = (await ask(viewer, 'GET', `/${id}`)).body as IncidentView;
    const started = { verb: 'started', startedAtMs: openedAtMs - 60_000, why: 'the first complaint' };
    assert.equal(((await ask(operator, 'POST', `/${id}/verbs`, started)).body as { done: boolean }).done, true);
    const late = { ...started, startedAtMs: openedAtMs + 60_000 };
    assert.equal(codeOf(await ask(operator, 'POST', `/${id}/verbs`, late)), 'E_INPUT');
    assert.equal(codeOf(await ask(viewer, 'POST', `/${id}/verbs`, started)), 'E_FORBIDDEN');
    const [began] = ((await ask(viewer, 'GET', path)).body as PostMortem).clocks;
    assert.deepEqual([began?.atMs, began?.basis], [openedAtMs - 60_000, 'person']);
    assert.deepEqual((await ask(operator, 'POST', `/${id}/verbs`, { verb: 'review' })).body, { done: true, said: 'reviewed' });
    assert.match(String((await written('')).body), /- Status: reviewed\n/);
  });

  test('the audit says who did what', async () => {
    const { entries } = await served.own<{ entries: readonly { kind: string; actor: string; subject: string }[] }>(
      'GET',
      '/api/v1/audit?actor=anna&limit=50',
    );
    assert.deepEqual(
      entries.map(({ kind }) => kind),
      [
        ...[
          'incident-reviewed',
          'incident-start-corrected',
          'incident-action-item-set',
          'incident-action-item-set',
          'incident-review-edited',
        ],
        ...['incident-opened', 'incident-opened', 'incident-opened', 'incident-noted', 'incident-acknowledged'],
      ],
    );
  });
});

function codeOf({ body }: Answer): string {
  return (body as { code?: string }).code ?? 'no problem';
}
