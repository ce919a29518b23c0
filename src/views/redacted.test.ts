import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSecretName } from '../spec/secret.ts';
import { hidden, redacted, redactedText } from './redacted.ts';

const names: readonly [name: string, isSecret: boolean][] = [
  ['password', true],
  ['DB_PASSWORD', true],
  ['dbPassword', true],
  ['API_KEY', true],
  ['apiKey', true],
  ['Authorization', true],
  ['x-auth-token', true],
  ['Cookie', true],
  ['SENTRY_DSN', true],
  ['PRIVATE_KEY', true],
  ['monkey', false],
  ['author', false],
  ['LOG_LEVEL', false],
  ['keyboard', false],
  ['TOKEN_FILE', false],
  ['secretName', false],
  ['key_id', false],
  ['PORT', false],
  ['', false],
];
for (const [name, isSecret] of names)
  test(`${JSON.stringify(name)} ${isSecret ? 'holds a secret' : 'holds none'}`, () => assert.equal(isSecretName(name), isSecret));

const texts: readonly [text: string, safe: string][] = [
  ['postgres://app:hunter2@db/shop', `postgres://${hidden}@db/shop`],
  ['GET https://user:pw@host/a?b=c', `GET https://${hidden}@host/a?b=c`],
  ['https://host/path@2.0', 'https://host/path@2.0'],
  ['Authorization: Bearer abcdef0123456789', `Authorization: ${hidden} ${hidden}`],
  ['sent Bearer abcdef0123456789', `sent Bearer ${hidden}`],
  ['rmp_0123456789abcdef refused', `${hidden} refused`],
  ['login password=hunter2 failed', `login password=${hidden} failed`],
  ['{"token": "abc", "user": "ann"}', `{"token": ${hidden}, "user": "ann"}`],
  ['--api-key=abc run', `--api-key=${hidden} run`],
  ['AKIAABCDEFGHIJKLMNOP', hidden],
  ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- end', `-----BEGIN RSA PRIVATE KEY----- ${hidden} end`],
  ['1.1.0 fails 4 of 20 requests where 1.0.0 fails 0 of 180', '1.1.0 fails 4 of 20 requests where 1.0.0 fails 0 of 180'],
  ['the token bucket is empty', 'the token bucket is empty'],
];
for (const [text, safe] of texts)
  test(`${JSON.stringify(text.slice(0, 40))} is shown safely`, () => assert.equal(redactedText(text), safe));

test("the record's own words for what something belongs to are no secrets, wherever else they would be", () => {
  const record = {
    event: { kind: 'smoked', key: 'shop-1:smoke:2', ok: true, detail: '' },
    from: { address: '127.0.0.1', via: 'token', credential: 't_16a763c684288f50' },
  };
  assert.deepEqual(redacted(record), record);
  assert.deepEqual(redacted({ event: { key: 'a' }, from: { credential: 'b' }, headers: { key: 'c', kind: 'd' } }), {
    event: { key: hidden },
    from: { credential: hidden },
    headers: { key: hidden, kind: 'd' },
  });
});

test('what a cookie is called is no secret, and what one holds is', () => {
  const document = {
    router: { kind: 'builtin', config: { bucket: { cookie: 'rampart' } } },
    steps: [{ match: [{ cookie: 'beta', equals: '1' }] }],
  };
  assert.deepEqual(redacted(document), document);
  assert.deepEqual(redacted({ headers: { cookie: 'session=1', Cookie: 'a' }, token: { bucket: { cookie: 'a' } } }), {
    headers: { cookie: hidden, Cookie: hidden },
    token: { bucket: { cookie: hidden } },
  });
});

test('a value keeps its shape, and loses what is under the names of secrets', () => {
  assert.deepEqual(
    redacted({
      env: { DB_PASSWORD: 'hunter2', LOG_LEVEL: 'info', API_KEY: { env: 'SHOP_KEY' }, EMPTY_SECRET: '' },
      headers: { Authorization: { env: 'TOKEN', prefix: 'Bearer ' } },
      list: ['a', { cookie: ['x', 'y'] }, 3, null, true],
      expires: { token: 5 },
    }),
    {
      env: { DB_PASSWORD: hidden, LOG_LEVEL: 'info', API_KEY: { env: 'SHOP_KEY' }, EMPTY_SECRET: '' },
      headers: { Authorization: { env: 'TOKEN', prefix: 'Bearer ' } },
      list: ['a', { cookie: [hidden, hidden] }, 3, null, true],
      expires: { token: 5 },
    },
  );
});

const shapeOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value === 'object' && value !== null) return Object.entries(value).map(([key, one]) => [key, shapeOf(one)]);
  return typeof value === 'string' ? 'text' : value;
};

test('whatever it is given, its shape stays, nothing under a secret name is left, and doing it again changes nothing', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.string({ minLength: 12, unit: 'grapheme-ascii' }), (value, secret) => {
      fc.pre(!JSON.stringify(value).includes(JSON.stringify(secret).slice(1, -1)));
      const whole = { value, password: secret, deep: [{ 'x-api-key': { inner: [secret] } }] };
      const safe = redacted(whole);
      assert.deepEqual(shapeOf(safe), shapeOf(whole));
      assert(!JSON.stringify(safe).includes(JSON.stringify(secret).slice(1, -1)));
      assert.deepEqual(redacted(safe), safe);
    }),
  );
});

test('a long text that was made to take long does not', () => {
  const beginnings = [
    'eyJ-',
    'eyJaaaaaaaa.b-',
    '-tokentoken',
    'http://a:',
    '-----BEGIN PRIVATE KEY',
    'rmp_',
    ' token="',
    ' password  ',
    '"token',
  ];
  for (const beginning of beginnings) {
    const text = beginning.repeat(200_000 / beginning.length);
    const began = performance.now();
    redactedText(text);
    // A quadratic one takes more than ten seconds.
    assert(performance.now() - began < 2_000, `${beginning}: ${performance.now() - began} ms`);
  }
});
