import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSecretName, isSecretVariable } from '../spec/secret-name.ts';
import { hidden, redacted, redactedLines, redactedText } from './redacted.ts';

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
  ['PGPASSWORD', true],
  ['accesstoken', true],
  ['SECRET_PARAMS', true],
  ['TOKEN_FILENAME', false],
  ['tokens', false],
  ['', false],
];
for (const [name, isSecret] of names)
  test(`${JSON.stringify(name)} ${isSecret ? 'holds a secret' : 'holds none'}`, () => assert.equal(isSecretName(name), isSecret));

test('the folder that a shell is in is no secret, another password is', () => {
  assert.deepEqual(['PWD', 'DB_PWD', 'pwd'].map(isSecretVariable), [false, true, true]);
});

const texts: readonly [text: string, safe: string][] = [
  ['postgres://app:hunter2@db/shop', `postgres://${hidden}@db/shop`],
  ['GET https://user:pw@host/a?b=c', `GET https://${hidden}@host/a?b=c`],
  ['https://host/path@2.0', 'https://host/path@2.0'],
  ['Authorization: Bearer abcdef0123456789 was refused', `Authorization: ${hidden} was refused`],
  ['Authorization: Digest username="a", response="deadbeef"\nnext', `Authorization: ${hidden}\nnext`],
  ['curl -H "Authorization: Basic YWJjOmRlZg==" https://a', `curl -H "Authorization: ${hidden}" https://a`],
  ['Cookie: rampart_session=abc; b=c, 3 of 4', `Cookie: ${hidden}, 3 of 4`],
  ['set-cookie: sid=abc; Path=/; HttpOnly', `set-cookie: ${hidden}`],
  ['https://publickey@o1.ingest.example/5', `https://${hidden}@o1.ingest.example/5`],
  ['postgres://app:p@ss:word@db/shop', `postgres://${hidden}@db/shop`],
  ['mongodb://u:p@h1:1,h2:2/db', `mongodb://${hidden}@h1:1,h2:2/db`],
  ['AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7', `AWS_SECRET_ACCESS_KEY=${hidden}`],
  ['PGPASSWORD=hunter2 psql', `PGPASSWORD=${hidden} psql`],
  ['SENTRY_DSN=abc', `SENTRY_DSN=${hidden}`],
  ['GET /a?x=1&access_token=abc&key=AIza&y=2', `GET /a?x=1&access_token=${hidden}&key=${hidden}&y=2`],
  ['?X-Amz-Signature=0f&X-Amz-Expires=60', `?X-Amz-Signature=${hidden}&X-Amz-Expires=60`],
  ['--password hunter2 --verbose', `--password ${hidden} --verbose`],
  ['--token "two words" run', `--token "${hidden}" run`],
  [String.raw`{"password":"a\"tail","n":1}`, `{"password":"${hidden}","n":1}`],
  [String.raw`{"password":"a\\","user":"ann"}`, `{"password":"${hidden}","user":"ann"}`],
  [
    String.raw`{"m":"{\"password\":\"hunter2\",\"user\":\"ann\"}"}`,
    String.raw`{"m":"{\"password\":\"${hidden}\",\"user\":\"ann\"}"}`,
  ],
  [String.raw`{"m":"{\"password\":\"a\\\"tail\"}"}`, String.raw`{"m":"{\"password\":\"${hidden}\"}"}`],
  [String.raw`{"m":"{\"password\":\"cut"} and "more"`, String.raw`{"m":"{\"password\":\"${hidden}"} and "more"`],
  ['{"password": "cut off in the mid', `{"password": "${hidden}`],
  ["{ password: 'hunter2', user: 'ann' }", `{ password: '${hidden}', user: 'ann' }`],
  ['{"token":null,"secret":true}', '{"token":null,"secret":true}'],
  ['DB_PASSWORD: { env: SHOP_DB }', 'DB_PASSWORD: { env: SHOP_DB }'],
  ['-----BEGIN PGP PRIVATE KEY BLOCK-----\nMIIE', `-----BEGIN PGP PRIVATE KEY BLOCK----- ${hidden}`],
  ['primary key: id', 'primary key: id'],
  ['/a/unknown-key.yaml:4:3: unknown key', '/a/unknown-key.yaml:4:3: unknown key'],
  ['at sign (file:///srv/token.js:10:5)', 'at sign (file:///srv/token.js:10:5)'],
  ['secret.pem: no such file', 'secret.pem: no such file'],
  ['spring.datasource.password: 1234', `spring.datasource.password: ${hidden}`],
  ['db.password:1234', `db.password:${hidden}`],
  ['pass: 3 tests, auth: fine', 'pass: 3 tests, auth: fine'],
  ['at 10:15:00 listens on http://127.0.0.1:8080/a', 'at 10:15:00 listens on http://127.0.0.1:8080/a'],
  ['mail bob@shop.example about http://shop.example', 'mail bob@shop.example about http://shop.example'],
  ['sent Bearer abcdef0123456789', `sent Bearer ${hidden}`],
  ['rmp_0123456789abcdef refused', `${hidden} refused`],
  ['login password=hunter2 failed', `login password=${hidden} failed`],
  ['{"token": "abc", "user": "ann"}', `{"token": "${hidden}", "user": "ann"}`],
  ['--api-key=abc run', `--api-key=${hidden} run`],
  ['AKIAABCDEFGHIJKLMNOP', hidden],
  ['key sk-proj-ABCDEFGHIJKLMNOPQRSTUVWX1234 is refused', `key ${hidden} is refused`],
  ['AIzaSyA1234567890abcdefghijklmnopqrstuvw', hidden],
  ['sk_live_4eC39HqLyjWDarjtT1zdp7dc', hidden],
  ['glsa_0123456789abcdefABCDEF_0a1b2c3d', hidden],
  ['POST https://hooks.slack.com/services/T000/B000/XXXXXXXX 404', `POST https://hooks.slack.com/services/${hidden} 404`],
  [
    'GET https://api.telegram.org/bot123456789:AAabcdefghijklmnopqrstuvwxyz0123456/getMe',
    `GET https://api.telegram.org/bot${hidden}/getMe`,
  ],
  [
    'npm_config_registry_of_this_house and npm-check-updates-of-packages',
    'npm_config_registry_of_this_house and npm-check-updates-of-packages',
  ],
  ['the task sk-checkout-front-end-of-the-shop runs at 12:30', 'the task sk-checkout-front-end-of-the-shop runs at 12:30'],
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

test('a key over several lines is hidden in each, also without its first or its last line', () => {
  const begin = '-----BEGIN PRIVATE KEY-----';
  const key = ['MIIEvQIBADANBgkqhkiG9w0B', 'Zm9vYmFy', 'Zm9v=='];
  const end = '-----END PRIVATE KEY-----';
  const hiddenBegin = `${begin} ${hidden}`;
  const gone = key.map(() => hidden);
  assert.deepEqual(redactedLines(['starts', begin, ...key, end, 'listens']), ['starts', hiddenBegin, ...gone, hidden, 'listens']);
  assert.deepEqual(redactedLines([...key, end, 'listens']), [...gone, hidden, 'listens']);
  assert.deepEqual(redactedLines(['starts', begin, ...key]), ['starts', hiddenBegin, ...gone]);
  assert.deepEqual(redactedLines(['starts', begin, ...key, 'listens on 80', 'x']), [
    'starts',
    hiddenBegin,
    ...gone,
    'listens on 80',
    'x',
  ]);
  assert.deepEqual(redactedLines([begin, ...key, end, 'ready']), [hiddenBegin, ...gone, hidden, 'ready']);
  assert.deepEqual(redacted({ lines: [begin, ...key, end] }), { lines: [hiddenBegin, ...gone, hidden] });
});

test('the word after an option of a command is hidden when the option is a secret', () => {
  assert.deepEqual(redacted({ command: ['node', 'server.js', '--password', 'hunter2', '--token', '--port', '80'] }), {
    command: ['node', 'server.js', '--password', hidden, '--token', '--port', '80'],
  });
});

test('a long text of any signs is searched in a time that grows with its length alone', () => {
  for (const part of [
    '.-',
    'a.',
    'token',
    'token ',
    'password=',
    '--key ',
    '"token":"',
    '\\"',
    'a://',
    'a@',
    'cookie: a=b;',
    '= ',
    '-----BEGIN PRIVATE KEY-----',
  ]) {
    const text = part.repeat(Math.ceil(400_000 / part.length));
    const began = performance.now();
    redactedText(text);
    const ms = performance.now() - began;
    // Square time takes minutes here.
    assert(ms < 3_000, `${JSON.stringify(part)}: ${ms} ms`);
  }
});

const shapeOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value === 'object' && value !== null) return Object.entries(value).map(([key, one]) => [key, shapeOf(one)]);
  return typeof value === 'string' ? 'text' : value;
};

test('a text that has been made safe is safe, and what follows a name of a secret is gone', () => {
  const name = fc.constantFrom('DB_PASSWORD', 'apiKey', 'x-auth-token', 'PGPASSWORD', 'client.secret');
  const secret = fc.stringMatching(/^[A-Za-z0-9+/_.!$%^*()#@~-]{12,40}$/);
  const around = fc.string({ unit: 'grapheme-ascii', maxLength: 40 });
  fc.assert(
    fc.property(around, name, secret, around, fc.constantFrom('=', '="', '":"', ': '), (before, key, value, after, between) => {
      fc.pre(!before.includes(value) && !after.includes(value));
      const text = `${before} ${between === '":"' ? '"' : ''}${key}${between}${value}${between.endsWith('"') ? '"' : ''} ${after}`;
      const safe = redactedText(text);
      assert(!safe.includes(value), safe);
      assert.equal(redactedText(safe), safe);
    }),
  );
});

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
    // Processor time: others may have the machine meanwhile.
    const began = process.threadCpuUsage();
    redactedText(text);
    const { user } = process.threadCpuUsage(began);
    // A quadratic one takes more than ten seconds.
    assert(user < 2_000_000, `${beginning}: ${user / 1_000} ms`);
  }
});

test('a secret that is known is hidden as it is, in JSON, in an address, and where a line was cut; a short one is left alone', () => {
  const known = ['correct horse', 'correct horse battery', 'a"b\\c/d?e', 'admin', 'first line of two\nsecond line of two\n'];
  const hides = (text: string) => redactedText(text, known);
  assert.equal(hides('it is correct horse battery, or correct horse.'), 'it is [hidden], or [hidden].');
  assert.equal(hides('{"at":"a\\"b\\\\c/d?e"}'), '{"at":"[hidden]"}');
  assert.equal(hides('GET /?q=a%22b%5Cc%2Fd%3Fe'), 'GET /?q=[hidden]');
  assert.equal(hides('user admin'), 'user admin');
  assert.deepEqual(redactedLines(['> first line of two', 'second line of two <'], known), ['> [hidden]', '[hidden] <']);
  const long = 'x'.repeat(190);
  assert.equal(hides(`${long} correct ho…`), `${long} [hidden]`);
  assert.equal(hides('all is correct'), 'all is correct');
  assert.equal(hides(hides('correct horse')), '[hidden]');
});
