import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { withVectors } from '../../../test/vectors.fixture.ts';
import { releaseNewsKinds } from '../../release/news.ts';
import { notifierConformance, overHttp, toolsWith } from '../conformance.ts';
import { example } from '../messages.fixture.ts';
import type { Answer, Taken } from '../receiver.fixture.ts';
import { Receiver } from '../receiver.fixture.ts';
import { webhookContent } from './event.ts';
import { webhook } from './index.ts';

const key = Buffer.from('a key of thirty-two bytes, or so').toString('base64');
const secrets = { HOOK_KEY: `whsec_${key}`, HOOK_TOKEN: 'token-of-the-hook-1' };

/** As a receiver by the books looks at a request. */
function accept(request: Taken): Answer {
  const { method, url, headers, body } = request;
  assert.equal(method, 'POST');
  assert.equal(url, '/hook?tenant=1');
  assert.equal(headers.authorization, `Bearer ${secrets.HOOK_TOKEN}`);
  const id = String(headers['webhook-id']);
  const timestamp = String(headers['webhook-timestamp']);
  assert.match(id, /^[A-Za-z0-9_:/@%-]{1,600}$/);
  assert(Math.abs(Number(timestamp) - Date.now() / 1_000) < 300);
  const wanted = createHmac('sha256', Buffer.from(key, 'base64')).update(`${id}.${timestamp}.${body}`).digest('base64');
  assert.equal(headers['webhook-signature'], `v1,${wanted}`);
  const event = envelopeOf(request);
  for (const name of Object.keys(event)) assert.match(name, /^([a-z0-9]{1,20}|data_base64)$/);
  assert(!('data' in event && 'data_base64' in event));
  assert.equal(event.specversion, '1.0');
  for (const name of ['id', 'source', 'type', 'subject'] as const)
    assert(typeof event[name] === 'string' && event[name] !== '', name);
  assert(URL.canParse(String(event.source), 'http://base'));
  assert.match(String(event.time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  const data = (event.datacontenttype === 'application/json' ? event.data : cdevent(event).customData) as Record<string, unknown>;
  checkData(data);
  return { status: 204 };
}

/** The envelope of CloudEvents with its data, wherever it is. */
function envelopeOf({ headers, body }: Taken): Record<string, unknown> {
  if (/^application\/cloudevents\+json(;|$)/.test(headers['content-type'] ?? '')) return JSON.parse(body);
  const attributes = Object.entries(headers).filter(([name]) => name.startsWith('ce-'));
  return {
    ...Object.fromEntries(attributes.map(([name, value]) => [name.slice(3), decodeURIComponent(String(value))])),
    datacontenttype: headers['content-type'],
    data: JSON.parse(body),
  };
}

/** What the schemas of CDEvents 0.4.0 ask of an incident event, and of one of a tool's own. */
function cdevent(event: Record<string, unknown>): Record<string, unknown> {
  assert.match(String(event.datacontenttype), /^application\/cdevents\+json/);
  const { context, subject, customData, customDataContentType, ...rest } = event.data as Record<string, Record<string, unknown>>;
  assert.deepEqual(rest, {});
  assert.deepEqual(Object.keys(context ?? {}).sort(), ['id', 'source', 'timestamp', 'type', 'version']);
  assert.equal(context?.version, '0.4.0');
  assert.deepEqual(
    [context?.id, context?.source, context?.type, context?.timestamp, subject?.id],
    [event.id, event.source, event.type, event.time, event.subject],
  );
  const isStandard = /^dev\.cdevents\.incident\.(detected|resolved)\.0\.2\.0$/.test(String(event.type));
  if (!isStandard) assert.match(String(event.type), /^dev\.cdeventsx\.[a-zA-Z0-9]+-[a-zA-Z]+\.[a-zA-Z]+\.[0-9]\.[0-9]\.[0-9]$/);
  assert.equal(subject?.type, isStandard ? 'incident' : 'rampart-incident');
  assert.deepEqual(Object.keys(subject ?? {}).sort(), ['content', 'id', 'source', 'type']);
  const content = subject?.content as Record<string, Record<string, unknown>>;
  assert.deepEqual(Object.keys(content).sort(), ['description', 'environment', 'service']);
  for (const part of [content.environment, content.service]) assert(typeof part?.id === 'string' && part.id !== '');
  assert.equal(customDataContentType, 'application/json');
  return { customData };
}

function checkData(data: Record<string, unknown>): void {
  const { title, headline, text, facts, links } = data as { [name: string]: string } & {
    facts: { label: string; value: string }[];
    links: { text: string; href: string }[];
  };
  for (const line of [
    title,
    headline,
    ...facts.flatMap(({ label, value }) => [label, value]),
    ...links.map((link) => link.text),
  ]) {
    assert(typeof line === 'string' && line.length <= 1_000);
    assert(!/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/.test(line), JSON.stringify(line));
    assert(line.isWellFormed());
  }
  assert(typeof text === 'string' && text.length <= 10_000 && !/[\u0000-\u0009\u000b-\u001f]/.test(text));
  for (const { href } of links) assert.match(href, /^https?:\/\/[^"'<>\s]+$/);
}

const config = (given: object) => (base: string) => ({
  url: `${base}/hook?tenant=1`,
  secret: { env: 'HOOK_KEY' },
  headers: { Authorization: { env: 'HOOK_TOKEN', prefix: 'Bearer ' } },
  ...given,
});

notifierConformance('webhook', {
  plugin: webhook,
  secrets,
  make: overHttp(accept, config({ format: 'cloudevents' })),
});

for (const given of [{ format: 'cloudevents', mode: 'binary' }, { format: 'cdevents' }, { format: 'cdevents', mode: 'binary' }])
  test(`webhook: ${JSON.stringify(given)} is as its description has it`, async (t) => {
    const receiver = await Receiver.start(t, accept);
    const notifier = webhook.open(webhook.schema.parse(config(given)(receiver.base)), toolsWith(secrets));
    for (const event of ['trigger', 'update', 'acknowledge', 'resolve', 'notice'] as const) {
      const message = example({ event, title: 'ошибки выше 5 % "quoted"' });
      assert.equal((await notifier.send(message, null, AbortSignal.timeout(30_000))).kind, 'delivered');
    }
    assert.equal(receiver.taken.length, 5);
  });

const about = { id: 'checkout-1', version: '1.4.2+b', stable: '1.4.1', step: null, steps: 9, isRestore: false } as const;

for (const [what, release, type, artifactId] of [
  ['a first release', { ...about, news: 'succeeded', stable: null }, 'deployed', 'pkg:generic/checkout@1.4.2%2Bb'],
  ['a release', { ...about, news: 'succeeded' }, 'upgraded', 'pkg:generic/checkout@1.4.2%2Bb'],
  [
    'a version that is brought back',
    { ...about, news: 'succeeded', isRestore: true },
    'rolledback',
    'pkg:generic/checkout@1.4.2%2Bb',
  ],
  ['a release that went back', { ...about, news: 'rolled-back' }, 'rolledback', 'pkg:generic/checkout@1.4.1'],
  ['a first release that went back', { ...about, news: 'rolled-back', stable: null }, 'removed', undefined],
] as const)
  test(`webhook: ${what} is the event ${type} of the service, as CDEvents have it`, () => {
    const given = { format: 'cdevents', mode: 'structured', environment: 'production' } as const;
    const message = example({ event: 'notice', thread: 'release/checkout-1', key: 'release/checkout-1/9', release });
    const { data, ...envelope } = JSON.parse(webhookContent(message, given, '/rampart').body);
    const { customData, ...event } = data;
    assert.deepEqual(envelope, {
      specversion: '1.0',
      id: 'release/checkout-1/9',
      source: '/rampart',
      type: `dev.cdevents.service.${type}.0.2.0`,
      subject: 'checkout',
      time: '2026-11-29T01:20:05.000Z',
      datacontenttype: 'application/cdevents+json',
    });
    assert.deepEqual(event, {
      context: {
        version: '0.4.0',
        id: 'release/checkout-1/9',
        source: '/rampart',
        type: `dev.cdevents.service.${type}.0.2.0`,
        timestamp: '2026-11-29T01:20:05.000Z',
      },
      subject: {
        id: 'checkout',
        source: '/rampart',
        type: 'service',
        content: { environment: { id: 'production' }, ...(artifactId === undefined ? {} : { artifactId }) },
      },
      customDataContentType: 'application/json',
    });
    assert.deepEqual(customData.release, release);
  });

test('webhook: what happens on the way of a release is an event of its own', () => {
  const types = releaseNewsKinds
    .filter((news) => news !== 'succeeded' && news !== 'rolled-back')
    .map((news) => {
      const given = { format: 'cdevents', mode: 'structured', environment: 'production' } as const;
      const message = example({ event: 'notice', thread: 'release/checkout-1', release: { ...about, news, step: 3 } });
      const { type, data } = JSON.parse(webhookContent(message, given, '/rampart').body);
      assert.match(type, /^dev\.cdeventsx\.[a-zA-Z0-9]+-[a-zA-Z]+\.[a-zA-Z]+\.[0-9]\.[0-9]\.[0-9]$/);
      assert.deepEqual(data.subject, {
        id: 'release/checkout-1',
        source: '/rampart',
        type: 'rampart-release',
        content: {
          environment: { id: 'production' },
          service: { id: 'checkout' },
          artifactId: 'pkg:generic/checkout@1.4.2%2Bb',
          previousArtifactId: 'pkg:generic/checkout@1.4.1',
          step: 3,
          steps: 9,
        },
      });
      const cloud = webhookContent(message, { ...given, format: 'cloudevents' }, '/rampart');
      assert.equal(JSON.parse(cloud.body).type, `dev.rampart.release.${news.replaceAll('-', '_')}.v1`);
      return type;
    });
  assert.equal(new Set(types).size, types.length);
});

test('webhook: the message alone, as JSON', () => {
  const { headers, body } = webhookContent(
    example(),
    { format: 'json', mode: 'structured', environment: 'production' },
    '/rampart',
  );
  assert.deepEqual(headers, { 'content-type': 'application/json' });
  assert.deepEqual(JSON.parse(body), {
    key: 'checkout-20261129-1/trigger/1',
    thread: 'checkout-20261129-1',
    event: 'trigger',
    severity: 'P0',
    title: 'errors of checkout are above 5 %',
    headline: 'P0: errors of checkout are above 5 %',
    text: 'Since 01:20 UTC 6.1 % of the requests fail.\nThe release 1.4.2 was taken back.',
    facts: [
      { label: 'Release', value: 'checkout@1.4.2 at 25 %' },
      { label: 'Budget left', value: '61 %' },
    ],
    links: [{ text: 'Incident', href: 'https://rampart.example/incidents/checkout-20261129-1' }],
    actions: [
      { verb: 'acknowledge', label: 'Acknowledge' },
      { verb: 'rollback', label: 'Roll back' },
    ],
    source: 'checkout',
    at: '2026-11-29T01:20:05.000Z',
    language: 'en',
  });
});

test('webhook: an address that is a secret is said nowhere, and has to be one of https', async (t) => {
  const receiver = await Receiver.start(t, () => ({ status: 200 }));
  const address = `${receiver.base}/hooks/T0/very-secret-part`;
  const at = (url: string) => webhook.open(webhook.schema.parse({ url: { env: 'HOOK_URL' } }), toolsWith({ HOOK_URL: url }));
  assert.equal((await at(address).send(example(), null, AbortSignal.timeout(30_000))).kind, 'delivered');
  assert.equal(receiver.taken[0]?.headers['webhook-signature'], undefined);
  receiver.behaviour = 'echo';
  const { said } = await at(address).send(example(), null, AbortSignal.timeout(30_000));
  assert(!said.includes(address), said);
  for (const url of ['http://hooks.example/x', 'ftp://127.0.0.1/', 'nothing']) {
    const delivery = await at(url).send(example(), null, AbortSignal.timeout(30_000));
    assert.equal(delivery.kind, 'refused');
    assert(!delivery.said.includes(url));
  }
});

test('webhook: where a handshake is wanted, nothing is sent before the receiver has said yes', async (t) => {
  let answer: Answer = { status: 405 };
  const receiver = await Receiver.start(t, (taken) => {
    if (taken.method !== 'OPTIONS') return accept(taken);
    assert.equal(taken.headers['webhook-request-origin'], 'rampart.example');
    assert.equal(taken.headers.authorization, `Bearer ${secrets.HOOK_TOKEN}`);
    assert.equal(taken.body, '');
    return answer;
  });
  const parsed = webhook.schema.parse(config({ format: 'cloudevents', handshake: true })(receiver.base));
  const notifier = webhook.open(parsed, toolsWith(secrets));
  const send = async () => (await notifier.send(example(), null, AbortSignal.timeout(30_000))).kind;
  const no: readonly [answer: Answer, kind: string][] = [
    [{ status: 405 }, 'refused'],
    [{ status: 503 }, 'retry'],
    [{ status: 200 }, 'refused'],
    [{ status: 200, headers: { 'webhook-allowed-origin': 'other.example' } }, 'refused'],
  ];
  for (const [given, kind] of no) {
    answer = given;
    assert.equal(await send(), kind);
  }
  assert(receiver.taken.every(({ method }) => method === 'OPTIONS'));
  answer = { status: 200, headers: { 'webhook-allowed-origin': '*', 'webhook-allowed-rate': '100' } };
  assert.deepEqual([await send(), await send()], ['delivered', 'delivered']);
  assert.deepEqual(
    receiver.taken.slice(no.length).map(({ method }) => method),
    ['OPTIONS', 'POST', 'POST'],
  );
});

test('webhook: texts that are too long are cut with a mark, in the language of the reader', () => {
  const long = 'слово '.repeat(5_000);
  const message = example({ title: long, text: long, facts: [{ label: long, value: long }], language: 'ru', event: 'resolve' });
  const { body } = webhookContent(message, { format: 'json', mode: 'structured', environment: 'production' }, '/rampart');
  const { title, headline, text, facts } = JSON.parse(body);
  for (const cut of [title, headline, text, facts[0].label, facts[0].value]) assert(cut.endsWith('…'));
  assert(headline.startsWith('Решено: слово'));
});

test('webhook: a secret that no header can carry is not sent', async (t) => {
  const receiver = await Receiver.start(t, () => ({ status: 200 }));
  const notifier = webhook.open(
    webhook.schema.parse(config({})(receiver.base)),
    toolsWith({ ...secrets, HOOK_TOKEN: 'a\r\nX-Other: b' }),
  );
  const delivery = await notifier.send(example(), null, AbortSignal.timeout(30_000));
  assert.deepEqual(delivery, { kind: 'refused', said: 'a secret has signs that no header can carry' });
  assert.equal(receiver.taken.length, 0);
});

test('webhook: a configuration that would give secrets away is a mistake in the document', () => {
  const problems = (given: object) => JSON.stringify(webhook.schema.safeParse(given).error?.issues ?? []);
  assert.match(problems({ url: 'http://hooks.example/x' }), /expected https/);
  assert.match(problems({ url: 'https://me:pass@hooks.example/x' }), /without a password/);
  assert.match(problems({ url: 'https://hooks.example/x', headers: { Authorization: 'Bearer abc' } }), /env: NAME/);
  assert.match(problems({ url: 'https://hooks.example/x', hmac: 'x' }), /Unrecognized key/);
  assert.equal(problems({ url: 'http://127.0.0.1:8080/x' }), '[]');
});

withVectors<{ structured: { content_type: string; body: object }; binary: { headers: object } }>(
  'wire/cloudevents.json',
  (vectors) => {
    test('webhook: the envelopes are those of the vectors', () => {
      const given = { format: 'cloudevents', environment: 'production' } as const;
      const structured = webhookContent(example(), { ...given, mode: 'structured' }, '/rampart');
      assert.equal(structured.headers['content-type'], vectors.structured.content_type);
      const allowed = Object.keys(vectors.structured.body);
      assert.deepEqual(
        Object.keys(JSON.parse(structured.body)).filter((name) => !allowed.includes(name)),
        [],
      );
      const binary = webhookContent(example(), { ...given, mode: 'binary' }, '/rampart');
      for (const name of Object.keys(vectors.binary.headers)) assert(name in binary.headers, name);
    });
  },
);
