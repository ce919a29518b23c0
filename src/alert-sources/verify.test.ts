import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { signedHeaders } from '../notifiers/webhook/sign.ts';
import type { Proof, SignatureScheme } from './source.ts';
import { type NotVerified, type ReceivedMessage, type Verified, verify } from './verify.ts';

const nowMs = Date.parse('2026-11-29T01:20:00Z');
const nowS = nowMs / 1_000;
const body = Buffer.from('{"alert":"ошибки"}');
const secret = 'a key of some length';
const proofOf = (scheme: SignatureScheme): Proof => ({
  kind: 'signature',
  secrets: [{ env: 'KEY', prefix: '' }],
  scheme,
  toleranceMs: 300_000,
  replayWindowMs: 86_400_000,
});
const standard = proofOf({ kind: 'standard' });
const github = proofOf({ kind: 'header', header: 'X-Hub-Signature-256', prefix: 'sha256=', encoding: 'hex', timestamp: null });
const grafana = proofOf({
  kind: 'header',
  header: 'X-Grafana-Alerting-Signature',
  prefix: '',
  encoding: 'hex',
  timestamp: { header: 'X-Grafana-Alerting-Timestamp', separator: ':' },
});
const message = (headers: ReceivedMessage['headers'], more: Partial<ReceivedMessage> = {}): ReceivedMessage => ({
  headers,
  body,
  nowMs,
  ...more,
});
const hex = (content: string | Buffer, key = secret): string => createHmac('sha256', key).update(content).digest('hex');
const saidOf = (found: Verified | NotVerified): string => (found.kind === 'refused' ? found.said : found.kind);

test('the vectors of the schemes hold', () => {
  // docs.github.com, "Validating webhook deliveries": the values to test with.
  const ofGithub = message(
    { 'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17' },
    { body: Buffer.from('Hello, World!') },
  );
  assert.equal(saidOf(verify(github, ["It's a Secret to Everybody"], ofGithub)), 'verified');
  // standardwebhooks.com, specification: its example.
  const ofStandard = message(
    {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
    { body: Buffer.from('{"test": 2432232314}'), nowMs: 1_614_265_330_000 },
  );
  assert.equal(saidOf(verify(standard, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'], ofStandard)), 'verified');
});

test('what Rampart itself sends is taken, and by each of two keys while one takes the place of the other', () => {
  const headers = signedHeaders('checkout-1/trigger/1.5', secret, body.toString(), nowS);
  assert.equal(saidOf(verify(standard, [secret], message(headers))), 'verified');
  assert.equal(saidOf(verify(standard, ['the new one', secret], message(headers))), 'verified');
  const both = { ...headers, 'webhook-signature': `v1,c29tZXRoaW5n v1a,x ${headers['webhook-signature']}` };
  assert.equal(saidOf(verify(standard, [secret], message(both))), 'verified');
});

const wrong: readonly [what: string, Proof, ReceivedMessage['headers'], RegExp][] = [
  ['nothing', standard, {}, /no webhook-id/],
  ['another key', standard, signedHeaders('a', 'other', body.toString(), nowS), /signature is wrong/],
  ['another body', standard, signedHeaders('a', secret, 'x', nowS), /signature is wrong/],
  ['another id', standard, { ...signedHeaders('a', secret, body.toString(), nowS), 'webhook-id': 'b' }, /signature is wrong/],
  [
    'parts of it cut elsewhere',
    standard,
    { ...signedHeaders('a', secret, `7.${body}`, nowS), 'webhook-id': `a.${nowS}`, 'webhook-timestamp': '7' },
    /no webhook-id/,
  ],
  [
    'another time',
    standard,
    { ...signedHeaders('a', secret, body.toString(), nowS), 'webhook-timestamp': String(nowS + 1) },
    /signature is wrong/,
  ],
  ['six minutes ago', standard, signedHeaders('a', secret, body.toString(), nowS - 301), /signed 301 s ago, and 300 s/],
  ['six minutes from now', standard, signedHeaders('a', secret, body.toString(), nowS + 301), /signed 301 s from now/],
  ['SHA-1 of GitHub', github, { 'x-hub-signature': 'sha1=00' }, /no X-Hub-Signature-256/],
  ['no prefix', github, { 'x-hub-signature-256': hex(body) }, /with sha256=/],
  ['half a signature', github, { 'x-hub-signature-256': `sha256=${hex(body).slice(0, 32)}` }, /signature is wrong/],
  ['an empty signature', github, { 'x-hub-signature-256': 'sha256=' }, /signature is wrong/],
  ['no time', grafana, { 'x-grafana-alerting-signature': hex(body) }, /no X-Grafana-Alerting-Timestamp/],
  [
    'a time that is not signed',
    grafana,
    { 'x-grafana-alerting-signature': hex(body), 'x-grafana-alerting-timestamp': String(nowS) },
    /signature is wrong/,
  ],
  [
    'a time that is none',
    grafana,
    { 'x-grafana-alerting-signature': hex(Buffer.concat([Buffer.from('now:'), body])), 'x-grafana-alerting-timestamp': 'now' },
    /time of signing is none/,
  ],
  ['no token', { kind: 'bearer', secrets: [] }, {}, /no bearer token/],
  ['a wrong token', { kind: 'bearer', secrets: [] }, { authorization: 'Bearer x' }, /no bearer token/],
  ['a wrong name', { kind: 'basic', user: 'g', secrets: [] }, { authorization: `Basic ${btoa(`h:${secret}`)}` }, /wrong name/],
];
for (const [what, proof, headers, said] of wrong)
  test(`a message with ${what} is refused`, () => {
    assert.match(saidOf(verify(proof, [secret], message(headers))), said);
  });

test('whoever has the secret hears that the time is wrong, and nobody else hears anything', () => {
  const heard = (headers: ReceivedMessage['headers']) => verify(standard, [secret], message(headers));
  const late = heard(signedHeaders('a', secret, body.toString(), nowS - 900));
  const guessed = heard(signedHeaders('a', 'guess', body.toString(), nowS - 900));
  assert.deepEqual([late.kind === 'refused' && late.isKnown, guessed.kind === 'refused' && guessed.isKnown], [true, false]);
});

test('bearer and basic auth of older senders are taken', () => {
  assert.equal(
    saidOf(verify({ kind: 'bearer', secrets: [] }, [secret], message({ authorization: 'bearer token-1' }))).startsWith(
      'it has no',
    ),
    true,
  );
  assert.equal(
    saidOf(verify({ kind: 'bearer', secrets: [] }, ['token-1'], message({ authorization: 'Bearer token-1' }))),
    'verified',
  );
  const basic = message({ authorization: `Basic ${btoa(`grafana:${secret}`)}` });
  assert.equal(saidOf(verify({ kind: 'basic', user: 'grafana', secrets: [] }, [secret], basic)), 'verified');
});

test('a message is known again by what was signed, however its headers are written', () => {
  const marks = (headers: ReceivedMessage['headers'], proof = standard): Verified => {
    const found = verify(proof, [secret], message(headers));
    assert.equal(found.kind, 'verified');
    return found as Verified;
  };
  const headers = signedHeaders('a', secret, body.toString(), nowS);
  const [first, more, later] = [
    marks(headers),
    marks({ ...headers, 'webhook-signature': `${headers['webhook-signature']} v1,c29tZXRoaW5n` }),
    marks(signedHeaders('a', secret, body.toString(), nowS + 1)),
  ];
  assert.equal(first.once?.digest, more.once?.digest);
  assert.notEqual(first.once?.digest, later.once?.digest);
  assert.equal(first.id?.digest, later.id?.digest);
  // As long as its time is good.
  assert.ok((later.once?.untilMs ?? 0) > (nowS + 1) * 1_000 + 300_000);
  const [upper, lower] = [hex(body).toUpperCase(), hex(body)].map((one) =>
    marks({ 'x-hub-signature-256': `sha256=${one}` }, github),
  );
  assert.equal(upper?.body?.digest, lower?.body?.digest);
  assert.deepEqual([upper?.once, upper?.id], [null, null]);
});
