import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Stage } from './stage.ts';

const stage = new Stage();
const problemType = 'application/problem+json';
type Problem = {
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly where: string;
  readonly fix: string;
};

/** A request whose body and headers are exactly these; answers with its problem. */
async function problem(
  status: number,
  method: string,
  path: string,
  body?: string,
  headers?: Record<string, string>,
): Promise<Problem> {
  const { url, token } = stage.door();
  const response = await fetch(`${url}${path}`, {
    method,
    headers: headers ?? {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body ?? null,
  });
  const text = await response.text();
  assert.equal(response.status, status, text);
  assert.match(response.headers.get('content-type') ?? '', new RegExp(`^${problemType.replace('+', '\\+')}`));
  const found = JSON.parse(text) as Problem;
  assert.equal(found.status, status);
  for (const key of ['type', 'title', 'code', 'where', 'fix'] as const)
    assert.equal(typeof (found as Record<string, unknown>)[key], 'string', `${key} in ${text}`);
  return found;
}

describe('the API', () => {
  before(() => stage.up());
  after(() => stage.close());

  test('needs its token under /api/v1, and for /health and /ready none', async () => {
    const wrong: readonly Record<string, string>[] = [
      {},
      { authorization: 'Bearer wrong' },
      { authorization: stage.door().token },
      { authorization: `Basic ${stage.door().token}` },
      { authorization: `Bearer ${stage.door().token}x` },
    ];
    for (const headers of wrong)
      for (const path of ['/api/v1/services', '/api/v1/releases/x', '/api/v1/nothing', '/api/v1/services/x/rollback'])
        assert.equal(
          (await problem(401, path.endsWith('rollback') ? 'POST' : 'GET', path, undefined, headers)).code,
          'E_UNAUTHORIZED',
        );
    const health = await fetch(`${stage.door().url}/health`);
    assert.equal(health.status, 200);
    assert.equal(((await health.json()) as { status: string }).status, 'ok');
    const ready = await fetch(`${stage.door().url}/ready`);
    assert.equal(ready.status, 200);
    assert.equal(((await ready.json()) as { ready: boolean }).ready, true);
    assert.deepEqual((await stage.ask('GET', '/api/v1/services')).body, { services: [] });
  });

  test('answers what it does not know with 404', async () => {
    const codes = {
      '/nothing': 'E_UNKNOWN_PATH',
      '/api/v1/nothing': 'E_UNKNOWN_PATH',
      '/api/v1/services/nobody': 'E_UNKNOWN_SERVICE',
      '/api/v1/services/..%2f..%2fetc': 'E_UNKNOWN_SERVICE',
      '/api/v1/releases/none': 'E_UNKNOWN_RELEASE',
      '/api/v1/releases/none/events': 'E_UNKNOWN_RELEASE',
    };
    for (const [path, code] of Object.entries(codes)) assert.equal((await problem(404, 'GET', path)).code, code, path);
    const verb = JSON.stringify({ verb: 'abort', by: 'tess' });
    assert.equal((await problem(404, 'POST', '/api/v1/releases/none/verbs', verb)).code, 'E_UNKNOWN_RELEASE');
    assert.equal((await problem(404, 'POST', '/api/v1/services/none/rollback', '{"by":"tess"}')).code, 'E_UNKNOWN_SERVICE');
    assert.equal((await problem(404, 'DELETE', '/api/v1/services')).code, 'E_UNKNOWN_PATH');
  });

  test('names the first wrong field of a body, and takes nothing that is no JSON, too large or of another type', async () => {
    const verbs = '/api/v1/releases/none/verbs';
    const bodies: readonly [body: string, where: RegExp][] = [
      ['{}', /^by$|^verb$/],
      ['[]', /^body$/],
      ['null', /^by$|^verb$|^body$/],
      ['"abort"', /^body$/],
      ['{"verb":"explode","by":"tess"}', /^verb$/],
      ['{"verb":1,"by":"tess"}', /^verb$/],
      ['{"verb":"abort","by":""}', /^by$/],
      ['{"verb":"abort","by":"a\\nb"}', /^by$/],
      ['{"verb":"abort","by":"\\ud800"}', /^by$/],
      ['{"verb":"abort","by":"tess","why":"\\udc00 x"}', /^why$/],
      ['{"verb":"abort","by":"tess","force":true}', /^body$|^force$/],
      [`{"verb":"abort","by":"tess","why":${JSON.stringify('x'.repeat(501))}}`, /^why$/],
    ];
    for (const [body, where] of bodies) {
      const found = await problem(400, 'POST', verbs, body);
      assert.equal(found.code, 'E_INPUT', body);
      assert.match(found.where, where, body);
    }
    for (const body of ['{', '', '{"verb":', 'verb=abort'])
      assert.equal((await problem(400, 'POST', verbs, body)).code, 'E_INPUT', body);
    assert.equal((await problem(400, 'POST', verbs, '{"__proto__":{"verb":"abort"},"by":"tess"}')).code, 'E_INPUT');
    assert.equal((await problem(413, 'POST', '/api/v1/plan', `"${'x'.repeat(2_200_000)}"`)).code, 'E_INPUT');
    const { token } = stage.door();
    const asText = { authorization: `Bearer ${token}`, 'content-type': 'text/plain' };
    assert.equal(
      (await problem(415, 'POST', verbs, 'verb=abort', { ...asText, 'content-type': 'application/xml' })).code,
      'E_INPUT',
    );
    assert.equal((await problem(400, 'POST', verbs, 'verb=abort', asText)).code, 'E_INPUT');
  });

  test('checks documents, versions and numbers as the command line does', async () => {
    const { file } = await stage.place('shop');
    const document = readFileSync(file, 'utf8');
    const plan = (more: object): string => JSON.stringify({ document, folder: stage.folder, version: '1.0.0', ...more });
    for (const version of ['', '../../etc', 'a/b', '.', 'x'.repeat(200), 'a b', 'a\nb'])
      assert.equal((await problem(400, 'POST', '/api/v1/plan', plan({ version }))).where, 'version', version);
    assert.equal((await problem(400, 'POST', '/api/v1/plan', plan({ requestsPerSecond: -1 }))).where, 'requestsPerSecond');
    assert.equal((await problem(400, 'POST', '/api/v1/plan', plan({ requestsPerSecond: '40' }))).where, 'requestsPerSecond');
    const wrong = await problem(
      422,
      'POST',
      '/api/v1/plan',
      plan({ document: document.replace('1s', '1parsec'), file: 'shop.yaml' }),
    );
    assert.equal(wrong.code, 'E_SPEC');
    assert.match(wrong.where, /^shop\.yaml:\d+:\d+$/);
    const two = await problem(
      400,
      'POST',
      '/api/v1/plan',
      plan({ document: `${document}---\n${document.replaceAll('shop', 'two')}` }),
    );
    assert.match(two.title, /expected one Service document, found several/);
    assert.match((await problem(422, 'POST', '/api/v1/plan', plan({ document: '' }))).title, /holds no document/);
    const { release } = (
      await stage.ask('POST', '/api/v1/releases', { document, folder: stage.folder, version: '1.0.0', by: 'tess' })
    ).body as {
      release: string;
    };
    for (const query of ['after=-1', 'after=x', 'limit=0', 'limit=1001', 'limit=1.5', 'page=1'])
      await problem(400, 'GET', `/api/v1/releases/${release}/events?${query}`);
    assert.equal((await stage.end(release)).outcome, 'succeeded');
  });

  test('survives what is no HTTP, and answers on', async () => {
    const { url } = stage.door();
    const port = Number(new URL(url).port);
    for (const text of [
      'GET / HTTP/1.1\r\n\r\n',
      'hello\r\n\r\n',
      `GET /${'x'.repeat(100_000)} HTTP/1.1\r\n\r\n`,
      'GET /%E0%A4%A HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    ]) {
      const answer = await raw(port, text);
      assert.match(answer, /^HTTP\/1\.1 4\d\d /, text.slice(0, 20));
    }
    assert.equal((await fetch(`${url}/health`)).status, 200);
  });
});

/** Everything that the server says to these bytes. It may hang up before it has read them all. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer')));
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.once('error', (error) => (answer ||= error.message));
    socket.once('close', () => resolve(answer));
  });
}
