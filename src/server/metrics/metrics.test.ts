import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { until } from '../../../test/acceptance/stage.ts';
import { debianProgram } from '../../../test/programs/debian-program.ts';
import { Served } from '../access/server.fixture.ts';

const promtool = await debianProgram('prometheus', '/usr/bin/promtool');

const document = `apiVersion: rampart/v1
kind: Service
metadata: { name: shop-with-a-name-of-its-own }
spec:
  target: { process: { command: [rampart-has-no-such-program] } }
  router: { builtin: { listen: 127.0.0.1:0 } }
`;

describe('/metrics', () => {
  const served = new Served();
  before(() => served.up());
  after(() => served.close());

  const read = async (token?: string): Promise<{ readonly text: string; readonly value: (series: string) => number }> => {
    const response = await fetch(`${served.host.url}/metrics`, token ? { headers: { authorization: `Bearer ${token}` } } : {});
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
    const text = await response.text();
    const line = (series: string): string | undefined => text.split('\n').find((one) => one.startsWith(`${series} `));
    return { text, value: (series) => Number(line(series)?.slice(series.length + 1) ?? Number.NaN) };
  };

  test('tells what is released and what became of it, from 0 on, without a credential and without a name', async () => {
    const before = await read();
    assert.equal(before.value('rampart_releases{state="held"}'), 0);
    assert.equal(before.value('rampart_release_outcomes_total{outcome="rolled-back"}'), 0);
    assert.equal(before.value('rampart_verdicts_total{kind="fail"}'), 0);
    assert.equal(before.value('rampart_effect_failures_total{effect="route"}'), 0);
    assert.equal(before.value('rampart_streams_open'), 0);
    const version = '7.7.7-secret';
    const body = { document, folder: '/', version, by: 'somebody' };
    const { release } = await served.own<{ release: string }>('POST', '/api/v1/releases', body);
    const ended = async (): Promise<number> => {
      const { value } = await read();
      return (
        value('rampart_release_outcomes_total{outcome="rejected"}') +
        value('rampart_release_outcomes_total{outcome="rolled-back"}')
      );
    };
    await until('its end is counted', async () => (await ended()) === 1);
    for (let i = 0; i < 3; i += 1) await served.own('POST', `/api/v1/releases/${release}/verbs`, { verb: 'abort', why: 'again' });
    assert.equal(await ended(), 1, 'a verb on a release that has ended ends nothing');
    const { text, value } = await read();
    assert(value('rampart_log_append_seconds_count') >= 3);
    assert.equal(value('rampart_services'), 1);
    assert.equal(value(`rampart_build_info{version="0.0.0",node="${process.version}"}`), 1);
    assert(value('rampart_process_resident_memory_bytes') > 1_000_000);
    for (const name of [version, 'somebody', 'shop-with-a-name', release, served.ownerToken]) assert(!text.includes(name), name);
  });

  test('tells whoever may see a service how its releases went, and nobody else', async () => {
    const all = await served.token('prometheus', [{ role: 'viewer', services: '*' }]);
    const other = await served.token('other', [{ role: 'viewer', services: ['another'] }]);
    const { text } = await read(all.secret);
    const labels = /service="shop-with-a-name-of-its-own",release="[^"]+",version="7\.7\.7-secret",kind="rolled-back|rejected"/;
    assert.match(text, labels);
    const [, at] =
      /^rampart_release_step_started_timestamp_seconds\{[^}]*kind="(?:rolled-back|rejected)"[^}]*\} (.+)$/m.exec(text) ?? [];
    assert(Math.abs(Number(at) - Date.now() / 1_000) < 60, `${at} is when it ended`);
    assert.match(text, /^rampart_services 1$/m);
    assert(!(await read(other.secret)).text.includes('shop-with-a-name'));
    const refused = await fetch(`${served.host.url}/metrics`, { headers: { authorization: 'Bearer rmp_nothing' } });
    assert.equal(refused.status, 401);
  });

  test('has as many series whatever is asked', async () => {
    const count = async (): Promise<number> =>
      (await read()).text.split('\n').filter((line) => /^rampart_http/.test(line)).length;
    const ask = async (path: string): Promise<void> => {
      await (await fetch(`${served.host.url}${path}`, { headers: { authorization: `Bearer ${served.ownerToken}` } })).text();
    };
    const paths = (from: number): readonly string[] =>
      Array.from({ length: 30 }, (_, i) => [`/${from + i}`, `/api/v1/services/${from + i}`, `/api/v1/${from + i}`]).flat();
    for (const path of paths(0)) await ask(path);
    const first = await count();
    for (const path of paths(100)) await ask(path);
    assert.equal(await count(), first);
    const { value } = await read();
    assert.equal(value('rampart_http_requests_total{method="GET",route="/api/v1/services/:name",status="404"}'), 60);
  });

  test('counts live views while they are open', async () => {
    const gone = new AbortController();
    const response = await fetch(`${served.host.url}/api/v1/stream?topic=overview`, {
      headers: { authorization: `Bearer ${served.ownerToken}` },
      signal: gone.signal,
    });
    assert.equal(response.status, 200);
    assert.equal((await read()).value('rampart_streams_open'), 1);
    gone.abort();
    await until('it is gone', async () => (await read()).value('rampart_streams_open') === 0);
  });

  test('promtool finds nothing to say against it', { skip: 'missing' in promtool && promtool.missing }, async () => {
    assert('path' in promtool);
    const { text } = await read(served.ownerToken);
    const { status, stdout, stderr } = spawnSync(promtool.path, ['check', 'metrics'], { input: text, encoding: 'utf8' });
    assert.equal(status, 0, `${stdout}${stderr}`);
    assert.equal(`${stdout}${stderr}`, '');
  });
});
