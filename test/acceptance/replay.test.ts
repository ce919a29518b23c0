import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ReleaseSummary } from '../../src/release/summary.ts';
import type { ServiceEvent } from '../../src/release/types.ts';
import type { GoodReleases, Replay } from '../../src/views/replay.ts';
import { type Placed, Stage, until } from './stage.ts';
import { Users } from './users.ts';

const stage = new Stage();
let shop: Placed;
let lax: Placed;
let good: ReleaseSummary;
let bad: ReleaseSummary;

before(async () => {
  await stage.up();
  shop = await stage.place('shop');
  lax = await stage.place('lax', {
    release: { guard: '{ errors: { worseBy: 90%, max: 100% }, latency: { p95: { worseBy: off, max: 5s } } }' },
  });
  await stage.install(shop, '1.0.0');
  const users = new Users(shop.port, 60);
  try {
    await until('the users are served', () => users.answered > 30);
    good = await stage.json<ReleaseSummary>(0, 'release', shop.file, '--version', '1.1.0', '--wait');
    stage.behaves('2.0.0', { failEvery: 2 });
    bad = await stage.json<ReleaseSummary>(1, 'release', shop.file, '--version', '2.0.0', '--wait');
  } finally {
    await users.stop();
  }
});
after(() => stage.close());

test('a release that went back is replayed to the same reason, beside a running controller', async () => {
  const replay = await stage.json<Replay>(1, 'replay', bad.release);
  assert.equal(replay.recordedByGuard, true);
  assert(replay.abort);
  assert(bad.reason.includes(replay.abort.sentence), `${bad.reason} / ${replay.abort.sentence}`);
  assert(replay.abort.failedRequests > 0 && replay.abort.failedRequests <= bad.failedRequests);
  assert.equal(replay.points.at(-1)?.verdict, 'fail');
});

test('another guard is tried on it', async () => {
  const replay = await stage.json<Replay>(0, 'replay', bad.release, '--guard', lax.file);
  assert.equal(replay.abort, null);
  assert.equal(replay.policy.errors.worseByPpm, 900_000);
});

test('good releases are not aborted by their own guard, and the name of a service means its newest release', async () => {
  assert.equal((await stage.json<Replay>(0, 'replay', good.release)).abort, null);
  const all = await stage.json<GoodReleases>(0, 'replay', '--all-good', shop.name);
  assert.deepEqual(all, { service: 'shop', releases: 2, falseAborts: [] });
  assert.equal((await stage.json<Replay>(1, 'replay', shop.name)).release, bad.release);
});

test('the series of a release comes over the API, also only what is new', async () => {
  const whole = await stage.json<Replay>(1, 'replay', bad.release);
  const { body } = await series(`/releases/${bad.release}/series`);
  assert.deepEqual(body, whole);
  assert.deepEqual([body.every, body.complete], [1, true]);
  const last = whole.points.at(-1)?.second ?? 0;
  assert.deepEqual((await series(`/releases/${bad.release}/series?after=${last - 1}`)).body.points, whole.points.slice(-1));
  assert.equal((await series('/releases/nobody/series')).status, 404);
  assert.equal((await series(`/releases/${bad.release}/series?after=soon`)).status, 400);
});

test('a chart has everything: both versions, their difference with its interval, margin, limit, evidence, and marks', async () => {
  const { body } = await series(`/releases/${bad.release}/series`);
  const last = body.points.at(-1);
  assert((last?.candidate?.p95 ?? 0) > 0 && (last?.stable?.p95 ?? 0) > 0);
  const errors = last?.metrics.find(({ metric }) => metric === 'errors');
  assert(errors && errors.difference !== null && errors.low !== null && errors.high !== null);
  assert(errors.low < errors.difference && errors.difference < errors.high && errors.high <= 1);
  // The document accepts 10 % more than 1.15 times what stable fails, which is nothing.
  assert.deepEqual([errors.margin, errors.accepted, errors.limit, errors.kind], [0.1, 0.1, 0.12, 'fail']);
  // Whichever of the two is there first: the comparison with stable, or the limit.
  const beyond = (log: number | null, threshold: number | null) => log !== null && threshold !== null && log >= threshold;
  assert(beyond(errors.logEvidence, errors.logThreshold) || beyond(errors.limitLogEvidence, errors.limitLogThreshold));
  assert.equal(body.marks[0]?.kind, 'step');
  assert.deepEqual(
    body.marks.filter(({ kind }) => kind === 'abort').map(({ second }) => second),
    [body.abort?.second],
  );
});

test('a long release is drawn with fewer points, which add up to the same requests', async () => {
  const requests = ({ points }: Replay) => points.reduce((sum, { candidate }) => sum + (candidate?.requests ?? 0), 0);
  const seconds = (await series(`/releases/${good.release}/series`)).body;
  const tens = (await series(`/releases/${good.release}/series?every=10`)).body;
  assert(tens.points.length < seconds.points.length);
  assert.equal(requests(tens), requests(seconds));
  assert.deepEqual(tens.marks, seconds.marks);
  assert.deepEqual(await stage.json<Replay>(0, 'replay', good.release, '--every', '10'), tens);
  assert.equal((await series(`/releases/${good.release}/series?every=7`)).status, 400);
  assert.match(
    (await stage.cli('replay', good.release, '--every', '7')).err,
    /no points of 7 seconds\n.*--every\n.*1, 10, 60, 600/,
  );
});

test('on a terminal each metric has its difference and the interval', async () => {
  const { out } = await stage.cli('replay', bad.release);
  assert.match(
    out,
    /^ {2}errors +[\d.]+ % {2}2\.0\.0 [\d.]+ %, 1\.1\.0 0 %: [\d.]+ % more, [\d.]+ % to [\d.]+ %; 10 % is accepted$/m,
  );
  assert.match(out, /^ {2}latency-p95 +[\d.]+ % {2}2\.0\.0 [\d.]+ms, 1\.1\.0 [\d.]+ms: [\d.]+ms (more|less)/m);
});

test('every count on record can be read, although it is packed', async () => {
  const { code, out } = await stage.cli('audit', 'show', bad.release);
  assert.equal(code, 0);
  const samples = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).data.event as ServiceEvent)
    .flatMap((event) => (event.kind === 'sampled' ? event.samples : []));
  const replay = await stage.json<Replay>(1, 'replay', bad.release);
  for (const point of replay.points) {
    const sample = samples.find(({ second }) => second === point.second);
    assert.deepEqual([sample?.candidate?.n, sample?.candidate?.errors], [point.candidate?.requests, point.candidate?.errors]);
    assert.equal(
      sample?.stable?.histogram.reduce((sum, value, i) => sum + (i % 2 ? value : 0), 0),
      point.stable?.requests,
    );
  }
  assert.equal((await stage.json<{ code: string }>(2, 'audit', 'show', 'nobody')).code, 'E_UNKNOWN_RELEASE');
});

test('what does not exist is named', async () => {
  assert.match((await stage.cli('replay', 'nobody')).err, /there is no release nobody on record/);
  assert.match((await stage.cli('replay', '--all-good', 'nobody')).err, /there is no service nobody on record/);
  assert.equal((await stage.cli('replay')).code, 2);
});

async function series(path: string): Promise<{ status: number; body: Replay }> {
  const { url, token } = stage.door();
  const response = await fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, body: (await response.json()) as Replay };
}
