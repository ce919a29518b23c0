import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceJsonSchema } from './json-schema.ts';
import { standIns } from './stand-ins.fixture.ts';

type Node = { readonly [key: string]: unknown };
const schema = serviceJsonSchema(standIns) as Node;
const at = (...path: readonly (string | number)[]) =>
  path.reduce<unknown>((node, key) => (node as Record<string | number, unknown>)[key], schema) as Node;
const release = ['properties', 'spec', 'properties', 'release', 'properties'] as const;

test('it is draft 2020-12, strict, with the kinds of the plugins', () => {
  assert.equal(schema.$schema, 'https://json-schema.org/draft/2020-12/schema');
  assert.equal(schema.additionalProperties, false);
  const targets = at('properties', 'spec', 'properties', 'target', 'anyOf') as unknown as { required: string[] }[];
  assert.deepEqual(
    targets.map(({ required }) => required),
    [['process'], ['compose']],
  );
});

test('durations and percentages are texts with a pattern, their default as it is written', () => {
  assert.equal(at(...release, 'bake').type, 'string');
  assert.equal(at(...release, 'bake').default, '10m');
  assert.equal(at(...release, 'guard', 'properties', 'errors', 'properties', 'max').default, '5%');
});

test('a step is one of six kinds, each with its own keys', () => {
  const steps = at(
    ...release,
    'strategy',
    'anyOf',
    0,
    'properties',
    'canary',
    'properties',
    'steps',
    'items',
    'anyOf',
  ) as unknown as { title: string }[];
  assert.deepEqual(
    steps.map(({ title }) => title),
    ['weight', 'match', 'pause', 'approve', 'hook', 'gate'],
  );
});

test('a metric is a ratio or a gauge, and a source is one of its kinds', () => {
  const metrics = at(...release, 'guard', 'properties', 'metrics', 'items', 'anyOf') as unknown as { required: string[] }[];
  assert.deepEqual(
    metrics.map(({ required }) => required),
    [
      ['name', 'ratio'],
      ['name', 'gauge'],
    ],
  );
  const sources = at('properties', 'spec', 'properties', 'source', 'anyOf') as unknown as { required: string[] }[];
  assert.deepEqual(
    sources.map(({ required }) => required),
    [['prometheus']],
  );
  assert.deepEqual(at('properties', 'spec').required, ['target', 'router']);
});

test('every field of the document says what it is for', () => {
  const silent: string[] = [];
  const visit = (node: unknown, path: string) => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, field] of Object.entries((node as Node).properties ?? {}))
      if (!(field as Node).description && !/\.(target|router)\./.test(`${path}.`)) silent.push(`${path}.${key}`);
    for (const [key, inner] of Object.entries(node)) {
      if (key === 'properties') for (const [name, field] of Object.entries(inner as Node)) visit(field, `${path}.${name}`);
      else if (key === 'anyOf') for (const option of inner as unknown[]) visit(option, path);
      else if (key === 'items' || key === 'additionalProperties') visit(inner, `${path}[]`);
    }
  };
  visit(schema, '');
  assert.deepEqual(silent, []);
});
