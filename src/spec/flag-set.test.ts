import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from './document.ts';
import { flagSetDocument } from './flag-set.ts';
import { flagSetJsonSchema } from './json-schema.ts';
import { SpecError } from './problem.ts';

const documentWith = (...lines: string[]): string =>
  ['apiVersion: rampart/v1', 'kind: FlagSet', 'metadata: { name: shop }', 'spec:', '  flags:', '    beta:', ...lines].join('\n');
const flagWith = (targeting: string): string =>
  documentWith('      variants: { on: true, off: false }', '      defaultVariant: off', `      targeting: ${targeting}`);

function parsed(text: string) {
  return parseDocuments(text, 'flags.yaml', { FlagSet: flagSetDocument });
}

function problemsOf(text: string): readonly string[] {
  try {
    parsed(text);
    return [];
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    return error.problems.map(({ line, column, message }) => `${line}:${column} ${message.split(' Known here')[0]}`);
  }
}

test('a flag in the format of flagd is taken as it is, with its defaults', () => {
  const [document] = parsed(
    flagWith('{ if: [ { ends_with: [ { var: email }, "@a.example" ] }, on, { fractional: [[on, 1], [off, 9]] } ] }'),
  );
  assert(document);
  assert.deepEqual(document.value, {
    name: 'shop',
    owner: null,
    flags: {
      beta: {
        state: 'ENABLED',
        variants: { on: true, off: false },
        defaultVariant: 'off',
        targeting: {
          if: [
            { ends_with: [{ var: 'email' }, '@a.example'] },
            'on',
            {
              fractional: [
                ['on', 1],
                ['off', 9],
              ],
            },
          ],
        },
        metadata: {},
      },
    },
  });
});

const notVariant = 'expected the name of a variant (on, off), found';
const bad: readonly [name: string, text: string, problems: readonly string[]][] = [
  [
    'an unknown key',
    documentWith('      variant: { on: true }', '      defaultVariant: on'),
    ['7:7 unknown key "variant"; did you mean "variants"?'],
  ],
  [
    'a default that is no variant',
    documentWith('      variants: { on: true, off: false }', '      defaultVariant: offf'),
    [`8:23 ${notVariant} "offf"; did you mean "off"?`],
  ],
  [
    'variants of two types',
    documentWith('      variants: { on: true, off: "no" }', '      defaultVariant: on'),
    ['7:34 expected a boolean, as on has, found "no"'],
  ],
  [
    'no variants',
    documentWith('      variants: {}', '      defaultVariant: on'),
    ['7:17 expected at least one variant, such as { on: true, off: false }'],
  ],
  [
    'a state that there is not',
    documentWith('      state: on', '      variants: { on: true }', '      defaultVariant: on'),
    ['7:14 expected ENABLED or DISABLED, found "on"'],
  ],
  [
    'an operator that does not exist',
    flagWith('{ fractionl: [[on, 1]] }'),
    ['9:20 unknown operator "fractionl"; did you mean "fractional"?'],
  ],
  ['an operator that writes into the log', flagWith('{ log: on }'), ['9:20 unknown operator "log".']],
  [
    'an answer that is no variant',
    flagWith('{ if: [ true, onn, offf ] }'),
    [`9:32 ${notVariant} "onn"; did you mean "on"?`, `9:37 ${notVariant} "offf"; did you mean "off"?`],
  ],
  [
    'shares of what is no variant, and none',
    flagWith('{ fractional: [[onn, 1], [off, -1], off] }'),
    [
      `9:34 ${notVariant} "onn"; did you mean "on"?`,
      '9:49 expected a whole number from 0, found -1',
      '9:54 expected a share such as [on, 10], found "off"',
    ],
  ],
  ['two operators in one rule', flagWith('{ if: [true, on], var: a }'), ['9:36 a rule has one operator: if is already given']],
  [
    'an operator for versions that there is not',
    flagWith('{ if: [ { sem_ver: [ { var: v }, "=>", "1.0.0" ] }, on ] }'),
    ['9:51 expected one of = != < <= > >= ~ ^, found "=>"'],
  ],
  [
    'a rule without an end',
    flagWith(`${'{ "!": ['.repeat(22)}true${'] }'.repeat(22)}`),
    ['9:185 expected a rule that is at most 20 levels deep'],
  ],
  [
    'a key with spaces',
    flagWith('{}').replace('beta:', '"be ta":'),
    ['6:5 unknown key "be ta": expected a name for a flag of at most 100 letters, digits and . _ -, such as new-checkout'],
  ],
];

for (const [name, text, problems] of bad)
  test(`a document is refused with the place of ${name}`, () => assert.deepEqual(problemsOf(text), problems));

test('its JSON Schema knows every key, for editors', () => {
  const text = JSON.stringify(flagSetJsonSchema());
  for (const key of ['flags', 'variants', 'defaultVariant', 'targeting', 'state', 'ENABLED'])
    assert(text.includes(`"${key}"`), key);
});
