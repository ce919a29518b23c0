import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { incidentSetup } from '../../spec/incident-setup.ts';
import { SpecError } from '../../spec/problem.ts';
import { toolsWith } from '../conformance.ts';
import { example, plainly } from '../messages.fixture.ts';
import type { Delivery, Inbound, Message, Receipt, RoomTask } from '../notifier.ts';
import { Receiver } from '../receiver.fixture.ts';
import { botUser } from './channels.fixture.ts';
import { slack } from './index.ts';
import { says, Workspace } from './workspace.fixture.ts';

const token = 'xoxb-1234567890-abcdefghij';
const incident = 'checkout-20261129-1';
const base = `inc-${incident}`;
const of = { incident, number: 1 };
const opening = {
  ...of,
  ...{ kind: 'open', name: base, isPrivate: false, topic: 'P0 · nobody has it yet · <!channel> & more' },
  purpose: `War room of incident ${incident}: https://rampart.example/incidents/${incident}`,
  invite: ['U024BE7LH', botUser],
} as const satisfies RoomTask;
const telling = { ...of, kind: 'tell', shows: 'acknowledge', lines: ['taken by anna'], topic: null, invite: [] } as const;

/** A workspace, and a notifier for it. */
async function stage(t: TestContext, given: object = { signingSecret: { env: 'SIGNING' } }) {
  const space = new Workspace(token);
  const receiver = await Receiver.start(t, space.accept);
  const config = { token: { env: 'TOKEN' }, channel: '#payments', api: `${receiver.base}/api`, warRoom: {}, ...given };
  const notifier = slack.open(slack.schema.parse(config), toolsWith({ TOKEN: token }));
  const send = async (room: RoomTask, before: Receipt | null = null, isAgain = false, more: Partial<Message> = {}) =>
    await notifier.send(
      example({ key: `${incident}/room/1/${room.kind}`, thread: `${incident}/room/1`, ...more, room }),
      before,
      AbortSignal.timeout(30_000),
      isAgain,
    );
  return { space, send, receiver };
}

const receiptOf = (delivery: Delivery): Receipt => {
  assert(delivery.kind === 'delivered', delivery.said);
  return delivery.receipt;
};

test('a room is made, says whose it is, has its people, and the incident is pinned in it', async (t) => {
  const { space, send } = await stage(t);
  const receipt = receiptOf(await send(opening));
  const [room, ...others] = space.channels.all;
  assert(room && others.length === 0);
  assert.deepEqual(receipt, {
    channel: room.id,
    ts: '1700000000.000000',
    name: base,
    url: `https://acme.slack.com/archives/${room.id}`,
  });
  assert.deepEqual([...room.members], [botUser, 'U024BE7LH']);
  assert.deepEqual([...room.pins], [receipt.ts]);
  assert.equal(room.topic, 'P0 · nobody has it yet · &lt;!channel&gt; &amp; more');
  assert.match(room.purpose, new RegExp(`^War room of incident ${incident}: <https:`));
  const [first] = space.textsIn(room.id);
  assert.match(first ?? '', /errors of checkout.*"action_id":"acknowledge".*"value":"checkout-20261129-1".*!severity P1/);
  // Whoever is not heard there is not told that they are.
  const deaf = await stage(t, {});
  await deaf.send(opening);
  assert.doesNotMatch(JSON.stringify(deaf.space.shown), /!ack|"value"/);
});

test('each step may fail or its answer be lost: there is one channel and one first message in the end', async (t) => {
  const methods = ['auth.test', 'conversations.create', 'conversations.setPurpose', 'conversations.setTopic'];
  for (const method of [...methods, 'conversations.invite', 'chat.postMessage', 'pins.add'])
    for (const fault of ['lost', says({ ok: false, error: 'ratelimited' }, 429, { 'retry-after': '7' })] as const) {
      const { space, send } = await stage(t);
      // Others of ours, so that it has to be looked for on more than one page.
      for (const name of ['general', 'inc-other-1', 'inc-other-2']) space.channels.make(name, botUser, { purpose: 'another' });
      space.faults.set(method, [fault]);
      const failed = await send(opening);
      assert.deepEqual(
        [failed.kind, failed.kind === 'retry' && failed.afterMs],
        ['retry', fault === 'lost' ? null : 7_000],
        method,
      );
      const { channel } = receiptOf(await send(opening, null, true));
      assert.equal(space.channels.all.filter(({ name }) => name.startsWith(base)).length, 1, method);
      assert.equal(space.textsIn(channel ?? '').length, 1, `${method}: said once`);
      assert.equal(space.channels.find(channel ?? '')?.pins.size, 1, method);
    }
});

test('a name that somebody else has gets a number, and so does one of our own for something else, or archived', async (t) => {
  const { space, send } = await stage(t);
  // Somebody has made that one, and has asked the bot in.
  space.channels.make(base, 'U0OTHER').members.add(botUser);
  space.channels.make(`${base}-2`, botUser, { purpose: 'War room of another controller' });
  space.channels.make(`${base}-3`, botUser, { purpose: opening.purpose }).isArchived = true;
  assert.equal(receiptOf(await send(opening)).name, `${base}-4`);
  // The one that is ours is found, whatever its number.
  assert.equal(receiptOf(await send(opening, null, true)).name, `${base}-4`);
  assert.equal(space.channels.all.length, 4);
  for (let number = 5; number <= 9; number += 1) space.channels.make(`${base}-${number}`, 'U0OTHER');
  const other = { ...opening, purpose: 'War room of a third controller' };
  const full = await send(other);
  assert.deepEqual([full.kind, full.said], ['refused', `the names ${base} to ${base}-9 are taken by other channels`]);
});

test('what the bot may not do is said by the name of its scope; only what a room cannot be without keeps it away', async (t) => {
  const { space, send } = await stage(t);
  const without = (...scopes: readonly string[]) => {
    space.scopes = space.scopes.filter((scope) => !scopes.includes(scope));
  };
  without('channels:manage', 'pins:write');
  const refused = await send(opening);
  assert.equal(refused.kind, 'refused');
  assert.equal(refused.said, 'it says missing_scope; give the bot the scope channels:manage, and install the app again');
  space.scopes = [...space.scopes, 'channels:manage'];
  const receipt = receiptOf(await send({ ...opening, invite: ['U0NOBODY', 'U024BE7LH', 'anna'] }, null, true));
  assert.match(receipt.without ?? '', /^without pin: it says missing_scope; give the bot the scope pins:write/);
  assert.deepEqual([...(space.channels.all[0]?.members ?? [])], [botUser, 'U024BE7LH']);
  // Nobody but people who are there already, or who are not there at all.
  assert.equal((await send({ ...telling, invite: ['U024BE7LH'] }, receipt)).kind, 'delivered');
  assert.match((await send({ ...telling, invite: ['U0NOBODY'] }, receipt)).said, /without invitation: it says user_not_found/);
  // Without reading what is there it is rather said twice than not at all.
  without('channels:history');
  const before = space.shown.length;
  assert.equal((await send(telling, receipt, true)).kind, 'delivered');
  assert.equal(space.shown.length, before + 1);
});

test('what happens is said there once, the first message shows how it stands, and the topic follows', async (t) => {
  const { space, send } = await stage(t);
  const receipt = receiptOf(await send(opening));
  const { channel = '' } = receipt;
  const more = { key: `${incident}/room/1/t1` };
  space.faults.set('chat.postMessage', ['lost']);
  const told = { ...telling, lines: ['taken by anna', 'restarted <!here>'], topic: 'P0 · taken by anna', invite: ['U0LEAD'] };
  assert.equal((await send(told, receipt, false, more)).kind, 'retry');
  assert.deepEqual(receiptOf(await send(told, receipt, true, more)), receipt);
  const texts = space.textsIn(channel);
  assert.equal(texts.length, 2);
  assert.match(texts[0] ?? '', /Acknowledged: errors of checkout/);
  assert.match(texts[1] ?? '', /taken by anna\\nrestarted <!here>/);
  assert.equal(space.shown.at(-1)?.text, 'taken by anna · restarted &lt;!here&gt;');
  assert.equal(space.channels.find(channel)?.topic, 'P0 · taken by anna');
  assert(space.channels.find(channel)?.members.has('U0LEAD'));
  // A first message that somebody has deleted is no reason to be silent.
  space.shown.splice(0, 1);
  assert.match((await send(telling, receipt, false, { key: 'x/2' })).said, /without first message/);
  // Much at once is cut into parts.
  const many = Array.from({ length: 100 }, (_, at) => `${at} ${'x'.repeat(1_400)}`);
  assert.equal((await send({ ...telling, lines: many }, receipt, false, { key: 'x/3' })).kind, 'delivered');
});

test('it is archived once; what somebody else has archived is not written to', async (t) => {
  const { space, send } = await stage(t);
  const archiving = { ...of, kind: 'archive' } as const;
  const receipt = receiptOf(await send(opening));
  const room = space.channels.all[0];
  assert(room);
  room.isArchived = true;
  const shut = receiptOf(await send(telling, receipt));
  assert.equal(shut.shut, 'is_archived');
  assert.equal(space.shown.length, 1);
  room.isArchived = false;
  space.faults.set('conversations.archive', ['lost']);
  assert.equal((await send(archiving, receipt)).kind, 'retry');
  assert.equal((await send(archiving, receipt, true)).kind, 'delivered');
  assert(room.isArchived);
  assert.equal((await send(archiving, { ...receipt, channel: 'C0GONE' })).kind, 'delivered');
  assert.equal((await send(archiving)).kind, 'delivered', 'none was made');
  space.faults.set('conversations.archive', [says({ ok: false, error: 'restricted_action' })]);
  assert.match((await send(archiving, receipt)).said, /restricted_action; let the app do that/);
});

test('an incoming webhook makes no room, and says truly what it can', async () => {
  const parsed = slack.schema.parse({ webhook: { env: 'W' } });
  assert.equal(slack.roomPolicy?.(parsed), null);
  assert.deepEqual(slack.capabilitiesOf?.(parsed), {
    ...slack.capabilities,
    ...{ updatesInPlace: false, threads: false, buttons: false },
  });
  assert(!slack.schema.safeParse({ webhook: { env: 'W' }, warRoom: {} }).success);
  const delivery = await slack
    .open(parsed, toolsWith({ W: 'https://hooks.slack.com/services/x' }))
    .send(example({ room: opening }), null, AbortSignal.timeout(1_000));
  assert.equal(delivery.kind, 'refused');
});

test('a document says which incidents have rooms, whom they are for, and when they are archived', () => {
  const right = { token: { env: 'T' }, channel: 'C0123456789' };
  const policyOf = (warRoom?: object) => slack.roomPolicy?.(slack.schema.parse({ ...right, ...(warRoom ? { warRoom } : {}) }));
  assert.equal(policyOf(), null);
  assert.deepEqual(policyOf({}), {
    ...{ severities: ['P0'], prefix: 'inc-', isPrivate: false, invite: ['on-call'], language: 'en' },
    archiveAfterMs: 7 * 86_400_000,
  });
  assert.equal(policyOf({ archiveAfter: 'off' })?.archiveAfterMs, null);
  for (const wrong of [
    { prefix: 'Inc ' },
    { prefix: '' },
    { severities: [] },
    { severities: ['P0', 'P0'] },
    { archiveAfter: '0s' },
    { name: 'x' },
    { invite: ['Anna'] },
  ])
    assert(!slack.schema.safeParse({ ...right, warRoom: wrong }).success, JSON.stringify(wrong));
});

test('who is to be invited and is not there is a mistake at its place', () => {
  const head = (kind: string, name: string): string =>
    `---\napiVersion: rampart/v1\nkind: ${kind}\nmetadata: { name: ${name} }\n`;
  const text = `${head('Notifier', 'team')}spec: { slack: { token: { env: T }, channel: C1, warRoom: { invite: [on-call, lead, anne] } } }
${head('Person', 'lead')}spec: {}
${head('Person', 'anna')}spec: {}
`;
  assert.throws(
    () => incidentSetup([{ file: 'setup.yaml', text }], { notifiers: { slack }, checks: {}, alertSources: {} }),
    (error: unknown) =>
      error instanceof SpecError &&
      error.problems.map(({ line, message }) => `${line} ${message}`).join() ===
        '5 there is no Person called "anne"; did you mean "anna"?',
  );
});

const signing = '8f742231b10e8888abcd99yyyzzz85a5';

/** A request of the Events API as Slack sends it. */
function brought(payload: object, given: { readonly secret?: string; readonly retry?: number } = {}): Inbound {
  const { secret = signing, retry } = given;
  const body = Buffer.from(JSON.stringify(payload));
  const signature = `v0=${createHmac('sha256', secret).update(`v0:1700000000:${body}`).digest('hex')}`;
  const headers = {
    'content-type': 'application/json',
    'x-slack-request-timestamp': '1700000000',
    'x-slack-signature': signature,
    ...(retry === undefined ? {} : { 'x-slack-retry-num': String(retry), 'x-slack-retry-reason': 'http_timeout' }),
  };
  return { method: 'POST', url: '/inbound/team', headers, body, nowMs: 1_700_000_000_000 };
}

const message = (event: object) => ({
  ...{
    token: 'XXYYZZ',
    team_id: 'T1',
    api_app_id: 'A1',
    type: 'event_callback',
    event_id: 'Ev123ABC456',
    event_time: 1_355_517_523,
  },
  event: {
    ...{ type: 'message', channel: 'C123ABC456', user: 'U024BE7LH', text: 'Hello', ts: '1355517523.000005' },
    ...{ channel_type: 'channel', event_ts: '1355517523.000005', ...event },
  },
});

test('what people write in a room is a note, or a command; what programs write there is nothing', async () => {
  const config = { token: { env: 'T' }, channel: '#x', signingSecret: { env: 'SIGNING' } };
  const ask = async (inbound: Inbound) => {
    const answer = await slack.inbound?.(slack.schema.parse(config), inbound, toolsWith({ SIGNING: signing }));
    return answer;
  };
  const challenge = { token: 'x', challenge: '3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P', type: 'url_verification' };
  assert.deepEqual(plainly(await ask(brought(challenge))), {
    ...{ kind: 'verbs', verbs: [] },
    reply: { type: 'text/plain', body: challenge.challenge },
  });
  assert.equal((await ask(brought(challenge, { secret: 'guessed' })))?.kind, 'refused');
  const verbs = async (event: object, retry?: number) => {
    const answer = await ask(brought(message(event), retry === undefined ? {} : { retry }));
    assert(answer?.kind === 'verbs' && answer.reply([]).body === '');
    return answer.verbs;
  };
  const note = { ...{ id: 'C123ABC456-1355517523.000005', thread: null, code: null }, person: 'U024BE7LH', room: 'C123ABC456' };
  assert.deepEqual(await verbs({}), [{ ...note, verb: 'note', text: 'Hello' }]);
  assert.deepEqual(await verbs({}, 1), await verbs({}), 'brought again it is the same');
  const cases: readonly [event: object, verb: string, text: string][] = [
    [{ text: '!ack' }, 'acknowledge', '!ack'],
    [{ text: ' !Severity p1 ' }, 'severity', 'P1'],
    [{ text: '!rollback' }, 'rollback', '!rollback'],
    [{ text: '!severity' }, 'note', '!severity'],
    [{ text: '!ack P1' }, 'note', '!ack P1'],
    [{ text: 'resolve' }, 'note', 'resolve'],
    [
      { text: 'a &lt;b&gt; &amp; <@U1> <#C1|ops> <https://x.example|x> <https://y.example> <!here>\nnext' },
      'note',
      'a <b> & @U1 #ops x (https://x.example) https://y.example @here\nnext',
    ],
    [{ subtype: 'file_share', text: '', files: [{ name: 'graph.png' }] }, 'note', '[graph.png]'],
    [{ subtype: 'thread_broadcast', text: 'in a thread', thread_ts: '1.0' }, 'note', 'in a thread'],
    [{ text: 'x'.repeat(20_000) }, 'note', `${'x'.repeat(9_999)}…`],
  ];
  for (const [event, verb, text] of cases) assert.deepEqual(await verbs(event), [{ ...note, verb, text }]);
  for (const other of [
    { bot_id: 'B1' },
    { subtype: 'bot_message', bot_id: 'B1' },
    { subtype: 'message_changed' },
    { subtype: 'channel_join' },
    { subtype: 'channel_topic' },
    { channel: 'D024BE91L' },
    { text: '' },
    { type: 'reaction_added' },
  ])
    assert.deepEqual(await verbs(other), [], JSON.stringify(other));
});
