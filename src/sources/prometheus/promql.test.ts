// biome-ignore-all lint/suspicious/noTemplateCurlyInString: PromQL is full of braces.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QueryUse } from '../../spec/event-queries.ts';
import { forVersion, selectorOf, selectorsIn, withMatchers, withSuffix } from './promql.ts';
import { isAggregated, promqlProblem } from './query-problem.ts';

const scoped: readonly [query: string, forVersion: string][] = [
  ['up', 'up{version="1.1.0+b"}'],
  ['up{}', 'up{version="1.1.0+b"}'],
  ['up{a="1"}', 'up{a="1",version="1.1.0+b"}'],
  ['up{a="1",}', 'up{a="1",version="1.1.0+b"}'],
  ['up { a != `x}` } # why', 'up { a != `x}` ,version="1.1.0+b"} # why'],
  ['job:up:sum', 'job:up:sum{version="1.1.0+b"}'],
  ['up{v="{{version}}"}', 'up{v="1.1.0+b"}'],
  ['up{pod=~"shop-{{version}}-.*"}', String.raw`up{pod=~"shop-1\\.1\\.0\\+b-.*"}`],
  ['up{pod!~`{{version}}`}', String.raw`up{pod!~${'`'}1\.1\.0\+b${'`'}}`],
  [
    'a * on (pod) group_left() b{label_version="{{version}}"} or a{v="{{version}}"}',
    'a * on (pod) group_left() b{label_version="1.1.0+b"} or a{v="1.1.0+b"}',
  ],
];
for (const [query, want] of scoped)
  test(`for one version ${query} is ${want}`, () => assert.equal(forVersion(query, '1.1.0+b', 'version'), want));

const noSelectors = [
  '',
  '{}',
  'a b',
  'up[5m]',
  'up offset 5m',
  'rate(up[5m])',
  'up{a}',
  'up{a="1" b="2"}',
  'up{',
  '1',
  'a{"b"}',
  'up{a="',
];
for (const text of noSelectors) test(`${JSON.stringify(text)} is no plain selector`, () => assert.equal(selectorOf(text), null));

const selectors: readonly [query: string, want: readonly string[]][] = [
  ['up', ['up']],
  ['up{a="}",b=~`(`} offset 5m', ['up{a="}",b=~`(`}']],
  ['sum by (job, up) (a{x="1"}) + on (b) group_left (c) sum(d) without (e)', ['a{x="1"}', 'd']],
  ['sum without (e)(a) and bool unless b or {__name__="c"}', ['a', 'b', '{__name__="c"}']],
  ['max_over_time((a * 2)[5m:15s] @ end())', ['a']],
  ['1 + inf', []],
];
for (const [query, want] of selectors)
  test(`the metrics of ${query} are ${want.join(' and ')}`, () => assert.deepEqual(selectorsIn(query), want));

test('matchers and a suffix go where they belong', () => {
  for (const text of ['a', 'a{}', 'a{b="a"}']) {
    const selector = selectorOf(text);
    assert.ok(selector);
    assert.equal(
      selectorOf(withMatchers(text, selector, 'c="1",d="2"'))?.labels.join(),
      `${selector.labels.concat('c', 'd').join()}`,
    );
    assert.equal(selectorOf(withSuffix(text, selector, '_bucket'))?.name, 'a_bucket');
  }
});

const problems: readonly [use: QueryUse, query: string, problem: RegExp | null][] = [
  ['count', 'http_requests_total', null],
  ['events', 'sum by (instance) (x)', null],
  ['events', 'x{version="1.0.0"}', null],
  ['events', 'x{version="{{version}}"}', /expected no \{\{version\}\}: an objective counts the events of all versions together/],
  ['events', 'sum(increase(x[5m]))', /a counter itself and not increase\(…\)/],
  ['events', 'x - y', /not what is left of it after -/],
  ['count', 'http_requests_total{code=~"5.."}', null],
  ['count', 'sum by (pod) (x{version="{{version}}"})', null],
  ['count', 'sum(rate(x[1m]))', /tell versions apart.*to which version="…" is added.*\{\{version\}\} inside of quotes/],
  ['count', 'rate(x{version="{{version}}"}[1m])', /a counter itself and not rate\(…\)/],
  ['count', 'sum(increase(x{version="{{version}}"}[1m]))', /not increase\(…\)/],
  ['count', 'avg by (pod) (x{version="{{version}}"})', /not avg\(…\)/],
  ['count', 'max_over_time(x{version="{{version}}"}[1m])', /not max_over_time\(…\)/],
  ['count', 'x{version="1.0"}', /no matcher for version/],
  ['count', 'x{a="{{version}}', /closing quote/],
  ['count', 'x_{{version}}', /\{\{version\}\} inside of quotes/],
  ['count', 'x{a="b"} # {{version}}', null],
  ['level', 'max(rate(x{version="{{version}}"}[1m]))', null],
  ['level', 'max(x)', /tell versions apart/],
  ['level', 'process_resident_memory_bytes', null],
];
for (const [use, query, want] of problems)
  test(`as a ${use} ${query} is ${want === null ? 'taken' : 'refused'}`, () => {
    const problem = promqlProblem('version', use, query);
    if (want === null) assert.equal(problem, null);
    else {
      assert.match(problem ?? '', want);
      assert.match(problem ?? '', /^expected/);
    }
  });

test('sums are known by their calls and by the names of recording rules', () => {
  for (const text of ['sum(a)', 'sum by (x) (a)', 'sum without(x)(a)', 'job:a:sum', 'job:a:sum{b="c"}'])
    assert.ok(isAggregated(text), text);
  for (const text of ['a', 'a{b="sum(c:d)"}', 'a * on (pod) group_left(v) b', 'a or (b)']) assert.ok(!isAggregated(text), text);
});
