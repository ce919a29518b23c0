import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { withVectors } from '../../../test/vectors.fixture.ts';
import { notifierConformance, overHttp, toolsWith } from '../conformance.ts';
import { example } from '../messages.fixture.ts';
import type { Receipt } from '../notifier.ts';
import { type Answer, Receiver, type Taken } from '../receiver.fixture.ts';
import { pagerDutyEvent, receiptOf } from './event.ts';
import { pagerduty } from './index.ts';

const routingKey = 'R0UTINGKEY0000000000000000000000';
const secrets = { PAGERDUTY_KEY: routingKey };

/** What the reference of the Events API v2 allows. */
const line = z
  .string()
  .min(1)
  .refine((text) => text.isWellFormed() && !/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/.test(text));
const link = z.strictObject({ href: z.string().regex(/^https?:\/\/[^\s"'<>]+$/), text: line.max(200) });
const moment = z.iso.datetime();
const details = z.record(z.string().min(1), z.string());
const about = { routing_key: z.literal(routingKey), dedup_key: z.string().min(1).max(255) };
const event = z.discriminatedUnion('event_action', [
  z.strictObject({
    ...about,
    event_action: z.literal('trigger'),
    client: z.string(),
    client_url: z.url(),
    payload: z.strictObject({
      summary: line.max(1_024),
      source: line,
      severity: z.enum(['critical', 'error', 'warning', 'info']),
      timestamp: moment,
      component: line,
      class: line,
      custom_details: details,
    }),
    links: z.array(link),
  }),
  z.strictObject({ ...about, event_action: z.literal('acknowledge') }),
  z.strictObject({ ...about, event_action: z.literal('resolve') }),
]);
const change = z.strictObject({
  routing_key: z.literal(routingKey),
  payload: z.strictObject({ summary: line.max(1_024), source: line, timestamp: moment, custom_details: details }),
  links: z.array(link),
});

function accept({ method, url, headers, body }: Taken): Answer {
  assert.equal(method, 'POST');
  assert.equal(headers['content-type'], 'application/json');
  assert(Buffer.byteLength(body) <= 512_000);
  if (url === '/v2/change/enqueue') {
    change.parse(JSON.parse(body));
    return { status: 202, body: '{"status":"success","message":"Change event processed"}' };
  }
  assert.equal(url, '/v2/enqueue');
  const { dedup_key } = event.parse(JSON.parse(body));
  return { status: 202, body: JSON.stringify({ status: 'success', message: 'Event processed', dedup_key }) };
}

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
