import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from './document.ts';
import { SpecError } from './problem.ts';
import { serviceDocument } from './service.ts';
import { standIns } from './stand-ins.fixture.ts';
import type { DatabasePolicy } from './types.ts';

const document = (database: string): string => `apiVersion: rampart/v1
kind: Service
metadata: { name: shop }
spec:
  target: { process: { command: [node] } }
  router: { builtin: { listen: 127.0.0.1:8080 } }
  release:
    database: ${database}
`;

function parsed(database: string): DatabasePolicy | undefined {
  const [service] = parseDocuments(document(database), 'shop.yaml', { Service: serviceDocument(standIns) });
  return service?.value.release.database;
}

const migration = 'name: a, up: { command: [up] }';
const postgres = 'postgres: { database: shop, user: owner, password: { env: SHOP_DB } }';

test('a database has its connection, a backup and migrations, with defaults', () => {
  const database = parsed(
    `{ ${postgres}, backup: { pgDump: true }, migrations: [ { ${migration}, down: { command: [down] }, timeout: 1h } ] }`,
  );
  const connection = {
    host: '127.0.0.1',
    port: 5_432,
    database: 'shop',
    user: 'owner',
    password: { env: 'SHOP_DB', prefix: '' },
    sslmode: null,
    programs: null,
  };
  assert.deepEqual(database, {
    connection,
    backup: {
      name: 'backup',
      action: { kind: 'backup', command: null, check: null, folder: null },
      timeoutMs: 600_000,
      attempts: 1,
      compensate: null,
      connection,
    },
    migrations: [
      {
        name: 'a',
        up: { kind: 'command', command: ['up'] },
        down: { kind: 'command', command: ['down'] },
        status: null,
        irreversible: false,
        timeoutMs: 3_600_000,
        attempts: 1,
      },
    ],
    onRollback: 'down',
    restore: null,
    compatible: true,
  });
});

test('a document without a database is the same text as before', () => {
  const [service] = parseDocuments(document('').replace(/ {4}database.*\n/, '    bake: 1m\n'), 'shop.yaml', {
    Service: serviceDocument(standIns),
  });
  assert.equal('database' in (service?.value.release ?? {}), false);
});

const refused: readonly (readonly [what: string, database: string, problem: RegExp])[] = [
  ['nothing to do', '{}', /expected backup, migrations, or both/],
  [
    'a migration with no way back',
    `{ migrations: [ { ${migration} } ] }`,
    /migrations\[0\]: expected down, or irreversible: true/,
  ],
  [
    'an irreversible migration with a way back',
    `{ migrations: [ { ${migration}, down: { command: [down] }, irreversible: true } ] }`,
    /down: an irreversible migration has no down/,
  ],
  [
    'two migrations of one name',
    `{ migrations: [ { ${migration}, irreversible: true }, { ${migration}, irreversible: true } ] }`,
    /name: migration 1 is already called "a"/,
  ],
  ['a dump of nothing', '{ backup: { pgDump: true } }', /pgDump: expected postgres beside it/],
  [
    'a way back to no backup',
    `{ onRollback: restore, migrations: [ { ${migration} } ] }`,
    /onRollback: expected backup beside it/,
  ],
  [
    'a backup that nothing puts back',
    `{ onRollback: restore, backup: { command: [save] }, migrations: [ { ${migration} } ] }`,
    /onRollback: expected restore in the backup/,
  ],
  [
    'a password in the document',
    '{ postgres: { database: shop, user: owner, password: hunter2 }, backup: { pgDump: true } }',
    /password: expected \{ env: NAME \} or \{ file: PATH \}, because the value would end up in the log/,
  ],
];

for (const [what, database, problem] of refused)
  test(`refused with its place: ${what}`, () => {
    assert.throws(
      () => parsed(database),
      (error) => {
        assert(error instanceof SpecError);
        assert.match(error.problems.map(({ path, message }) => `${path}: ${message}`).join('\n'), problem);
        assert(!JSON.stringify(error.problems).includes('hunter2'));
        return true;
      },
    );
  });
