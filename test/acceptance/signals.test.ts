import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Overview } from '../../src/views/overview.ts';
import type { SignalPoint } from '../../src/views/signal-track.ts';
import type { SignalAssessment } from '../../src/views/signal-view.ts';
import { type Placed, Stage, until } from './stage.ts';
import { Users } from './users.ts';

const stage = new Stage();
let shop: Placed;

before(async () => {
  await stage.up();
  shop = await stage.place('shop', { process: { env: '{ GREETING: "hello --password=hunter22" }' } });
  await stage.install(shop, '1.0.0');
});
after(() => stage.close());

async function get<T>(path: string): Promise<T> {
  const { status, body } = await stage.ask('GET', `/api/v1${path}`);
  assert.equal(status, 200, `${path}: ${JSON.stringify(body)}`);
  return body as T;
}

const overview = async () => (await get<Overview>('/overview')).services[0];
type SignalsBody = {
  readonly assessment: SignalAssessment;
  readonly points: readonly SignalPoint[];
  readonly releases: readonly { readonly version: string; readonly outcome: string | null }[];
};

test('a service without a release under way has its golden signals, without traffic and with it', async () => {
  await until('it is known that there is no traffic', async () => (await overview())?.signals !== null);
  const idle = await overview();
  assert.equal(idle?.health.level, 'healthy');
  assert.match(idle?.health.reasons[0] ?? '', /no traffic/);
  const users = new Users(shop.port, 50);
  try {
    await until('the users are in the overview', async () => ((await overview())?.signals?.requestsPerSecond ?? 0) > 5);
    await until('what it uses is known', async () => ((await overview())?.signals?.memoryBytes ?? 0) > 10_000_000, 45_000);
    await until('how long they wait is known', async () => ((await overview())?.signals?.p95Ms ?? 0) > 0);
    assert.equal((await overview())?.signals?.errorShare, 0);
    const signals = () => get<SignalsBody>('/services/shop/signals?every=10');
    await until('its points have its users', async () =>
      (await signals()).points.some(({ requests, byVersion }) => requests > 100 && byVersion[0]?.version === '1.0.0'),
    );
    const { releases } = await signals();
    assert.deepEqual(
      releases.map(({ version, outcome }) => [version, outcome]),
      [['1.0.0', 'succeeded']],
    );
    await until('all that this machine can tell is known', async () => {
      const { groups, traffic } = (await signals()).assessment;
      const known = groups.flatMap(({ signals }) => signals.flatMap(({ name, value }) => (value === null ? [] : [name])));
      const wanted = ['latencyP50', 'latencyP95', 'latencyP99', 'traffic', 'errors', 'cpu', 'memory', 'disk', 'fileDescriptors'];
      return [...wanted, 'connections', 'threads'].every((name) => known.includes(name)) && (traffic?.byMethod?.GET ?? 0) > 5;
    });
    const { assessment } = await signals();
    assert.deepEqual(
      assessment.groups.slice(0, 3).map(({ group, state }) => [group, state]),
      [
        ['latency', 'ok'],
        ['traffic', 'ok'],
        ['errors', 'ok'],
      ],
    );
    await until('its points have both, too', async () =>
      (await signals()).points.some(({ gauges, byMethod }) => (gauges.memory ?? 0) > 0 && (byMethod?.GET ?? 0) > 0),
    );
    assert.match((await get<SignalsBody>('/services/shop/signals?lang=ru')).assessment.groups[1]?.sentence ?? '', /запросов\/с$/);
    const told = await stage.cli('signals', 'shop');
    assert.equal(told.code, 0, told.err);
    assert.match(told.out, /^shop: healthy\n\nlatency: ok: p50 [^\n]*\n {2}p50 +\S+ +unjudged\n/);
    assert.match(told.out, /\n {2}disk +[\d.]+ % +ok +target 80 % +warning 80 % +critical 90 %\n/);
    assert.match(told.out, /\nasked for in the last \d+ s\n {2}by method: GET [\d.]+\/s\n/);
    const { groups } = await stage.json<SignalAssessment>(0, 'signals', 'shop');
    assert.deepEqual(
      groups.map(({ group }) => group),
      ['latency', 'traffic', 'errors', 'saturation'],
    );
    assert(existsSync(`${stage.data}/signals.db`), 'a restart has the minutes before it');
  } finally {
    await users.stop();
  }
});

test('the document in force and the output of an instance are shown without secrets', async () => {
  const configuration = await get<{ readonly version: string; readonly document: object }>('/services/shop/configuration');
  const text = JSON.stringify(configuration);
  assert.equal(configuration.version, '1.0.0');
  assert(!text.includes('hunter22') && text.includes('hello') && text.includes('[hidden]'), text);
  writeFileSync(`${stage.data}/targets/process/shop/1.0.0/0.log`, 'listens\npassword=hunter22 is wrong\n');
  const id = encodeURIComponent('shop/1.0.0/0');
  assert.deepEqual(await get(`/services/shop/instances/${id}/log`), { lines: ['listens', 'password=[hidden] is wrong'] });
  assert.deepEqual(await get(`/services/shop/instances/${id}/log?lines=1`), { lines: ['password=[hidden] is wrong'] });
  for (const other of ['other/1.0.0/0', '../../log.db', 'shop/../0', 'shop/1.0.0/0/1', 'shop/1.0.0/99'])
    assert.deepEqual(await get(`/services/shop/instances/${encodeURIComponent(other)}/log`), { lines: [] });
  assert.equal((await stage.ask('GET', '/api/v1/services/nobody/signals')).status, 404);
  assert.equal((await stage.ask('GET', '/api/v1/services/shop/signals?every=7')).status, 400);
});
