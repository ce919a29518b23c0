import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withVectors } from '../../test/vectors.fixture.ts';
import { fingerprint } from './fingerprint.ts';
import { type Told, toldOf, type Via, type WireAlert } from './told.ts';

const now = Date.parse('2026-01-02T03:05:00Z');

function told(alert: Partial<WireAlert>, via: Via = 'api'): Told {
  const read = toldOf({ labels: { alertname: 'High latency!', service: 'checkout' }, ...alert }, via, now);
  assert(!('problem' in read), JSON.stringify(read));
  return read;
}

withVectors<{ readonly post: { readonly body: readonly WireAlert[] } }>('wire/alertmanager_api_v2_alerts.json', ({ post }) => {
  test('an alert of the API is read', () => {
    const [alert] = post.body;
    assert(alert);
    assert.deepEqual(toldOf(alert, 'api', now), {
      key: `alertmanager/SLOBurn-${fingerprint(alert.labels)}`,
      name: 'SLOBurn',
      labels: alert.labels,
      annotations: alert.annotations,
      said: '..',
      startsAtMs: Date.parse('2026-01-02T03:04:05Z'),
      endsAtMs: Date.parse('2026-01-02T03:08:05Z'),
      saidAtMs: null,
      isOver: false,
      isUntilEnd: true,
      url: 'http://x/g',
    });
    const after = toldOf(alert, 'api', Date.parse('2026-01-02T03:08:05Z'));
    assert(!('problem' in after) && after.isOver);
  });
});

withVectors<{ readonly request: { readonly body: { readonly alerts: readonly WireAlert[] } } }>(
  'wire/alertmanager_webhook_v4.json',
  ({ request }) => {
    test('an alert of the webhook is read; the end that Go writes for none is none', () => {
      const [alert] = request.body.alerts;
      assert(alert);
      const read = told(alert, 'webhook');
      assert.deepEqual([read.endsAtMs, read.isOver, read.said], [null, false, 'checkout burns 20x']);
      assert(told({ ...alert, status: 'resolved', endsAt: '2026-01-02T03:04:06Z' }, 'webhook').isOver);
    });
  },
);

test('the same labels are the same alert; an empty one is none', () => {
  const { key } = told({});
  assert.match(key, /^alertmanager\/High-latency--[0-9a-f]{16}$/);
  assert.equal(told({ labels: { service: 'checkout', zone: '', alertname: 'High latency!' } }).key, key);
  assert.notEqual(told({ labels: { service: 'checkout', alertname: 'High latency?' } }).key, key);
});

test('times are those of Go, with nanoseconds and zones', () => {
  assert.equal(told({ startsAt: '2026-01-02T05:04:05.123456789+02:00' }).startsAtMs, Date.parse('2026-01-02T03:04:05.123Z'));
  assert.equal(told({ startsAt: '0001-01-01T00:00:00Z' }).startsAtMs, null);
});

test('it says its summary, else its description, else its name; in one line and without what would not stay in it', () => {
  assert.equal(told({ annotations: { description: 'b', summary: 'a\n  b\u001b[31m' } }).said, 'a b [31m');
  assert.equal(told({ annotations: { description: 'b' } }).said, 'b');
  assert.equal(told({ annotations: { summary: ' ' } }).said, 'High latency! is firing');
  const long = told({ annotations: { summary: 'x'.repeat(20_000) } });
  assert.deepEqual([long.said.length, long.annotations.summary?.length], [400, 8_000]);
});

test('an address that a person may follow is kept, and no other', () => {
  const urls = [
    'http://prom:9090/graph?g0.expr=x',
    'javascript:alert(1)',
    'http://u:p@prom/',
    '/graph',
    `http://x/${'y'.repeat(2_000)}`,
  ];
  assert.deepEqual(
    urls.map((generatorURL) => told({ generatorURL }).url),
    [urls[0], null, null, null, null],
  );
});

test('all the annotations of an alert together are bounded', () => {
  const annotations = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`a${at}`, 'x'.repeat(3_000)]));
  const kept = Object.entries(told({ annotations }).annotations);
  const length = kept.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  assert.deepEqual([kept.length, length], [6, 16_000]);
});

const wrong: readonly [alert: WireAlert, problem: RegExp][] = [
  [{ labels: {} }, /it has no labels/],
  [{ labels: { a: '' } }, /it has no labels/],
  [{ labels: { alertname: 'x'.repeat(2_001) } }, /the label alertname has 2001 characters/],
  [{ labels: { [`x${'y'.repeat(200)}`]: 'z' } }, /the name of a label is not one/],
  [{ labels: { 'a\u0007b': 'z' } }, /the name of a label is not one/],
  [{ labels: Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`l${at}`, 'x'])) }, /65 labels, more than 64/],
  [
    { labels: Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`l${at}`, 'x'.repeat(2_000)])) },
    /its labels have 18018 characters/,
  ],
  [{ labels: { a: 'b' }, startsAt: 'yesterday' }, /a time is none/],
  [{ labels: { a: 'b' }, startsAt: '2026-01-02T03:04:05Z', endsAt: '2026-01-02T03:04:04Z' }, /it ends before it starts/],
];
for (const [alert, problem] of wrong)
  test(`an alert is refused: ${problem.source}`, () => {
    const read = toldOf(alert, 'api', now);
    assert('problem' in read);
    assert.match(read.problem, problem);
  });
