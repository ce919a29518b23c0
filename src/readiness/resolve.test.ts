import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checks } from '../checks/registry.ts';
import { UserError } from '../errors.ts';
import { checklistDocument } from '../spec/checklist.ts';
import type { ChecklistSpec } from '../spec/checklist-types.ts';
import { type CheckReader, resolveChecklist } from './resolve.ts';

const reader: CheckReader = {
  names: Object.keys(checks),
  read(kind, written) {
    const parsed = checks[kind as keyof typeof checks].schema.safeParse(written);
    return parsed.success ? { config: parsed.data } : { problems: parsed.error.issues.map(({ message }) => message) };
  },
};
const schema = checklistDocument(Object.fromEntries(Object.entries(checks).map(([kind, { schema }]) => [kind, schema])));

function document(name: string, spec: object): ChecklistSpec {
  return schema.parse({ apiVersion: 'rampart/v1', kind: 'Checklist', metadata: { name }, spec });
}

/** A parameter where a check uses it. */
const param = (name: string) => `\${${name}}`;
const port = (id: string, more: object = {}) => ({
  id,
  title: id,
  check: { tcp: { host: param('host'), port: param('port') } },
  ...more,
});
const parameters = { host: { description: 'host' }, port: { description: 'port', default: 80 } };
const base = document('base', {
  parameters,
  phases: [{ id: 'a', title: 'A', items: [port('one'), port('two', { needs: ['a.one'], if: 'host' })] }],
});
const byName = (name: string) => (name === 'base' ? base : name === 'circle' ? circle : null);
const circle = document('circle', { extends: 'other' });

function resolved(spec: ChecklistSpec, given: Record<string, unknown> = {}) {
  return resolveChecklist(spec, byName, reader, given).phases.flatMap(({ items }) => items);
}

test('parameters are put in as they are, and within texts as text', () => {
  const [one] = resolved(base, { host: 'db', port: 5432 });
  assert.deepEqual(one?.check?.config, { host: 'db', port: 5432, within: 3_000 });
  const text = document('text', {
    parameters,
    phases: [{ id: 'a', title: 'A', items: [{ ...port('x'), check: { tcp: { host: `db.${param('host')}`, port: 1 } } }] }],
  });
  assert.deepEqual(resolved(text, { host: 'internal' })[0]?.check?.written, { host: 'db.internal', port: 1 });
});

test('a parameter that need not be given leaves its key out', () => {
  const check = { tcp: { host: 'db', port: 1, within: `\${${'within'}?}` } };
  const parameters = { within: { description: 'patience' } };
  const spec = document('optional', { parameters, phases: [{ id: 'a', title: 'A', items: [{ id: 'x', title: 'x', check }] }] });
  assert.deepEqual(resolved(spec)[0]?.check?.written, { host: 'db', port: 1 });
  assert.deepEqual(resolved(spec, { within: '5s' })[0]?.check?.written, { host: 'db', port: 1, within: '5s' });
});

test('what is not given, or does not fit, is said of the item alone', () => {
  const [one, two] = resolved(base);
  assert.deepEqual(one?.missing, { parameters: ['host'], problems: [] });
  assert.deepEqual(two?.applies, { not: 'host' });
  const [wrong] = resolved(base, { host: 'db', port: 'many' });
  assert.equal(wrong?.missing?.problems.length, 1);
});

test('a checklist extends another: replaced in their places, new ones behind, some left out', () => {
  const ours = document('ours', {
    extends: 'base',
    without: ['a.one'],
    parameters: { port: { description: 'ours', default: 81 } },
    phases: [
      { id: 'a', title: 'Ours', items: [port('two', { title: 'Second' }), port('three')] },
      { id: 'b', title: 'B', items: [port('four')] },
    ],
  });
  const items = resolved(ours, { host: 'db' });
  assert.deepEqual(
    items.map(({ id, title }) => [id, title]),
    [
      ['a.two', 'Second'],
      ['a.three', 'three'],
      ['b.four', 'four'],
    ],
  );
  assert.deepEqual(items[0]?.check?.written, { host: 'db', port: 81 });
});

/** Of a checklist that extends another nothing is known before both are put together. */
const phases = (...items: object[]) => ({
  extends: 'base',
  without: ['a.one', 'a.two'],
  parameters,
  phases: [{ id: 'a', title: 'A', items }],
});
const refused: readonly (readonly [string, () => unknown, RegExp])[] = [
  ['an unknown parameter', () => resolved(base, { hots: 1 }), /no parameter hots.*did you mean host/s],
  [
    'a circle of checklists',
    () => resolveChecklist(document('other', { extends: 'circle' }), byName, reader, {}),
    /circle: other → circle → other/,
  ],
  ['a checklist that is not there', () => resolved(document('o', { extends: 'nobody' })), /no checklist nobody/],
  [
    'something left out that is not there',
    () => resolved(document('o', { extends: 'base', without: ['a.on'] })),
    /no a\.on.*a\.one/s,
  ],
  ['a need that is not there', () => resolved(document('o', phases(port('x', { needs: ['a.y'] })))), /needs a\.y/],
  [
    'a circle of needs',
    () => resolved(document('o', phases(port('x', { needs: ['a.y'] }), port('y', { needs: ['a.x'] })))),
    /circle: a\.x → a\.y → a\.x/,
  ],
  [
    'a condition about nothing known',
    () => resolved(document('o', phases(port('x', { if: 'hostt' })))),
    /parameter hostt.*did you mean host/s,
  ],
];

for (const [name, act, expected] of refused)
  test(`${name} is refused`, () => {
    assert.throws(act, (error) => error instanceof UserError && expected.test(`${error.message} ${error.fix}`));
  });
