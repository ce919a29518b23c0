import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { withVectors } from '../../../test/vectors.fixture.ts';
import { notifierConformance, overHttp, toolsWith } from '../conformance.ts';
import { example, hostileMessage, plainly } from '../messages.fixture.ts';
import type { Inbound } from '../notifier.ts';
import { type Answer, Receiver, type Taken } from '../receiver.fixture.ts';
import { twilioSignature } from './inbound.ts';
import { sms } from './index.ts';
import { readReply, smsText } from './text.ts';

const accountSid = `AC${'0123456789abcdef'.repeat(2)}`;
const authToken = '12345-very-secret-token';
const secrets = { TWILIO_TOKEN: authToken };
const sid = 'SM0123456789abcdef0123456789abcdef';

/** How many parts a text is sent in, reckoned as 3GPP TS 23.038 and 23.040 have it: nothing of two places is split over two parts. */
function segmentsOf(text: string): number {
  const basic =
    '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
  const isGsm = [...text].every((one) => `${basic}\f^{}\\[~]|€`.includes(one));
  const sizes = [...text].map((one) => (isGsm ? (basic.includes(one) ? 1 : 2) : one.length));
  const [whole, part] = isGsm ? [160, 153] : [70, 67];
  if (sizes.reduce((sum, size) => sum + size, 0) <= whole) return 1;
  let segments = 1;
  let used = 0;
  for (const size of sizes) {
    used += size;
    if (used <= part) continue;
    segments += 1;
    used = size;
  }
  return segments;
}

/** What the reference of the Messages resource allows. */
function accept({ method, url, headers, body }: Taken): Answer {
  assert.equal(method, 'POST');
  assert.equal(url, `/2010-04-01/Accounts/${accountSid}/Messages.json`);
  assert.equal(headers['content-type'], 'application/x-www-form-urlencoded');
  if (headers.authorization !== `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`)
    return { status: 401, body: '{"code":20003,"message":"Authenticate","status":401}' };
  const form = new URLSearchParams(body);
  assert.deepEqual([...form.keys()].sort(), ['Body', 'From', 'To']);
  assert.match(form.get('To') ?? '', /^\+[1-9]\d{6,14}$/);
  assert.equal(form.get('From'), '+15551230002');
  checkBody(form.get('Body') ?? '', 2);
  return { status: 201, body: JSON.stringify({ sid, status: 'queued', error_code: null, error_message: null }) };
}

function checkBody(text: string, segments: number): void {
  assert(text.length >= 1 && text.length <= 1_600);
  assert(segmentsOf(text) <= segments, `${segmentsOf(text)} parts: ${JSON.stringify(text)}`);
  assert(text.isWellFormed() && !/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e]/.test(text), JSON.stringify(text));
}

const config = (base: string) => ({
  accountSid,
  authToken: { env: 'TWILIO_TOKEN' },
  from: '+15551230002',
  to: '+15551230001',
  publicUrl: 'https://rampart.example/',
  api: base,
});
const no = (code: number, message: string, status = 400): Answer => ({
  status,
  body: JSON.stringify({ code, message, more_info: '', status }),
});

notifierConformance('sms', {
  plugin: sms,
  secrets,
  make: overHttp(accept, config, {
    no: no(21_211, "The 'To' number is not a valid phone number."),
    busy: { ...no(20_429, 'Too Many Requests', 429), headers: { 'retry-after': '7' } },
  }),
});

test('sms: what it is about, what is known, the way to more, and how to reply', () => {
  const links = [{ text: 'Incident', href: 'https://r.example/i/1' }];
  const actions = [
    { verb: 'acknowledge', label: 'Acknowledge', style: 'primary' as const },
    { verb: 'rollback', label: 'Roll back', style: 'danger' as const },
    { verb: 'resolve', label: 'Resolve', style: 'plain' as const },
  ];
  const { code: _, ...uncoded } = example({ links, actions });
  assert.equal(
    smsText(example({ links, actions, text: '6.1 % of the requests fail.' }), 2, true),
    'P0: errors of checkout are above 5 %\n6.1 % of the requests fail.\nhttps://r.example/i/1\nReply 7a: ack, 7c: close',
  );
  assert.equal(
    smsText(example({ links: [], language: 'ru', title: 'ошибок больше 5 %', text: '' }), 2, true),
    'checkout: P0: ошибок больше 5 %\nОтвет 7a: принять',
  );
  for (const text of [smsText(uncoded, 2, true), smsText(example(), 2, false), smsText(example({ event: 'resolve' }), 2, true)])
    assert(!text.includes('Reply'), text);
});

test('sms: what has no room is cut, and how to reply stays', () => {
  const long = example({ title: 'errors '.repeat(500), text: 'text '.repeat(500) });
  for (const segments of [1, 2, 3, 10]) {
    const text = smsText(long, segments, true);
    checkBody(text, segments);
    assert(text.endsWith('\nReply 7a: ack'));
    assert(text.includes('...\n'), text);
    // It is used, too.
    assert.equal(segmentsOf(text), segments);
  }
  const russian = smsText(example({ title: 'ошибки '.repeat(100), language: 'ru' }), 2, true);
  checkBody(russian, 2);
  assert.match(russian, /\.\.\.\nОтвет 7a: принять$/);
  // Signs of print would make every part hold less than half.
  assert.equal(segmentsOf(smsText(example({ title: '“a” – b… ‘c’', text: 'x'.repeat(60), links: [] }), 2, true)), 1);
});

test('sms: whatever the texts, no message has more parts than it may', () => {
  const property = fc.property(hostileMessage, fc.integer({ min: 1, max: 10 }), fc.boolean(), (message, segments, mayReply) => {
    const text = smsText(message, segments, mayReply);
    checkBody(text, segments);
    assert(!/javascript:|data:|file:|secret@/i.test(text), text);
  });
  fc.assert(property, { numRuns: 60 });
});

test('sms: what Twilio says decides whether it is tried again', async (t) => {
  let answer: Answer = { status: 200 };
  const receiver = await Receiver.start(t, () => answer);
  const send = () =>
    sms.open(sms.schema.parse(config(receiver.base)), toolsWith(secrets)).send(example(), null, AbortSignal.timeout(30_000));
  const cases: readonly [answer: Answer, kind: string, said: RegExp][] = [
    [no(21_610, 'Attempt to send to unsubscribed recipient'), 'refused', /^it says 21610: Attempt/],
    [no(20_003, 'Authenticate', 401), 'refused', /^it says 20003/],
    [no(20_404, 'not found', 404), 'refused', /^it says 20404/],
    [no(21_611, 'queue is full'), 'retry', /^it says 21611/],
    [no(20_500, 'internal', 500), 'retry', /^it says 20500/],
    [{ status: 503, body: '<html>' }, 'retry', /^it answers 503/],
    [{ status: 200, body: '<html>' }, 'retry', /not as Twilio does/],
    [
      { status: 201, body: JSON.stringify({ sid, status: 'failed', error_code: 30_003, error_message: 'Unreachable' }) },
      'refused',
      /^it says failed: 30003/,
    ],
    [{ status: 201, body: JSON.stringify({ sid, status: 'accepted' }) }, 'delivered', /^it says accepted: SM/],
  ];
  for (const [given, kind, wanted] of cases) {
    answer = given;
    const delivery = await send();
    assert.equal(delivery.kind, kind, delivery.said);
    assert.match(delivery.said, wanted);
    if (delivery.kind === 'delivered') assert.deepEqual(delivery.receipt, { sid });
  }
});

test('sms: replies are read in whatever order and case, in Latin or Cyrillic letters', () => {
  const cases: readonly [text: string, verb: string | null, code: string | null][] = [
    ['7a', 'acknowledge', '7'],
    ['7c', 'resolve', '7'],
    // Nothing hands an incident on by a reply: whoever asks for it must not believe that it is done.
    ['7e', null, null],
    ['A7', 'acknowledge', '7'],
    ['ack 7', 'acknowledge', '7'],
    ['Acknowledge #12', 'acknowledge', '12'],
    ['close 3', 'resolve', '3'],
    ['3 close', 'resolve', '3'],
    ["'7a'", 'acknowledge', '7'],
    ['  7  a ', 'acknowledge', '7'],
    ['7а', 'acknowledge', '7'],
    ['С 7', 'resolve', '7'],
    ['a', 'acknowledge', null],
    ['close', 'resolve', null],
    ['e', null, null],
    ['', null, null],
    ['7', null, null],
    ['7 a 8', null, null],
    ['7b', null, null],
    ['alpha', null, null],
    ['call me', null, null],
    ['STOP', null, null],
    ['7a and more', null, null],
    ['1234567890a', null, null],
  ];
  for (const [text, verb, code] of cases) assert.deepEqual(readReply(text), verb === null ? null : { verb, code }, text);
});

const path = '/api/v1/notifiers/oncall-sms/inbound?x=1';
const fields = { MessageSid: sid, AccountSid: accountSid, From: '+15551230001', To: '+15551230002', Body: '7a', NumMedia: '0' };

/** A reply as Twilio hands it on. */
function replied(
  given: Readonly<Record<string, string>> = {},
  address = `https://rampart.example${path}`,
  token = authToken,
): Inbound {
  const form = new URLSearchParams({ ...fields, ...given });
  const headers = { 'x-twilio-signature': twilioSignature(token, address, form) };
  return { method: 'POST', url: path, headers, body: Buffer.from(form.toString()), nowMs: 0 };
}

test('sms: a reply is a verb of whoever has the number', async () => {
  const parsed = sms.schema.parse(config('https://api.twilio.com'));
  const ask = (inbound: Inbound) => sms.inbound?.(parsed, inbound, toolsWith(secrets));
  const wanted = { id: sid, thread: null, code: '7', verb: 'acknowledge', person: '+15551230001', text: '7a' };
  const reply = { type: 'text/xml', body: '<?xml version="1.0" encoding="UTF-8"?><Response/>' };
  assert.deepEqual(plainly(await ask(replied())), { kind: 'verbs', verbs: [wanted], reply });
  assert.deepEqual(plainly(await ask(replied({}, `https://rampart.example:443${path}`))), {
    kind: 'verbs',
    verbs: [wanted],
    reply,
  });
  assert.deepEqual(plainly(await ask(replied({ Body: 'c' }))), {
    kind: 'verbs',
    verbs: [{ ...wanted, verb: 'resolve', code: null, text: 'c' }],
    reply,
  });
  for (const other of [{ Body: 'who is this?' }, { AccountSid: 'AC' }, { From: 'anna' }, { MessageSid: '' }])
    assert.deepEqual(plainly(await ask(replied(other))), { kind: 'verbs', verbs: [], reply }, JSON.stringify(other));
  const good = replied();
  const forged: readonly Inbound[] = [
    replied({}, `https://rampart.example${path}`, 'another-token'),
    replied({}, `https://other.example${path}`),
    { ...good, url: '/other' },
    { ...good, body: Buffer.concat([good.body, Buffer.from('&Body=7c')]) },
    { ...good, headers: {} },
    { ...good, body: Buffer.alloc(10_000_000, 'x') },
  ];
  for (const inbound of forged) assert.equal((await ask(inbound))?.kind, 'refused');
  assert.equal((await sms.inbound?.(parsed, good, toolsWith({})))?.kind, 'refused');
  const { publicUrl: _, ...deaf } = config('https://api.twilio.com');
  assert.equal((await sms.inbound?.(sms.schema.parse(deaf), good, toolsWith(secrets)))?.kind, 'refused');
});

test('sms: what cannot work is a mistake in the document', async (t) => {
  const right = { accountSid, authToken: { env: 'T' }, from: '+15551230002', to: '+15551230001' };
  const isRight = (given: object) => sms.schema.safeParse({ ...right, ...given }).success;
  assert(isRight({}));
  for (const from of [`MG${'0'.repeat(32)}`, 'Rampart']) assert(isRight({ from }), from);
  for (const wrong of [
    { to: '15551230001' },
    { to: '+1 555 123' },
    { to: 15551230001 },
    { from: '12345' },
    { from: 'a name that is too long' },
    { from: 'Rampart', publicUrl: 'https://rampart.example' },
    { accountSid: 'AC1' },
    { authToken: 'abc' },
    { segments: 0 },
    { publicUrl: 'http://rampart.example' },
    { publicUrl: 'https://rampart.example/?a=b' },
  ])
    assert(!isRight(wrong), JSON.stringify(wrong));
  const receiver = await Receiver.start(t, ({ body }) => {
    const form = new URLSearchParams(body);
    assert.deepEqual(
      [form.get('MessagingServiceSid'), form.get('From'), form.get('To')],
      [`MG${'0'.repeat(32)}`, null, '+79001234567'],
    );
    assert.equal(form.get('StatusCallback'), 'https://hooks.example/sms');
    return { status: 201, body: JSON.stringify({ sid, status: 'accepted' }) };
  });
  const parsed = sms.schema.parse({
    ...config(receiver.base),
    from: `MG${'0'.repeat(32)}`,
    statusCallback: 'https://hooks.example/sms',
  });
  assert(sms.addressed?.to.safeParse('+79001234567').success);
  const delivery = await sms
    .open(sms.addressed.at(parsed, '+79001234567'), toolsWith(secrets))
    .send(example(), null, AbortSignal.timeout(30_000));
  assert.equal(delivery.kind, 'delivered');
});

type Vectors = {
  sms: { form: object; error_4xx: { code: number; message: string; status: number } };
  signature: { vector: { url: string; auth_token: string; fields: Record<string, string>; expected: string } };
};
withVectors<Vectors>('wire/twilio.json', ({ sms: { form }, signature: { vector } }) => {
  test('sms: the signature is that of the vectors, and the fields are', async (t) => {
    assert.equal(twilioSignature(vector.auth_token, vector.url, new URLSearchParams(vector.fields)), vector.expected);
    const receiver = await Receiver.start(t, accept);
    await sms
      .open(sms.schema.parse(config(receiver.base)), toolsWith(secrets))
      .send(example(), null, AbortSignal.timeout(30_000));
    for (const name of new URLSearchParams(receiver.taken[0]?.body ?? '').keys()) assert(name in form, name);
  });
});
