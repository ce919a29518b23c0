import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { UserError } from '../../errors.ts';
import { readAnswer } from '../../prometheus/answer.ts';
import { openApi } from './api.ts';
import { PrometheusConfig } from './schema.ts';

type Asked = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
};

/** A server on loopback that answers as `answer` says, and what it was asked. */
async function peer(t: TestContext, answer: (response: ServerResponse) => void): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      asked.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  assert(typeof address === 'object' && address);
  return { url: `http://127.0.0.1:${address.port}`, asked };
}

const reply =
  (status: number, body: unknown, headers: Record<string, string> = {}) =>
  (response: ServerResponse) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
const empty = { status: 'success', data: { resultType: 'matrix', result: [] } };
const never = new AbortController().signal;

async function failureOf(work: Promise<unknown>): Promise<UserError> {
  try {
    await work;
  } catch (error) {
    assert(error instanceof UserError, String(error));
    return error;
  }
  return assert.fail('it did not fail');
}

function api(url: string, more: Record<string, unknown> = {}, environment: Record<string, string> = {}) {
  return openApi(PrometheusConfig.parse({ url, ...more }), environment);
}

test('a query is a form, sent below the path of the address, with its parameters and headers', async (t) => {
  const { url, asked } = await peer(t, reply(200, empty));
  const headers = { 'X-Scope-OrgID': 'shop', Authorization: { env: 'TOKEN', prefix: 'Bearer ' } };
  const one = api(`${url}/prometheus/?dedup=true`, { headers }, { TOKEN: 's3cret' });
  assert.deepEqual(await one.range('up{a="b"} + 1', 100, 130, 15, never), []);
  await one.instant('up', 100, never);
  assert.deepEqual(
    asked.map(({ method, url, body }) => `${method} ${url} ${body}`),
    [
      'POST /prometheus/api/v1/query_range?dedup=true query=up%7Ba%3D%22b%22%7D+%2B+1&start=100&end=130&step=15',
      'POST /prometheus/api/v1/query?dedup=true query=up&time=100',
    ],
  );
  assert.equal(asked[0]?.headers['x-scope-orgid'], 'shop');
  assert.equal(asked[0]?.headers.authorization, 'Bearer s3cret');
  assert.equal(asked[0]?.headers['content-type'], 'application/x-www-form-urlencoded;charset=UTF-8');
});

const failures: readonly [name: string, answer: (response: ServerResponse) => void, code: string, message: RegExp][] = [
  [
    'a query that is wrong',
    reply(400, { status: 'error', errorType: 'bad_data', error: 'parse error: unexpected end' }),
    'E_SOURCE_REFUSED',
    /refuses a query: parse error: unexpected end/,
  ],
  [
    'a query that cannot be carried out',
    reply(422, { status: 'error', errorType: 'execution', error: 'many-to-many matching not allowed' }),
    'E_SOURCE_REFUSED',
    /many-to-many/,
  ],
  ['no access', reply(401, 'Unauthorized'), 'E_SOURCE_REFUSED', /does not let this controller in \(401\)/],
  ['no access for this tenant', reply(403, '{}'), 'E_SOURCE_REFUSED', /\(403\)/],
  [
    'another address',
    reply(302, '', { location: 'https://login.example/' }),
    'E_SOURCE_REFUSED',
    /elsewhere \(302\): https:\/\/login\.example/,
  ],
  ['a path where there is no API', reply(404, 'page not found'), 'E_SOURCE_REFUSED', /no query API that takes POST \(404\)/],
  ['an API that only reads', reply(405, ''), 'E_SOURCE_REFUSED', /\(405\)/],
  [
    'a query that took too long there',
    reply(503, { status: 'error', errorType: 'timeout', error: 'query timed out' }),
    'E_SOURCE_UNREACHABLE',
    /answers 503: query timed out/,
  ],
  ['too many requests', reply(429, 'slow down'), 'E_SOURCE_UNREACHABLE', /answers 429: slow down/],
  ['a gateway without its server', reply(502, '<html>Bad Gateway</html>'), 'E_SOURCE_UNREACHABLE', /answers 502: <html>/],
  ['a login page', reply(200, '<html>Log in</html>'), 'E_SOURCE_ANSWER', /no JSON: "<html>/],
  [
    'something else in JSON',
    reply(200, { status: 'success', data: { resultType: 'streams', result: [] } }),
    'E_SOURCE_ANSWER',
    /not an answer of Prometheus/,
  ],
  [
    'a value that is no text',
    reply(200, { status: 'success', data: { resultType: 'matrix', result: [{ metric: {}, values: [[1, 2]] }] } }),
    'E_SOURCE_ANSWER',
    /data\.result\.0\.values/,
  ],
  [
    'a part of the answer',
    reply(200, { ...empty, warnings: ['No StoreAPIs matched for this query'] }),
    'E_SOURCE_ANSWER',
    /not complete: No StoreAPIs/,
  ],
  [
    'half an answer',
    (response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{');
      response.destroy();
    },
    'E_SOURCE_UNREACHABLE',
    /cannot be asked/,
  ],
  [
    'more than anybody needs',
    (response) => {
      response.writeHead(200);
      for (let i = 0; i < 17; i += 1) response.write(' '.repeat(1_048_576));
      response.end();
    },
    'E_SOURCE_ANSWER',
    /more than 16 MiB/,
  ],
];
for (const [name, answer, code, message] of failures)
  test(`an answer that is none: ${name}`, async (t) => {
    const { url } = await peer(t, answer);
    const error = await failureOf(api(url).range('up', 100, 130, 15, never));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert(error.fix.length > 0 && error.where.length > 0);
  });

/** Answers what the first question gets by one, and all others by another. */
function firstThen(first: (response: ServerResponse) => void, then: (response: ServerResponse) => void) {
  let isFirst = true;
  return (response: ServerResponse): void => {
    const answer = isFirst ? first : then;
    isFirst = false;
    answer(response);
  };
}

const onceMore: readonly [name: string, first: (response: ServerResponse) => void, asked: number][] = [
  ['a connection that is reset', (response) => response.destroy(), 2],
  ['half an answer', failures.find(([name]) => name === 'half an answer')?.[1] ?? (() => {}), 2],
  ['a gateway without its server', reply(502, '<html>Bad Gateway</html>'), 2],
  ['a gateway whose server is not up', reply(503, 'Service Unavailable'), 2],
  ['a gateway that waited too long', reply(504, ''), 2],
  ['a query that Prometheus gave up', reply(503, { status: 'error', errorType: 'timeout', error: 'query timed out' }), 1],
  ['too many requests', reply(429, ''), 1],
  ['a query that is wrong', reply(400, { status: 'error', errorType: 'bad_data', error: 'parse error' }), 1],
];
for (const [name, first, want] of onceMore)
  test(`${name} is ${want === 2 ? 'asked once more' : 'not asked again'}`, async (t) => {
    const { url, asked } = await peer(t, firstThen(first, reply(200, empty)));
    const work = api(url).instant('up', 1, never);
    if (want === 2) assert.deepEqual(await work, []);
    else await failureOf(work);
    assert.equal(asked.length, want);
    if (want === 2) assert.equal(asked[0]?.body, asked[1]?.body);
  });

test('a second failure is told, and none is begun when the time is over', async (t) => {
  const { url, asked } = await peer(t, (response) => response.destroy());
  assert.match((await failureOf(api(url).instant('up', 1, never))).message, /cannot be asked: ECONNRESET/);
  assert.equal(asked.length, 2);
  const late = await peer(t, (response) => void setTimeout(() => response.destroy(), 100));
  assert.match((await failureOf(api(late.url).instant('up', 1, AbortSignal.timeout(80)))).message, /no answer in time/);
  assert.equal(late.asked.length, 1);
});

test('an answer may be packed, and is not larger for it', async (t) => {
  const packed = (body: string) => (response: ServerResponse) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    response.end(gzipSync(body));
  };
  const small = await peer(t, packed(JSON.stringify(empty)));
  assert.deepEqual(await api(small.url).instant('up', 1, never), []);
  assert.equal(small.asked[0]?.headers['accept-encoding'], 'gzip');
  const bomb = await peer(t, packed(' '.repeat(17 * 1_048_576)));
  assert.match((await failureOf(api(bomb.url).instant('up', 1, never))).message, /more than 16 MiB/);
  const broken = await peer(t, (response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    response.end('this is not packed');
  });
  assert.equal((await failureOf(api(broken.url).instant('up', 1, never))).code, 'E_SOURCE_UNREACHABLE');
});

test('values of a label are asked for by GET, beside the parameters of the address', async (t) => {
  const { url, asked } = await peer(t, reply(200, { status: 'success', data: ['200', '500'] }));
  assert.deepEqual(await api(`${url}/p?dedup=true`).labelValues('code', 'x{a="b"}', 10, 20, never), ['200', '500']);
  assert.deepEqual(
    asked.map(({ method, url, body }) => `${method} ${url} ${body}`),
    ['GET /p/api/v1/label/code/values?dedup=true&match%5B%5D=x%7Ba%3D%22b%22%7D&start=10&end=20 '],
  );
});

test('a name and a password are sent as basic authentication, and are in no message', async (t) => {
  const { url, asked } = await peer(t, reply(401, 'no'));
  const basic = { user: 'rampart', password: { env: 'PASSWORD' } };
  const error = await failureOf(api(url, { basic }, { PASSWORD: 's3cret' }).instant('up', 1, never));
  assert.equal(asked[0]?.headers.authorization, `Basic ${Buffer.from('rampart:s3cret').toString('base64')}`);
  assert.doesNotMatch(`${error.message} ${error.fix} ${error.where}`, /s3cret|cmFtcGFydD/);
  const missing = await failureOf(api(url, { basic }).instant('up', 1, never));
  assert.match(missing.where, /basic\.password$/);
  assert.throws(
    () => api(url, { basic, headers: { authorization: { env: 'A' } } }),
    /expected no basic beside a header Authorization/,
  );
});

const tlsProblems: readonly [tls: Record<string, unknown>, url: string, message: RegExp][] = [
  [{ ca: '/ca.pem' }, 'http://prometheus:9090', /expected an address with https:\/\//],
  [{ cert: '/c.pem' }, 'https://prometheus:9090', /expected key beside cert/],
  [{ key: '/c.key' }, 'https://prometheus:9090', /expected cert beside key/],
  [{ insecure: true, ca: '/ca.pem' }, 'https://prometheus:9090', /expected no insecure beside ca/],
  [{ insecure: false }, 'https://prometheus:9090', /expected true|Invalid input/],
  [{ ca: 'ca.pem' }, 'https://prometheus:9090', /expected the whole path of a PEM file/],
];
for (const [tls, url, message] of tlsProblems)
  test(`tls ${JSON.stringify(tls)} is refused`, () => assert.throws(() => PrometheusConfig.parse({ url, tls }), message));

test('a peer that sends a byte now and then is not waited for', async (t) => {
  const { url } = await peer(t, (response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write(' '), 20);
    response.once('close', () => clearInterval(timer));
  });
  const began = performance.now();
  const error = await failureOf(api(url).range('up', 100, 130, 15, AbortSignal.timeout(150)));
  assert.equal(error.code, 'E_SOURCE_UNREACHABLE');
  assert.match(error.message, /no answer in time/);
  assert(performance.now() - began < 2_000);
});

test('secrets are in no message, and a missing one is named', async (t) => {
  const { url } = await peer(t, reply(401, 'no'));
  const headers = { Authorization: { env: 'TOKEN' } };
  const error = await failureOf(api(`${url}?tenant=abc`, { headers }, { TOKEN: 's3cret' }).instant('up', 1, never));
  assert.doesNotMatch(`${error.message} ${error.where} ${error.fix}`, /s3cret|abc/);
  const missing = await failureOf(api(url, { headers }).instant('up', 1, never));
  assert.match(missing.message, /environment variable TOKEN is not set/);
  const broken = await failureOf(api(url, { headers }, { TOKEN: 's3cret\nmore' }).instant('up', 1, never));
  assert.match(broken.message, /environment variable TOKEN has signs that no header can carry/);
  assert.doesNotMatch(`${broken.message} ${broken.where} ${broken.fix} ${String(broken.cause)}`, /s3cret/);
  assert.throws(() => api(`${url}?api_key=abc`, { headers }, {}), /without api_key, whose value would end up in the log/);
});

test('numbers that are none are left out, and remarks are no warnings', () => {
  const answer = readAnswer(
    JSON.stringify({
      status: 'success',
      infos: ['metric might not be a counter'],
      warnings: [],
      data: {
        resultType: 'matrix',
        result: [
          {
            metric: { a: 'b' },
            values: [
              [1, 'NaN'],
              [2, '3'],
              [3, '+Inf'],
            ],
          },
        ],
      },
    }),
  );
  assert.deepEqual(answer, {
    kind: 'series',
    series: [{ labels: { a: 'b' }, values: [[2, 3]], histograms: [], unusable: [1, 3] }],
  });
});
