import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { until } from '../../../test/acceptance/stage.ts';
import type { ReportJson } from '../../views/readiness/json.ts';
import { problemIn, Served } from '../access/server.fixture.ts';
import type { AuditEntry } from '../read-model/audit/entry.ts';

const served = new Served();
const of = '/api/v1/services/shop/readiness';
const tokens: Record<string, string> = {};
const doorkeeper = createServer((socket) => socket.end());
let port = 0;

before(async () => {
  await served.up();
  await new Promise<void>((resolve) => doorkeeper.listen(0, '127.0.0.1', resolve));
  port = (doorkeeper.address() as { port: number }).port;
  writeFileSync(
    join(served.data, 'ours.yaml'),
    `apiVersion: rampart/v1
kind: Checklist
metadata: { name: ours }
spec:
  signOffs: [{ role: security, by: [ally] }, { role: product }]
  phases:
    - id: net
      title: { en: Net, ru: Сеть }
      items:
        - { id: open, title: { en: It listens, ru: Слушает }, check: { tcp: { host: 127.0.0.1, port: ${port} } } }
    - id: people
      title: People
      items:
        - { id: agreed, title: Agreed, confirm: { evidence: required, validFor: 30d } }
        - { id: reviewed, title: Reviewed, severity: warning, confirm: {} }
`,
  );
  const document = `apiVersion: rampart/v1
kind: Service
metadata: { name: shop }
spec:
  target: { process: { command: [node, there-is-no-such-file.js] } }
  router: { builtin: { listen: 127.0.0.1:0 } }
  readiness: { checklist: ./ours.yaml }
  release: { deadlines: { ready: 1s } }
`;
  const body = { document, folder: served.data, version: '1.0.0', by: 'anna' };
  const { release } = await served.own<{ release: string }>('POST', '/api/v1/releases', body);
  await served.own('POST', `/api/v1/releases/${release}/verbs`, { verb: 'abort', by: 'anna', why: 'only its document counts' });
  for (const role of ['viewer', 'operator', 'approver'] as const)
    tokens[role] = (await served.token(role === 'approver' ? 'ally' : role, [{ role, services: ['shop'] }])).secret;
  tokens.stranger = (await served.token('stranger', [{ role: 'approver', services: ['other'] }])).secret;
});
after(async () => {
  doorkeeper.close();
  await served.close();
});

const ask = (who: string, method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  served.ask(method, path, body, { token: tokens[who] ?? '', ...(headers ? { headers } : {}) });
const report = async (query = '') => {
  const { body, status } = await ask('viewer', 'GET', `${of}${query}`);
  assert.equal(status, 200, JSON.stringify(body));
  return (body as { report: ReportJson }).report;
};
const statuses = ({ phases }: ReportJson) =>
  Object.fromEntries(phases.flatMap(({ items }) => items.map(({ id, status }) => [id, status])));

async function run(body: object = {}): Promise<string> {
  const answer = await ask('operator', 'POST', `${of}/runs`, body);
  assert.equal(answer.status, 202, JSON.stringify(answer.body));
  const { run: id } = answer.body as { run: string };
  await until('the run has ended', async () => {
    const { body: one } = await ask('viewer', 'GET', `${of}/runs/${id}`);
    return (one as { endedMs: number | null }).endedMs !== null;
  });
  return id;
}

test('a report is unproven until it was checked and confirmed, then it is signed, and a change voids that', async () => {
  assert.deepEqual(statuses(await report()), {
    'net.open': 'unproven',
    'people.agreed': 'unproven',
    'people.reviewed': 'unproven',
  });
  const first = await run();
  assert.deepEqual(statuses(await report()), { 'net.open': 'pass', 'people.agreed': 'unproven', 'people.reviewed': 'unproven' });

  const base64 = Buffer.from('minutes of the meeting').toString('base64');
  const claim = { item: 'people.agreed', file: { name: 'minutes.txt', base64 }, comment: 'on Monday' };
  assert.equal((await ask('operator', 'POST', `${of}/confirmations`, claim)).status, 204);
  const link = { item: 'people.reviewed', link: 'https://wiki.example/review' };
  assert.equal((await ask('operator', 'POST', `${of}/confirmations`, link)).status, 204);
  const now = await report();
  assert.deepEqual([now.verdict, now.score, now.unsigned], ['ready', 10, ['security', 'product']]);

  const proof = now.phases[1]?.items[0]?.confirmation?.evidence;
  assert(proof?.kind === 'file' && proof.bytes === 22);
  const file = await fetch(`${served.host.url}${of}/evidence/${proof.sha256}`, {
    headers: { authorization: `Bearer ${tokens.viewer}` },
  });
  assert.deepEqual([await file.text(), file.headers.get('content-disposition')], ['minutes of the meeting', 'attachment']);
  assert.equal((await ask('viewer', 'GET', `${of}/evidence/${'0'.repeat(64)}`)).status, 404);

  const sign = (role: string, hash: string) => ask('approver', 'POST', `${of}/signoffs`, { role, hash });
  assert.equal((await sign('security', now.hash)).status, 204);
  assert.equal((await sign('product', now.hash)).status, 204);
  const signed = await report();
  assert.deepEqual(
    [signed.unsigned, signed.signOffs.map(({ role, by }) => `${role} ${by}`)],
    [[], ['security ally', 'product ally']],
  );
  // Looked at again, with the same result, it is the same report.
  const again = await run({ again: true });
  assert.deepEqual((await report()).unsigned, []);
  assert.deepEqual((await report(`?run=${again}`)).unsigned, []);

  assert.equal((await ask('operator', 'DELETE', `${of}/confirmations/people.reviewed?why=too+early`)).status, 204);
  const changed = await report(`?against=${first}`);
  assert.deepEqual([changed.verdict, changed.unsigned], ['ready-with-risks', ['security', 'product']]);
  assert.deepEqual(
    changed.comparison?.changes.map(({ item, kind }) => [item, kind]),
    [['people.agreed', 'better']],
  );
  assert.equal(
    problemIn(await sign('security', now.hash)),
    '409 E_REFUSED the report has changed since it was read, so nothing was signed',
  );
});

test('an item that fails may be exempt for a while, until an approver ends that', async () => {
  await new Promise((resolve) => doorkeeper.close(resolve));
  await run({ items: ['net.open'], again: true });
  assert.equal((await report()).verdict, 'not-ready');
  const untilMs = Date.now() + 86_400_000;
  const exempt = { item: 'net.open', reason: 'moves next week', untilMs };
  assert.equal((await ask('operator', 'POST', `${of}/exemptions`, exempt)).status, 403);
  assert.equal((await ask('approver', 'POST', `${of}/exemptions`, exempt)).status, 204);
  assert.deepEqual([(await report()).verdict, statuses(await report())['net.open']], ['ready-with-risks', 'exempt']);
  for (const wrong of [Date.now() - 1_000, Date.now() + 400 * 86_400_000])
    assert.equal((await ask('approver', 'POST', `${of}/exemptions`, { ...exempt, untilMs: wrong })).status, 400);
  assert.equal((await ask('approver', 'DELETE', `${of}/exemptions/net.open?why=moved`)).status, 204);
  assert.equal((await report()).verdict, 'not-ready');
});

test('who may read does no more, who runs does not sign, and a stranger is told nothing', async () => {
  const { hash } = await report();
  const deeds = [
    ['POST', `${of}/runs`, {}],
    ['POST', `${of}/confirmations`, { item: 'people.reviewed' }],
    ['POST', `${of}/exemptions`, { item: 'net.open', reason: 'so', untilMs: Date.now() + 1_000_000 }],
    ['POST', `${of}/signoffs`, { role: 'product', hash }],
  ] as const;
  for (const [method, path, body] of deeds) assert.equal((await ask('viewer', method, path, body)).status, 403, path);
  assert.equal((await ask('operator', 'POST', `${of}/signoffs`, { role: 'product', hash })).status, 403);
  for (const path of ['', '/runs', '/report?format=md'])
    assert.equal((await ask('stranger', 'GET', of + path)).status, 403, path);
  assert.equal((await served.ask('GET', of)).status, 401);
  // The role that signs is a list of names: may approve is not enough.
  const boss = (await served.token('boss', [{ role: 'approver', services: '*' }])).secret;
  const refused = await served.ask('POST', `${of}/signoffs`, { role: 'security', hash }, { token: boss });
  assert.equal(problemIn(refused), '403 E_FORBIDDEN boss may not sign for security');
});

test('files of the controller that are no checklist of the service are nobody else’s business', async () => {
  writeFileSync(join(served.data, 'private.yaml'), 'word: hidden-in-here\n');
  for (const file of ['./private.yaml', '/etc/passwd.yaml', '../secret.yaml']) {
    const answer = await ask('viewer', 'GET', `${of}?checklist=${encodeURIComponent(file)}`);
    assert.equal(problemIn(answer), `400 E_INPUT ${file} was never run for shop`);
  }
  for (const checklist of [`${served.data}/private.yaml`, '../secret.yaml', './a/../../secret.yaml']) {
    const answer = await ask('operator', 'POST', `${of}/runs`, { checklist });
    assert.match(problemIn(answer), /^400 E_INPUT .* is not in the folder of the document of shop$/);
  }
});

test('what cannot be meant is refused with what to do', async () => {
  const wrong = async (path: string, body: unknown) => problemIn(await ask('operator', 'POST', of + path, body));
  assert.match(
    await wrong('/confirmations', { item: 'people.agred' }),
    /^400 E_INPUT checklist \.\/ours\.yaml has no people\.agred/,
  );
  assert.match(await wrong('/confirmations', { item: 'people.agreed' }), /^409 E_REFUSED people\.agreed needs a link or a file/);
  assert.match(await wrong('/confirmations', { item: 'net.open' }), /^409 E_REFUSED net\.open is proven by its check/);
  assert.match(await wrong('/confirmations', { item: 'people.agreed', link: 'javascript:alert(1)' }), /^400 /);
  assert.match(await wrong('/runs', { checklist: 'productoin' }), /^422 E_CHECKLIST there is no checklist productoin/);
  assert.match(await wrong('/runs', { phases: ['nte'] }), /^400 E_INPUT checklist ours has no nte/);
  assert.match(problemIn(await ask('viewer', 'GET', `${of}?run=none`)), /^404 E_UNKNOWN_RUN/);
  const unknown = await served.ask('GET', '/api/v1/services/none/readiness', undefined, { token: served.ownerToken });
  assert.match(problemIn(unknown), /^404 E_UNKNOWN_SERVICE/);
});

test('a claim that is sent again with its key is made once, and the audit has who did what', async () => {
  const headers = { 'idempotency-key': 'claim-1' };
  const claim = { item: 'people.reviewed', comment: 'again' };
  for (const _ of [1, 2]) assert.equal((await ask('operator', 'POST', `${of}/confirmations`, claim, headers)).status, 204);
  const { entries } = await served.own<{ entries: readonly AuditEntry[] }>('GET', '/api/v1/audit?service=shop&limit=100');
  const said = entries.map(({ kind, actor, subject, why }) => `${kind} ${actor} ${subject} ${why}`.trim());
  assert.equal(said.filter((line) => line.includes('item-confirmed operator people.reviewed again')).length, 1);
  for (const line of [
    'readiness-run operator ./ours.yaml',
    'item-confirmed operator people.agreed on Monday',
    'confirmation-withdrawn operator people.reviewed too early',
    'item-exempted ally net.open moves next week',
    'exemption-ended ally net.open moved',
    'report-signed ally security',
  ])
    assert(said.includes(line), `${line}\n${said.join('\n')}`);
  assert(entries.every(({ from }) => from?.address === '127.0.0.1'));
});

test('the report is there in every form and both languages', async () => {
  const text = async (query: string) => {
    const answer = await fetch(`${served.host.url}${of}/report?${query}`, {
      headers: { authorization: `Bearer ${tokens.viewer}` },
    });
    return [answer.status, answer.headers.get('content-type'), await answer.text()] as const;
  };
  for (const [format, type, pattern] of [
    ['text', 'text/plain', /People/],
    ['md', 'text/markdown', /^# /],
    ['html', 'text/html', /^<!doctype html>/i],
    ['json', 'application/json', /"verdict"/],
    ['junit', 'application/xml', /<testsuite/],
  ] as const) {
    const [status, found, body] = await text(`format=${format}`);
    assert.deepEqual([status, found?.startsWith(type), pattern.test(body)], [200, true, true], format);
  }
  assert.match((await text('format=md&lang=ru'))[2], /Сеть/);
  assert.equal((await text('format=pdf'))[0], 400);
});

test('the built-in checklists are listed, and each can be had as a document', async () => {
  const { body } = await ask('viewer', 'GET', '/api/v1/checklists?lang=ru');
  const names = (body as { checklists: readonly { name: string; phases: readonly unknown[] }[] }).checklists;
  assert.equal(names.find(({ name }) => name === 'production')?.phases.length, 10);
  assert.equal((await ask('viewer', 'GET', '/api/v1/checklists/production')).status, 200);
  assert.match(problemIn(await ask('viewer', 'GET', '/api/v1/checklists/none')), /^404 E_UNKNOWN_CHECKLIST/);
});
