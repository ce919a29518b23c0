import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type JsonSchema, typeOf } from '../generate-types.ts';

const cases: readonly [what: string, schema: JsonSchema, type: string][] = [
  ['a text', { type: 'string' }, 'string'],
  ['a whole number', { type: 'integer' }, 'number'],
  ['what may be null, as a list of types', { type: ['string', 'null'] }, 'string | null'],
  ['what may be null, as a union', { anyOf: [{ $ref: '#/components/schemas/Verdict' }, { type: 'null' }] }, 'Verdict | null'],
  ['a list that may be null', { type: ['array', 'null'], items: { type: 'number' } }, '(readonly (number)[]) | null'],
  ['one of several words', { type: 'string', enum: ['a', 'b'] }, '"a" | "b"'],
  ['a constant', { const: false }, 'false'],
  [
    'an object',
    { type: 'object', properties: { a: { type: 'string' }, 'b-c': {} }, required: ['a'] },
    '{ readonly a: string; readonly "b-c"?: unknown; }',
  ],
  ['a record', { type: 'object', additionalProperties: { type: 'number' } }, 'Readonly<Record<string, number>>'],
  ['both of two', { allOf: [{ $ref: '#/components/schemas/A' }, { $ref: '#/components/schemas/B' }] }, '(A) & (B)'],
  ['anything', {}, 'unknown'],
];
for (const [what, schema, type] of cases) test(`${what} has its type`, () => assert.equal(typeOf(schema), type));

test('a type that is unknown is an error, not anything', () => assert.throws(() => typeOf({ type: 'tuple' }), /unknown type/));

test('the types of the console are those of the API as it is described', () => {
  const program = fileURLToPath(new URL('../generate-types.ts', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [program, '--check'], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
});
