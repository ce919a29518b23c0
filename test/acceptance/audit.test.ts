import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { AuditEntry } from '../../src/server/read-model/audit/entry.ts';
import type { ReleaseRow } from '../../src/server/read-model/release-list.ts';
import type { Dora } from '../../src/views/dora.ts';
import { Stage, until } from './stage.ts';
import { Users } from './users.ts';

const stage = new Stage();
type Releases = { readonly releases: readonly ReleaseRow[]; readonly next: string | null };
type Audit = { readonly entries: readonly AuditEntry[]; readonly next: string | null };

describe('what was released, and who asked for what', () => {
  let aborted = '';
  let users: Users | null = null;
  before(async () => {
    await stage.up();
    const shop = await stage.place('shop');
    await stage.install(shop, '1.0.0');
    users = new Users(shop.port, 60);
    await stage.end(await stage.begin(shop, '1.1.0', '--committed', '1h'));
    aborted = await stage.begin(shop, '1.2.0', '--why', 'new basket');
    await stage.reaches(aborted, 'its first step', ({ state }) => state === 'progressing');
    await stage.json(0, 'abort', aborted, '--why', 'basket is red');
    await stage.end(aborted);
  });
  after(async () => {
    await users?.stop();
    await stage.close();
  });

  test('releases are listed with filters, and page by page', async () => {
    const { releases } = await stage.json<Releases>(0, 'releases', 'shop');
    assert.deepEqual(
      releases.map(({ version, by, restore }) => [version, by, restore]),
      ['1.2.0', '1.1.0', '1.0.0'].map((version) => [version, 'tess', false]),
    );
    const good = await stage.json<Releases>(0, 'releases', '--outcome', 'succeeded', '--limit', '1');
    assert.equal(good.releases[0]?.version, '1.1.0');
    const more = await stage.json<Releases>(0, 'releases', '--outcome', 'succeeded', '--limit', '1', '--cursor', good.next ?? '');
    assert.deepEqual([more.releases[0]?.version, more.next], ['1.0.0', null]);
    assert.match((await stage.cli('releases', '--version', '1.2.0')).out, /1\.2\.0 .*by tess/);
    assert.match((await stage.cli('releases', '--before', '1d')).out, /no release that fits/);
    assert.equal((await stage.json<{ code: string }>(2, 'releases', '--after', 'soon')).code, 'E_INPUT');
    assert.equal((await stage.json<{ code: string }>(2, 'releases', '--cursor', 'x')).code, 'E_INPUT');
  });

  test('lead time is counted from the commit that was named', async () => {
    const { body } = await stage.ask('GET', '/api/v1/services/shop/dora?days=7');
    const { deployments, leadTimeMs, changeFailure } = body as Dora;
    assert.equal(deployments, 1, 'the first version replaces nothing');
    assert.equal(leadTimeMs.known, 1);
    assert((leadTimeMs.median ?? 0) >= 3_600_000 && (leadTimeMs.median ?? 0) < 3_900_000, String(leadTimeMs.median));
    assert(changeFailure.total >= 1);
  });

  test('the audit says who asked for what, from where, why and what it changed', async () => {
    const { entries } = await stage.json<Audit>(0, 'audit', 'list', '--service', 'shop', '--kind', 'verb');
    assert.deepEqual(
      entries.map(({ actor, subject, release, why, from }) => ({ actor, subject, release, why, from })),
      [
        {
          actor: 'tess',
          subject: 'abort',
          release: aborted,
          why: 'basket is red',
          from: { address: '127.0.0.1', via: 'owner', credential: null },
        },
      ],
    );
    await stage.json(0, 'tokens', 'add', 'builds', '--role', 'viewer', '--all');
    assert.match((await stage.cli('audit', 'list')).out, /token-added +builds/);
    assert.match((await stage.cli('audit', 'list')).out, /tess .*127\.0\.0\.1 owner .*abort .*basket is red/);
  });

  test('an export is verified without a controller, and a changed one is not', async () => {
    const { out } = await stage.cli('audit', 'export');
    const file = stage.write('export.jsonl', out);
    const verified = await stage.cli('audit', 'verify');
    const [, events, head] = /^intact: (\d+) events, head (\w{64})/.exec(verified.out) ?? [];
    assert(events && head);
    const lines = out.trimEnd().split('\n').length;
    await stage.down('SIGTERM');
    const report = await stage.json<{ kind: string; events: number; gaps: number; hidden: number }>(0, 'audit', 'verify', file);
    assert.deepEqual(
      [report.kind, report.events, report.gaps, report.hidden],
      ['intact', lines, 0, 0],
      'no document has a secret',
    );
    const changed = stage.write('changed.jsonl', readFileSync(file, 'utf8').replace('basket is red', 'basket is fine'));
    const broken = await stage.cli('audit', 'verify', changed);
    assert.deepEqual(
      [broken.code, /^broken at line \d+ \(event \d+\): its hash is not that of its content/.test(broken.out)],
      [1, true],
    );
    const part = await stage.cli('audit', 'export', '--service', 'nobody');
    assert.deepEqual([part.code, part.out], [2, '']);
    assert.match(part.err, /there is no service nobody on record[\s\S]*rampart status/);
    assert.equal((await stage.json<{ code: string }>(2, 'audit', 'verify', 'no-such-file')).code, 'E_INPUT');
    assert.equal((await stage.json<{ kind: string }>(0, 'audit', 'verify')).kind, 'intact', 'the log itself, too');
  });

  test('lists go on after a restart', async () => {
    await stage.up();
    await until('all releases are listed', async () => (await stage.json<Releases>(0, 'releases')).releases.length === 3);
    const { summary } = await stage.release(aborted);
    assert.equal(summary?.release, aborted);
  });
});
