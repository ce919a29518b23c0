import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { until } from '../../../test/acceptance/stage.ts';
import { problemIn, Served, type SignedIn } from '../access/server.fixture.ts';
import { HealthAnswer, OverviewAnswer, SignalsNowAnswer } from '../schemas/overview.ts';
import { ReleaseAnswer } from '../schemas/release.ts';
import { ServiceAnswer } from '../schemas/service.ts';
import { Channel } from './channel.ts';
import { type Heard, StreamClient } from './client.fixture.ts';
import type { StreamReader } from './reader.ts';

const document = (name: string, port: number): string => `apiVersion: rampart/v1
kind: Service
metadata: { name: ${name} }
spec:
  target: { process: { command: [rampart-has-no-such-program] } }
  router: { builtin: { listen: 127.0.0.1:${port} } }
`;

describe('a live stream', () => {
  const served = new Served();
  const clients: StreamClient[] = [];
  const open = async (query: string, headers: Record<string, string> = {}): Promise<StreamClient> => {
    const client = await StreamClient.open(served.host.url, query, {
      authorization: `Bearer ${served.ownerToken}`,
      ...headers,
    });
    clients.push(client);
    return client;
  };
  /** Begins a release of something that cannot run. */
  const release = async (service: string, port = 1): Promise<string> => {
    const body = { document: document(service, port), folder: '/', version: '1.0.0' };
    return (await served.own<{ release: string }>('POST', '/api/v1/releases', body)).release;
  };

  const abort = async (id: string): Promise<void> => {
    await served.own('POST', `/api/v1/releases/${id}/verbs`, { verb: 'abort', why: 'enough' });
  };
  before(async () => {
    await served.up();
    for (const service of ['shop', 'cart']) await abort(await release(service));
  });
  after(async () => {
    for (const client of clients) client.close();
    // Routers outlive their controller, as they should anywhere else.
    for (const service of ['shop', 'cart']) await served.host.controller.agent(service)?.dismantle(AbortSignal.timeout(20_000));
    await served.close();
  });

  test('says first how it is made, then how everything is, then what happens', async () => {
    const client = await open('topic=overview&topic=service:shop');
    const [hello] = await client.until('a level of each', () => client.all('service').length > 0).then(() => client.heard);
    assert.equal(client.response.headers.get('content-type'), 'text/event-stream');
    assert.equal(client.response.headers.get('cache-control'), 'no-store');
    assert.match(client.response.headers.get('content-security-policy') ?? '', /default-src 'none'/);
    assert.equal(hello?.event, 'hello');
    assert.equal(hello?.data.heartbeatMs, 10_000);
    assert.equal(typeof hello?.data.nowMs, 'number');
    const [overview] = client.all('overview');
    assert.deepEqual(namesIn(overview).toSorted(), ['cart', 'shop']);
    const [service] = client.all('service');
    // The same as is answered to whoever asks once.
    OverviewAnswer.parse(overview?.data);
    ServiceAnswer.parse(service?.data);
    SignalsNowAnswer.nullable().parse(service?.data.signals);
    HealthAnswer.parse(service?.data.health);
    assert.equal(service?.data.name, 'shop');
    assert.partialDeepStrictEqual(service?.data.health, { level: 'unknown' });
    const id = await release('shop');
    await abort(id);
    await client.until('the release and its end', () => client.all('entry').some(({ data }) => isEnd(data.state)));
    const entries = client.all('entry').filter(({ data }) => data.release === id);
    assert(entries.length >= 2);
    for (const { id: seq, data } of entries) {
      assert.equal(Number(seq), data.seq);
      assert.equal(data.service, 'shop');
      assert.deepEqual(Object.keys(data), ['seq', 'at', 'kind', 'actor', 'said', 'state', 'release', 'service']);
    }
    await client.until('the new level', () =>
      client.all('service').some(({ data }) => (data.ended as { release: string }[])[0]?.release === id),
    );
    assert.deepEqual(
      client.seqs,
      [...client.seqs].sort((a, b) => a - b),
    );
  });

  test('about a release has its view, in the language asked for, and its series', async () => {
    const id = await release('shop');
    const client = await open(`topic=release:${id}&lang=ru&after=0`);
    await client.until('its beginning', () => client.all('release').length > 0);
    await abort(id);
    ReleaseAnswer.parse(client.all('release')[0]?.data);
    await client.until('its end', () => client.all('release').some(({ data }) => data.summary !== null));
    await client.until('its timeline', () => client.all('entry').some(({ data }) => isEnd(data.state)));
    await client.until('its series', () => client.all('series').length > 0);
    assert.deepEqual(client.all('series')[0]?.data, { release: id, after: 0, complete: true, points: [], marks: [] });
    assert.equal(client.response.headers.get('content-language'), 'ru');
  });

  test('goes on where it was, with nothing left out and nothing twice, also over several topics', async () => {
    const put = filler(served);
    await put('filled-1', 700);
    await put('filled-2', 450);
    await put('filled-1', 300);
    const both = 'topic=release:filled-1&topic=release:filled-2';
    const all = await open(`${both}&after=0`);
    await all.until('all of it', () => all.seqs.length === 1_450);
    assert.deepEqual(all.seqs, inOrder(all.seqs));
    const again = await open(`${both}&after=0`, { 'last-event-id': String(all.seqs[600]) });
    await again.until('the rest', () => again.seqs.length >= 849);
    assert.deepEqual(again.seqs, all.seqs.slice(601));
    // What happens while the past is read comes after it.
    const racing = await open(`${both}&after=0`);
    await put('filled-2', 300);
    await racing.until('what was added meanwhile', () => racing.seqs.length >= 1_750);
    assert.deepEqual(racing.seqs, inOrder(racing.seqs));
    assert.equal(racing.seqs.length, 1_750);
    await all.until('the same, as it happened', () => all.seqs.length === 1_750);
    assert.deepEqual(all.seqs, racing.seqs);
  });

  test('shows nobody what they may not see, and ends when they may not see it any more', async () => {
    const { token, secret } = await served.token('shop-viewer', [{ role: 'viewer', services: ['shop'] }]);
    const mine = { authorization: `Bearer ${secret}` };
    const refused = async (query: string, headers = mine): Promise<string> =>
      problemIn(await served.ask('GET', `/api/v1/stream?${query}`, undefined, { headers }));
    assert.match(await refused('topic=service:cart'), /^403 E_FORBIDDEN token shop-viewer may not see releases of cart/);
    assert.match(await refused('topic=overview&topic=release:filled-2'), /^403 E_FORBIDDEN/);
    assert.match(await refused('topic=release:none'), /^404 E_UNKNOWN_RELEASE/);
    assert.match(await refused('topic=service:shop&topic=nothing'), /^400 E_INPUT topic: "nothing" is none/);
    assert.match(await refused('lang=ru'), /^400 E_INPUT/);
    assert.match(
      await refused(Array.from({ length: 21 }, (_, index) => `topic=service:s${index}`).join('&')),
      /^400 E_INPUT topic/,
    );
    assert.match(problemIn(await served.ask('GET', '/api/v1/stream?topic=overview')), /^401/);
    const client = await open('topic=overview&topic=service:shop', mine);
    await client.until('its levels', () => client.all('service').length > 0);
    assert.deepEqual(namesIn(client.all('overview')[0]), ['shop']);
    await served.own('DELETE', `/api/v1/tokens/${token.id}`);
    await client.until('the end of the stream', () => client.isEnded, 5_000);
  });

  test('of a browser ends when its user signs out, may see less, or may not sign in any more', async () => {
    const viewer = { role: 'viewer', services: '*' } as const;
    await served.person('root', { role: 'admin', services: '*' });
    const ways: readonly [name: string, act: (shown: SignedIn) => Promise<unknown>][] = [
      ['signs-out', (shown) => served.ask('POST', '/auth/sign-out', {}, shown)],
      ['sees-less', () => served.own('PATCH', '/api/v1/users/sees-less', { grants: [{ role: 'viewer', services: ['cart'] }] })],
      ['disabled', () => served.own('PATCH', '/api/v1/users/disabled', { disabled: true })],
      ['removed', () => served.own('DELETE', '/api/v1/users/removed')],
    ];
    for (const [name, act] of ways) {
      const shown = await served.person(name, viewer);
      const client = await StreamClient.open(served.host.url, 'topic=overview', { cookie: shown.cookie });
      clients.push(client);
      await client.until('its level', () => client.all('overview').length > 0);
      await act(shown);
      await client.until(`the end of the stream of the one who ${name}`, () => client.isEnded, 5_000);
    }
  });

  test('that nobody reads holds up nobody, keeps little, and loses nothing', async () => {
    const put = filler(served);
    await put('flood', 1);
    const { hostname, port } = new URL(served.host.url);
    const socket = connect(Number(port), hostname).setEncoding('latin1');
    const asked = ['GET /api/v1/stream?topic=release:flood&after=0 HTTP/1.1', `host: ${hostname}:${port}`];
    try {
      socket.write(`${[...asked, `authorization: Bearer ${served.ownerToken}`].join('\r\n')}\r\n\r\n`);
      await once(socket, 'readable');
      const other = await open('topic=release:flood&after=0');
      await other.until('the first', () => other.seqs.length === 1);
      const before = process.memoryUsage().rss;
      // 24 MB: more than the kernel takes at both ends.
      await put('flood', 12_000, 'x'.repeat(2_000));
      await other.until('all of it', () => other.seqs.length === 12_001);
      assert(process.memoryUsage().rss - before < 300 * 1_048_576);
      // Now it reads, and gets what it had no room for from the log.
      const seqs: number[] = [];
      let rest = '';
      socket.on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line.startsWith('id: ')) seqs.push(Number(line.slice(4)));
      });
      await other.until('the slow one has caught up', () => seqs.length >= 12_001);
      assert.deepEqual(seqs, other.seqs);
    } finally {
      socket.destroy();
    }
  });

  test('ends with the server, and the next one goes on with it', async () => {
    const client = await open('topic=release:filled-1&topic=service:shop&after=0');
    await client.until('the past', () => client.seqs.length > 1_000);
    const seen = client.seqs.at(-1) ?? 0;
    await served.down();
    await client.until('the end of the stream', () => client.isEnded, 5_000);
    await served.up();
    const again = await open('topic=release:filled-1&topic=service:shop', { 'last-event-id': String(seen) });
    await again.until('its level', () => again.all('service').length > 0);
    const id = await release('shop');
    await again.until('what happens now', () => again.all('entry').some(({ data }) => data.release === id));
    assert(again.seqs.every((seq) => seq > seen));
  });
});

test('a level is made once for all that happens in a moment, and less often when it takes long', async (t) => {
  let made = 0;
  let costMs = 0;
  const channel = new Channel({ kind: 'overview' }, 'en', {
    levelOf: () => {
      const untilMs = performance.now() + costMs;
      while (performance.now() < untilMs);
      made += 1;
      return `"made":${made}`;
    },
    headOf: () => [],
    onEmpty: () => {},
  });
  t.after(() => channel.close());
  const levels: string[] = [];
  const reader = { level: (_key: string, bytes: Buffer) => levels.push(String(bytes)) } as unknown as StreamReader;
  channel.join(reader);
  channel.join(reader);
  assert.equal(made, 1);
  assert.equal(levels.length, 2);
  for (let change = 0; change < 1_000; change += 1) channel.changed();
  costMs = 30;
  await until('the second level', () => made === 2);
  const beganMs = performance.now();
  for (let change = 0; change < 1_000; change += 1) channel.changed();
  await until('the third level', () => made === 3);
  assert(performance.now() - beganMs >= 500, 'thirty milliseconds of work, then a rest of twenty times as long');
});

test('streams have their number, of which one credential gets half', async (t) => {
  const served = new Served({ streams: { max: 4 } });
  t.after(() => served.close());
  await served.up();
  const open = async (token: string): Promise<StreamClient> => {
    const client = await StreamClient.open(served.host.url, 'topic=overview', { authorization: `Bearer ${token}` });
    t.after(() => client.close());
    return client;
  };
  const refused = async (token: string): Promise<string> => {
    const answer = await served.ask('GET', '/api/v1/stream?topic=overview', undefined, { token });
    assert.equal(answer.headers.get('retry-after'), '5');
    return problemIn(answer);
  };
  const one = served.ownerToken;
  const { secret: other } = await served.token('other', [{ role: 'viewer', services: '*' }]);
  const { secret: third } = await served.token('third', [{ role: 'viewer', services: '*' }]);
  const first = await open(one);
  await open(one);
  assert.match(await refused(one), /^503 E_STREAMS_FULL/);
  await open(other);
  await open(other);
  assert.match(await refused(third), /^503 E_STREAMS_FULL/);
  first.close();
  await until('there is room', async () => {
    const headers = { authorization: `Bearer ${third}` };
    const response = await fetch(`${served.host.url}/api/v1/stream?topic=overview`, { headers });
    await response.body?.cancel();
    return response.status === 200;
  });
});

function isEnd(state: unknown): boolean {
  return state === 'cancelled' || state === 'rolled-back' || state === 'rejected';
}

/** Services of an overview. */
function namesIn(overview: Heard | undefined): readonly string[] {
  return ((overview?.data.services ?? []) as { readonly name: string }[]).map(({ name }) => name);
}

function inOrder(seqs: readonly number[]): readonly number[] {
  return [...new Set(seqs)].sort((a, b) => a - b);
}

/** Puts sentences of a release on record, of a service that the controller does not know. */
function filler(served: Served) {
  const { log, controller } = served.host;
  return async (id: string, count: number, more = ''): Promise<void> => {
    const stream = `service/of-${id}`;
    for (let done = 0; done < count; done += 100) {
      const events = Array.from({ length: Math.min(100, count - done) }, (_, index) => ({
        at: done + index,
        kind: 'woke',
        release: id,
        actor: 'controller',
        data: { event: { kind: 'woke', at: done + index }, said: `${id} ${done + index}${more}`, phase: 'progressing' },
      }));
      const expectedVersion = versions.get(stream) ?? 0;
      const [result] = await log.append(controller.health.token, [{ stream, expectedVersion, events }]);
      assert.equal(result?.kind, 'appended');
      versions.set(stream, result.version);
    }
  };
}
const versions = new Map<string, number>();
