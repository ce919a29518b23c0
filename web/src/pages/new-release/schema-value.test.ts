import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FormSchema, initialOf, variantIndex, variantName, withField } from './schema-value.ts';

const text: FormSchema = { type: 'string' };
const process: FormSchema = {
  type: 'object',
  properties: { process: { type: 'object' } },
  required: ['process'],
  additionalProperties: false,
};
const canary: FormSchema = {
  type: 'object',
  properties: { canary: { type: 'object' } },
  required: ['canary'],
  additionalProperties: false,
};

const initials: readonly [what: string, schema: FormSchema, value: unknown][] = [
  ['a constant', { const: 'Service' }, 'Service'],
  ['an object with what has to be there', { type: 'object', properties: { a: text, b: text }, required: ['a'] }, { a: '' }],
  ['a list with its fewest', { type: 'array', items: text, minItems: 2 }, ['', '']],
  ['a choice with its first', { anyOf: [process, canary] }, { process: {} }],
  ['one of several with what is usual', { enum: ['a', 'b'], default: 'b' }, 'b'],
  ['a number with the least there may be', { type: 'integer', minimum: 3 }, 3],
  ['a truth', { type: 'boolean' }, false],
  ['a text with what is usual', { type: 'string', default: '10m' }, '10m'],
];
for (const [what, schema, value] of initials) test(`${what} begins a form`, () => assert.deepEqual(initialOf(schema), value));

test('a value finds its variant', () => {
  assert.equal(variantIndex([process, canary], { canary: {} }), 1);
  assert.equal(variantIndex([{ type: 'boolean' }, text], '10m'), 1);
  assert.equal(variantIndex([{ const: 'sequential' }, canary], 7), 0);
});

test('a variant has a name', () => {
  assert.equal(variantName(process), 'process');
  assert.equal(variantName({ title: 'by header' }), 'by header');
  assert.equal(variantName({ type: 'boolean' }), 'boolean');
});

test('a field is put in and taken out', () => {
  assert.deepEqual(withField({ a: 1, b: 2 }, 'a', 3), { a: 3, b: 2 });
  assert.deepEqual(withField({ a: 1, b: 2 }, 'a', undefined), { b: 2 });
});
