import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Counts, noCounts, type Sample } from '../../analysis/sample.ts';
import { Exposition } from './exposition.ts';
import { RequestTotals, requestFamilies } from './request-totals.ts';

const counts = (n: number, more: Partial<Counts> = {}): Counts => ({ ...noCounts, n, histogram: [20, n], slower: [0], ...more });
const sample = (second: number, stable: Counts | null, candidate: Counts | null = null): Sample => ({
  second,
  edgesMs: [500],
  weight: 0,
  stable,
  candidate,
});
const versions = { stable: '1.0.0', candidate: '1.1.0' };

function linesOf(totals: RequestTotals): (start: string) => readonly string[] {
  const text = new Exposition(requestFamilies);
  totals.tell(text, 'shop');
  const lines = String(text).split('\n');
  return (start) => lines.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length));
}

test('counts of both versions add up, a second counts once, and every class is there from 0 on', () => {
  const totals = new RequestTotals();
  const failing = counts(10, { errors: 3, classes: { status: 2, timeout: 1 }, slower: [4] });
  totals.take('shop', [sample(10, counts(5)), sample(11, counts(5), failing)], versions);
  totals.take('shop', [sample(11, counts(5), failing), sample(12, null, counts(1))], versions);
  const lines = linesOf(totals);
  assert.deepEqual(lines('rampart_requests_total{service="shop",version="1.0.0",class='), [
    '"ok"} 10',
    '"status"} 0',
    '"connect"} 0',
    '"timeout"} 0',
    '"broken"} 0',
  ]);
  assert.deepEqual(lines('rampart_requests_total{service="shop",version="1.1.0",class=').slice(0, 4), [
    '"ok"} 8',
    '"status"} 2',
    '"connect"} 0',
    '"timeout"} 1',
  ]);
  assert.deepEqual(lines('rampart_requests_slower_total{'), [
    'service="shop",version="1.0.0",than="0.5"} 0',
    'service="shop",version="1.1.0",than="0.5"} 4',
  ]);
});

test('buckets are cumulative, and their bounds are those of what was counted', () => {
  const totals = new RequestTotals();
  // Bucket 20 ends at 10 ms, bucket 99 has no end.
  totals.take('shop', [sample(10, counts(3, { histogram: [20, 2, 99, 1] }))], versions);
  const lines = linesOf(totals);
  const buckets = lines('rampart_request_duration_seconds_bucket{service="shop",version="1.0.0",le=');
  assert(buckets.includes('"0.01"} 2') && buckets.includes('"0.00630957"} 0'), buckets.join('; '));
  assert.equal(buckets.at(-1), '"+Inf"} 3');
  assert.equal(buckets.at(-2)?.endsWith(' 2'), true);
  assert.deepEqual(lines('rampart_request_duration_seconds_count'), ['{service="shop",version="1.0.0"} 3']);
});

test('versions are bounded', () => {
  const totals = new RequestTotals();
  for (let i = 0; i < 100; i += 1) totals.take('shop', [sample(i + 1, counts(1))], { stable: `1.0.${i}`, candidate: null });
  const lines = linesOf(totals);
  assert.equal(lines('rampart_request_duration_seconds_count').length, 16);
  assert.equal(lines('rampart_request_duration_seconds_count').at(-1), '{service="shop",version="1.0.99"} 1');
});
