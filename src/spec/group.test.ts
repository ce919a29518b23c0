import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from './document.ts';
import { groupDocument } from './group.ts';
import { SpecError } from './problem.ts';

const kinds = { ReleaseGroup: groupDocument() };
const head = 'apiVersion: rampart/v1\nkind: ReleaseGroup\nmetadata: { name: shop }\nspec:\n  members:\n';
const parsed = (members: string) => parseDocuments(head + members, 'shop.yaml', kinds)[0]?.value;

function problems(members: string): readonly string[] {
  try {
    parsed(members);
  } catch (error) {
    assert(error instanceof SpecError);
    return error.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
  }
  return [];
}

test('each member is after the one before it in the list, unless it says otherwise', () => {
  const group = parsed('    - { service: api, file: api.yaml }\n    - { service: worker }\n    - { service: cron, after: [] }\n');
  assert.deepEqual(group, {
    name: 'shop',
    owner: null,
    barrierMs: 3_600_000,
    members: [
      { service: 'api', file: 'api.yaml', after: [] },
      { service: 'worker', file: null, after: ['api'] },
      { service: 'cron', file: null, after: [] },
    ],
  });
});

test('members stand behind all that they are after, wherever they are written', () => {
  const group = parsed(
    '    - { service: front, after: [api, worker] }\n    - { service: api, after: [] }\n    - { service: worker }\n',
  );
  assert.deepEqual(
    group?.members.map(({ service }) => service),
    ['api', 'worker', 'front'],
  );
});

const mistakes: readonly (readonly [name: string, members: string, expected: readonly string[]])[] = [
  [
    'a circle',
    '    - { service: a, after: [c] }\n    - { service: b, after: [a] }\n    - { service: c, after: [b] }\n',
    ['6:28 expected an order, but they wait for each other: a after c after b after a'],
  ],
  [
    'a circle through the order of the list',
    '    - { service: a, after: [b] }\n    - { service: b }\n',
    [
      '6:28 expected an order, but they wait for each other: a after b after a; without `after` a member is after the one before it in the list, with `after: []` after none',
    ],
  ],
  [
    'a member after itself',
    '    - { service: a, after: [a] }\n',
    ['6:28 expected an order, but they wait for each other: a after a'],
  ],
  [
    'a name that is no member',
    '    - { service: a }\n    - { service: b, after: [aa] }\n',
    ['7:29 expected a member of this group, such as a, found "aa"'],
  ],
  ['a member twice', '    - { service: a }\n    - { service: a }\n', ['7:18 member 1 is already "a"']],
  ['none', '    []\n', ['6:5 expected at least 1 item, found 0']],
  [
    'an unknown key',
    '    - { service: a, afer: [] }\n',
    ['6:21 unknown key "afer"; did you mean "after"? Known here: after, file, service'],
  ],
  [
    'a member with the name of the group',
    '    - { service: shop }\n',
    ['3:19 expected another name than that of a member: shop would mean both'],
  ],
];
for (const [name, members, expected] of mistakes)
  test(`${name} is an error with its place`, () => assert.deepEqual(problems(members), expected));

test('what is wrong with the document of a member is told at its place in the group', () => {
  const checked = {
    ReleaseGroup: groupDocument((service, file) => (service === 'b' ? `expected b in ${file}` : null)),
  };
  const text = `${head}    - { service: a }\n    - { service: b, file: b.yaml }\n`;
  assert.throws(
    () => parseDocuments(text, 'shop.yaml', checked),
    (error: unknown) => {
      assert(error instanceof SpecError);
      assert.deepEqual(
        error.problems.map(({ line, column, path, message }) => [line, column, path, message]),
        [[7, 27, 'spec.members[1].file', 'expected b in b.yaml']],
      );
      return true;
    },
  );
});
