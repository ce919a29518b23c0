import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from './document.ts';
import { inputSchema } from './json-schema.ts';
import { judge } from './judge.ts';
import { SpecError } from './problem.ts';
import { serviceDocument } from './service.ts';
import { documentWith, standIns } from './stand-ins.fixture.ts';
import type { GuardPolicy, KayentaPolicy } from './types.ts';

const kinds = { Service: serviceDocument(standIns) };

function guardOf(release: string): GuardPolicy {
  const [parsed] = parseDocuments(documentWith(`  release: ${release}`), 'a.yaml', kinds);
  assert(parsed);
  return parsed.value.release.guard;
}

function problemsOf(release: string): readonly string[] {
  try {
    guardOf(release);
    return [];
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    return error.problems.map(({ message }) => message);
  }
}

const byDefault: KayentaPolicy = { kind: 'kayenta', valueS: 60, everyS: 300, passMin: 95, marginalMin: 75 };
const accepted: readonly [judge: string, want: KayentaPolicy][] = [
  ['kayenta', byDefault],
  ['{ kayenta: {} }', byDefault],
  ['{ kayenta: { every: 10m, pass: 80, marginal: 50.5 } }', { ...byDefault, everyS: 600, passMin: 80, marginalMin: 50.5 }],
  ['{ kayenta: { every: 5s, value: 1s } }', { ...byDefault, everyS: 5, valueS: 1 }],
];
for (const [text, want] of accepted)
  test(`judge: ${text} is Kayenta's judge`, () => assert.deepEqual(guardOf(`{ guard: { judge: ${text} } }`).judge, want));

test('without the option, and with its default by name, the guard compares itself', () => {
  assert(!('judge' in guardOf('{ guard: { minRequests: 7 } }')));
  assert(!('judge' in guardOf('{ guard: { judge: sequential } }')));
});

const refused: readonly [judge: string, message: string][] = [
  ['kayena', 'expected sequential or kayenta, found "kayena"; did you mean "kayenta"?'],
  ['', 'expected sequential or kayenta, found nothing'],
  ['[kayenta]', 'expected sequential or kayenta, found a list'],
  ['{}', 'expected one judge, found none. Known here: kayenta'],
  ['{ sequential: {} }', 'unknown judge "sequential". Known here: kayenta'],
  ['{ kayenta: }', 'expected a mapping (key: value), found nothing'],
  ['{ kayenta: { evry: 5m } }', 'unknown key "evry"; did you mean "every"? Known here: every, marginal, pass, value'],
  ['{ kayenta: { every: 25h } }', 'expected a duration from 5s to 1d, found 25h'],
  ['{ kayenta: { every: 90s } }', 'expected a multiple of value (1m), found 1m30s'],
  ['{ kayenta: { every: 4m } }', 'expected at least 5 values, so 5m: with fewer this judge blames equal versions; found 4m'],
  ['{ kayenta: { every: 9h } }', 'expected at most 480 values, so 8h: no more are kept; found 9h'],
  ['{ kayenta: { value: 1500ms } }', 'expected whole seconds, found 1s500ms'],
  ['{ kayenta: { pass: 95% } }', 'expected a number, found "95%"'],
  ['{ kayenta: { pass: 101 } }', 'expected a number of at most 100, found 101'],
  ['{ kayenta: { pass: 70 } }', 'expected at least marginal (75), found 70'],
  ['{ kayenta: { pass: 100, marginal: 100 } }', 'expected less than 100, or a perfect score would take the release back'],
];
for (const [text, message] of refused)
  test(`judge: ${text} is refused`, () => assert.deepEqual(problemsOf(`{ guard: { judge: ${text} } }`), [message]));

const strategies: readonly [name: string, release: string, problem: RegExp | null][] = [
  ['the default canary', 'guard: { judge: kayenta }', null],
  [
    'blue-green without a test',
    'strategy: { blueGreen: {} }, guard: { judge: kayenta }',
    /^Kayenta's judge compares versions that both get traffic, and blueGreen without a test/,
  ],
  [
    'blue-green with a test',
    'strategy: { blueGreen: { test: { match: [{ cookie: a, equals: b }], for: 10m } } }, guard: { judge: kayenta }',
    null,
  ],
  [
    'a step that ends before any judgement',
    'strategy: { canary: { steps: [{ weight: 5%, for: 10m }, { weight: 9%, for: 1m, atMost: 5m }] } }, guard: { judge: kayenta }',
    /^Kayenta's judge may need 6m \(every and value\) to judge step 2, which ends after 5m: give it a longer atMost/,
  ],
  [
    'a step that ends with the latest first judgement',
    'strategy: { canary: { steps: [{ weight: 5%, for: 1m, atMost: 6m }] } }, guard: { judge: kayenta }',
    null,
  ],
  ['an interval too long for the default steps', 'guard: { judge: { kayenta: { every: 30m } } }', /may need 31m .* step 1/],
];
for (const [name, release, problem] of strategies)
  test(`Kayenta's judge and ${name}: ${problem ? 'refused' : 'accepted'}`, () => {
    const problems = problemsOf(`{ ${release} }`);
    assert.equal(problems.length, problem ? 1 : 0, problems.join('\n'));
    if (problem) assert.match(problems[0] ?? '', problem);
  });

test('the JSON Schema shows the names, the settings and their defaults', () => {
  const { $schema, description, examples, ...shape } = inputSchema(judge);
  assert.match(String(description), /sequential.*Kayenta/);
  assert.deepEqual(shape.default, 'sequential');
  const text = JSON.stringify(shape);
  assert.match(text, /"enum":\["sequential","kayenta"\]/);
  for (const key of ['every', 'value', 'pass', 'marginal']) assert.match(text, new RegExp(`"${key}":\\{[^}]*"default"`));
});
