import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withVectors } from '../../../test/vectors.fixture.ts';
import { notifierConformance, overHttp, toolsWith } from '../conformance.ts';
import { example } from '../messages.fixture.ts';
import type { Receipt } from '../notifier.ts';
import { Receiver } from '../receiver.fixture.ts';
import { pagerDutyEvent, receiptOf } from './event.ts';
import { eventsApi } from './events-api.fixture.ts';
import { pagerduty } from './index.ts';

const routingKey = 'R0UTINGKEY0000000000000000000000';
const secrets = { PAGERDUTY_KEY: routingKey };

const accept = eventsApi(routingKey);

const config = (base: string) => ({ routingKey: { env: 'PAGERDUTY_KEY' }, api: base });

notifierConformance('pagerduty', {
  plugin: pagerduty,
  secrets,
  make: overHttp(accept, config, {
    no: {
      status: 400,
      body: '{"status":"invalid event","message":"Event object is invalid","errors":["\'payload.summary\' is missing or blank"]}',
    },
  }),
});

test('pagerduty: an incident there is opened, taken and closed under one key', async (t) => {
  const receiver = await Receiver.start(t, accept);
  const notifier = pagerduty.open(pagerduty.schema.parse(config(receiver.base)), toolsWith(secrets));
  let before: Receipt | null = null;
  for (const name of ['trigger', 'update', 'acknowledge', 'update', 'resolve', 'update'] as const) {
    const delivery = await notifier.send(example({ event: name }), before, AbortSignal.timeout(30_000));
    assert(delivery.kind === 'delivered', delivery.said);
    before = delivery.receipt;
  }
  // An update that is of the same severity, or comes after the end, would call people once more.
  const told = receiver.taken.map(({ body }) => JSON.parse(body));
  assert.deepEqual(
    told.map(({ event_action }) => event_action),
    ['trigger', 'acknowledge', 'resolve'],
  );
  assert.deepEqual(new Set(told.map(({ dedup_key }) => dedup_key)), new Set(['checkout-20261129-1']));
});

test('pagerduty: an update is told when the severity is another', () => {
  const open = receiptOf(example({ severity: 'P2' }), null);
  const worse = pagerDutyEvent(example({ event: 'update', severity: 'P0' }), open, routingKey, null);
  assert.match(JSON.stringify(worse), /"event_action":"trigger"/);
  assert.equal(pagerDutyEvent(example({ event: 'update', severity: 'P2' }), open, routingKey, null), null);
  assert.equal(pagerDutyEvent(example({ event: 'update' }), null, routingKey, null), null);
  const severities = (['P0', 'P1', 'P2'] as const).map((severity) => {
    const found = pagerDutyEvent(example({ severity }), null, routingKey, null)?.body as { payload: { severity: string } };
    return found.payload.severity;
  });
  assert.deepEqual(severities, ['critical', 'error', 'warning']);
});

test('pagerduty: whatever happens to a release is a change event with what programs look for, and pages nobody', async (t) => {
  const receiver = await Receiver.start(t, accept);
  const notifier = pagerduty.open(pagerduty.schema.parse(config(receiver.base)), toolsWith(secrets));
  const about = {
    id: 'checkout-1',
    version: '1.4.2',
    stable: '1.4.1',
    news: 'step',
    step: 3,
    steps: 9,
    isRestore: false,
  } as const;
  for (const event of ['trigger', 'update', 'notice', 'resolve'] as const) {
    const message = example({ event, title: 'checkout 1.4.2: step 3 of 9', text: '', facts: [], release: about });
    assert.equal((await notifier.send(message, null, AbortSignal.timeout(30_000))).kind, 'delivered');
  }
  assert.deepEqual(new Set(receiver.taken.map(({ url }) => url)), new Set(['/v2/change/enqueue']));
  assert.deepEqual(JSON.parse(receiver.taken[0]?.body ?? ''), {
    routing_key: routingKey,
    payload: {
      summary: 'checkout 1.4.2: step 3 of 9',
      source: 'checkout',
      timestamp: '2026-11-29T01:20:05.000Z',
      custom_details: {
        event: 'step',
        service: 'checkout',
        version: '1.4.2',
        previous_version: '1.4.1',
        release: 'checkout-1',
        step: '3/9',
      },
    },
    links: [{ href: 'https://rampart.example/incidents/checkout-20261129-1', text: 'Incident' }],
  });
});

test('pagerduty: what it says about a mistake is handed on', async (t) => {
  const receiver = await Receiver.start(t, () => ({ status: 400, body: `{"errors":["routing_key ${routingKey} is unknown"]}` }));
  const notifier = pagerduty.open(pagerduty.schema.parse(config(receiver.base)), toolsWith(secrets));
  const delivery = await notifier.send(example(), null, AbortSignal.timeout(30_000));
  assert.equal(delivery.kind, 'refused');
  assert.match(delivery.said, /^it answers 400: .*is unknown/);
  assert(!delivery.said.includes(routingKey));
});

test('pagerduty: facts of the same name are all told, and the biggest message is small enough', () => {
  const facts = [
    { label: 'a', value: '1' },
    { label: 'a', value: '2' },
    { label: '__proto__', value: '3' },
    { label: '', value: '4' },
  ];
  const body = (given: Parameters<typeof example>[0]) =>
    JSON.stringify(pagerDutyEvent(example(given), null, routingKey, null)?.body);
  assert.match(body({ facts }), /"a":"1","a 2":"2","__proto__":"3","–":"4"/);
  const long = '漢'.repeat(5_000);
  const many = Array.from({ length: 500 }, () => ({ label: long, value: long }));
  const links = Array.from({ length: 500 }, (_, at) => ({ text: long, href: `https://r.example/${'x'.repeat(1_900)}${at}` }));
  const biggest = body({ title: long, text: long.repeat(10), facts: many, links, source: long });
  assert(Buffer.byteLength(biggest) < 512_000);
  assert.match(biggest, /"summary":"漢{1023}…"/);
});

withVectors<{ trigger: { payload: object }; acknowledge: object; resolve: object; change_event: { body: { payload: object } } }>(
  'wire/pagerduty_events_v2.json',
  (vectors) => {
    test('pagerduty: events have the fields of the vectors, and no others', () => {
      const of = (name: 'trigger' | 'acknowledge' | 'resolve' | 'notice') =>
        pagerDutyEvent(example({ event: name }), null, routingKey, 'https://rampart.example')?.body as { payload: object };
      const isWithin = (found: object, wanted: object) => {
        for (const name of Object.keys(found)) assert(name in wanted, name);
      };
      isWithin(of('trigger'), vectors.trigger);
      isWithin(of('trigger').payload, vectors.trigger.payload);
      isWithin(of('notice'), vectors.change_event.body);
      isWithin(of('notice').payload, vectors.change_event.body.payload);
      assert.deepEqual(Object.keys(of('acknowledge')).sort(), Object.keys(vectors.acknowledge).sort());
      assert.deepEqual(Object.keys(of('resolve')).sort(), Object.keys(vectors.resolve).sort());
    });
  },
);
