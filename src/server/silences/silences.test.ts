import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { alertmanagerProgram } from '../../../test/programs/alertmanager.ts';
import { debianProgram } from '../../../test/programs/debian-program.ts';
import type { SilenceView } from '../../views/silence-view.ts';
import { Served } from '../access/server.fixture.ts';

const run = promisify(execFile);
// It comes in the package of Alertmanager.
await alertmanagerProgram();
const amtoolIs = await debianProgram('prometheus-alertmanager', '/usr/bin/amtool');

const server = new Served();
let operator = '';
let viewer = '';
let ofShop = '';

before(async () => {
  await server.up();
  const token = async (name: string, role: 'operator' | 'viewer', services: '*' | readonly string[]) =>
    (await server.token(name, [{ role, services }])).secret;
  operator = await token('ops', 'operator', '*');
  viewer = await token('view', 'viewer', '*');
  ofShop = await token('shop', 'operator', ['shop']);
});
after(() => server.close());

const ask = (method: string, path: string, body?: unknown, token = operator) =>
  server.ask(method, `/api/v1${path}`, body, { token });
const listed = async (query = '', token = operator) =>
  ((await ask('GET', `/silences${query}`, undefined, token)).body as { silences: readonly SilenceView[] }).silences;
const payments = { matchers: ['team="payments"'], for: '2h', comment: 'known' };

/** It begins a moment after it was asked for. */
const hoursOf = ({ startsAtMs, endsAtMs }: SilenceView): number => Math.round((endsAtMs - startsAtMs) / 36_000) / 100;

test('a silence is set, listed, ended, on record and audited', async () => {
  const { status, body } = await ask('POST', '/silences', payments);
  assert.equal(status, 201);
  const made = body as SilenceView;
  assert.deepEqual([made.state, made.matchers, made.by, hoursOf(made)], ['active', [['team="payments"']], 'ops', 2]);
  assert.deepEqual(
    (await listed()).map(({ id }) => id),
    [made.id],
  );
  assert.equal((await ask('POST', `/silences/${made.id}/end`, { why: 'repaired' })).status, 200);
  assert.deepEqual((await ask('POST', `/silences/${made.id}/end`, {})).body, {
    done: false,
    said: `${made.id} was over already`,
  });
  assert.deepEqual(await listed(), []);
  assert.deepEqual(
    (await listed('?state=all')).map(({ id, state }) => [id, state]),
    [[made.id, 'expired']],
  );
  const audit = await server.own<{ entries: readonly { kind: string; subject: string; why: string; actor: string }[] }>(
    'GET',
    '/api/v1/audit',
  );
  const entries = audit.entries.filter(({ subject }) => subject === made.id).map(({ kind, why, actor }) => [kind, why, actor]);
  assert.deepEqual(entries, [
    ['silence-ended', 'repaired', 'ops'],
    ['silence-set', 'known', 'ops'],
  ]);
});

test('a silence for an alert is about that one alone, and ends with it', async () => {
  const labels = { alertname: 'Slow', team: 'infra' };
  const tell = async (endsAt: string) => {
    const answer = await server.ask('POST', '/api/v2/alerts', [{ labels, endsAt }], { token: operator });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
  };
  await tell(new Date(Date.now() + 600_000).toISOString());
  const { alerts } = (await ask('GET', '/alerts?state=open')).body as { alerts: readonly { id: string; key: string }[] };
  const [alert] = alerts;
  const made = (await ask('POST', '/silences', { untilResolved: alert?.key })).body as SilenceView;
  assert.deepEqual(
    [made.state, made.untilResolved, made.matchers],
    ['active', alert?.id, [['alertname="Slow"', 'team="infra"']]],
  );
  await tell(new Date(Date.now() - 1_000).toISOString());
  assert.deepEqual(await listed(), []);
  const refused = await ask('POST', '/silences', { untilResolved: alert?.id });
  assert.deepEqual([refused.status, (refused.body as { code: string }).code], [404, 'E_UNKNOWN_ALERT']);
});

test('a silence for an alert leaves another one with its labels and more to be heard, whatever its labels are called', async () => {
  const labels = { alertname: 'Lag', 'host.name': 'a' };
  const told = [labels, { ...labels, pod: 'b' }].map((all) => ({ labels: all, startsAt: new Date().toISOString() }));
  await server.own('POST', '/api/v2/alerts', told);
  const { alerts } = (await ask('GET', '/alerts?state=open')).body as {
    alerts: readonly { id: string; labels: Record<string, string> }[];
  };
  const { id = '' } = alerts.find((one) => one.labels.pod === undefined) ?? {};
  const preview = await ask('GET', `/silences/preview?untilResolved=${encodeURIComponent(id)}`);
  assert.equal((preview.body as { count: number }).count, 1);
  const made = (await ask('POST', '/silences', { untilResolved: id })).body as SilenceView;
  assert.deepEqual(made.matchers, [['alertname="Lag"', 'host.name="a"']]);
  assert.deepEqual(
    ((await listed()) as readonly (SilenceView & { alerts: number })[]).map((one) => one.alerts),
    [1],
  );
  await server.own(
    'POST',
    '/api/v2/alerts',
    told.map((alert) => ({ ...alert, endsAt: new Date().toISOString() })),
  );
});

test('silences are there again after a restart', async () => {
  const { id } = (await ask('POST', '/silences', payments)).body as SilenceView;
  await server.down();
  await server.up();
  assert.deepEqual(
    (await listed()).map((one) => one.id),
    [id],
  );
  await ask('POST', `/silences/${id}/end`, {});
});

test('who may steer a service silences its alerts, and no others', async () => {
  const own = await ask('POST', '/silences', { matchers: ['service="shop"', 'severity="chat"'], for: '1h' }, ofShop);
  assert.equal(own.status, 201);
  for (const matchers of [['team="payments"'], ['service="pay"'], ['service=~"shop"']])
    assert.equal((await ask('POST', '/silences', { matchers, for: '1h' }, ofShop)).status, 403, matchers.join());
  assert.equal((await ask('POST', '/silences', payments, viewer)).status, 403);
  const others = (await ask('POST', '/silences', payments)).body as SilenceView;
  assert.equal((await ask('POST', `/silences/${others.id}/end`, {}, ofShop)).status, 404, 'as if there was none');
  assert.equal((await ask('POST', `/silences/${others.id}/end`, {}, viewer)).status, 403);
  assert.deepEqual(
    (await listed('', ofShop)).map(({ service }) => service),
    ['shop'],
  );
  assert.equal((await listed('', viewer)).length, 2);
  for (const { id } of await listed()) await ask('POST', `/silences/${id}/end`, {});
});

test('the command line sets, lists and ends them, in two languages', async () => {
  const rampart = async (...words: readonly string[]): Promise<string> => {
    const bin = fileURLToPath(new URL('../../../bin/rampart.js', import.meta.url));
    const env = {
      ...process.env,
      RAMPART_DATA: server.data,
      RAMPART_USER: 'tess',
      RAMPART_URL: '',
      RAMPART_TOKEN: '',
      TZ: 'UTC',
    };
    return (await run(process.execPath, [bin, 'silences', ...words], { env, timeout: 60_000 })).stdout.trim();
  };
  const made = await rampart('add', 'team="cli"', '--for', '2h', '--comment', 'known');
  const [, id = ''] = /^ACTIVE {2}([\w-]+) {2}/.exec(made) ?? [];
  assert.match(made, /\n {2}team="cli"\n {2}by tess: known$/);
  assert.equal(await rampart('list'), made);
  assert.equal(await rampart('end', id, '--lang', 'ru'), `тишина ${id} закончена`);
  assert.equal(await rampart(), 'no silence');
});

const mistakes: readonly (readonly [what: string, body: object, status: number])[] = [
  ['everything', { matchers: ['team=~".*"'], for: '1h' }, 400],
  ['no pattern', { matchers: ['team=~"("'], for: '1h' }, 400],
  ['no matcher', { for: '1h' }, 400],
  ['no end', { matchers: ['a="b"'] }, 400],
  ['a beginning long ago, so that it is over', { matchers: ['a="b"'], for: '1h', startsAtMs: 0 }, 400],
  ['a word too many', { matchers: ['a="b"'], for: '1h', until: 'x' }, 400],
];
for (const [what, body, status] of mistakes)
  test(`a silence is refused: ${what}`, async () => assert.equal((await ask('POST', '/silences', body)).status, status));

test('what a silence would be about is told before it is set, and how much one keeps still; nobody is told of what they may not see', async () => {
  const posted = ['DiskFull', 'DiskSlow', 'CpuHot'].map((alertname) => ({
    labels: { alertname, severity: 'critical', team: 'storage' },
    annotations: { summary: 'bad' },
  }));
  await server.own('POST', '/api/v2/alerts', posted);
  type Preview = { matchers: string[][]; service: string | null; count: number; alerts: { id: string; name: string }[] };
  const preview = async (query: string, token = viewer) =>
    (await ask('GET', `/silences/preview?${query}`, undefined, token)).body as Preview & { code?: string; title: string };
  const like = `matcher=${encodeURIComponent('alertname=~"Disk.*"')}`;
  const disks = await preview(like);
  assert.deepEqual(
    [disks.count, disks.service, disks.alerts.map(({ name }) => name).sort()],
    [2, null, ['DiskFull', 'DiskSlow']],
  );
  const { id = '' } = disks.alerts.find(({ name }) => name === 'DiskFull') ?? {};
  const exactly = await preview(`untilResolved=${encodeURIComponent(id)}`);
  assert.deepEqual(
    [exactly.count, exactly.matchers.flat().sort()],
    [1, ['alertname="DiskFull"', 'severity="critical"', 'team="storage"']],
  );
  assert.equal((await preview(like, ofShop)).count, 0);
  assert.deepEqual(
    [
      (await preview(`untilResolved=${encodeURIComponent(id)}`, ofShop)).code,
      (await preview('')).code,
      (await preview('matcher=nonsense')).title,
    ],
    [
      'E_UNKNOWN_ALERT',
      'E_INPUT',
      `matcher.0: expected a matcher such as team="payments": 0:8: end of input: expected an operator such as '=', '!=', '=~' or '!~'`,
    ],
  );
  const made = (await ask('POST', '/silences', { matchers: ['alertname=~"Disk.*"'], for: '1h' })).body as SilenceView;
  assert.deepEqual(
    ((await listed()) as readonly (SilenceView & { alerts: number })[]).map(({ alerts }) => alerts),
    [2],
  );
  await ask('POST', `/silences/${made.id}/end`, {});
  await server.own(
    'POST',
    '/api/v2/alerts',
    posted.map((alert) => ({ ...alert, endsAt: new Date().toISOString() })),
  );
});

describe('amtool of Alertmanager', 'missing' in amtoolIs ? { skip: amtoolIs.missing } : {}, () => {
  test('sets, finds, changes and ends silences here', async () => {
    assert('path' in amtoolIs);
    const credentials = join(server.data, 'amtool.yml');
    writeFileSync(credentials, `basic_auth: { username: any, password: ${operator} }\n`);
    const amtool = async (...words: readonly string[]): Promise<string> => {
      const common = [`--alertmanager.url=${server.host.url}`, `--http.config.file=${credentials}`];
      const { stdout } = await run(amtoolIs.path, ['silence', ...words, ...common], { timeout: 60_000 });
      return stdout.trim();
    };
    const id = await amtool(
      'add',
      'team=payments',
      'severity=~page|chat',
      'env!=test',
      '--comment=deploy',
      '--author=anna',
      '--duration=3h',
    );
    const [made] = await listed();
    assert.deepEqual(
      [made?.id, made?.matchers, made?.comment, made && hoursOf(made)],
      [id, [['team="payments"', 'severity=~"page|chat"', 'env!="test"']], 'anna: deploy', 3],
    );
    assert.match(await amtool('query', 'team=payments'), new RegExp(id));
    assert.doesNotMatch(await amtool('query', 'team=infra'), new RegExp(id));
    const longer = await amtool('update', id, '--duration=5h');
    assert.match(longer, new RegExp(id));
    assert.equal((await listed())[0]?.id, id);
    await amtool('expire', id);
    assert.deepEqual(await listed(), []);
    assert.match(await amtool('query', '--expired', '--within=1h'), new RegExp(id));
  });
});
