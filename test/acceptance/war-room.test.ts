import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { Receiver } from '../../src/notifiers/receiver.fixture.ts';
import { botUser } from '../../src/notifiers/slack/channels.fixture.ts';
import { Workspace } from '../../src/notifiers/slack/workspace.fixture.ts';
import type { IncidentView } from '../../src/views/incident-view.ts';
import { Stage, until } from './stage.ts';

const token = 'xoxb-1234567890-abcdefghij';
const signing = '8f742231b10e8888abcd99yyyzzz85a5';

const setup = (base: string, folder: string) => `apiVersion: rampart/v1
kind: Notifier
metadata: { name: team }
spec:
  slack:
    token: { file: ${folder}/token }
    signingSecret: { file: ${folder}/signing }
    channel: "#ops"
    api: ${base}/api
    warRoom: { severities: [P0], invite: [on-call, lead], archiveAfter: 3s }
  delivery: { timeout: 60s }
---
apiVersion: rampart/v1
kind: Person
metadata: { name: anna }
spec: { contacts: [ { notifier: team, to: U024BE7LH } ] }
---
apiVersion: rampart/v1
kind: Person
metadata: { name: lead }
spec: { accounts: { team: U0LEAD } }
---
apiVersion: rampart/v1
kind: EscalationPolicy
metadata: { name: all }
spec: { steps: [ { notify: [ { notifier: team }, { person: anna } ] } ] }
---
apiVersion: rampart/v1
kind: Runbook
metadata: { name: disks }
spec:
  alerts: [DiskFull]
  steps: [ { title: What is free, check: { command: { run: [sh, -c, "echo 3 %"] } } } ]
`;

/** A controller, and a workspace that it talks to. */
async function world(t: TestContext) {
  const stage = new Stage();
  t.after(() => stage.close());
  const space = new Workspace(token);
  const slack = await Receiver.start(t, space.accept);
  await stage.up();
  stage.write('token', token);
  stage.write('signing', signing);
  const files = [{ file: 'setup.yaml', text: setup(slack.base, stage.folder) }];
  assert.equal((await stage.ask('PUT', '/api/v1/incidents/setup', { files })).status, 200);
  const alert = async (more: object = {}) => {
    const labels = { alertname: 'DiskFull', severity: 'critical' };
    assert.equal(
      (await stage.ask('POST', '/api/v2/alerts', [{ labels, annotations: { summary: 'full' }, ...more }])).status,
      200,
    );
  };
  const incident = async (): Promise<IncidentView | undefined> => {
    const { body } = await stage.ask('GET', '/api/v1/incidents');
    const [row] = (body as { incidents: readonly { id: string }[] }).incidents;
    return row && ((await stage.ask('GET', `/api/v1/incidents/${row.id}`)).body as IncidentView);
  };
  const has = async (what: string, isSo: (view: IncidentView) => boolean) =>
    await until(what, async () => {
      const found = await incident();
      return found !== undefined && isSo(found);
    });
  const texts = (channel: string) => space.textsIn(channel);
  const said = async (channel: string, pattern: RegExp) =>
    await until(`it is said in the room: ${pattern}`, () => texts(channel).some((text) => pattern.test(text)));
  /** Kills the controller when it has done something that it has no answer to, and starts another one. */
  const killedIn = async (method: string, begin: () => Promise<unknown>, isIt: () => boolean = () => true) => {
    const reached = new Promise<void>((resolve) => {
      space.done = (name) => {
        if (name !== method || !isIt()) return;
        space.done = () => {};
        slack.behaviour = 'silent';
        resolve();
      };
    });
    await begin();
    await reached;
    await stage.down('SIGKILL');
    slack.behaviour = 'yes';
    await stage.up();
  };
  let sent = 0;
  /** Slack tells of a message in a channel, as often as it wants to. */
  const writes = async (channel: string, text: string, more: object = {}, times = 1) => {
    sent += 1;
    const ts = `17000001${String(sent).padStart(2, '0')}.000100`;
    const event = { type: 'message', channel, user: 'U024BE7LH', text, ts, event_ts: ts, channel_type: 'channel', ...more };
    const body = JSON.stringify({ type: 'event_callback', team_id: 'T1', event_id: `Ev${sent}`, event_time: 1, event });
    for (let retry = 0; retry < times; retry += 1) {
      const atS = Math.floor(Date.now() / 1_000);
      const signature = `v0=${createHmac('sha256', signing).update(`v0:${atS}:${body}`).digest('hex')}`;
      const headers = {
        'x-slack-request-timestamp': String(atS),
        'x-slack-signature': signature,
        'x-slack-retry-num': String(retry),
      };
      const response = await fetch(`${stage.door().url}/inbound/team`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
        signal: AbortSignal.timeout(10_000),
      });
      assert.deepEqual([response.status, await response.text()], [200, '']);
    }
  };
  return { stage, space, alert, incident, has, said, texts, killedIn, writes };
}

test('an incident has a room of its own, once, through kills in the middle of everything', { timeout: 300_000 }, async (t) => {
  const { stage, space, alert, incident, has, said, texts, killedIn, writes } = await world(t);
  const verb = async (body: object) =>
    assert.equal(
      (await stage.ask('POST', `/api/v1/incidents/${(await incident())?.id}/verbs`, { by: 'tess', ...body })).status,
      200,
    );
  const rooms = () => space.channels.all.filter(({ name }) => name.startsWith('inc-'));
  await killedIn('conversations.create', () => alert());
  await has('its room is on record', ({ room }) => room?.state === 'open');
  const opened = await incident();
  assert(opened?.room?.channel);
  const { channel } = opened.room;
  assert.deepEqual(
    rooms().map(({ id, name }) => [id, name]),
    [[channel, `inc-${opened.id}`]],
  );
  assert.equal(opened.room.url, `https://acme.slack.com/archives/${channel}`);
  assert.deepEqual([...(rooms()[0]?.members ?? [])], [botUser, 'U0LEAD', 'U024BE7LH']);
  assert.equal(rooms()[0]?.pins.size, 1);
  await said(channel, /alert DiskFull: full/);
  await said(channel, /disks, 1\. What is free: /);
  const shown = await stage.cli('incidents', 'show', opened.id);
  assert.match(shown.out, new RegExp(`war room: #inc-${opened.id} at team, https://acme.slack.com/archives/${channel}`));

  // What people write there is noted, once; what they may not, or did not mean, is not.
  await writes(channel, 'the log of <@U0LEAD> &amp; co fills it', {}, 3);
  await writes(channel, 'from a stranger', { user: 'U0OTHER' });
  await writes(channel, 'from the bot itself', { user: botUser, bot_id: 'B1' });
  await writes('C0ELSEWHERE', 'somewhere else');
  await killedIn(
    'chat.postMessage',
    () => writes(channel, '!ack', {}, 2),
    () => /acknowledged by/.test(texts(channel).join()),
  );
  await has('anna has it', ({ ack, state }) => ack?.by === 'anna' && state === 'acknowledged');
  await writes(channel, '!severity P1');
  await has('it is milder', ({ severity }) => severity === 'P1');
  assert.deepEqual(
    (await incident())?.notes.map(({ by, text }) => [by, text]),
    [
      ['anna', 'the log of @U0LEAD & co fills it'],
      ['anna', '!ack'],
      ['anna', '!severity P1'],
    ],
  );
  await said(channel, /P1, set by anna/);
  const topic = () => rooms()[0]?.topic ?? '';
  await until('the topic says who has it', () => topic().startsWith('P1 · taken by anna · '));
  assert.equal(texts(channel).filter((text) => /acknowledged by anna/.test(text)).length, 1);
  assert.doesNotMatch(texts(channel).slice(1).join(), /the log of/, 'what was written there is not said there again');

  // Its end is told there, it is archived after its time, and another one follows when the incident comes back after that.
  await verb({ verb: 'resolve' });
  await said(channel, /resolved by tess/);
  assert.equal(rooms()[0]?.isArchived, false, 'not before its time');
  await has('its room is archived', ({ room }) => room?.state === 'archived');
  assert.deepEqual(
    rooms().map(({ isArchived }) => isArchived),
    [true],
  );
  const posts = space.shown.filter((one) => one.channel === channel);
  for (const [index, { atMs }] of posts.entries())
    if (index > 0) assert(atMs - (posts[index - 1]?.atMs ?? 0) >= 900, 'not more than one message a second');
  await verb({ verb: 'reopen' });
  await verb({ verb: 'severity', severity: 'P0' });
  await has('it has another room', ({ room }) => room?.state === 'open' && room.number === 2);
  assert.deepEqual(
    rooms().map(({ name }) => name),
    [`inc-${opened.id}`, `inc-${opened.id}-2`],
  );
});
