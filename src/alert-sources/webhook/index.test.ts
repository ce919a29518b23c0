import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withVectors } from '../../../test/vectors.fixture.ts';
import type { WireAlert } from '../../alerts/told.ts';
import { example } from '../../notifiers/messages.fixture.ts';
import { webhookContent } from '../../notifiers/webhook/event.ts';
import type { AlertsRead } from '../source.ts';
import { webhook } from './index.ts';

const json = 'application/json';

function readOf(alerts: object, body: unknown, contentType = json): AlertsRead {
  const config = webhook.schema.parse({ secret: { env: 'KEY' }, alerts });
  const read = webhook.read(config, { contentType, json: body });
  assert(!('problem' in read), JSON.stringify(read));
  return read;
}

type Case = readonly [what: string, mapping: object, body: unknown, expected: Partial<WireAlert> | RegExp];

const cases: readonly Case[] = [
  ['the smallest body', {}, { name: 'disk is full' }, { labels: { alertname: 'disk is full' }, annotations: {} }],
  [
    'labels and annotations where they are as a rule',
    {},
    {
      status: 'Resolved',
      labels: { alertname: 'Disk', host: 'a', cores: 8, on: true, nested: { x: 1 }, none: null },
      annotations: { summary: 'full', description: 'all of it' },
      startsAt: '2026-11-29T01:00:00Z',
      endsAt: '2026-11-29T02:00:00Z',
      generatorURL: 'https://m.example/1',
    },
    {
      status: 'resolved',
      labels: { alertname: 'Disk', host: 'a', cores: '8', on: 'true' },
      annotations: { summary: 'full', description: 'all of it' },
      startsAt: '2026-11-29T01:00:00Z',
      endsAt: '2026-11-29T02:00:00Z',
      generatorURL: 'https://m.example/1',
    },
  ],
  [
    'everything elsewhere',
    {
      each: '$.events',
      identity: ['$.none', '$.id'],
      name: '$.trigger.name',
      labels: { service: '$.host["name"]', site: '$body.site', team: 'shop' },
      annotations: { summary: '$.trigger.name' },
      state: { at: '$.value', firing: ['1'], resolved: ['0'] },
      start: '$.clock',
      url: '$.links[1]',
    },
    {
      site: 'eu',
      events: {
        id: 12,
        trigger: { name: 'CPU' },
        host: { name: 'checkout' },
        value: 1,
        clock: 1_795_934_400,
        links: ['a', 'https://z.example'],
      },
    },
    {
      status: 'firing',
      identity: '12',
      labels: { service: 'checkout', site: 'eu', team: 'shop', alertname: 'CPU' },
      annotations: { summary: 'CPU' },
      startsAt: '2026-11-29T06:40:00.000Z',
      generatorURL: 'https://z.example',
    },
  ],
  [
    'a time in milliseconds, and one that is none where nobody has said that one is there',
    {},
    { name: 'a', startsAt: 1_795_934_400_000, time: '12:30' },
    { startsAt: '2026-11-29T06:40:00.000Z', labels: { alertname: 'a' }, annotations: {} },
  ],
  [
    'true and false as its state',
    { state: { at: '$.up', firing: ['false'], resolved: ['true'] } },
    { name: 'a', up: false },
    { status: 'firing', labels: { alertname: 'a' }, annotations: {} },
  ],
  [
    'an event that is no state, and a time that may be another one than that of the message',
    {},
    { name: 'a', event: 'disk.full', timestamp: '2026-11-29T01:00:00Z' },
    { labels: { alertname: 'a' }, annotations: {} },
  ],
  ['nothing of a form', {}, 'down', /^alert 1: it is not an object$/],
  ['neither a name nor labels', {}, { id: 1 }, /neither a name nor labels/],
  [
    'a state that nobody knows',
    {},
    { name: 'a', status: 'weird\u202e' },
    /its state "weird.*" is not known: name it in alerts\.state/,
  ],
  ['no state where it has to be', { state: { at: '$.s' } }, { name: 'a' }, /there is no text at \$\.s/],
  ['no identity where it has to be', { identity: '$.id' }, { name: 'a' }, /no identity: there is no text at \$\.id/],
  [
    'an identity that JavaScript would round',
    { identity: '$.id' },
    JSON.parse('{"name":"a","id":12345678901234567890}'),
    /no identity/,
  ],
  ['a label that is a list', { labels: { team: '$.team' } }, { name: 'a', team: ['x'] }, /the label team is a list or an object/],
  ['a start that is no time', { start: '$.since' }, { name: 'a', since: 'yesterday' }, /start is no time/],
  ['no object where alerts are to be', { each: '$.events' }, { name: 'a' }, /no object at \$\.events/],
];
for (const [what, mapping, body, expected] of cases)
  test(`a body with ${what}`, () => {
    const { alerts, problems } = readOf(mapping, body);
    if (expected instanceof RegExp) {
      assert.deepEqual(alerts, []);
      assert.match(problems.join(), expected);
    } else assert.deepEqual([alerts, problems], [[expected], []]);
  });

test('a list of alerts, or a list in `alerts`, is several; one that is none does not take the others with it', () => {
  const list = [{ name: 'a' }, 7, { name: 'b', state: 'ok' }, { name: 'c', state: 'pending' }];
  for (const body of [list, { alerts: list }]) {
    const { alerts, problems, notes } = readOf({}, body);
    assert.deepEqual(
      [alerts.map(({ labels }) => labels.alertname), problems, notes.length],
      [['a', 'b'], ['alert 2: it is not an object'], 1],
    );
  }
  const config = webhook.schema.parse({ secret: { env: 'KEY' } });
  assert('problem' in webhook.read(config, { contentType: json, json: Array.from({ length: 2_001 }, () => ({ name: 'a' })) }));
});

for (const format of ['json', 'cloudevents'] as const)
  for (const mode of ['structured', 'binary'] as const)
    test(`messages of another Rampart (${format}, ${mode}) are the same alert from beginning to end`, () => {
      const read = (event: 'trigger' | 'update' | 'acknowledge' | 'resolve' | 'notice') => {
        const { headers, body } = webhookContent(example({ event }), { format, mode, environment: 'production' }, '/rampart');
        return readOf({}, JSON.parse(body), headers['content-type']);
      };
      const [trigger, update, resolve] = [read('trigger'), read('update'), read('resolve')].map(({ alerts }) => alerts[0]);
      assert.deepEqual([trigger?.status, update?.status, resolve?.status], ['firing', 'firing', 'resolved']);
      assert.deepEqual(
        [trigger?.identity, trigger?.labels.service, trigger?.labels.severity],
        ['checkout-20261129-1', 'checkout', 'P0'],
      );
      assert.equal(resolve?.identity, trigger?.identity);
      assert.deepEqual(
        [trigger?.saidAt, trigger?.generatorURL],
        ['2026-11-29T01:20:05.000Z', 'https://rampart.example/incidents/checkout-20261129-1'],
      );
      assert.deepEqual(read('notice').alerts, []);
    });

const event = (more: object = {}) => ({
  specversion: '1.0',
  id: '1',
  source: '/a',
  type: 'disk.full',
  time: '2026-01-02T03:04:05Z',
  data: { severity: 'critical', state: 'open' },
  ...more,
});

test('CloudEvents: the envelope can be asked too, in a batch each event is one, and data may be in base64', () => {
  const mapping = { name: '$event.type', labels: { severity: '$.severity', from: '$event.source' } };
  const inBase64 = event({ data: undefined, data_base64: btoa('{"severity":"warning","state":"open"}') });
  const { alerts, problems } = readOf(
    mapping,
    [event(), inBase64, event({ id: '' }), 7],
    'application/cloudevents-batch+json; charset=utf-8',
  );
  assert.deepEqual(
    alerts.map(({ labels, saidAt }) => [labels, saidAt]),
    [
      [{ alertname: 'disk.full', severity: 'critical', from: '/a' }, '2026-01-02T03:04:05Z'],
      [{ alertname: 'disk.full', severity: 'warning', from: '/a' }, '2026-01-02T03:04:05Z'],
    ],
  );
  assert.deepEqual(problems, ['event 3: it has no id, which a CloudEvent has to have', 'event 4: a CloudEvent is an object']);
});

withVectors<{ structured: { content_type: string; body: object }; invalid: readonly { why: string; body: object }[] }>(
  'wire/cloudevents.json',
  ({ structured, invalid }) => {
    test('CloudEvents: the structured one of the vectors is read', () => {
      const { alerts } = readOf(
        { name: '$event.type', state: { at: '$event.specversion', firing: ['1.0'] } },
        structured.body,
        structured.content_type,
      );
      assert.deepEqual(
        alerts.map(({ labels }) => labels.alertname),
        ['dev.releaseguard.release.step.promoted.v1'],
      );
    });
    for (const { why, body } of invalid)
      test(`CloudEvents: ${why} is refused`, () => {
        const { alerts, problems } = readOf({}, body, structured.content_type);
        assert.deepEqual([alerts.length, problems.length], [0, 1]);
      });
  },
);

test('what the document says of the signature is what is looked at', () => {
  const proof = (given: object) => webhook.proof(webhook.schema.parse({ secret: { env: 'KEY' }, ...given }));
  assert.deepEqual(proof({}), {
    kind: 'signature',
    secrets: [{ env: 'KEY', prefix: '' }],
    scheme: { kind: 'standard' },
    toleranceMs: 300_000,
    replayWindowMs: 86_400_000,
  });
  const scheme = { kind: 'header', header: 'X-Hub-Signature-256', prefix: 'sha256=', encoding: 'hex', timestamp: null };
  assert.deepEqual((proof({ signature: {} }) as { scheme: object }).scheme, scheme);
  assert.deepEqual((proof({ signature: { timestampHeader: 'X-Time' } }) as { scheme: object }).scheme, {
    ...scheme,
    timestamp: { header: 'X-Time', separator: '.' },
  });
  const { secret: _, ...basic } = { secret: 0, basic: { user: 'a', password: { env: 'P' } }, previousSecret: { env: 'Q' } };
  assert.deepEqual(webhook.proof(webhook.schema.parse(basic)), {
    kind: 'basic',
    user: 'a',
    secrets: [
      { env: 'P', prefix: '' },
      { env: 'Q', prefix: '' },
    ],
  });
});
