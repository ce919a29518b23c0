import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { until } from '../../test/acceptance/stage.ts';
import { admin, problemIn, Served } from './access/server.fixture.ts';

describe('somebody with a token of another service', () => {
  const server = new Served();
  let token = '';
  let none = '';
  before(async () => {
    await server.up();
    token = (await server.token('other', [{ role: 'operator', services: ['other'] }])).secret;
    none = (await server.token('none', [])).secret;
  });
  after(() => server.close());

  test('does not learn from plans and releases which services there are', async () => {
    for (const path of ['/api/v1/plan', '/api/v1/releases']) {
      const known = await server.ask('POST', path, { service: 'secret-service', version: '1' }, { token });
      assert.match(problemIn(known), /^403 E_FORBIDDEN token other may not .* of secret-service$/);
      // What it may ask for and is not there is said.
      assert.match(problemIn(await server.ask('POST', path, { service: 'other', version: '1' }, { token })), /^404 /);
    }
  });

  test('writes no reason that changes what a terminal or page shows around it', async () => {
    for (const sign of ['\n', '\u001b[2J', '\u009b2J', '\u2028', '\u202egnp', '\u2066x']) {
      const asked = { verb: 'abort', why: `a${sign}b` };
      const answer = await server.ask('POST', '/api/v1/releases/other-1/verbs', asked, { token });
      assert.match(problemIn(answer), /^400 E_INPUT why: expected one line of text$/, JSON.stringify(sign));
    }
  });

  test('without any role gets no document read', async () => {
    const asked = { document: 'no: document', folder: '/', version: '1' };
    for (const path of ['/api/v1/plan', '/api/v1/releases'])
      assert.match(problemIn(await server.ask('POST', path, asked, { token: none })), /^403 E_FORBIDDEN/);
    assert.match(problemIn(await server.ask('POST', '/api/v1/plan', asked, { token })), /^422 E_SPEC/);
  });

  test('keeps nobody from looking at releases by a document of a megabyte', async () => {
    const asked = { document: '#\n'.repeat(400_000), folder: '/', version: '1' };
    assert.match(problemIn(await server.ask('POST', '/api/v1/plan', asked, { token })), /^400 E_INPUT document: /);
  });
});

test('what is not as the API asks for counts too, and so does a rollback by somebody who may roll nothing back', async () => {
  const server = new Served();
  try {
    await server.up();
    const statuses = async (token: string, method: string, path: string, body?: unknown): Promise<string> => {
      const seen = new Set<number>();
      for (let asked = 0; asked < 62; asked += 1) seen.add((await server.ask(method, path, body, { token })).status);
      return [...seen].join(' ');
    };
    const viewer = (await server.token('viewer', [{ role: 'viewer', services: '*' }])).secret;
    assert.equal(await statuses(viewer, 'GET', '/api/v1/releases?limit=many'), '400 429');
    const second = (await server.token('second', [{ role: 'viewer', services: '*' }])).secret;
    assert.equal(await statuses(second, 'POST', '/api/v1/services/shop/rollback', {}), '404 429');
    const operator = (await server.token('operator', [{ role: 'operator', services: '*' }])).secret;
    assert.equal(await statuses(operator, 'POST', '/api/v1/services/shop/rollback', {}), '404');
    assert.equal(await statuses(operator, 'POST', '/api/v1/services/shop/rollback', { dryRun: true }), '404 429');
    // Taking back is still not refused.
    assert.equal(await statuses(operator, 'POST', '/api/v1/releases/none/verbs', { verb: 'abort' }), '404');
  } finally {
    await server.close();
  }
});

test('the secret that a page shows beside its cookie is kept by nobody', async () => {
  const server = new Served();
  try {
    await server.up();
    const anna = await server.person('anna', admin);
    const answer = await server.ask('GET', '/api/v1/session', undefined, anna);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.equal((await server.ask('GET', '/api/v1/users', undefined, anna)).headers.get('cache-control'), 'private, no-cache');
  } finally {
    await server.close();
  }
});

test('an access.db that breaks while somebody looks on ends their live view, and not the controller', async () => {
  const server = new Served();
  try {
    await server.up();
    const anna = await server.person('anna', admin);
    const [live] = (await once(
      get(`${server.host.url}/api/v1/stream?topic=overview`, { headers: { cookie: anna.cookie } }),
      'response',
    )) as [IncomingMessage];
    const ended = once(live.resume(), 'close');
    const db = new DatabaseSync(join(server.data, 'access.db'));
    db.exec('DROP TABLE sessions');
    db.close();
    // Who has access has changed, so it is looked who still may look on.
    await server.token('new', []);
    await ended;
    assert.equal((await fetch(`${server.host.url}/health`)).status, 200);
    assert.match(problemIn(await server.ask('GET', '/api/v1/session', undefined, anna)), /^503 E_ACCESS_STORE /);
    assert.match(server.warnings.join('; '), /live views: cannot use the passwords and tokens/);
  } finally {
    await server.close();
  }
});

test('whoever sends too much reads so while sending, and may go on by the same connection', async () => {
  const server = new Served();
  await server.up();
  const socket = connect(Number(new URL(server.host.url).port), '127.0.0.1');
  try {
    const answers: string[] = [];
    socket.setEncoding('latin1').on('data', (text: string) => answers.push(text));
    const heads = () => answers.join('').match(/HTTP\/1\.1 \d+/g) ?? [];
    const size = 4 * 1_048_576;
    const head = `Host: 127.0.0.1\r\nAuthorization: Bearer ${server.ownerToken}\r\n`;
    socket.write(`POST /api/v1/plan HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: ${size}\r\n\r\n`);
    socket.write('x'.repeat(size / 2));
    await until('it is refused', () => heads().length === 1);
    socket.write('x'.repeat(size / 2));
    socket.write(`GET /health HTTP/1.1\r\n${head}\r\n`);
    await until('what comes next is answered', () => heads().length === 2);
    assert.deepEqual(heads(), ['HTTP/1.1 413', 'HTTP/1.1 200']);
  } finally {
    socket.destroy();
    await server.close();
  }
});
