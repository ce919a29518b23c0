import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { type Placed, Stage } from './stage.ts';

const stage = new Stage();

async function send(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: unknown,
): Promise<{ status: number; headers: Headers; body: Record<string, unknown>; text: string }> {
  const { url, token } = stage.door();
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: text === '' ? {} : JSON.parse(text) };
}

describe('requests that are sent again', () => {
  let shop: Placed;
  before(async () => {
    await stage.up();
    shop = await stage.place('shop', {
      release: { strategy: '{ canary: { steps: [ { weight: 20%, for: 30s } ] } }', approval: 'true' },
    });
  });
  after(() => stage.close());

  test('with an idempotency key are carried out once, also over a restart of the controller', async () => {
    const body = { document: readFileSync(shop.file, 'utf8'), folder: stage.folder, version: '1.0.0', by: 'tess' };
    const key = { 'idempotency-key': 'release-1' };
    const first = await send('POST', '/releases', key, body);
    assert.equal(first.status, 201, first.text);
    const id = String(first.body.release);
    const again = await send('POST', '/releases', key, body);
    assert.deepEqual([again.status, again.text], [201, first.text]);
    assert.equal(again.headers.get('idempotency-replayed'), 'true');
    assert.equal(first.headers.get('idempotency-replayed'), null);

    const verbs = `/releases/${id}/verbs`;
    await stage.reaches(id, 'waits for an approval', ({ state }) => state === 'awaiting-approval');
    const approve = { verb: 'approve', by: 'tess' };
    const approved = await send('POST', verbs, { 'idempotency-key': 'v1' }, approve);
    assert.equal(approved.body.done, true, approved.text);
    await stage.down('SIGTERM');
    await stage.up();
    const repeated = await send('POST', verbs, { 'idempotency-key': 'v1' }, approve);
    assert.equal(repeated.text, approved.text);
    // Without the key it is a second approval, which has nothing left to approve.
    assert.equal((await send('POST', verbs, {}, approve)).body.done, false);
    const given = (await stage.events(id)).filter(({ kind, said }) => kind === 'verb' && said?.startsWith('approve'));
    assert.equal(given.length, 2, JSON.stringify(given));
    assert.equal((await stage.end(id)).outcome, 'succeeded');
  });

  test('with the key of another request are refused, and errors are repeated too', async () => {
    const key = { 'idempotency-key': 'k-2' };
    const wrong = await send('POST', '/releases/none/verbs', key, { verb: 'abort', by: 'tess' });
    assert.equal(wrong.status, 404);
    const again = await send('POST', '/releases/none/verbs', key, { verb: 'abort', by: 'tess' });
    assert.deepEqual([again.status, again.text], [404, wrong.text]);
    assert.match(again.headers.get('content-type') ?? '', /^application\/problem\+json/);
    const other = await send('POST', '/releases/none/verbs', key, { verb: 'pause', by: 'tess' });
    assert.deepEqual([other.status, other.body.code], [422, 'E_KEY_REUSED']);
    const malformed = await send('POST', '/releases/none/verbs', { 'idempotency-key': 'a b' }, { verb: 'abort', by: 'tess' });
    assert.deepEqual([malformed.status, malformed.body.where], [400, 'idempotency-key']);
  });

  test('at the same moment under one key are carried out once', async () => {
    const { release } = (await send('POST', '/releases', {}, { service: 'shop', version: '1.1.0', by: 'tess' })).body;
    await stage.reaches(String(release), 'waits for an approval', ({ state }) => state === 'awaiting-approval');
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        send('POST', `/releases/${release}/verbs`, { 'idempotency-key': 'same' }, { verb: 'abort', by: 'tess' }),
      ),
    );
    for (const { status, text } of answers) assert(status === 200 || status === 409, text);
    assert(answers.some(({ body }) => body.done === true));
    const verbs = (await stage.events(String(release))).filter(({ kind }) => kind === 'verb');
    assert.equal(verbs.length, 1, JSON.stringify(verbs));
  });

  test('for what has not changed cost no body', async () => {
    const first = await send('GET', '/services');
    const tag = first.headers.get('etag') ?? '';
    assert.match(tag, /^"[\w-]{20,}"$/);
    assert.match(first.headers.get('cache-control') ?? '', /no-cache/);
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const same = await send('GET', '/services', { 'if-none-match': known });
      assert.deepEqual([same.status, same.text], [304, ''], known);
      assert.equal(same.headers.get('etag'), tag);
    }
    assert.equal((await send('GET', '/services', { 'if-none-match': '"other"' })).status, 200);
    assert.equal((await send('GET', '/services', { 'if-none-match': tag, authorization: 'Bearer wrong' })).status, 401);
  });

  test('a release needs no document when the service is under control', async () => {
    const plan = await send('POST', '/plan', {}, { service: 'shop', version: '1.2.0' });
    assert.deepEqual([plan.status, plan.body.stable, plan.body.candidate], [200, '1.0.0', '1.2.0'], plan.text);
    const unknown = await send('POST', '/releases', {}, { service: 'nobody', version: '1.2.0' });
    assert.deepEqual([unknown.status, unknown.body.code], [404, 'E_UNKNOWN_SERVICE']);
    const both = await send('POST', '/plan', {}, { service: 'shop', document: 'x', folder: '/', version: '1.2.0' });
    assert.equal(both.status, 400, both.text);
  });
});
