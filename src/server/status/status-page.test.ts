import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { freePort, until } from '../../../test/acceptance/stage.ts';
import type { StatusBoard } from '../../views/status/board.ts';
import { Served } from '../access/server.fixture.ts';
import type { AuditEntry } from '../read-model/audit/entry.ts';

const page = (listen = '') => `apiVersion: rampart/v1
kind: StatusPage
metadata: { name: acme }
spec:
  title: Acme
  languages: [en, ru]
${listen}  components:
    - { name: checkout, title: { en: Checkout, ru: Оформление }, services: [checkout] }
`;

describe('the status page of a controller', () => {
  const served = new Served();
  before(() => served.up());
  after(() => served.close());
  const apply = (text: string) => served.own('PUT', '/api/v1/incidents/setup', { files: [{ file: 'page.yaml', text }] });
  const ask = (path: string, headers: Record<string, string> = {}) => fetch(`${served.host.url}${path}`, { headers });

  test('it is there for everybody once its document is in force, and gone with it', async () => {
    assert.equal((await ask('/status')).status, 404);
    await apply(page());
    await until('the page is there', async () => (await ask('/status')).status === 200);
    const html = await (await ask('/status?lang=ru')).text();
    assert.match(html, /<html lang="ru">[\s\S]*Оформление/);
    const answer = await ask('/status/api/v2/components.json');
    assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    assert.equal(answer.headers.get('set-cookie'), null);
    const { components } = (await answer.json()) as { components: { id: string; status: string }[] };
    assert.deepEqual(
      components.map(({ id, status }) => [id, status]),
      [['checkout', 'operational']],
    );
    const board = await served.own<StatusBoard>('GET', '/api/v1/status-page');
    assert.deepEqual(
      [board.url?.endsWith('/status'), board.provenAtMs, board.unmeasured],
      [true, null, ['checkout']],
      'nothing is measured, and that is said',
    );
    assert.equal((await ask('/api/v1/status-page')).status, 401, 'drafts are nobody else’s');
    const port = await freePort();
    await apply(page(`  listen: 127.0.0.1:${port}\n`));
    const own = (path: string) =>
      fetch(`http://127.0.0.1:${port}${path}`).then(
        (one) => one.status,
        () => null,
      );
    await until('it is on its own address', async () => (await own('/')) === 200);
    await served.own('PUT', '/api/v1/incidents/setup', { files: [] });
    await until('the page is gone', async () => (await ask('/status')).status === 404);
    await until('its own address, too', async () => (await own('/')) === null);
  });

  test('the audit has who announced maintenance, and from where, which customers are not told', async () => {
    await apply(page());
    const { token, secret } = await served.token('works', [{ role: 'admin', services: '*' }]);
    const nowMs = Date.now();
    const work = { components: ['checkout'], title: 'Disks', fromMs: nowMs + 60_000, untilMs: nowMs + 120_000 };
    const blank = { ...work, body: ' \n' };
    const unread = await served.ask('POST', '/api/v1/status-page/maintenances', blank, { token: secret });
    assert.equal(unread.status, 400, 'customers are told nothing that cannot be read');
    const announced = await served.ask('POST', '/api/v1/status-page/maintenances', work, { token: secret });
    assert.equal(announced.status, 201);
    const { entries } = await served.own<{ entries: AuditEntry[] }>('GET', '/api/v1/audit?limit=20');
    const entry = entries.find(({ kind }) => kind === 'status-work-announced');
    assert.deepEqual([entry?.actor, entry?.from], ['works', { address: '127.0.0.1', via: 'token', credential: token.id }]);
    assert.equal(JSON.stringify(announced.body).includes('127.0.0.1'), false);
    const shown = async () => await (await ask('/status/api/v2/scheduled-maintenances.json')).text();
    await until('customers see it', async () => (await shown()).includes('Disks'));
    assert.equal((await shown()).includes(token.id), false);
  });
});
