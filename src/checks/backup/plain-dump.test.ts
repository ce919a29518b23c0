import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { UserError } from '../../errors.ts';
import { plainDump } from './plain-dump.ts';

/** Through the filter, cut into pieces of a size. */
const filtered = (dump: string, bytes: number) => {
  const all = Buffer.from(dump);
  const pieces = Array.from({ length: Math.ceil(all.length / bytes) }, (_, index) =>
    all.subarray(index * bytes, (index + 1) * bytes),
  );
  return text(Readable.from(pieces).pipe(plainDump('shop.sql')));
};

const long = `INSERT INTO notes VALUES ('${'x'.repeat(40_000)}');`;
const kept = [
  "SET client_encoding = 'UTF8';",
  'CREATE TABLE public.orders (id integer);',
  'COPY public.orders (id, note) FROM stdin;',
  'GRANT\tDROP DATABASE shop;',
  'DROP DATABASE shop;',
  '\\\\connect x',
  '\\.',
  long,
  'ALTER TABLE ONLY public.orders',
  '    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);',
  '-- the end',
];

test('roles and other servers are left out, rows are not, wherever the pieces are cut', async () => {
  const given = [
    '\\restrict abc',
    ...kept.slice(0, 2),
    'ALTER TABLE public.orders OWNER TO shop_owner;',
    'ALTER DEFAULT PRIVILEGES FOR ROLE shop_owner GRANT SELECT ON TABLES TO reader;',
    ...kept.slice(2, 8),
    'GRANT SELECT ON TABLE public.orders TO reader;',
    "CREATE SUBSCRIPTION s CONNECTION 'host=live' PUBLICATION p;",
    ...kept.slice(8),
  ];
  for (const bytes of [1_000_000, 20_000, 7])
    assert.equal(await filtered(`${given.join('\n')}\n`, bytes), `${kept.join('\n')}\n`, `${bytes} bytes`);
  assert.equal(await filtered('SELECT 1;', 3), 'SELECT 1;');
});

for (const line of [
  'DROP DATABASE shop;',
  'CREATE DATABASE shop WITH TEMPLATE = template0;',
  '\\connect shop',
  '\\! rm -rf /',
  'CREATE ROLE shop;',
])
  test(`what would leave the scratch database is refused: ${line}`, async () => {
    await assert.rejects(
      filtered(`SET x = 1;\n${line}\n`, 5),
      (error) => error instanceof UserError && error.code === 'E_CHECK_BACKUP',
    );
  });
