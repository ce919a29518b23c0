import assert from 'node:assert/strict';
import { test } from 'node:test';
import { difference, flywayHistory, heads } from './applied.ts';
import { alembicMigration, compareVersions, flywayVersion, type Known, knownMigrations } from './known.ts';
import type { Tool } from './schema.ts';

const folder = (files: Readonly<Record<string, string>>) =>
  Object.entries(files).map(([path, text]) => ({ path, read: async () => text }));
const known = (tool: Tool, files: Readonly<Record<string, string>>, pattern?: string) =>
  knownMigrations(folder(files), { tool, files: pattern });
const told = (all: readonly Known[]) => all.map(({ id, hasReverse }) => `${id}${hasReverse ? ' ⟲' : ''}`);

const script = (revision: string, down: string, downgrade: string) => `"""Adds orders

Revision ID: ${revision}
"""
from alembic import op

revision: str = '${revision}'
down_revision: Union[str, Sequence[str], None] = ${down}

def upgrade() -> None:
    op.create_table('orders')


def downgrade() -> None:
${downgrade}
`;

test('of Alembic the order is in the files, and a way back that does nothing is none', async () => {
  const all = await known('alembic', {
    'versions/b.py': script('a1', 'None', '    # nothing\n    pass'),
    'versions/a.py': script('b2', "'a1'", "    op.drop_table('orders')"),
    'versions/c.py': script('c3', "('b2', 'a1')", "    raise NotImplementedError('no way back')"),
    'env.py': 'import alembic',
  });
  assert.deepEqual(told(all), ['a1', 'b2 ⟲', 'c3']);
  assert.deepEqual(heads(all), ['c3']);
  const at = (ids: readonly string[]) => difference(all, { ids, broken: [], isNewest: true, baseline: null });
  assert.deepEqual(at(['c3']), { missing: [], unknown: [] });
  assert.deepEqual(told(at(['a1']).missing), ['b2 ⟲', 'c3']);
  assert.deepEqual(at(['f9']).unknown, ['f9']);
});

test('a docstring is no way back of Alembic', () => {
  const text = script('a1', 'None', '    """Nothing\n    to do."""\n    pass\n');
  assert.deepEqual(alembicMigration(text), { id: 'a1', hasReverse: false, after: [] });
});

test('of Flyway versions are compared as numbers, repeatable ones by name', async () => {
  const all = await known('flyway', {
    'V10__b.sql': '',
    'V2_1__a.sql': '',
    'U2.1__a.sql': '',
    'R__views.sql': '',
    'notes.txt': '',
  });
  assert.deepEqual(told(all), ['2.1 ⟲', '10', 'R__views ⟲']);
});

test('the history of Flyway has what was undone, what failed, and what was there before', () => {
  const row = (version: string | null, script: string, type = 'SQL', success = true) => ({ version, script, type, success });
  const history = flywayHistory([
    row('1', '<< Flyway Baseline >>', 'BASELINE'),
    row('2', 'V2__a.sql'),
    row('3', 'V3__b.sql'),
    row('3', 'U3__b.sql', 'UNDO_SQL'),
    row(null, 'R__views.sql'),
    row('4', 'V4__c.sql', 'SQL', false),
  ]);
  assert.deepEqual(history, { ids: ['2', 'R__views'], broken: ['V4__c.sql'], isNewest: false, baseline: '1' });
});

test('what was there before Flyway is not missing', async () => {
  const all = await known('flyway', { 'V0.5__old.sql': '', 'V1__old.sql': '', 'V2__new.sql': '' });
  assert.deepEqual(told(difference(all, { ids: [], broken: [], isNewest: false, baseline: '1' }).missing), ['2']);
});

test('files of other tools', async () => {
  assert.deepEqual(
    told(await known('golang-migrate', { '000002_b.up.sql': '', '000001_a.up.sql': '', '000001_a.down.sql': '' })),
    ['1 ⟲', '2'],
  );
  assert.deepEqual(
    told(
      await known('prisma', {
        '20240101_init/migration.sql': '',
        '20240102_more/migration.sql': '',
        '20240102_more/down.sql': '',
        'migration_lock.toml': '',
      }),
    ),
    ['20240101_init', '20240102_more ⟲'],
  );
  assert.deepEqual(
    told(
      await known('knex', {
        '1_a.ts': 'export async function up(k) {}\nexport async function down(k) {}',
        '2_b.js': 'exports.up = f',
        '3.d.ts': '',
      }),
    ),
    ['1_a ⟲', '2_b'],
  );
  assert.deepEqual(
    told(
      await known('rails', {
        '2024_a.rb': 'def change\nend',
        '2025_b.rb': 'def up\nend\ndef down\nraise ActiveRecord::IrreversibleMigration\nend',
      }),
    ),
    ['2024 ⟲', '2025'],
  );
  assert.deepEqual(
    told(await known('query', { '01-a.sql': '', '01-a.down.sql': '', 'readme.md': '' }, '^(\\d+)-[a-z]+\\.sql$')),
    ['01 ⟲'],
  );
});

test('versions', () => {
  assert.deepEqual(['10', '2', '2.1', 'R__x', '20240101000001'].sort(compareVersions), [
    '2',
    '2.1',
    '10',
    '20240101000001',
    'R__x',
  ]);
  assert.deepEqual(['1', '1_0', '01', '1.0.0', '1.10'].map(flywayVersion), ['1', '1', '1', '1', '1.10']);
});
