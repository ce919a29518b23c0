import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drivenBy } from './driven.ts';
import { counterOf, increased } from './promql-text.ts';
import { labelsFor } from './sample-labels.ts';
import { notation } from './timeline.ts';

function driven(part: string, total: string, count: 'bad' | 'good' = 'bad') {
  return drivenBy({ kind: 'ratio', count, part: counterOf(part), total: counterOf(total) });
}

test('failures of the same metric are a part of the total, and the rest is of another code', () => {
  assert.deepEqual(driven('http_requests_total{job="api",code=~"5.."}', 'http_requests_total{job="api"}'), [
    { series: 'http_requests_total{job="api",code="500"}', good: 0, bad: 1, of: 1 },
    { series: 'http_requests_total{job="api",code="200"}', good: 1, bad: 0, of: 1 },
  ]);
});

test('failures of another metric are counted in both', () => {
  assert.deepEqual(driven('errors_total', 'requests_total'), [
    { series: 'errors_total', good: 0, bad: 1, of: 1 },
    { series: 'requests_total', good: 1, bad: 1, of: 1 },
  ]);
});

test('what is good is the other way round, and several counters share it', () => {
  assert.deepEqual(driven('a_total{r="ok"} or b_total{r="fine"}', 'all_total', 'good'), [
    { series: 'a_total{r="ok"}', good: 1, bad: 0, of: 2 },
    { series: 'b_total{r="fine"}', good: 1, bad: 0, of: 2 },
    { series: 'all_total', good: 1, bad: 1, of: 1 },
  ]);
});

test('where nobody can tell which series are chosen, nothing is said', () => {
  assert.equal(driven('sum(a_total)', 'b_total'), null);
  assert.equal(driven('a_total{code=~"(?i)5.."}', 'a_total'), null);
  assert.equal(driven('a_total{code=~"5.."}', 'a_total{code=~"5.."}'), null, 'all of it is bad');
});

test('patterns of labels are met', () => {
  const one = (value: string, operator: '=~' | '!~' = '=~') => labelsFor([{ label: 'x', operator, value }])?.x;
  for (const pattern of ['5..', 'a|b', '(shop|web)-[0-9a-f]{6}', '.+', '[^a-z]+', 'v\\d+\\.\\d+', 'a(.+-)?b'])
    assert.match(String(one(pattern)), new RegExp(`^(?:${pattern})$`));
  assert.doesNotMatch(String(one('2..|3..', '!~')), /^[23]/);
});

test('metrics that are chosen by a pattern stay apart when their names are gone', () => {
  assert.equal(
    increased(counterOf('{__name__=~"haproxy_(a|b)_total",proxy="shop"}'), '5m'),
    'sum(label_replace(increase(haproxy_a_total{proxy="shop"}[5m]), "metric", "haproxy_a_total", "", "") or label_replace(increase(haproxy_b_total{proxy="shop"}[5m]), "metric", "haproxy_b_total", "", ""))',
  );
  assert.equal(increased(counterOf('a{x="or"} or b'), '1h'), 'sum(increase(a{x="or"}[1h]) or increase(b[1h]))');
  assert.equal(increased(counterOf('sum(a)'), '1h'), 'sum(increase((sum(a))[1h:]))');
});

test('values are written as promtool reads them', () => {
  assert.equal(notation([0, 0, 0, 5, 10, 15]), '0+0x2 5+5x2');
  assert.equal(notation([1, 2, null, null, null, 7]), '1+1x1 stale _x2 7');
});
