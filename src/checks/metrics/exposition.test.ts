import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { debianProgram } from '../../../test/programs/debian-program.ts';
import { textIn } from '../../spec/text.ts';
import { type Format, readExposition } from './exposition.ts';
import { lintFamily } from './lint.ts';

const promtool = await debianProgram('prometheus', '/usr/bin/promtool');
const withoutPromtool = 'missing' in promtool && promtool.missing;

function problemsIn(text: string, format: Format = 'prometheus'): readonly string[] {
  return readExposition(text, format).problems.map((one) => `${one.line}: ${textIn(one.text, 'en')}`);
}

/** What promtool says of it, and whether it could read it. */
function askPromtool(text: string): Promise<{ readonly isRead: boolean; readonly lines: readonly string[] }> {
  return new Promise((resolve) => {
    const child = execFile(
      'path' in promtool ? promtool.path : '',
      ['check', 'metrics'],
      { timeout: 60_000 },
      (error, _out, said) => {
        resolve({ isRead: !error || error.code === 3, lines: said.split('\n').filter((line) => line !== '') });
      },
    );
    child.stdin?.end(text);
  });
}

const histogram = (le: readonly (readonly [string, number])[], count = le.at(-1)?.[1] ?? 0): string =>
  `# TYPE h histogram\n${le.map(([bound, value]) => `h_bucket{le="${bound}"} ${value}\n`).join('')}h_sum 1\nh_count ${count}\n`;

/** Texts, and what is wrong with them. The third: promtool does not look at this. */
const texts: readonly (readonly [text: string, problems: readonly RegExp[], beyond?: 'beyond promtool'])[] = [
  ['a_total 1\n', []],
  ['# HELP a_total Some.\n# TYPE a_total counter\na_total{x="1",y="a\\"b\\\\c\\nd"} 1.5e3 1700000000000\n', []],
  ['  a { x = "1" , y = "2" , }\t+Inf\n\n# a comment\nb NaN\n', []],
  [
    histogram([
      ['0.1', 1],
      ['1', 3],
      ['+Inf', 3],
    ]),
    [],
  ],
  ['# TYPE s summary\ns{quantile="0.5"} 1\ns_sum 2\ns_count 2\n', []],
  ['a{x="1} 1\n', [/^1: the closing quote is missing/]],
  ['a{x=1} 1\n', [/^1: no quote before a value/]],
  ['a{x="1",x="2"} 1\n', [/^1: the label x is there twice/]],
  ['a{x="\\q"} 1\n', [/^1: \\q means nothing/]],
  ['ok 1\na{1x="1"} 1\n', [/^2: no name of a label/]],
  ['a{x="1"\n', [/^1: a comma or } is missing/]],
  ['a\n', [/^1: no value after a/]],
  ['a one\n', [/^1: "one" is no number/]],
  ['a 1 soon\n', [/^1: "soon" is no timestamp/]],
  ['1a 1\n', [/^1: no name of a metric/]],
  ['<html><body>404</body></html>\n', [/^1: no name of a metric/]],
  ['# TYPE a strange\na 1\n', [/^1: "strange" is no type/]],
  ['# TYPE a gauge\n# TYPE a gauge\na 1\n', [/^2: a second TYPE of a/]],
  ['a 1\n# TYPE a gauge\n', [/^2: the TYPE of a comes after its samples/]],
  ['# HELP a A.\n# HELP a A.\na 1\n', [/^2: a second HELP of a/]],
  ['# TYPE h histogram\nh_bucket{le="low"} 1\nh_sum 1\nh_count 1\n', [/^2: a bucket of h without a bound/]],
  ['# TYPE s summary\ns{quantile="high"} 1\n', [/^2: a value of the summary s without a quantile/]],
  ['a 1', [/^1: the last line has no end/]],
  ['a{x="1"} 1\na{x="1"} 2\n', [/^2: a with the same labels stands in line 1/], 'beyond promtool'],
  [
    histogram([
      ['0.1', 1],
      ['1', 3],
    ]),
    [/^2: h has no bucket le="\+Inf"/],
    'beyond promtool',
  ],
  [
    histogram([
      ['0.1', 4],
      ['+Inf', 3],
    ]),
    [/^2: the bucket le="Infinity" of h has less/],
    'beyond promtool',
  ],
  [histogram([['+Inf', 3]], 2), [/^4: h_count is 2, and its last bucket 3/], 'beyond promtool'],
];

test('every problem is told with its line, and whatever promtool cannot read is one', { skip: withoutPromtool }, async () => {
  const answers = await Promise.all(texts.map(([text]) => askPromtool(text)));
  for (const [index, [text, wanted, beyond]] of texts.entries()) {
    const found = problemsIn(text);
    assert.equal(found.length, wanted.length, `${JSON.stringify(text)}: ${found.join('; ')}`);
    for (const [at, pattern] of wanted.entries()) assert.match(found[at] ?? '', pattern);
    const isRead = wanted.length === 0 || beyond !== undefined;
    assert.equal(answers[index]?.isRead, isRead, `${JSON.stringify(text)}: ${answers[index]?.lines.join('; ')}`);
  }
});

const named = (name: string, type: string, labels = ''): string =>
  `# HELP ${name} What it is.\n# TYPE ${name} ${type}\n${name}${labels} 1\n`;

test('the rules for names and helps are those of promtool', { skip: withoutPromtool }, async () => {
  const text = [
    named('requests_total', 'counter'),
    named('requests', 'counter'),
    named('queue_total', 'gauge'),
    'without_help 1\n',
    '# HELP empty \n# TYPE empty gauge\nempty 1\n',
    named('took_milliseconds', 'gauge'),
    named('took_minutes', 'gauge'),
    named('memory_kilobytes', 'gauge'),
    named('thermometers', 'gauge'),
    named('took_ms', 'gauge'),
    named('queue_gauge', 'gauge'),
    named('job:rate', 'gauge'),
    named('camelCase', 'gauge'),
    named('labelled', 'gauge', '{camelCase="1"}'),
    named('things_bucket', 'gauge'),
    named('things_count', 'gauge'),
    named('bounds', 'gauge', '{le="1"}'),
    named('quantiles', 'gauge', '{quantile="1"}'),
    named('loose_total', 'untyped'),
  ].join('');
  const { families, problems } = readExposition(text, 'prometheus');
  assert.deepEqual(problems, []);
  const ours = families.flatMap((family) => lintFamily(family).map((one) => textIn(one.text, 'en').split(' ')[0]));
  const theirs = (await askPromtool(text)).lines.map((line) => line.split(' ')[0]);
  assert.deepEqual(ours.toSorted(), theirs.toSorted());
  assert.ok(ours.length >= 15);
});

test('OpenMetrics has rules of its own', () => {
  const head = '# HELP a Some.\n# TYPE a counter\n';
  const cases: readonly (readonly [string, readonly RegExp[]])[] = [
    [`${head}a_total 1\na_created 1700000000.1\n# EOF\n`, []],
    [`${head}a_total{x="1"} 1 # {trace_id="ab"} 1 1700000000.5\n# EOF\n`, []],
    ['# TYPE up info\nup_info{version="1"} 1\n# EOF\n', []],
    ['# TYPE took_seconds gauge\n# UNIT took_seconds seconds\ntook_seconds 1\n# EOF\n', []],
    [`${head}a_total 1\n`, [/^3: # EOF is missing/]],
    [`${head}a 1\n# EOF\n`, [/^3: the counter a has to end in _total/]],
    [`${head}a_total -1\n# EOF\n`, [/^3: the counter a_total is -1/]],
    [`${head}a_total  1\n# EOF\n`, [/^3: no value after a_total/]],
    [`${head}\na_total 1\n# EOF\n`, [/^3: an empty line/]],
    [`${head}a_total 1\n# EOF\nb 1\nc 1\n`, [/^5: a line after # EOF/]],
    ['# TYPE g gauge\ng 1 # {x="1"} 1\n# EOF\n', [/^2: g cannot have an exemplar/]],
    ['# TYPE took gauge\n# UNIT took seconds\ntook 1\n# EOF\n', [/^2: took has the unit seconds/]],
    ['# TYPE a gauge\na{x="1"} 1\n# TYPE b gauge\nb 1\na{x="2"} 1\n# EOF\n', [/^5: the samples of a do not stand together/]],
    ['# a note\n# EOF\n', [/^1: a comment that is no HELP/]],
  ];
  for (const [text, wanted] of cases) {
    const found = problemsIn(text, 'openmetrics');
    assert.equal(found.length, wanted.length, `${JSON.stringify(text)}: ${found.join('; ')}`);
    for (const [at, pattern] of wanted.entries()) assert.match(found[at] ?? '', pattern);
  }
});

test('names in UTF-8 stand in quotes inside of the braces', () => {
  const { families, problems } = readExposition(
    '# TYPE "http.requests" gauge\n{"http.requests","http.method"="GET"} 1\n',
    'prometheus',
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(families[0]?.samples[0]?.labels, [['http.method', 'GET']]);
});

test('a large answer of nothing but mistakes is read in a moment', () => {
  const { problems } = readExposition('{"a'.repeat(20_000).concat('\n').repeat(20), 'prometheus');
  assert.equal(problems.length, 20);
});
