import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAggregated, promqlProblem } from './query-problem.ts';

const v = 'x_total{version="{{version}}"}';
const notCounters = [
  `AVG(${v})`,
  `Rate(${v}[1m])`,
  `${v} / y_total{version="{{version}}"}`,
  `${v} - y_total{version="{{version}}"}`,
  `sgn(${v})`,
  `group(${v})`,
  `timestamp(${v})`,
  `${v} > 5`,
];
for (const query of notCounters)
  test(`no counter: ${query}`, () => assert.match(promqlProblem('version', 'count', query) ?? '', /^expected a counter/));

test('what falls may be read as a level, and matchers may compare labels', () => {
  assert.equal(promqlProblem('version', 'level', `${v} / 5`), null);
  assert.equal(promqlProblem('version', 'count', 'sum(x_total{version="{{version}}",job!="b"})'), null);
});

test('a version that is no matcher chooses none', () => {
  const query = 'label_replace(x_total,"v","{{version}}","","")';
  assert.match(promqlProblem('version', 'count', query) ?? '', /as the value of a matcher/);
});

test('counters that are added up are a sum of several', () => {
  assert.equal(isAggregated('a_total{v="1"} + b_total{v="1"}'), true);
  assert.equal(isAggregated('a_total{v="1"}'), false);
});

test('a query of the whole service tells no versions apart', () => {
  assert.equal(promqlProblem('version', 'whole', 'sum(db_pool_in_use) / 20'), null);
  assert.match(
    promqlProblem('version', 'whole', 'x{version="{{version}}"}') ?? '',
    /^expected a query of the whole service, found/,
  );
  assert.match(promqlProblem('version', 'whole', 'x{a="b}') ?? '', /^expected PromQL/);
});
