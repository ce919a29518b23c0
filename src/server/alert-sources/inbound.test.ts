import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { grafanaAlert, grafanaMessage, grafanaSigned } from '../../alert-sources/grafana/payload.fixture.ts';
import { example } from '../../notifiers/messages.fixture.ts';
import { webhook } from '../../notifiers/webhook/index.ts';
import { signedHeaders } from '../../notifiers/webhook/sign.ts';
import type { AlertSourceStatus } from '../../runtime/alerts/alert-sources.ts';
import { controllerDefaults } from '../../spec/controller.ts';
import { type Answer, Served } from '../access/server.fixture.ts';
import { alertsIn } from '../alertmanager/alerts.fixture.ts';
import type { Reach } from '../settings/reach.ts';

const secrets = {
  BOT_KEY: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  GITHUB_KEY: 'key of the body',
  GRAFANA_KEY: 'key of grafana',
  GRAFANA_TOKEN: 'token-of-grafana',
};
const limits = { ...controllerDefaults.rateLimits, anonymous: { perMinute: 40 } };
const server = new Served({ rateLimits: limits }, { ...secrets, PATH: process.env.PATH });

const source = (name: string, spec: string): string =>
  `---\napiVersion: rampart/v1\nkind: AlertSource\nmetadata: { name: ${name} }\nspec: ${spec}\n`;
const document = [
  source('bot', '{ webhook: { secret: { env: BOT_KEY } } }'),
  source('body', '{ webhook: { secret: { env: GITHUB_KEY }, signature: {} } }'),
  source('grafana', '{ grafana: { secret: { env: GRAFANA_KEY }, timestampHeader: X-Grafana-Alerting-Timestamp } }'),
  source('old-grafana', '{ grafana: { bearer: { env: GRAFANA_TOKEN } } }'),
  source('unset', '{ webhook: { secret: { env: NOT_THERE } } }'),
  source('few', '{ webhook: { secret: { env: BOT_KEY } }, perMinute: 2, max: 1 }'),
  source('checkout-only', '{ webhook: { secret: { env: BOT_KEY } }, services: [checkout] }'),
].join('');

before(async () => {
  await server.up();
  await server.own('PUT', '/api/v1/incidents/setup', { files: [{ file: 'sources.yaml', text: document }] });
});
after(() => server.close());

type Headers = Readonly<Record<string, string>>;

async function send(name: string, body: string | Buffer, headers: Headers, method = 'POST'): Promise<Answer> {
  const response = await fetch(`${server.host.url}/inbound/alerts/${name}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(body),
  });
  return { status: response.status, body: JSON.parse(await response.text()), headers: response.headers };
}

const nowS = (): number => Math.floor(Date.now() / 1_000);
let ids = 0;
/** As Rampart itself signs. */
const signed = (body: string, { id = `message-${++ids}`, atS = nowS(), key = secrets.BOT_KEY } = {}): Headers =>
  signedHeaders(id, key, body, atS);
const ofBody = (body: string): Headers => ({
  'x-hub-signature-256': `sha256=${createHmac('sha256', secrets.GITHUB_KEY).update(body).digest('hex')}`,
});
const alertBody = (name: string, more: object = {}): string => JSON.stringify({ name, identity: name, ...more });
const counts = (answer: Answer) => {
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  const { opened, resolved, repeated, passed } = answer.body as Record<string, number>;
  return { opened, resolved, repeated, passed };
};
const problemIn = ({ body }: Answer) => body as { readonly code: string; readonly title: string };
const nothing = { opened: 0, resolved: 0, repeated: 0, passed: 0 };
const openOf = async (name: string) =>
  [...(await alertsIn(server.host.log)).state.open.values()].filter((alert) => alert.name === name);
const statusOf = async (name: string): Promise<AlertSourceStatus> => {
  const { sources } = await server.own<{ sources: readonly AlertSourceStatus[] }>('GET', '/api/v1/alert-sources');
  const found = sources.find((one) => one.name === name);
  assert(found);
  return found;
};

test('a signed message opens, signed anew it is a repetition, and as it was it is a replay', async () => {
  const body = alertBody('Slow', { severity: 'critical' });
  const headers = signed(body, { id: 'a' });
  assert.deepEqual(counts(await send('bot', body, headers)), { ...nothing, opened: 1 });
  const replayed = await send('bot', body, headers);
  assert.deepEqual([replayed.status, problemIn(replayed).code], [409, 'E_REPLAYED']);
  // The sender has not heard the answer, and sends it once more.
  const again = await send('bot', body, signed(body, { id: 'a', atS: nowS() - 30 }));
  assert.deepEqual(
    [counts(again), (again.body as { notes: string[] }).notes],
    [nothing, ['a message of this id was taken already']],
  );
  const [alert] = await openOf('Slow');
  assert.deepEqual([alert?.origin, alert?.urgency, alert?.state], ['source', 'page', 'firing']);
  const over = alertBody('Slow', { state: 'resolved' });
  assert.deepEqual(counts(await send('bot', over, signed(over))), { ...nothing, resolved: 1 });
  // Whoever has kept the first message cannot open it again by it, neither as it was nor by its id.
  assert.equal((await send('bot', body, headers)).status, 409);
  assert.deepEqual(counts(await send('bot', body, signed(body, { id: 'a', atS: nowS() + 30 }))), nothing);
  assert.equal((await openOf('Slow')).length, 0);
});

test('what was taken is known after a restart too', async () => {
  const body = alertBody('Kept');
  const headers = signed(body, { id: 'kept' });
  assert.deepEqual(counts(await send('bot', body, headers)), { ...nothing, opened: 1 });
  const bodyAlone = alertBody('KeptBody');
  assert.deepEqual(counts(await send('body', bodyAlone, ofBody(bodyAlone))), { ...nothing, opened: 1 });
  const over = alertBody('KeptBody', { state: 'ok' });
  assert.deepEqual(counts(await send('body', over, ofBody(over))), { ...nothing, resolved: 1 });
  await server.down();
  await server.up();
  assert.equal((await send('bot', body, headers)).status, 409);
  assert.deepEqual(counts(await send('bot', body, signed(body, { id: 'kept', atS: nowS() + 30 }))), nothing);
  const replayed = await send('body', bodyAlone, ofBody(bodyAlone));
  assert.deepEqual([replayed.status, problemIn(replayed).code], [409, 'E_REPLAYED']);
  assert.equal((await openOf('KeptBody')).length, 0);
});

test('a body that is signed without a time repeats what is open, and begins and ends nothing a second time', async () => {
  const [begin, end] = [alertBody('Plain'), alertBody('Plain', { state: 'resolved' })];
  assert.deepEqual(counts(await send('body', begin, ofBody(begin))), { ...nothing, opened: 1 });
  assert.deepEqual(counts(await send('body', begin, ofBody(begin))), { ...nothing, repeated: 1 });
  assert.deepEqual(counts(await send('body', end, ofBody(end))), { ...nothing, resolved: 1 });
  assert.equal((await send('body', begin, ofBody(begin))).status, 409);
  // One that says something new is no replay.
  const anew = alertBody('Plain', { startsAt: new Date().toISOString() });
  assert.deepEqual(counts(await send('body', anew, ofBody(anew))), { ...nothing, opened: 1 });
  assert.equal((await send('body', end, ofBody(end))).status, 409);
  assert.equal((await openOf('Plain')).length, 1);
  assert.match(
    (await statusOf('body')).lastProblem?.text ?? '',
    /taken already, and 1 of its alerts would begin or end once more/,
  );
});

test('what is signed wrongly, too old or for another source is refused, says nothing, and is seen by its owner', async () => {
  const body = alertBody('Wrong');
  const unknown = await send('nobody', body, signed(body));
  for (const [headers, said] of [
    [{}, /has no webhook-id/],
    [signed(body, { key: 'guess' }), /its signature is wrong/],
    [signed(`${body} `), /its signature is wrong/],
  ] as const) {
    const refused = await send('bot', body, headers);
    // Not to be told from a source that there is not.
    assert.deepEqual([refused.status, refused.body], [unknown.status, unknown.body]);
    assert.equal(refused.status, 401);
    const { ok, lastProblem } = await statusOf('bot');
    assert.equal(ok, false);
    assert.match(lastProblem?.text ?? '', said);
  }
  const late = await send('bot', body, signed(body, { atS: nowS() - 900 }));
  assert.equal(late.status, 401);
  assert.match(problemIn(late).title, /signed 90\d s ago, and 300 s are allowed/);
  assert.equal((await openOf('Wrong')).length, 0);
  const good = alertBody('Right');
  assert.deepEqual(counts(await send('bot', good, signed(good))), { ...nothing, opened: 1 });
  assert.equal((await statusOf('bot')).ok, true);
  assert.ok(server.warnings.some((text) => /alert source bot is refused: \S/.test(text)));
});

for (const expect of ['', 'Expect: 100-continue\r\n'])
  test(`a body of 10 MB is refused before it is read${expect === '' ? '' : ', also for whoever asks first'}`, async () => {
    const socket = net.connect(Number(new URL(server.host.url).port), '127.0.0.1');
    const answer = new Promise<string>((resolve, reject) => {
      socket.setTimeout(20_000, () => reject(new Error('no answer')));
      socket.once('error', reject).once('data', (data) => resolve(data.toString()));
    });
    // The head alone: not one byte of the body is sent.
    const head =
      'POST /inbound/alerts/bot HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 10485760\r\n';
    socket.write(`${head}${expect}\r\n`);
    assert.match(await answer, /^HTTP\/1\.1 413 /);
    socket.destroy();
    assert.match((await statusOf('bot')).lastProblem?.text ?? '', /larger than 2 MiB/);
  });

test('a body of 10 MB without a length is refused as soon as it is too large', async () => {
  const socket = net.connect(Number(new URL(server.host.url).port), '127.0.0.1');
  let answer = '';
  const isOver = new Promise<void>((resolve) => {
    socket.on('data', (data) => {
      answer += data.toString();
    });
    socket.once('close', () => resolve()).on('error', () => {});
  });
  socket.write('POST /inbound/alerts/bot HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n');
  const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
  const partsOf10MB = 160;
  let sent = 0;
  for (; sent < partsOf10MB && answer === '' && socket.writable; sent += 1)
    if (!socket.write(chunk)) await Promise.race([once(socket, 'drain').catch(() => {}), isOver]);
  if (answer === '') await Promise.race([once(socket, 'data').catch(() => {}), isOver]);
  socket.destroy();
  await isOver;
  assert.match(answer, /^HTTP\/1\.1 413 /);
  // What lies in the buffers of the system may be on its way.
  assert.ok(sent < partsOf10MB, `${sent} of ${partsOf10MB} parts were taken`);
});

test('what is no JSON, no alert or too much is refused with what to do, and the others of the message are taken', async () => {
  for (const [body, said] of [
    ['{', /not JSON in UTF-8/],
    [Buffer.from([0x22, 0xff, 0x22]), /not JSON in UTF-8/],
    ['7', /1 of its alerts was not taken: alert 1: it is not an object/],
    [JSON.stringify([{ name: 'Part' }, { name: 'Odd', state: 'so so' }]), /its state "so so" is not known/],
    [JSON.stringify(Array.from({ length: 2_001 }, () => ({ name: 'a' }))), /more than 2000 alerts/],
    [
      JSON.stringify({ name: 'Wide', labels: Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`l${at}`, 'x'])) }),
      /66 labels, more than 64/,
    ],
  ] as const) {
    const bytes = Buffer.from(body);
    const headers = { 'webhook-id': `odd-${++ids}`, 'webhook-timestamp': String(nowS()) };
    const key = Buffer.from(secrets.BOT_KEY.slice(6), 'base64');
    const signature = createHmac('sha256', key)
      .update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.`)
      .update(bytes)
      .digest('base64');
    const refused = await send('bot', bytes, { ...headers, 'webhook-signature': `v1,${signature}` });
    assert.equal(refused.status, 400);
    assert.match(problemIn(refused).title, said);
  }
  assert.equal((await openOf('Part')).length, 1);
});

test('nesting without end, names that objects have, and control characters change nothing but the texts', async () => {
  const deep = `{"name":"Deep","x":${'['.repeat(300_000)}${']'.repeat(300_000)}}`;
  assert.deepEqual(counts(await send('bot', deep, signed(deep))), { ...nothing, opened: 1 });
  const odd =
    '{"name":"Odd\\u202e\\u0000<b>","labels":{"__proto__":"x","constructor":"y"},"annotations":{"summary":"\\u001b[31mred"}}';
  assert.deepEqual(counts(await send('bot', odd, signed(odd))), { ...nothing, opened: 1 });
  const [alert] = await openOf('Odd <b>');
  assert.deepEqual([alert?.said, alert?.labels.constructor], [' [31mred'.trim(), 'y']);
});

test('who sends too often waits, and too many open alerts are told to come again', async () => {
  const [one, two, three] = [alertBody('F1'), alertBody('F2'), alertBody('F1', { text: 'more' })];
  assert.deepEqual(counts(await send('few', one, signed(one))), { ...nothing, opened: 1 });
  const headers = signed(two, { id: 'full' });
  const full = await send('few', two, headers);
  assert.deepEqual([full.status, problemIn(full).code], [503, 'E_ALERTS_FULL']);
  const wait = await send('few', three, signed(three));
  assert.equal(wait.status, 429);
  assert.ok(Number(wait.headers.get('retry-after')) >= 1);
});

test('what was not taken may come again as it is', async () => {
  const body = alertBody('Later');
  const headers = signed(body, { id: 'later' });
  const unset = await send('unset', body, headers);
  assert.equal(unset.status, 503);
  // What is missing is the owner's affair.
  assert.doesNotMatch(JSON.stringify(unset.body), /NOT_THERE/);
  assert.match((await statusOf('unset')).lastProblem?.text ?? '', /NOT_THERE is not set/);
  const { reach } = await server.own<{ reach: readonly Reach[] }>('GET', '/api/v1/settings');
  const found = reach.filter(({ what }) => what.startsWith('alerts from '));
  assert.equal(found.length, 7);
  assert.match(found.find(({ what }) => what === 'alerts from unset')?.detail ?? '', /NOT_THERE is not set/);
  assert.equal(found.find(({ what }) => what === 'alerts from grafana')?.detail, 'no message has come yet; 0 alerts are open');
  assert(!JSON.stringify(reach).includes(secrets.BOT_KEY));
});

test('a source that is for some services may not tell of others', async () => {
  const body = alertBody('Foreign', { service: 'mail' });
  const refused = await send('checkout-only', body, signed(body));
  assert.deepEqual([refused.status, problemIn(refused).code], [403, 'E_FORBIDDEN']);
});

test('Grafana 12 with its signature, and older ones with a token: begun, repeated, over', async () => {
  for (const [name, headersOf] of [
    ['grafana', (body: string, atS: number) => grafanaSigned(body, secrets.GRAFANA_KEY, atS)],
    ['old-grafana', () => ({ authorization: `Bearer ${secrets.GRAFANA_TOKEN}` })],
  ] as const) {
    const say = async (atS: number, more: object = {}, method = 'POST') => {
      const body = JSON.stringify(grafanaMessage([grafanaAlert(more)]));
      return counts(await send(name, body, headersOf(body, atS), method));
    };
    assert.deepEqual(await say(nowS() - 2), { ...nothing, opened: 1 });
    // At its repeat interval it sends the same once more, signed anew.
    assert.deepEqual(await say(nowS() - 1, {}, 'PUT'), { ...nothing, repeated: 1 });
    assert.deepEqual(await say(nowS(), { status: 'resolved', endsAt: '2026-11-29T01:25:00Z' }), { ...nothing, resolved: 1 });
    // Late, by another instance of it: what has ended is not begun again.
    assert.deepEqual(await say(nowS() + 1), { ...nothing, passed: 1 });
    assert.deepEqual([(await statusOf(name)).taken, (await statusOf(name)).open], [4, 0]);
  }
});

test('one Rampart sends to another: its own webhook notifier is understood from beginning to end', async () => {
  const config = webhook.schema.parse({
    url: `${server.host.url}/inbound/alerts/bot`,
    secret: { env: 'KEY' },
    format: 'cloudevents',
    handshake: true,
  });
  const notifier = webhook.open(config, { secret: async () => secrets.BOT_KEY, consoleUrl: null });
  const tell = async (event: 'trigger' | 'update' | 'resolve') => {
    const message = example({ event, key: `there-1/${event}`, thread: 'there-1', title: 'checkout is down', atMs: Date.now() });
    const delivery = await notifier.send(message, null, AbortSignal.timeout(20_000));
    assert.equal(delivery.kind, 'delivered', delivery.said);
  };
  await tell('trigger');
  await tell('update');
  const [alert] = await openOf('checkout is down');
  assert.deepEqual([alert?.urgency, alert?.labels.service, alert?.labels.severity], ['page', 'checkout', 'P0']);
  await tell('resolve');
  // Its answer was lost, and the trigger comes once more.
  await tell('trigger');
  assert.equal((await openOf('checkout is down')).length, 0);
});

test('whoever guesses is told to wait, and the source itself is taken from the same address', async () => {
  const body = alertBody('Guessed');
  let last = 0;
  for (let at = 0; at < 45 && last !== 429; at += 1)
    last = (await send('bot', body, signed(body, { key: `guess ${at}` }))).status;
  assert.equal(last, 429);
  assert.deepEqual(counts(await send('bot', body, signed(body))), { ...nothing, opened: 1 });
});

test('who may not see alerts does not see sources', async () => {
  const { secret: token } = await server.token('scraper', []);
  assert.equal((await server.ask('GET', '/api/v1/alert-sources', undefined, { token })).status, 403);
  assert.equal((await server.ask('GET', '/api/v1/alert-sources')).status, 401);
});
