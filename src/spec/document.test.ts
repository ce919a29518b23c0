import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseDocuments } from './document.ts';
import { SpecError } from './problem.ts';
import { serviceDocument } from './service.ts';
import { documentWith, standIns } from './stand-ins.fixture.ts';

const kinds = { Service: serviceDocument(standIns) };

function problemsOf(text: string): readonly string[] {
  try {
    parseDocuments(text, 'a.yaml', kinds);
    return [];
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    return error.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
  }
}

const steps = (...items: string[]) =>
  documentWith(`  release: { strategy: { canary: { steps: [\n${items.map((item) => `    ${item},\n`).join('')}    ] } } }`);
const withMetrics = (...items: string[]) =>
  documentWith(`  source: { prometheus: { url: x } }
  release: { guard: { metrics: [
${items.map((item) => `    ${item},\n`).join('')}    ] } }`);
const stepKeys = 'approve, atMost, early, for, gate, hook, match, pause, replicas, requests, weight';
const whole = 'expected a document with apiVersion, kind, metadata and spec';

const bad: readonly [name: string, text: string, problems: readonly string[]][] = [
  [
    'an unknown key, and every other mistake with it',
    steps('{ wieght: 10%, for: 10m }', '{ weight: 20%, for: 10 }'),
    [
      `8:7 unknown key "wieght"; did you mean "weight"? Known here: ${stepKeys}`,
      '9:25 expected a duration such as 30s, found 10',
    ],
  ],
  [
    'an unknown key that is near to nothing',
    documentWith('  colour: red'),
    ['7:3 unknown key "colour". Known here: incidents, objectives, readiness, release, router, signals, source, target'],
  ],
  ['a unit that does not exist', steps('{ weight: 10%, for: 10min }'), ['8:25 expected a duration such as 30s, found "10min"']],
  ['a percentage without its sign', steps('{ weight: 10, for: 10m }'), ['8:15 expected a percentage such as 10%, found 10']],
  ['a negative weight', steps('{ weight: -10%, for: 10m }'), ['8:15 expected a percentage that is not negative, found "-10%"']],
  ['a weight of 0', steps('{ weight: 0%, for: 10m }'), ['8:15 expected a percentage from 0.0001% to 99.9999%, found 0%']],
  ['a weight of 100', steps('{ weight: 100%, for: 10m }'), ['8:15 expected a percentage from 0.0001% to 99.9999%, found 100%']],
  [
    'steps that do not grow',
    steps('{ weight: 25%, for: 10m }', '{ pause: 1m }', '{ weight: 25%, for: 10m }'),
    ['10:15 weights have to grow: 25% is not more than the 25% of step 1'],
  ],
  [
    'steps that do not grow beside a step that is wrong in itself',
    steps('{ weight: 25%, for: x }', '{ weight: 20%, for: 1m }', '{ weight: 10%, for: 1m }'),
    ['8:25 expected a duration such as 30s, found "x"', '10:15 weights have to grow: 10% is not more than the 20% of step 2'],
  ],
  [
    'a step of two kinds',
    steps('{ weight: 25%, for: 10m, pause: 1m }'),
    ['8:30 a step has one of weight, match, pause, approve, hook or gate: weight is already given, so pause cannot be'],
  ],
  ['a step of no kind', steps('{ for: 10m }'), ['8:5 expected a step with weight, match, pause, approve, hook or gate']],
  [
    'a step that is text',
    steps('promote'),
    ['8:5 expected a step with weight, match, pause, approve, hook or gate, found "promote"'],
  ],
  [
    'steps without any traffic',
    steps('{ pause: 1m }'),
    ['7:43 expected a step with weight or match: no request would reach the candidate before all do'],
  ],
  ['no steps', steps(), ['7:43 expected at least 1 item, found 0']],
  [
    '51 steps',
    steps(...Array.from({ length: 51 }, (_, i) => `{ weight: ${i + 1}%, for: 1s }`)),
    ['7:43 expected at most 50 items, found 51'],
  ],
  [
    'a deadline before its time',
    steps('{ weight: 1%, for: 10m, atMost: 5m }'),
    ['8:37 atMost is shorter than for, so this step could never end well'],
  ],
  [
    'a match of two kinds',
    steps('{ match: [{ header: x, equals: a, contains: b }], for: 1m }'),
    ['8:39 a match has one of equals, contains or pattern: equals is already given, so contains cannot be'],
  ],
  [
    'a broken pattern',
    steps('{ match: [{ header: x, pattern: "(" }], for: 1m }'),
    ['8:37 expected a regular expression: /(/: Unterminated group'],
  ],
  [
    'a hook as one text',
    steps('{ weight: 1%, for: 1m }', '{ hook: { command: node x.js } }'),
    ['9:24 expected a list such as [node, server.js], found "node x.js"'],
  ],
  [
    'a hook with a URL of another kind',
    steps('{ weight: 1%, for: 1m }', '{ hook: { http: { url: "file:///etc/passwd" } } }'),
    ['9:28 expected an http or https URL, found "file:///etc/passwd"'],
  ],
  [
    'a missing command, at its parent',
    documentWith().replace('command: [node, server.js]', 'cwd: .'),
    ['5:13 spec.target.process.command is missing'],
  ],
  [
    'a mistyped command, once',
    documentWith().replace('command:', 'comand:'),
    ['5:24 unknown key "comand"; did you mean "command"? Known here: command, cwd, env, health, replicas'],
  ],
  [
    'a name that leaves its folder',
    documentWith().replace('checkout', '../x'),
    ['3:19 expected a name of at most 63 small letters, digits and dashes, such as checkout, found "../x"'],
  ],
  ['a key given twice', documentWith('kind: Service'), ['7:1 "kind" is already given above; a key occurs once']],
  [
    'two kinds of target',
    documentWith().replace('} }', '}, compose: { file: c.yml } }'),
    ['5:54 one target only: process is already given, so compose cannot be'],
  ],
  [
    'an unknown kind of target',
    documentWith().replace('process:', 'proces:'),
    ['5:13 unknown target "proces"; did you mean "process"? Known here: process, compose'],
  ],
  [
    'an empty target',
    documentWith().replace('{ process: { command: [node, server.js] } }', '{}'),
    ['5:11 expected one target, found none. Known here: process, compose'],
  ],
  ['no target at all', documentWith().replace(/ {2}target.*\n/, ''), ['4:1 spec.target is missing']],
  [
    'two strategies',
    documentWith('  release: { strategy: { canary: {}, blueGreen: {} } }'),
    ['7:38 one strategy only: canary is already given, so blueGreen cannot be'],
  ],
  [
    'a mistyped strategy',
    documentWith('  release: { strategy: { cannary: {} } }'),
    ['7:26 unknown strategy "cannary"; did you mean "canary"? Known here: canary, rolling, blueGreen, flag'],
  ],
  [
    'a plain union of a plugin',
    documentWith().replace(':8080', ':8080, bucket: { header: 1 }, size: x'),
    ['6:66 expected text, found 1', '6:77 expected a number or true or false, found "x"'],
  ],
  [
    'a discriminated union of a plugin',
    documentWith().replace(':8080', ':8080, mode: { type: saef }'),
    ['6:62 expected fast or safe, found "saef"; did you mean "safe"?'],
  ],
  [
    'an objective twice',
    documentWith('  objectives:\n  - { name: a, target: 99%, window: 30d }\n  - { name: a, target: 99%, window: 7d }'),
    ['9:13 objective 1 is already called "a"'],
  ],
  [
    'quantiles that are none, or twice',
    documentWith('  release: { guard: { latency: { q99: { max: 1s }, p99.0: { max: 1s }, p100: { max: 1s }, p50: {} } } }'),
    [
      '7:34 unknown key "q99": expected a quantile such as p50, p95 or p99.9',
      '7:52 p99.0 is the same quantile as p99',
      '7:72 unknown key "p100": expected a quantile such as p50, p95 or p99.9',
      '7:96 expected worseBy, max or warn: without them this quantile is not watched',
    ],
  ],
  [
    'metrics without a source',
    documentWith('  release: { guard: { metrics: [{ name: a, gauge: up, max: 1 }] } }'),
    ['7:32 expected spec.source beside these metrics, which says where they come from: prometheus'],
  ],
  [
    'metrics that are wrong in many ways',
    withMetrics(
      '{ name: a, ratio: { bad: x, of: y }, worseBy: 1% }',
      '{ name: a, gauge: x, worseBy: 20% }',
      '{ name: A B, gauge: x, max: 9 }',
      '{ name: latency, gauge: x, max: 9 }',
      '{ name: b, gauge: x }',
      '{ name: c, gauge: x, ratio: { bad: x, of: y } }',
      '{ name: d, gauge: x, max: 9, warn: 9 }',
      '{ name: e, ratio: { bad: x }, max: 5 }',
      '{ name: f, gauge: " ", max: 95% }',
      '{ name: g, guage: x, max: 1 }',
    ),
    [
      '10:13 metric 1 is already called "a"',
      '11:13 expected a name of at most 63 small letters, digits and dashes, such as payments-declined, found "A B"',
      '12:13 expected another name, because the guard has one of its own called so, found "latency"',
      '13:5 expected worseBy, max or warn: without them this metric is not watched',
      '14:26 a metric has one of ratio or gauge: gauge is already given, so ratio cannot be',
      '15:40 expected less than max, above which the release goes back anyway',
      '16:16 spec.release.guard.metrics[7].ratio.of is missing',
      '16:40 expected a percentage such as 10%, found 5',
      '17:23 expected a query',
      '17:33 expected a number, found "95%"',
      '18:16 unknown key "guage"; did you mean "gauge"? Known here: for, gauge, max, name, ratio, warn, worseBy',
    ],
  ],
  [
    'queries where none belong',
    documentWith('  release: { metricQueries: [1, { kind: ratio }] }'),
    [
      '7:14 unknown key "metricQueries". Known here: approval, bake, budget, cutover, database, deadlines, gate, guard, hold, lease, notify, preflight, retire, smoke, strategy, timeline, verify',
    ],
  ],
  [
    'queries that the source does not understand',
    withMetrics('{ name: a, ratio: { bad: bad query, of: y }, max: 5% }', '{ name: b, gauge: bad query, max: 5 }'),
    ['9:30 expected a count, found a bad query', '10:23 expected a level, found a bad query'],
  ],
  [
    '21 metrics',
    withMetrics(...Array.from({ length: 21 }, (_, i) => `{ name: m${i}, gauge: x, max: 1 }`)),
    ['8:32 expected at most 20 items, found 21'],
  ],
  [
    'warnings that come too late',
    documentWith(
      '  release: { guard: { errors: { max: 1%, warn: 1% }, latency: { p95: { warn: 3s }, p99: { max: off, warn: 9s } } } }',
    ),
    [
      '7:48 expected less than max (1%), above which the release goes back anyway',
      '7:78 expected less than max (2s), above which the release goes back anyway',
    ],
  ],
  ['nothing where a mapping belongs', documentWith('  release:'), ['7:3 expected a mapping (key: value), found nothing']],
  ['a lease that is too short', documentWith('  release: { lease: 1s }'), ['7:21 expected a duration from 2s to 5m, found 1s']],
  ['an unquoted yes', documentWith('  release: { approval: yes }'), ['7:24 expected true or { expires: 24h }, found "yes"']],
  [
    'a prototype as a key',
    documentWith('  __proto__: { release: {} }'),
    ['7:3 unknown key "__proto__". Known here: incidents, objectives, readiness, release, router, signals, source, target'],
  ],
  [
    'another version of the format',
    documentWith().replace('rampart/v1', 'rampart/v2'),
    ['1:13 expected rampart/v1, found "rampart/v2"; did you mean "rampart/v1"?'],
  ],
  [
    'another kind',
    documentWith().replace('kind: Service', 'kind: Servise'),
    ['2:7 unknown kind "Servise"; did you mean "Service"? Known here: Service'],
  ],
  [
    'a mistyped kind key',
    documentWith().replace('kind: Service', 'knid: Service'),
    ['2:1 unknown key "knid"; did you mean "kind"?'],
  ],
  ['neither version nor kind', 'a: 1', ['1:1 apiVersion is missing', '1:1 kind is missing']],
  ['an empty file', '', ['1:1 the file holds no document']],
  ['only comments', '# nothing\n---\n', ['1:1 the file holds no document']],
  ['plain text', 'hello world', [`1:1 ${whole}, found "hello world"`]],
  ['a list', '- a', [`1:1 ${whole}, found a list`]],
  ['not YAML', 'a: b: c', ['1:4 not valid YAML: Nested mappings are not allowed in compact mappings']],
  ['a tab', 'a:\n\tb: 1', ['2:1 a tab indents this line; YAML is indented with spaces']],
  ['NUL', 'a: 1\nb: "x\0"', ['2:6 the character U+0000 (NUL) is not allowed in a document']],
  ['a tag', 'a: !!js/function x', ['1:4 tags such as !!js/function are not allowed in a document']],
  ['YAML 1.1', '%YAML 1.1\n---\na: yes', ['1:1 YAML 1.1 reads some words differently; leave out its %YAML line']],
  ['2 MiB', '#'.repeat(2_097_152), ['1:1 the file has 2097152 bytes; at most 1048576 are read']],
  ['brackets without end', '['.repeat(1_000_000), ['1:1001 nested deeper than 64 levels']],
  ['keys of keys without end', '? '.repeat(500_000), ['1:2001 nested deeper than 64 levels']],
  ['65 levels', `a: ${'['.repeat(65)}${']'.repeat(65)}`, ['1:68 nested deeper than 64 levels']],
  ['an alias of itself', 'a: &a [*a]', ['1:8 *a stands inside &a, so it has no end']],
  ['an alias of nothing', 'a: *b', ['1:4 there is no anchor &b above']],
  [
    'two documents, both wrong',
    `${documentWith('  x: 1')}\n---\n${documentWith('  y: 1')}`,
    [
      '7:3 unknown key "x". Known here: incidents, objectives, readiness, release, router, signals, source, target',
      '15:3 unknown key "y". Known here: incidents, objectives, readiness, release, router, signals, source, target',
    ],
  ],
];
for (const [name, text, problems] of bad)
  test(`refused with its place: ${name}`, () => assert.deepEqual(problemsOf(text), problems));

test('a bomb of aliases is refused where it goes off', () => {
  const lines = ['a0: &a0 [x]'];
  for (let i = 1; i < 12; i++)
    lines.push(
      `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    );
  const [problem, ...others] = problemsOf(lines.join('\n'));
  assert.match(problem ?? '', / more than 100000 values, aliases counted with what they stand for$/);
  assert.deepEqual(others, []);
});

test('a mistake inside of what an alias stands for is at its own place', () => {
  const text = steps('&s { weight: 10%, for: 10 }', '*s');
  assert.deepEqual(problemsOf(text), [
    '8:28 expected a duration such as 30s, found 10',
    '8:28 expected a duration such as 30s, found 10',
  ]);
});

test('the error counts the other problems and names the first place', () => {
  assert.throws(
    () => parseDocuments(steps('{ wait: 1 }', 'x'), 'a.yaml', kinds),
    (error) => {
      assert.ok(error instanceof SpecError);
      assert.equal(error.code, 'E_SPEC');
      assert.equal(error.where, 'a.yaml:8:7');
      assert.match(error.message, /\(and 1 more problem\)$/);
      assert.equal(error.problems[0]?.path, 'spec.release.strategy.canary.steps[0].wait');
      return true;
    },
  );
});

test('documents of a file come back in order, empty ones left out', () => {
  const text = `${documentWith()}---\n---\n${documentWith().replace('checkout', 'cart')}`;
  assert.deepEqual(
    parseDocuments(text, 'a.yaml', kinds).map(({ kind, value }) => [kind, value.name]),
    [
      ['Service', 'checkout'],
      ['Service', 'cart'],
    ],
  );
});

test('JSON is read as well', () => {
  const text = JSON.stringify({
    apiVersion: 'rampart/v1',
    kind: 'Service',
    metadata: { name: 'a' },
    spec: { target: { process: { command: ['x'] } }, router: { builtin: { listen: '127.0.0.1:0' } } },
  });
  assert.equal(parseDocuments(text, 'a.json', kinds)[0]?.value.name, 'a');
});

test('a file with very many mistakes is answered soon', () => {
  const keys = Array.from({ length: 60_000 }, (_, i) => `  k${i}: 1`).join('\n');
  const started = performance.now();
  assert.equal(problemsOf(documentWith(keys)).length, 200);
  assert.deepEqual(problemsOf(steps(...Array(30_000).fill('{ weight: 1% }'))), ['7:43 expected at most 50 items, found 30000']);
  assert.ok(performance.now() - started < 20_000);
});

test('whatever the text, nothing is thrown but the error with its problems', () => {
  const yamlish = fc.array(
    fc.constantFrom(
      'a: ',
      '- ',
      '[',
      ']',
      '{',
      '}',
      ': ',
      ',',
      '\n',
      '  ',
      '\t',
      '&a ',
      '*a',
      '!!str ',
      '"',
      "'",
      '|\n',
      '? ',
      '%',
      '---\n',
      '#',
      '<<: ',
      '\r',
      '\ud800',
      '~',
      '__proto__',
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 200 }),
        yamlish.map((parts) => parts.join('')),
      ),
      (text) => {
        for (const problem of problemsOf(text)) assert.match(problem, /^[1-9]\d*:[1-9]\d* ./s);
      },
    ),
    { numRuns: 3_000 },
  );
});

test('whatever stands in one place of a document, the problems lie inside of the text', () => {
  const places = documentWith(
    '  objectives: [{ name: a, target: 99%, window: 30d }]\n  release: { strategy: { canary: { steps: [{ weight: 5%, for: 5m }, { approve: true }, { hook: { command: [x] } }] } }, guard: { latency: { p50: { max: 1s } } }, smoke: [{ path: / }], hold: { then: keep }, lease: 9s }',
  );
  const words = [...places.matchAll(/[\w%./]+|\{[^{}]*\}|\[[^[\]]*\]/g)];
  fc.assert(
    fc.property(
      fc.constantFrom(...words),
      fc.oneof(
        fc.constantFrom('', '1', '-1', '~', '[]', '{}', '[[]]', '{ a: 1 }', 'true', '.nan', '1e999', '"a\\u0000"'),
        fc.json().filter((text) => !text.includes('\x7f')),
      ),
      (word, other) => {
        const text = places.slice(0, word.index) + other + places.slice(word.index + word[0].length);
        const lines = text.split('\n');
        for (const problem of problemsOf(text)) {
          const [line, column] = problem.split(/[: ]/).map(Number);
          assert.ok((column ?? 0) <= (lines[(line ?? 0) - 1]?.length ?? -1) + 1, problem);
          assert.doesNotMatch(problem, /Invalid input|undefined|\[object/);
        }
      },
    ),
    { numRuns: 3_000 },
  );
});
