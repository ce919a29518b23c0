import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Objective } from '../../spec/types.ts';
import { KeptStage } from './keeper.fixture.ts';
import { verifyObjective } from './verify.ts';

const folder = mkdtempSync(join(tmpdir(), 'rampart-objectives-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const day = 86_400_000;
const availability: Objective = { name: 'availability', targetPpm: 999_000, windowMs: 30 * day, belowMs: null };
const id = 'shop/availability';
const periodOf = ({ keeper, nowMs }: KeptStage, of = id) => {
  const { bad, total } = keeper.get(of)?.period(nowMs) ?? { bad: -1, total: -1 };
  return { bad, total };
};
let stages = 0;
async function staged(objectives: readonly Objective[]): Promise<KeptStage> {
  stages += 1;
  const stage = new KeptStage(join(folder, `${stages}.db`), objectives);
  await stage.up();
  return stage;
}

test('a release that fails fires an alert with its name, which recovers once it is taken back, and resolves', async () => {
  const stage = await staged([availability]);
  await stage.pass(600, { n: 10 });
  stage.release('1.1.0', '1.0.0');
  await stage.pass(120, { n: 9 }, { n: 1, bad: 1 });
  const alert = stage.alerts.state.open.get(`${id}/P0`);
  assert.equal(alert?.state, 'firing');
  assert.match(alert.said, /^in 1h \d+ of [\d,]+ bad \(.* %\), burn .*; it fires above burn 14\.4 \(1\.44 %\)$/);
  assert.deepEqual(alert.attribution?.release, { id: 'release-1.1.0', version: '1.1.0', stable: '1.0.0' });
  assert.deepEqual(alert.attribution?.step, { index: 0, text: 'send 10 % of requests' });
  assert.equal(alert.attribution?.versions[0]?.version, '1.1.0');
  assert.match(alert.attribution?.said ?? '', /^1\.1\.0 \(release release-1\.1\.0\): it fails more: /);
  // The more urgent one speaks for those behind it.
  assert.equal(stage.alerts.state.open.get(`${id}/P1`)?.silencedBy, `${id}/P0`);

  stage.rolledBack();
  await stage.pass(60, { n: 10 });
  assert.equal(stage.state(`${id}/P0`), 'recovering');
  assert.match(stage.alerts.state.open.get(`${id}/P0`)?.said ?? '', /^recovering: in the .* since traffic was taken back, 0 of/);
  await stage.pass(300, { n: 10 });
  assert.equal(stage.state(`${id}/P0`), 'resolved');
  assert.equal(stage.alerts.state.ended.filter(({ key }) => key === `${id}/P0`).length, 1, 'it was told once');
  await stage.keeper.stop();
});

test('what burns on after the way back fires again', async () => {
  const stage = await staged([availability]);
  await stage.pass(300, { n: 10 });
  stage.release('1.1.0', '1.0.0');
  await stage.pass(120, { n: 9 }, { n: 1, bad: 1 });
  stage.rolledBack();
  await stage.pass(40, { n: 10 });
  assert.equal(stage.state(`${id}/P0`), 'recovering');
  await stage.pass(60, { n: 10, bad: 5 });
  assert.equal(stage.state(`${id}/P0`), 'firing');
  assert.equal(stage.alerts.state.open.get(`${id}/P0`)?.attribution?.release?.version, '1.1.0');
  await stage.keeper.stop();
});

test('an alert comes from the release that fails more, though a good one is under way by then', async () => {
  const stage = await staged([availability]);
  await stage.pass(600, { n: 10 });
  stage.release('1.1.0', '1.0.0');
  await stage.pass(5, { n: 5 }, { n: 5, bad: 5 });
  stage.rolledBack();
  stage.release('1.2.0', '1.0.0');
  await stage.pass(20, { n: 5 }, { n: 5 });
  const { attribution } = [...stage.alerts.state.open.values()][0] ?? {};
  assert.equal(attribution?.release?.version, '1.1.0');
  assert.match(attribution.said, /^1\.1\.0 \(release release-1\.1\.0\): it fails more: /);
  await stage.keeper.stop();
});

test('what is kept in slots is read in slots, whenever what came before it is kept no finer than minutes', async () => {
  const stage = await staged([availability]);
  await stage.pass(3 * 3_600 - 1_790, { n: 1 });
  const running = stage.keeper.get(id);
  assert(running);
  // Half past two: the hour from midnight on is kept in minutes, the one before now in slots.
  const fromMs = Date.parse('2026-11-02T00:00:00Z');
  const cells = stage.keeper.cells(running, fromMs, fromMs, stage.nowMs);
  const lengths = (from: string, to: string) => [
    ...new Set(
      cells
        .filter(({ fromS }) => fromS * 1_000 >= Date.parse(from) && fromS * 1_000 < Date.parse(to))
        .map(({ fromS, toS }) => toS - fromS),
    ),
  ];
  assert.deepEqual(lengths('2026-11-02T00:00:00Z', '2026-11-02T01:00:00Z'), [60]);
  assert.deepEqual(lengths('2026-11-02T01:00:00Z', '2026-11-02T03:00:00Z'), [10]);
  assert.equal(
    cells.reduce((sum, { total }) => sum + total, 0),
    3 * 3_600 - 1_790,
  );
  await stage.keeper.stop();
});

test('without a release in reach an alert says so', async () => {
  const stage = await staged([availability]);
  await stage.pass(120, { n: 10, bad: 1 });
  const { attribution } = stage.alerts.state.open.get(`${id}/P0`) ?? {};
  assert.equal(attribution?.release, null);
  assert.match(attribution?.said ?? '', /^no release is in reach: none had traffic in the last 60 min$/);
  await stage.keeper.stop();
});

test('silence of the source resolves nothing, and a few good seconds after it do not either', async () => {
  const stage = await staged([availability]);
  await stage.pass(300, { n: 10, bad: 2 });
  assert.equal(stage.state(`${id}/P0`), 'firing');
  await stage.pass(900, { n: 0 }, null, false);
  assert.equal(stage.state(`${id}/P0`), 'firing');
  assert.match(stage.alerts.state.open.get(`${id}/P0`)?.said ?? '', /^no data: nothing has been heard/);
  const running = stage.keeper.get(id);
  assert.equal(running && verifyObjective(stage.keeper, running, 60_000).state, 'no-data');
  await stage.pass(30, { n: 10 });
  assert.equal(stage.state(`${id}/P0`), 'firing');
  await stage.pass(120, { n: 10 });
  assert.equal(stage.state(`${id}/P0`), 'resolved');
  await stage.keeper.stop();
});

test('no traffic is no breach, and passes no gate', async () => {
  const stage = await staged([availability]);
  await stage.pass(120, { n: 0 });
  const running = stage.keeper.get(id);
  assert(running);
  assert.deepEqual([verifyObjective(stage.keeper, running, 60_000).state, stage.state(`${id}/P0`)], ['no-traffic', null]);
  await stage.pass(60, { n: 1 });
  assert.equal(verifyObjective(stage.keeper, running, 60_000).ok, true);
  await stage.keeper.stop();
});

test('a killed controller goes on with every event, its windows and its alerts', async () => {
  const objectives = [availability, { ...availability, name: 'latency', belowMs: 500 }];
  const stage = await staged(objectives);
  await stage.pass(4_000, { n: 7, slow: 1 });
  await stage.pass(405, { n: 7, bad: 1, slow: 2 });
  const before = stage.keeper.get(id)?.sums;
  assert.equal(stage.state(`${id}/P0`), 'firing');
  // The last five seconds were not on the disk; the router is asked for them again.
  await stage.restart();
  const second = Math.floor(stage.nowMs / 1_000);
  assert.equal(stage.keeper.lastSecond('shop'), second - 6);
  stage.nowMs -= 5_000;
  await stage.pass(5, { n: 7, bad: 1, slow: 2 });
  await stage.pass(5, { n: 7 });
  const after = stage.keeper.get(id)?.sums;
  assert.deepEqual(periodOf(stage), { bad: 405, total: 7 * 4_410 });
  assert.deepEqual(periodOf(stage, 'shop/latency'), { bad: 4_000 + 2 * 405, total: 7 * 4_410 });
  for (const ms of [300_000, 3_600_000, 21_600_000, 259_200_000]) {
    const [was, is] = [before?.sum(ms) ?? { bad: -1, total: -1 }, after?.sum(ms) ?? { bad: -1, total: -1 }];
    assert.ok(is.total >= was.total && is.bad >= was.bad - 10, `${ms}: ${JSON.stringify([was, is])}`);
  }
  assert.equal(stage.state(`${id}/P0`), 'firing');
  assert.equal(stage.alerts.state.ended.length, 0);
  await stage.keeper.stop();
});

test('maintenance does not count, also afterwards, and counts again when it is taken back', async () => {
  const stage = await staged([availability]);
  await stage.pass(600, { n: 10 });
  const from = stage.nowMs;
  await stage.pass(300, { n: 10, bad: 10 });
  const to = stage.nowMs;
  await stage.pass(600, { n: 10 });
  assert.deepEqual(periodOf(stage), { bad: 3_000, total: 15_000 });
  const correction = await stage.keeper.changes.correct(id, from, to, { why: 'the database was moved', by: 'anna' });
  assert.deepEqual(periodOf(stage), { bad: 0, total: 12_000 });
  // What overlaps is left out once.
  const other = await stage.keeper.changes.correct(id, from + 60_000, to + 60_000, { why: 'and so was the cache', by: 'anna' });
  assert.deepEqual(periodOf(stage), { bad: 0, total: 11_400 });
  await stage.restart();
  assert.deepEqual(periodOf(stage), { bad: 0, total: 11_400 });
  await stage.keeper.changes.uncorrect(id, other, { why: 'it was not', by: 'anna' });
  await stage.keeper.changes.uncorrect(id, correction, { why: 'it was not', by: 'anna' });
  assert.deepEqual(periodOf(stage), { bad: 3_000, total: 15_000 });
  await assert.rejects(stage.keeper.changes.uncorrect(id, correction, { why: '', by: 'anna' }), { code: 'E_UNKNOWN_CORRECTION' });
  await assert.rejects(stage.keeper.changes.correct('shop/none', from, to, { why: '', by: 'anna' }), {
    code: 'E_UNKNOWN_OBJECTIVE',
  });
  await assert.rejects(stage.keeper.changes.correct(id, to, from, { why: '', by: 'anna' }), { code: 'E_BAD_CORRECTION' });
  await stage.keeper.stop();
});

test('another target goes on with the same counts, and another threshold begins anew', async () => {
  const stage = await staged([availability]);
  await stage.pass(120, { n: 10, bad: 1, slow: 3 });
  assert.equal(stage.state(`${id}/P0`), 'firing');
  stage.put('1.1.0', [{ ...availability, targetPpm: 500_000 }]);
  await stage.pass(20, { n: 10 });
  assert.deepEqual(periodOf(stage), { bad: 120, total: 1_400 });
  assert.deepEqual(
    stage.keeper.get(id)?.known.versions.map(({ objective }) => objective.targetPpm),
    [500_000, 999_000],
  );
  stage.put('1.2.0', [{ ...availability, belowMs: 500 }]);
  await stage.pass(10, { n: 10 });
  await stage.pass(30, { n: 10, slow: 2 });
  assert.deepEqual(periodOf(stage), { bad: 60, total: 300 });
  await stage.restart();
  assert.deepEqual(periodOf(stage), { bad: 60, total: 300 });
  stage.put('1.3.0', []);
  await stage.pass(10, { n: 10 });
  assert.equal(stage.keeper.all.length, 0);
  assert.deepEqual([...stage.alerts.state.open.keys()], []);
  await stage.keeper.stop();
});

test('a period of the calendar begins with nothing, and slices count time', async () => {
  const month: Objective = { ...availability, name: 'month', calendar: { unit: 'month', zone: 'UTC' } };
  const slices: Objective = {
    ...availability,
    name: 'slices',
    targetPpm: 900_000,
    windowMs: day,
    slices: { everyMs: 60_000, targetPpm: 950_000 },
  };
  const stage = await staged([month, slices]);
  stage.nowMs = Date.parse('2026-11-30T23:50:00Z');
  await stage.pass(300, { n: 10, bad: 1 });
  await stage.pass(180, { n: 0 });
  await stage.pass(120, { n: 1 });
  assert.deepEqual(periodOf(stage, 'shop/month'), { bad: 0, total: 0 });
  assert.deepEqual(periodOf(stage, 'shop/slices'), { bad: 5, total: 10 });
  await stage.pass(60, { n: 1, bad: 1 });
  assert.deepEqual(periodOf(stage, 'shop/month'), { bad: 60, total: 60 });
  await stage.restart();
  assert.deepEqual(periodOf(stage, 'shop/month'), { bad: 60, total: 60 });
  assert.deepEqual(periodOf(stage, 'shop/slices'), { bad: 6, total: 11 });
  await stage.keeper.stop();
});

test('sums of versions are those of the objective', async () => {
  const stage = await staged([availability]);
  await stage.pass(300, { n: 10, bad: 1 });
  stage.release('1.1.0', '1.0.0');
  await stage.pass(300, { n: 8 }, { n: 2, bad: 1 });
  const running = stage.keeper.get(id);
  assert(running);
  assert.deepEqual(stage.keeper.byVersion(running, 0, stage.nowMs), [
    { version: '1.0.0', bad: 300, total: 5_400 },
    { version: '1.1.0', bad: 300, total: 600 },
  ]);
  assert.deepEqual(periodOf(stage), { bad: 600, total: 6_000 });
  await stage.keeper.stop();
});

test('what each version did is known also for the shortest windows', async () => {
  const alerts = [{ name: 'P0', sharePpm: 10_000, longMs: 10_000, shortMs: 10_000, minBad: 3, tells: 'page' as const }];
  const stage = await staged([{ ...availability, windowMs: 3_600_000, alerts }]);
  await stage.pass(20, { n: 10 });
  stage.release('1.1.0', '1.0.0');
  await stage.pass(10, { n: 9 }, { n: 1, bad: 1 });
  // Evaluated a moment after the slot has ended, as it is in life.
  stage.nowMs += 2_000;
  await stage.keeper.tick();
  const { attribution } = stage.alerts.state.open.get(`${id}/P0`) ?? {};
  assert.deepEqual(attribution?.versions, [
    { version: '1.1.0', bad: 10, total: 10 },
    { version: '1.0.0', bad: 0, total: 90 },
  ]);
  await stage.keeper.stop();
});
