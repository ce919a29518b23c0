import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checklistJsonSchema } from './json-schema.ts';
import { checkText } from './load.ts';
import { SpecError } from './problem.ts';
import { documentWith, standIns } from './stand-ins.fixture.ts';

/** What is wrong with a text, each as `line:column message`. */
function problemsOf(text: string): readonly string[] {
  try {
    checkText(text, 'ours.yaml', standIns);
    return [];
  } catch (error) {
    assert.ok(error instanceof SpecError);
    return error.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
  }
}

/** A checklist with one phase of these items, which begin on line 7, and more of its spec behind them. */
function checklist(items: string, more = ''): string {
  return `apiVersion: rampart/v1
kind: Checklist
metadata: { name: ours }
spec:
  phases:
    - { id: code, title: Code, items: [
      ${items}
      ] }
${more}`;
}

/** A parameter where a check uses it. */
const param = (name: string) => `\${${name}}`;
const parameters = '  parameters: { host: { description: Its host }, port: { description: Its port, default: 80 } }';

const cases: readonly (readonly [string, string, readonly RegExp[]])[] = [
  [
    'a mistyped key in the configuration of a check',
    checklist('{ id: a, title: A, check: { tcp: { host: db, prot: 5 } } }'),
    [/^7:52 unknown key "prot"; did you mean "port"\?/],
  ],
  [
    'a value that a check does not take',
    checklist('{ id: a, title: A, check: { tcp: { host: db, port: many } } }'),
    [/^7:58 expected a (whole )?number, found "many"/],
  ],
  [
    'an unknown kind of check',
    checklist('{ id: a, title: A, check: { tpc: { host: db, port: 5 } } }'),
    [/^7:35 unknown check "tpc"; did you mean "tcp"\?/],
  ],
  [
    'a mistake beside a parameter',
    checklist(`{ id: a, title: A, check: { tcp: { host: "${param('host')}", port: many, foo: 1 } } }`, parameters),
    [/^7:\d+ .*number, found "many"/, /^7:\d+ unknown key "foo"/],
  ],
  [
    'a parameter that is not there',
    checklist(`{ id: a, title: A, check: { tcp: { host: "${param('hots')}", port: 1 } } }`, parameters),
    [/^7:\d+ unknown parameter "hots"; did you mean "host"\?/],
  ],
  [
    'a condition that cannot be read',
    checklist('{ id: a, title: A, if: "host &&", confirm: {} }', parameters),
    [/^7:30 expected a condition such as .*: expected a parameter at the end/],
  ],
  [
    'a condition about nothing',
    checklist('{ id: a, title: A, if: "hosts", confirm: {} }', parameters),
    [/^7:30 unknown parameter "hosts"; did you mean "host"\?/],
  ],
  [
    'an item twice',
    checklist('{ id: a, title: A, confirm: {} }, { id: a, title: B, confirm: {} }'),
    [/^7:\d+ number 1 is already called "a"/],
  ],
  [
    'a need of nothing',
    checklist('{ id: a, title: A, confirm: {}, needs: [code.b] }'),
    [/^7:\d+ unknown item "code.b"; did you mean "code.a"\?/],
  ],
  ['an item that nothing proves', checklist('{ id: a, title: A }'), [/^7:7 expected check, confirm or both/]],
  [
    'a secret as a default',
    checklist(
      '{ id: a, title: A, confirm: {} }',
      '  parameters: { db: { description: Its database, default: { password: hunter2 } } }',
    ),
    [/^9:\d+ expected \{ env: NAME \} .* the value of password would end up in the log/],
  ],
];

test('whatever is wrong is said, and nothing else happens', () => {
  const wrong = ['null', '5', '[]', '{}', 'text', '[null]', '{ a: null }', '{ a: { default: { password: x } } }'];
  const items = [
    '{ id: a, title: A, confirm: {} }',
    '5',
    'null',
    '{ id: a, check: { tcp: null } }',
    '{ id: 7, if: [], needs: 4 }',
  ];
  for (const item of items)
    for (const value of wrong)
      for (const key of ['parameters', 'signOffs', 'without', 'extends', 'unknown'])
        assert.ok(Array.isArray(problemsOf(checklist(item, `  ${key}: ${value}`))));
});

for (const [name, text, expected] of cases)
  test(`${name} is told at its place`, () => {
    const problems = problemsOf(text);
    assert.equal(problems.length, expected.length, problems.join('\n'));
    for (const [index, pattern] of expected.entries()) assert.match(problems[index] ?? '', pattern);
  });

test('parameters stand wherever a value stands, also where they need not be given', () => {
  const check = `{ tcp: { host: "db.${param('host')}", port: "${param('port')}" } }`;
  const other = `{ environment: { names: ["${param('host')}", "${param('port?')}"] } }`;
  const items = `{ id: a, title: A, if: "host && port != 5", check: ${check} }, { id: b, title: B, check: ${other}, needs: [code.a] }`;
  assert.deepEqual(problemsOf(checklist(items, parameters)), []);
});

test('what another checklist may have is not asked before the two are put together', () => {
  const items = `{ id: a, title: A, if: kubernetes, needs: [code.tests], check: { tcp: { host: "${param('dbHost')}", port: 1 } } }`;
  assert.deepEqual(problemsOf(checklist(items, '  extends: production')), []);
});

test('the contents of a file name its checklists', () => {
  const text = `${checklist('{ id: a, title: A, confirm: {} }')}---\n${documentWith()}`;
  const { checklists, services } = checkText(text, 'ours.yaml', standIns);
  assert.deepEqual([checklists, services], [['ours'], ['checkout']]);
});

test('editors see what each kind of check takes', () => {
  const schema = JSON.stringify(checklistJsonSchema(standIns));
  assert.match(schema, /"tcp":\{"anyOf":\[\{"type":"object","properties":\{"host"/);
});

const readiness = (text: string) => problemsOf(`${documentWith()}  readiness: ${text}`);

test('secrets may not stand in parameters, however deep', () => {
  assert.equal(readiness('{ parameters: { postgres: { password: hunter2 } } }').length, 1);
  assert.equal(readiness('{ parameters: { vaultToken: abc } }').length, 1);
  assert.equal(readiness('{ parameters: { urls: ["https://u:hunter2@host/"] } }').length, 1);
  for (const problem of readiness('{ parameters: { a: [ { token: hunter2 } ] } }')) assert.ok(!problem.includes('hunter2'));
  const fine =
    '{ parameters: { postgres: { password: { env: PGPASSWORD } }, labels: [ { key: version } ], vaultDatabasePath: kv/db } }';
  assert.deepEqual(readiness(fine), []);
});

test('parameters of a built-in checklist are known by name, those of a file are not', () => {
  assert.match(readiness('{ parameters: { postgress: false } }')[0] ?? '', /unknown key "postgress"; did you mean "postgres"\?/);
  assert.deepEqual(readiness('{ parameters: { postgres: false } }'), []);
  assert.deepEqual(readiness('{ checklist: ./ours.yaml, parameters: { ours: false } }'), []);
});

test('an exemption ends on a day that there is', () => {
  const until = (day: string) =>
    readiness(`{ exemptions: [ { item: code.tests, reason: moving, approvedBy: ann, until: ${day} } ] }`);
  assert.deepEqual(until('2026-12-31'), []);
  for (const day of ['2026-02-31', '2026-13-01', 'soon', '31.12.2026'])
    assert.match(until(day)[0] ?? '', /expected a day such as 2026-12-31/, day);
});
