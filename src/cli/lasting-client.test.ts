import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { doorFile } from './api-client.ts';
import { lastingControllerOf } from './lasting-client.ts';

type Answer = (response: ServerResponse, request: IncomingMessage) => unknown;

const problem =
  (status: number, code: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) =>
    response.writeHead(status, headers).end(JSON.stringify({ title: 'no', code, where: 'here', fix: 'wait' }));
const json: Answer = (response) => response.end('{"ok":true}');
const stream =
  (text: string, isCut: boolean): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(text, () => (isCut ? response.destroy() : response.end()));
  };

describe('a command that follows something', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-lasting-'));
  const asked: string[] = [];
  let answers: Answer[] = [];
  let token = '';
  let server: Server;
  const door = (secret: string): void => {
    token = secret;
    const { port } = server.address() as { port: number };
    writeFileSync(join(folder, doorFile), JSON.stringify({ url: `http://127.0.0.1:${port}`, token, pid: 1 }));
  };

  before(async () => {
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const answer = answers.shift();
      assert(answer, `asked too often: ${request.url}`);
      if (request.headers.authorization === `Bearer ${token}`) answer(response, request);
      else problem(401, 'E_UNAUTHORIZED')(response, request);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  beforeEach(() => {
    asked.length = 0;
    door('first');
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('comes back when it is told to, with what it asks and with what it says', async () => {
    answers = [
      problem(429, 'E_TOO_MANY', { 'retry-after': '1' }),
      json,
      problem(429, 'E_TOO_MANY', { 'retry-after': '0' }),
      json,
    ];
    const api = await lastingControllerOf(folder);
    const beganMs = performance.now();
    assert.deepEqual(await api.get('/x'), { ok: true });
    assert(performance.now() - beganMs >= 990);
    assert.deepEqual(await api.post('/y', {}), { ok: true });
    assert.deepEqual(asked, ['GET /api/v1/x', 'GET /api/v1/x', 'POST /api/v1/y', 'POST /api/v1/y']);
  });

  test('says nothing twice that may have been done', async () => {
    answers = [(response) => response.destroy()];
    const api = await lastingControllerOf(folder);
    await assert.rejects(api.post('/y', {}), { code: 'E_UNREACHABLE' });
    assert.equal(asked.length, 1);
  });

  test('goes on with a stream after what it has heard last, also where the next controller has another token', async () => {
    const api = await lastingControllerOf(folder);
    answers = [
      stream('event: hello\ndata: 0\n\nid: 7\nevent: entry\ndata: 1\n\nid: 8\nevent: en', true),
      // The token is another one by now, and the door is written a moment later.
      () => assert.fail('the old token is no good'),
      stream('id: 8\nevent: entry\ndata: 2\n\n', false),
      problem(503, 'E_STREAMS_FULL', { 'retry-after': '0' }),
      stream('event: beat\ndata: 3\n\nevent: beat\ndata: 4\n\n', false),
    ];
    const heard: string[] = [];
    for await (const { data } of api.stream({ topics: ['release:a', 'service:b'], language: 'ru', after: 0 })) {
      heard.push(data);
      if (heard.length === 2) {
        token = 'second';
        setTimeout(() => door('second'), 400);
      }
      if (heard.length === 5) break;
    }
    assert.deepEqual(heard, ['0', '1', '2', '3', '4']);
    const path = 'GET /api/v1/stream?topic=release%3Aa&topic=service%3Ab&lang=ru&after=';
    assert.deepEqual(asked, [`${path}0`, `${path}7`, `${path}7`, `${path}8`, `${path}8`]);
  });

  test('gives up at once on what will not change, and when it is told to end', async () => {
    answers = [problem(404, 'E_UNKNOWN_SERVICE'), stream('event: hello\ndata: 0\n\n', false)];
    const ended = new AbortController();
    const api = await lastingControllerOf(folder, ended.signal);
    await assert.rejects(api.stream({ topics: ['service:none'] }).next(), { code: 'E_UNKNOWN_SERVICE' });
    for await (const { data } of api.stream({ topics: ['service:b'] })) {
      assert.equal(data, '0');
      ended.abort();
    }
    assert.equal(asked.length, 2);
  });
});
