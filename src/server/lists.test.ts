import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../../test/acceptance/stage.ts';
import { verifyExport } from '../runtime/log-export.ts';
import type { ReleaseView } from '../views/service-view.ts';
import { problemIn, Served } from './access/server.fixture.ts';
import type { AuditEntry } from './read-model/audit/entry.ts';
import type { ReleaseRow } from './read-model/release-list.ts';

const document = (name: string, more = '') => `apiVersion: rampart/v1
kind: Service
metadata: { name: ${name} }
spec:
  target: { process: { command: [node, there-is-no-such-file.js] } }
  router: { builtin: { listen: 127.0.0.1:0 } }
  release: { deadlines: { ready: 1s }${more} }
`;

type Releases = { readonly releases: readonly ReleaseRow[]; readonly next: string | null };
type Audit = { readonly entries: readonly AuditEntry[]; readonly next: string | null };

/** More than a service keeps in memory. */
const many = 24;

describe('releases of long ago and the audit', () => {
  const served = new Served();
  const ids: string[] = [];
  const list = (query: string) => served.own<Releases>('GET', `/api/v1/releases${query}`);
  const audit = (query: string) => served.own<Audit>('GET', `/api/v1/audit${query}`);

  before(async () => {
    await served.up();
    for (let number = 1; number <= many; number += 1) {
      const body = { document: document('shop'), folder: '/', version: `${number}`, by: 'anna', why: `try ${number}` };
      const { release } = await served.own<{ release: string }>('POST', '/api/v1/releases', body);
      ids.push(release);
      await served.own('POST', `/api/v1/releases/${release}/verbs`, { verb: 'abort', by: 'boris', why: 'enough' });
      await until('it has ended', async () => (await list('?state=live')).releases.length === 0);
    }
  });
  after(() => served.close());

  test('a filter that there is not is refused, with those that there are', async () => {
    const answer = await served.ask('GET', '/api/v1/releases?status=live', undefined, { token: served.ownerToken });
    assert.match(problemIn(answer), /^400 E_INPUT query: .*"status"/);
    assert.match((answer.body as { fix: string }).fix, /^send what the API asks for: service, .*state, /);
  });

  test('are listed newest first, by pages and filters', async () => {
    const seen: string[] = [];
    for (let query = '?limit=10'; query !== ''; ) {
      const { releases, next } = await list(query);
      seen.push(...releases.map(({ id }) => id));
      query = next === null ? '' : `?limit=10&cursor=${next}`;
    }
    assert.deepEqual(seen, ids.toReversed());
    const { releases } = await list('?service=shop&by=anna&version=7&state=ended');
    assert.deepEqual(
      releases.map(({ id, why, restore }) => [id, why, restore]),
      [[ids[6], 'try 7', false]],
    );
    assert.equal(typeof releases[0]?.reason, 'string');
    const owner = { token: served.ownerToken };
    for (const query of ['cursor=abc', 'limit=0', 'limit=201', 'state=odd', 'after=-1', 'surprise=1'])
      assert.equal((await served.ask('GET', `/api/v1/releases?${query}`, undefined, owner)).status, 400, query);
  });

  test('can each be looked at, and say that no verb does anything any more', async () => {
    const [first = ''] = ids;
    assert.equal(served.host.controller.release(first), undefined, 'it has left the memory of its service');
    const view = await served.own<ReleaseView>('GET', `/api/v1/releases/${first}`);
    assert.deepEqual([view.id, view.version, view.why, view.by], [first, '1', 'try 1', 'anna']);
    assert.equal(view.summary?.outcome, view.state);
    const verb = await served.own<{ done: boolean; said: string }>('POST', `/api/v1/releases/${first}/verbs`, { verb: 'abort' });
    assert.equal(verb.done, false);
    assert.match(verb.said, /has ended \(.+\); abort does nothing any more/);
    const unknown = await served.ask('GET', '/api/v1/releases/shop-never', undefined, { token: served.ownerToken });
    assert.equal(problemIn(unknown), '404 E_UNKNOWN_RELEASE there is no release shop-never');
  });

  test('the audit has who asked for what, from where, why, and what was before and after', async () => {
    const { entries } = await audit(`?service=shop&kind=verb&limit=1`);
    const [entry] = entries;
    assert.deepEqual(
      { ...entry, seq: 0, at: 0, hash: '', said: '', before: null, after: null },
      {
        seq: 0,
        at: 0,
        actor: 'boris',
        kind: 'verb',
        service: 'shop',
        release: ids.at(-1),
        subject: 'abort',
        why: 'enough',
        from: { address: '127.0.0.1', via: 'owner', credential: null },
        before: null,
        after: null,
        said: '',
        hash: '',
      },
    );
    assert(entry?.before && entry.after && entry.hash.length === 64);
  });

  test('shows each only what they may see', async () => {
    const { token, secret } = await served.token('cart-only', [{ role: 'viewer', services: ['cart'] }]);
    const shop = await served.token('shop-only', [{ role: 'viewer', services: ['shop'] }]);
    const of = async (secret: string, path: string) =>
      (await served.ask('GET', `/api/v1/${path}`, undefined, { token: secret })).body as Releases & Audit;
    assert.deepEqual((await of(secret, 'releases')).releases, []);
    assert.deepEqual((await of(secret, 'audit')).entries, []);
    assert.equal((await of(shop.secret, 'releases?limit=200')).releases.length, many);
    const seen = (await of(shop.secret, 'audit?limit=200')).entries;
    assert(seen.length >= 2 * many && seen.every(({ service }) => service === 'shop'));
    const [added] = (await audit('?kind=token-added')).entries.slice(-1);
    assert.equal(added?.subject, token.id);
    assert.equal((await of(shop.secret, 'audit?kind=token-added')).entries.length, 0);
    const refused = await served.ask('GET', '/api/v1/audit/export', undefined, { token: secret });
    assert.equal(refused.status, 403);
    assert.equal((await served.ask('GET', '/api/v1/audit/verify', undefined, { token: secret })).status, 403);
  });

  test('a filter, a service, a state or a kind that there is not is refused, with those that there are', async () => {
    const { secret } = await served.token('cart-alone', [{ role: 'viewer', services: ['cart'] }]);
    const answer = async (path: string, token = served.ownerToken): Promise<string> => {
      const { status, body, headers } = await served.ask('GET', `/api/v1/${path}`, undefined, { token });
      assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/);
      const { title, fix } = body as { title: string; fix: string };
      return `${status} ${title} | ${fix}`;
    };
    for (const list of ['releases', 'audit', 'audit/export'])
      assert.equal(await answer(`${list}?service=shpo`), '404 there is no service shpo | name one of: shop', list);
    assert.match(await answer('releases?service=shop', secret), /^403 token cart-alone may not see releases of shop/);
    assert.match(await answer('releases?service=cart', secret), /^404 there is no service cart \| there is none yet/);
    assert.match(await answer('releases?sevice=shop'), /^400 .*sevice.* service, state, outcome, by, version, after, before,/);
    assert.match(await answer('releases?state=odd'), /^400 state: .*"live".*"ended"/);
    assert.match(await answer('audit?kind=token'), /^400 kind: expected one of requested, verb, .*token-added/);
    for (const list of ['services', 'overview']) assert.match(await answer(`${list}?state=live`), /^400 .*state.* lang;/, list);
    assert.match(await answer('stream?topic=service:shpo'), /^404 there is no service shpo/);
    assert.match(
      await answer('stream?topic=servics'),
      /^400 topic: "servics" is none \| ask for overview, service:NAME, release:ID/,
    );
  });

  test('an export is verified elsewhere, whole or in part, and no secret is in it', async () => {
    const more = `, smoke: [{ path: /health, contains: "password=geheim123" }]`;
    const body = { document: document('vault', more), folder: '/', version: '1', by: 'anna' };
    await served.own('POST', '/api/v1/releases', body);
    const lines = async (query: string, token = served.ownerToken): Promise<readonly string[]> => {
      const response = await fetch(`${served.host.url}/api/v1/audit/export${query}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      assert.equal(response.status, 200);
      assert.match(response.headers.get('content-type') ?? '', /^application\/x-ndjson/);
      return (await response.text()).split('\n').filter((line) => line !== '');
    };
    const all = await lines('');
    const report = await verifyExport(all);
    assert(report.kind === 'intact');
    assert.equal(report.gaps, 0);
    const verified = await served.own<{ kind: string }>('GET', '/api/v1/audit/verify');
    assert.equal(verified.kind, 'intact');
    assert(report.hidden >= 1 && !all.join('').includes('geheim123'));
    const part = await verifyExport(await lines('?service=vault'));
    assert(part.kind === 'intact' && part.events < report.events);
    assert.equal((await lines(`?after=${Date.now() + 60_000}`)).length, 0);
    const shop = await served.token('shop-exports', [{ role: 'viewer', services: ['shop'] }]);
    const own = await lines('?service=shop', shop.secret);
    assert(own.length > 0 && own.every((line) => JSON.parse(line).stream === 'service/shop'));

    const changed = all.map((line) => line.replace('try 3', 'try 4'));
    const found = await verifyExport(changed);
    assert(found.kind === 'broken' && found.seq !== null && found.reason.includes('content'));
    const without = await verifyExport(all.filter((_, index) => index !== 5));
    assert(without.kind === 'intact' && without.gaps === 1, 'what is missing shows');
    const moved = [...all.slice(0, 3), ...all.slice(4, 5), ...all.slice(3, 4)];
    assert.equal((await verifyExport(moved)).kind, 'broken');
    assert.deepEqual(await verifyExport(['{}']), { kind: 'broken', line: 1, seq: null, reason: 'it is no record of an export' });
  });

  test('exports that nobody reads on hold nothing up, are bounded, and make room when they are left', async () => {
    const { log, controller } = served.host;
    // More than fits between a server and a client that does not read.
    const noise = { at: 1, kind: 'noted', release: null, actor: 'tests', data: { text: 'x'.repeat(20_000) } };
    const events = Array.from({ length: 1_500 }, () => noise);
    await log.append(controller.health.token, [{ stream: 'noise', expectedVersion: 0, events }]);
    const leave = new AbortController();
    const headers = { authorization: `Bearer ${served.ownerToken}` };
    const begin = (authorization: string) =>
      fetch(`${served.host.url}/api/v1/audit/export`, { headers: { authorization }, signal: leave.signal });
    const refused = async (): Promise<string> => {
      const answer = await served.ask('GET', '/api/v1/audit/export', undefined, { token: served.ownerToken });
      assert.equal(answer.headers.get('retry-after'), '10');
      return problemIn(answer);
    };
    const open = [await begin(headers.authorization), await begin(headers.authorization)];
    // One credential does not take every place.
    assert.equal(await refused(), '429 E_TOO_MANY 2 exports are under way already');
    const other = await served.token('exporter', [{ role: 'viewer', services: '*' }]);
    open.push(await begin(`Bearer ${other.secret}`));
    assert(open.every(({ status }) => status === 200));
    assert.equal(await refused(), '429 E_TOO_MANY 3 exports are under way already');
    assert((await list('?limit=1')).releases.length === 1, 'others are answered');
    leave.abort();
    await until('there is room again', async () => {
      const response = await fetch(`${served.host.url}/api/v1/audit/export?service=shop`, { headers });
      await response.text();
      return response.status === 200;
    });
  });

  test('goes on after a restart, and is made anew when its file is gone', async () => {
    await served.down();
    await served.up();
    await until('all are there', async () => (await list('?limit=200&service=shop')).releases.length === many);
    assert.deepEqual(
      served.warnings.filter((text) => text.includes('views.db')),
      [],
    );
  });
});
