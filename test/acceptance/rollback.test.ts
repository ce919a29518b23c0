import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ReleaseSummary } from '../../src/release/summary.ts';
import { Stage, until } from './stage.ts';
import { Users } from './users.ts';

type Answer = { readonly dryRun: boolean; readonly kind: string; readonly version: string; readonly said: string };
type Refusal = { readonly error: string; readonly code: string; readonly fix: string };

const stage = new Stage();
const smoke = '[ { path: /smoke } ]';

describe('rollback', { concurrency: 3 }, () => {
  before(() => stage.up());
  after(() => stage.close());

  test('of a live release aborts it, and checks the stable version afterwards', async () => {
    const shop = await stage.place('live', {
      release: { strategy: '{ canary: { steps: [ { weight: 50%, for: 60s } ] } }', smoke },
    });
    await stage.install(shop, '1.0.0');
    const users = new Users(shop.port, 60);
    try {
      const id = await stage.begin(shop, '2.0.0');
      await until('the candidate is used', () => (users.seen['2.0.0']?.requests ?? 0) > 5);
      const dry = await stage.json<Answer>(0, 'rollback', 'live', '--dry-run');
      assert.deepEqual(
        { dryRun: dry.dryRun, kind: dry.kind, version: dry.version },
        { dryRun: true, kind: 'abort', version: '1.0.0' },
      );
      assert.match(dry.said, new RegExp(`aborts release ${id} of 2.0.0: all traffic goes to 1.0.0`));
      assert.equal((await stage.release(id)).state, 'progressing', 'a dry run changes nothing');

      const summary = await stage.json<ReleaseSummary>(0, 'rollback', 'live', '--why', 'customers complain');
      assert.equal(summary.release, id);
      assert.equal(summary.outcome, 'rolled-back');
      assert.match(summary.reason, /customers complain/);
      const { findings } = await stage.release(id);
      assert.deepEqual(
        findings.map(({ what, ok }) => [what, ok]),
        [
          ['checks before traffic', true],
          ['stable after rollback', true],
        ],
      );
      assert.match(findings[1]?.detail ?? '', /1 of 1 checks pass/);
    } finally {
      await users.stop();
    }
    assert.equal(users.failed, 0, users.examples.join('; '));
  });

  test('after the end brings the version before back, or an earlier one by name, and users notice nothing', async () => {
    const shop = await stage.place('ended', { release: { smoke } });
    await stage.install(shop, '1.0.0');
    const users = new Users(shop.port, 60);
    try {
      await stage.install(shop, '2.0.0');
      await stage.install(shop, '3.0.0');
      const dry = await stage.json<Answer>(0, 'rollback', 'ended', '--dry-run');
      assert.deepEqual(
        { dryRun: dry.dryRun, kind: dry.kind, version: dry.version },
        { dryRun: true, kind: 'restore', version: '2.0.0' },
      );
      assert.equal((await stage.service('ended')).live, null, 'a dry run changes nothing');

      const back = await stage.json<ReleaseSummary>(0, 'rollback', 'ended', '--why', 'too slow');
      assert.deepEqual({ version: back.version, outcome: back.outcome }, { version: '2.0.0', outcome: 'succeeded' });
      const view = await stage.service('ended');
      assert.equal(view.stable?.version, '2.0.0');
      const release = await stage.release(back.release);
      assert.equal(release.strategy, 'restore');
      assert.equal(release.why, 'too slow');
      assert.deepEqual(
        release.findings.map(({ what, ok }) => [what, ok]),
        [['checks before traffic', true]],
      );

      const oldest = await stage.json<ReleaseSummary>(0, 'rollback', 'ended', '--to', '1.0.0');
      assert.deepEqual({ version: oldest.version, outcome: oldest.outcome }, { version: '1.0.0', outcome: 'succeeded' });
      assert.equal((await stage.service('ended')).stable?.version, '1.0.0');
      await until('only that version runs', () => Object.keys(stage.instances('ended')).join() === '1.0.0');

      const never = await stage.json<Refusal>(1, 'rollback', 'ended', '--to', '9.9.9');
      assert.equal(never.code, 'E_NOTHING_TO_ROLL_BACK');
      assert.match(never.error, /never stable at 9\.9\.9/);
      assert.match(never.fix, /3\.0\.0/);
    } finally {
      await users.stop();
    }
    assert.equal(users.failed, 0, users.examples.join('; '));
  });

  test('without anything to go back to says so', async () => {
    const shop = await stage.place('only');
    await stage.install(shop, '1.0.0');
    const refusal = await stage.json<Refusal>(1, 'rollback', 'only');
    assert.equal(refusal.code, 'E_NOTHING_TO_ROLL_BACK');
    assert.match(refusal.error, /no version before 1\.0\.0/);
    assert.equal((await stage.json<Refusal>(1, 'rollback', 'only', '--dry-run')).code, 'E_NOTHING_TO_ROLL_BACK');
    assert.equal((await stage.json<Refusal>(2, 'rollback', 'nobody')).code, 'E_UNKNOWN_SERVICE');
  });

  test('to a stable version that fails its checks by now says so in the summary', async () => {
    const shop = await stage.place('sick', {
      release: { strategy: '{ canary: { steps: [ { weight: 50%, for: 60s } ] } }', smoke },
    });
    await stage.install(shop, '1.0.0-sick');
    const users = new Users(shop.port, 40);
    try {
      const id = await stage.begin(shop, '2.0.0');
      await until('the candidate is used', () => (users.seen['2.0.0']?.requests ?? 0) > 2);
      stage.behaves('1.0.0-sick', { smoke: 503 });
      const summary = await stage.json<ReleaseSummary>(0, 'rollback', 'sick');
      assert.equal(summary.outcome, 'rolled-back');
      assert.match(summary.reason, /Attention: 1\.0\.0-sick fails its checks after the rollback: .*answered 503, not 200/);
      assert.deepEqual(
        (await stage.release(id)).findings.map(({ what, ok }) => [what, ok]),
        [
          ['checks before traffic', true],
          ['stable after rollback', false],
        ],
      );
    } finally {
      await users.stop();
    }
  });

  test('of a version whose checks fail before any traffic happens by itself', async () => {
    const shop = await stage.place('unfit', { release: { smoke } });
    stage.behaves('2.0.0-unfit', { smoke: 500 });
    await stage.install(shop, '1.0.0');
    const answer = await stage.cli('release', shop.file, '--version', '2.0.0-unfit', '--wait', '--json');
    assert.equal(answer.code, 1);
    const summary = JSON.parse(answer.out) as ReleaseSummary;
    assert.equal(summary.outcome, 'rolled-back');
    assert.match(summary.reason, /fails its checks before any traffic: GET \/smoke .* answered 500, not 200/);
    assert.equal(summary.candidateRequests, 0);
  });
});
