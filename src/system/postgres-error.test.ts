import assert from 'node:assert/strict';
import { test } from 'node:test';
import { postgresError } from './postgres-error.ts';

const cases: readonly [name: string, output: readonly string[], line: string | null][] = [
  [
    'of psql without where it happened',
    [
      'ERROR:  XX000: tuple concurrently updated',
      'CONTEXT:  SQL statement "GRANT CREATE ON DATABASE teams TO crew"',
      'PL/pgSQL function inline_code_block line 24 at EXECUTE',
      'LOCATION:  simple_heap_update, heapam.c:4098',
    ],
    'ERROR:  XX000: tuple concurrently updated',
  ],
  [
    'of a script after a warning, in the language of the server',
    [
      'psql:/backups/script.sql:3: WARNUNG:  01006: es konnten keine Privilegien entzogen werden',
      'psql:/backups/script.sql:9: FEHLER:  42P07: Relation »orders« existiert bereits',
      'LOCATION:  heap_create_with_catalog, heap.c:1146',
    ],
    'psql:/backups/script.sql:9: FEHLER:  42P07: Relation »orders« existiert bereits',
  ],
  ['of nothing but a warning', ['WARNING:  01000: there is no transaction in progress'], null],
  [
    'of pg_dump without its details',
    [
      'pg_dump: error: query failed: ERROR:  permission denied for table orders',
      'pg_dump: detail: Query was: LOCK TABLE public.orders IN ACCESS SHARE MODE',
    ],
    'pg_dump: error: query failed: ERROR:  permission denied for table orders',
  ],
  ['of a program that says nothing', [''], null],
];

for (const [name, output, line] of cases)
  test(`the error of PostgreSQL: ${name}`, () => assert.equal(postgresError(`${output.join('\n')}\n`), line));
