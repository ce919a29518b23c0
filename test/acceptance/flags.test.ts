import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { AuditEntry } from '../../src/server/read-model/audit/entry.ts';
import type { FlagView } from '../../src/views/flag-view.ts';
import { Stage } from './stage.ts';

const document = `apiVersion: rampart/v1
kind: FlagSet
metadata: { name: shop }
spec:
  flags:
    new-checkout:
      variants: { on: true, off: false }
      defaultVariant: off
`;

describe('rampart flag', () => {
  const stage = new Stage();
  const file = join(stage.folder, 'flags.yaml');
  before(async () => {
    await stage.up();
  });
  after(() => stage.close());

  test('gives a flag to a share of the users, and takes it from everybody in one command', async () => {
    writeFileSync(file, document.replace('defaultVariant', 'defaultVarient'));
    const mistaken = await stage.cli('flag', 'apply', file);
    assert.equal(mistaken.code, 2);
    assert.match(mistaken.err, /flags\.yaml:8:7: unknown key "defaultVarient"; did you mean "defaultVariant"\?/);
    writeFileSync(file, document);
    assert.equal((await stage.cli('flag', 'apply', file)).out, 'shop: added new-checkout\n');
    assert.equal((await stage.cli('flag', 'share', 'new-checkout', '10%')).out, 'new-checkout: 10% have on, the others off\n');
    assert.equal((await stage.cli('flag', 'share', 'new-checkout', '10')).code, 2);
    const off = await stage.json<FlagView>(0, 'flag', 'off', 'new-checkout', '--why', 'orders fail');
    assert.equal(off.said, 'switched off: everybody has off');
    assert.equal((await stage.cli('flag', 'apply', file)).out, 'shop: nothing has changed\n');
    const shown = await stage.cli('flag', 'show', 'new-checkout');
    assert.match(shown.out, /^new-checkout {2}of shop\nswitched off: everybody has off\nsince .* by tess: orders fail\n/);
    const { entries } = await stage.json<{ entries: readonly AuditEntry[] }>(0, 'audit', 'list', '--kind', 'flag-off');
    assert.deepEqual(
      entries.map(({ actor, subject, why, before }) => [actor, subject, why, before]),
      [['tess', 'new-checkout', 'orders fail', { kind: 'share', variant: 'on', sharePpm: 100_000 }]],
    );
    assert.equal((await stage.cli('flag', 'off', 'nothing')).code, 2);
  });
});
