import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { statusFiles } from '../../views/status/files.ts';
import { acmeView } from '../../views/status/status.fixture.ts';
import { type Asked, type StatusServer, startStatusServer } from './status-server.ts';

describe('the thread of the status page', () => {
  let server: StatusServer;
  before(async () => {
    server = await startStatusServer({ host: '127.0.0.1', port: 0 });
  });
  after(() => server.close());
  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`${server.url}${path}`, { headers, method, signal: AbortSignal.timeout(30_000) });

  test('says that there is no page until there is one', async () => {
    const answer = await ask('/');
    assert.deepEqual([answer.status, await answer.text()], [404, 'There is no status page.\n']);
    server.give(statusFiles(acmeView(), ''));
    assert.equal((await ask('/')).status, 200);
  });

  test('sends the page in the language that is asked for, and tells caches', async () => {
    const languageOf = async (path: string, headers = {}): Promise<string | undefined> =>
      /<html lang="(..)">/.exec(await (await ask(path, headers)).text())?.[1];
    assert.equal(await languageOf('/'), 'en');
    assert.equal(await languageOf('/?lang=ru'), 'ru');
    assert.equal(await languageOf('/', { 'accept-language': 'ru-RU,ru;q=0.9' }), 'ru');
    assert.equal(await languageOf('/i/i1?lang=en'), 'en');
    const first = await ask('/api/v2/summary.json', { origin: 'https://elsewhere.example' });
    assert.equal(first.headers.get('access-control-allow-origin'), '*');
    assert.equal(first.headers.get('cache-control'), 'public, max-age=30');
    assert.equal(((await first.json()) as { status: { indicator: string } }).status.indicator, 'minor');
    const again = await ask('/api/v2/summary.json', { 'if-none-match': first.headers.get('etag') ?? '' });
    assert.deepEqual([again.status, again.headers.get('content-length'), await again.text()], [304, null, '']);
  });

  test('answers nothing but reading, and nothing that there is not', async () => {
    for (const path of ['/../etc/passwd', '/i/none', '/api/v2/', '//', '/%00', `/${'a'.repeat(10_000)}`])
      assert.equal((await ask(path)).status, 404, path.slice(0, 20));
    assert.equal((await ask('/', {}, 'POST')).status, 405);
    const head = await ask('/', {}, 'HEAD');
    assert.deepEqual([head.status, await head.text()], [200, '']);
  });

  test('says that the controller is busy where it does not answer about a subscription, and serves the page meanwhile', async () => {
    const asked: Asked[] = [];
    const silent = await startStatusServer(
      { host: '127.0.0.1', port: 0 },
      (one) => {
        asked.push(one);
        return new Promise(() => {});
      },
      300,
    );
    try {
      silent.give(statusFiles(acmeView(), ''));
      const post = fetch(`${silent.url}/subscribe`, { method: 'POST', body: new URLSearchParams({ email: 'a@b.example' }) });
      assert.equal((await fetch(`${silent.url}/`)).status, 200);
      const answer = await post;
      assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '60']);
      assert.match(await answer.text(), /busy/);
      assert.deepEqual(
        asked.map(({ remote, request }) => [remote, request.method, request.path, request.body]),
        [['127.0.0.1', 'POST', '/subscribe', 'email=a%40b.example']],
      );
    } finally {
      await silent.close();
    }
  });

  test('answers while whoever gives it pages is busy', async () => {
    // Asked by another thread, as this one cannot ask while it is busy.
    const status = new Int32Array(new SharedArrayBuffer(4));
    const asker = new Worker(
      `const { workerData: { url, status } } = require('node:worker_threads');
       fetch(url).then(async (answer) => { await answer.text(); Atomics.store(status, 0, answer.status); });`,
      { eval: true, workerData: { url: `${server.url}/`, status } },
    );
    const untilMs = Date.now() + 30_000;
    while (Atomics.load(status, 0) === 0 && Date.now() < untilMs);
    assert.equal(Atomics.load(status, 0), 200);
    await asker.terminate();
  });
});

test('a port that is taken is told, and nothing is left', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  const address = taken.address();
  assert.ok(typeof address === 'object' && address);
  await assert.rejects(startStatusServer({ host: '127.0.0.1', port: address.port }), {
    code: 'E_PORT_TAKEN',
    message: /EADDRINUSE/,
  });
  taken.close();
});
