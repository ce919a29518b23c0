import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import { type ChangeEvent, eventsApi } from '../../src/notifiers/pagerduty/events-api.fixture.ts';
import { Receiver, type Taken } from '../../src/notifiers/receiver.fixture.ts';
import { Workspace } from '../../src/notifiers/slack/workspace.fixture.ts';
import { BotApi } from '../../src/notifiers/telegram/bot-api.fixture.ts';
import type { MessageView } from '../../src/views/notification-view.ts';
import type { TimelineView } from '../../src/views/timeline-view.ts';
import { Stage, until } from './stage.ts';
import { Users } from './users.ts';

const routingKey = 'R0UTINGKEY0000000000000000000000';
const secrets: Readonly<Record<string, string>> = {
  slack: 'xoxb-1-token',
  signing: 'only-slack-knows',
  pagerduty: routingKey,
  bot: '1:token',
  botSecret: 'only-telegram-knows',
};

type Cdevent = {
  readonly id: string;
  readonly type: string;
  readonly data: {
    readonly context: { readonly id: string; readonly type: string; readonly version: string };
    readonly subject: { readonly id: string; readonly type: string; readonly content: { readonly artifactId?: string } };
    readonly customData: { readonly release: { readonly id: string; readonly news: string } };
  };
};

/** A program that takes CDEvents, each id once. */
class Events {
  readonly taken = new Map<string, Cdevent>();
  /** Hears of each one before it is answered. */
  heard: (event: Cdevent) => void = () => {};

  readonly accept = ({ method, headers, body }: Taken) => {
    assert.equal(method, 'POST');
    assert.match(headers['content-type'] ?? '', /^application\/cloudevents\+json/);
    const event: Cdevent = JSON.parse(body);
    assert.equal(headers['webhook-id'], event.id);
    const { context, subject } = event.data;
    assert.deepEqual([context.id, context.type, context.version], [event.id, event.type, '0.4.0']);
    const isOfService = /^dev\.cdevents\.service\.(deployed|upgraded|rolledback)\.0\.2\.0$/.test(event.type);
    if (!isOfService) assert.match(event.type, /^dev\.cdeventsx\.rampart-release\.[a-z]+\.0\.1\.0$/);
    assert.equal(subject.type, isOfService ? 'service' : 'rampart-release');
    assert.match(subject.content.artifactId ?? '', /^pkg:generic\/shop@\d\.0\.0$/);
    const before = this.taken.get(event.id);
    if (before) assert.deepEqual(event, before, 'the same id is the same event');
    this.taken.set(event.id, event);
    this.heard(event);
    return { status: 204 };
  };

  of(release: string): readonly string[] {
    const own = [...this.taken.values()].filter(({ data }) => data.customData.release.id === release);
    return own.map(({ data }) => data.customData.release.news);
  }
}

describe('releases tell people and programs what they do', () => {
  test('a channel has one message for each release and its buttons, PagerDuty a change event for each step, programs CDEvents; through kill -9', {
    timeout: 600_000,
  }, async (t) => {
    const workspace = new Workspace(secrets.slack ?? '');
    const bot = new BotApi(secrets.bot ?? '');
    const events = new Events();
    const [slack, pager, telegram, hook] = await Promise.all([
      Receiver.start(t, workspace.accept),
      Receiver.start(t, eventsApi(routingKey)),
      Receiver.start(t, bot.accept),
      Receiver.start(t, events.accept),
    ]);
    const stage = new Stage();
    t.after(() => stage.close());
    await stage.up();
    const secret = (name: string): string => `{ file: ${stage.write(`secrets/${name}`, secrets[name] ?? '')} }`;
    const notifier = (name: string, spec: string): string =>
      `apiVersion: rampart/v1\nkind: Notifier\nmetadata: { name: ${name} }\nspec: { ${spec} }\n---\n`;
    const setup = [
      notifier(
        'team',
        `slack: { token: ${secret('slack')}, channel: C1, signingSecret: ${secret('signing')}, api: "${slack.base}/api" }`,
      ),
      notifier('pd', `pagerduty: { routingKey: ${secret('pagerduty')}, api: "${pager.base}" }`),
      notifier(
        'bot',
        `telegram: { token: ${secret('bot')}, chat: "-100123", webhookSecret: ${secret('botSecret')}, api: "${telegram.base}" }`,
      ),
      notifier('cd', `webhook: { url: "${hook.base}/cd", format: cdevents }`),
      'apiVersion: rampart/v1\nkind: Person\nmetadata: { name: olga }\nspec: { user: olga, accounts: { team: U1, bot: "77" } }\n---\n',
      'apiVersion: rampart/v1\nkind: Person\nmetadata: { name: vera }\nspec: { user: vera, accounts: { team: U2 } }\n---\n',
      'apiVersion: rampart/v1\nkind: ReleaseNotices\nmetadata: { name: releases }\n',
      'spec: { tell: [ { notifier: team }, { notifier: pd, services: [sh*] }, { notifier: bot } ] }\n',
    ].join('');
    const applied = await stage.cli('incidents', 'apply', stage.write('setup.yaml', setup));
    assert.equal(applied.code, 0, applied.err);
    for (const [name, role] of [
      ['root', 'admin'],
      ['olga', 'approver'],
      ['vera', 'viewer'],
    ]) {
      const { status, body } = await stage.ask('POST', '/api/v1/users', { name, grants: [{ role, services: '*' }] });
      assert(status < 300, JSON.stringify(body));
    }
    // The machine has other work to do, and a controller is killed in between.
    const slow = { deadlines: '{ ready: 90s, route: 90s, drain: 3s, hook: 5s }', lease: '60s' };
    const canary = '{ canary: { steps: [ { weight: 20%, for: 2s }, { weight: 50%, for: 1s } ] } }';
    const shop = await stage.place('shop', { release: { ...slow, strategy: canary, notify: '[ cd ]' } });
    const outbox = async () =>
      ((await stage.ask('GET', '/api/v1/notifications?limit=1000')).body as { messages: MessageView[] }).messages;
    const settled = () =>
      until('everybody has answered', async () =>
        (await outbox()).every(({ state }) => state !== 'waiting' && state !== 'under-way'),
      );
    const posts = (release: string) =>
      workspace.shown.filter(({ blocks, thread_ts }) => thread_ts === undefined && JSON.stringify(blocks).includes(release));
    const changes = (release: string): readonly ChangeEvent[] =>
      pager.taken
        .map(({ body }) => JSON.parse(body) as ChangeEvent)
        .filter(({ payload }) => payload.custom_details.release === release);

    const { release: first } = await stage.install(shop, '1.0.0');
    await settled();
    assert.deepEqual([events.of(first)[0], events.of(first).at(-1)], ['started', 'succeeded']);
    assert.deepEqual([...events.taken.values()].at(-1)?.type, 'dev.cdevents.service.deployed.0.2.0');

    // Somebody is asked, from the channel.
    const asking = await stage.place(
      'shop',
      { release: { ...slow, strategy: canary, notify: '[ cd ]', approval: 'true' } },
      shop.port,
    );
    const users = new Users(shop.port, 60);
    t.after(() => users.stop());
    const second = await stage.begin(asking, '2.0.0');
    await until('the channel is asked', () => posts(second).length === 1);
    await settled();
    const buttons = (release: string): readonly { readonly action_id: string; readonly value?: string | undefined }[] =>
      posts(release)[0]?.blocks.flatMap((block) => (block.type === 'actions' ? block.elements : [])) ?? [];
    assert.deepEqual(
      buttons(second).map(({ action_id, value }) => [action_id, value]),
      [
        ['approve', `release/${second}`],
        ['abort', `release/${second}`],
      ],
    );
    assert.equal(bot.shown.filter(({ text }) => text.includes(second)).length, 1, 'a phone rings for what somebody has to do');
    const press = async (user: string, verb: string, release: string): Promise<number> => {
      const payload = {
        type: 'block_actions',
        user: { id: user },
        channel: { id: 'C1' },
        actions: [{ action_id: verb, action_ts: `${Date.now()}`, value: `release/${release}`, text: { text: verb } }],
      };
      const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
      const timestamp = Math.floor(Date.now() / 1_000).toString();
      const signature = createHmac('sha256', secrets.signing ?? '')
        .update(`v0:${timestamp}:${body}`)
        .digest('hex');
      const response = await fetch(`${stage.door().url}/inbound/team`, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'x-slack-request-timestamp': timestamp,
          'x-slack-signature': `v0=${signature}`,
        },
        body,
      });
      return response.status;
    };
    for (const user of ['U2', 'U3']) assert.equal(await press(user, 'approve', second), 200);
    await until('both are told why not, and nobody else', () => workspace.whispers.length === 2);
    assert.deepEqual(workspace.whispers.map(({ user, text }) => `${user}: ${text}`).toSorted(), [
      `U2: vera may not approve release ${second}`,
      'U3: no person has an account "U3" at team',
    ]);
    assert.equal((await stage.release(second)).state, 'awaiting-approval', 'who may not approve there may not here');
    // The controller is killed when a program has heard that it began, before that is on record.
    const killed = new Promise<void>((resolve) => {
      events.heard = ({ data }) => {
        const { id, news } = data.customData.release;
        if (id !== second || news !== 'started') return;
        events.heard = () => {};
        void stage.down('SIGKILL').then(() => resolve());
      };
    });
    assert.equal(await press('U1', 'approve', second).catch(() => 200), 200);
    await killed;
    await stage.up();
    await until('it has ended', async () => (await stage.release(second)).summary !== null, 180_000);
    const ended = await stage.end(second);
    assert.equal(ended.outcome, 'succeeded', ended.reason);
    await settled();
    const approvals = (await stage.events(second))
      .filter(({ kind }) => kind === 'verb')
      .map(({ actor, said }) => [actor, said?.includes('approve')]);
    assert.deepEqual(approvals, [['olga', true]]);
    const news = events.of(second);
    const recorded = (await outbox()).filter(
      ({ thread, notifier, state }) => thread === `release/${second}` && notifier === 'cd' && state === 'delivered',
    );
    assert.equal(recorded.length, news.length, 'nothing is lost, and nothing is another event');
    assert.deepEqual([news[0], news[1], news.at(-1)], ['held', 'started', 'succeeded']);
    assert(news.filter((one) => one === 'step').length >= 4, news.join());
    assert.equal([...events.taken.values()].at(-1)?.type, 'dev.cdevents.service.upgraded.0.2.0');
    assert.equal(posts(second).length, 1, 'one message for the release');
    assert(JSON.stringify(posts(second)[0]?.blocks).includes('shop 2.0.0 is released'), JSON.stringify(posts(second)[0]?.blocks));
    // News that waits for the one before it is told with it, so how often it has changed is a matter of time.
    assert((posts(second)[0]?.changes ?? 0) >= 1);
    assert.deepEqual(
      buttons(second).map(({ action_id }) => action_id),
      ['rollback'],
    );
    const replies = workspace.shown.filter(({ thread_ts }) => thread_ts === posts(second)[0]?.ts);
    assert(
      replies.some(({ text }) => /step \d of \d+, send 20 % of requests/.test(text)),
      replies.map(({ text }) => text).join('; '),
    );
    // In order; what was under way at the kill may be there again.
    const told = changes(second).map(({ payload }) => payload.summary);
    assert.deepEqual(
      told.filter((summary, at) => told.indexOf(summary) === at).map((summary) => summary.replace(/step (\d+) of \d+/, 'step')),
      [
        'shop 2.0.0 waits for an approval',
        'shop 2.0.0 is being released',
        'shop 2.0.0: step, send 20 % of requests',
        'shop 2.0.0: step, send 50 % of requests',
        'shop 2.0.0: step, send all requests',
        'shop 2.0.0: step, bake for 1s with 1.0.0 warm',
        'shop 2.0.0: step, retire 1.0.0',
        'shop 2.0.0 is released',
      ],
    );
    const step = changes(second).find(({ payload }) => payload.summary.includes('send 50 %'));
    assert.equal(step?.payload.source, 'shop');
    assert.deepEqual(
      [step?.payload.custom_details.event, step?.payload.custom_details.version, step?.payload.custom_details.previous_version],
      ['step', '2.0.0', '1.0.0'],
    );
    assert(
      pager.taken.every(({ url }) => url === '/v2/change/enqueue'),
      'nobody is paged',
    );

    // A version that fails goes back: why, and what it cost.
    stage.behaves('3.0.0', { failEvery: 1 });
    const plain = await stage.place('shop', { release: { ...slow, strategy: canary, notify: '[ cd ]' } }, shop.port);
    const third = await stage.begin(plain, '3.0.0');
    await until('it has ended', async () => (await stage.release(third)).summary !== null, 180_000);
    assert.equal((await stage.end(third)).outcome, 'rolled-back');
    await settled();
    const back = events.of(third);
    assert.deepEqual(back.slice(-2), ['rolling-back', 'rolled-back']);
    const last = [...events.taken.values()].at(-1);
    assert.equal(last?.type, 'dev.cdevents.service.rolledback.0.2.0');
    assert.equal(last?.data.subject.content.artifactId, 'pkg:generic/shop@2.0.0');
    const blocks = JSON.stringify(posts(third)[0]?.blocks);
    assert.match(blocks, /shop 3\.0\.0 was rolled back/);
    assert.match(blocks, /Requests to the new version\\n\d+, failed: [1-9]/);
    const onPhone = bot.shown.filter(({ text }) => text.includes(third) || text.includes('3.0.0'));
    assert(
      onPhone.some(({ text }) => text.includes('was rolled back')),
      onPhone.map(({ text }) => text).join('\n'),
    );
    assert.equal(
      bot.shown.some(({ text }) => text.includes('send 20 %')),
      false,
      'a phone does not ring for a step',
    );

    // From the channel the version that is stable now goes back to the one before.
    assert.equal(await press('U1', 'rollback', second), 200);
    assert.equal((await stage.service('shop')).stable?.version, '2.0.0', 'an approver may not start a release');
    const promoted = await stage.ask('PATCH', '/api/v1/users/olga', { grants: [{ role: 'operator', services: '*' }] });
    assert.equal(promoted.status, 200);
    assert.equal(await press('U1', 'rollback', second), 200);
    await until('1.0.0 is back', async () => (await stage.service('shop')).stable?.version === '1.0.0', 60_000);

    // A note of a timeline says what its receivers have answered.
    const noted = await stage.place(
      'shop',
      {
        release: {
          strategy: canary,
          timeline:
            '[ { at: T-30m, title: The team is told, notify: [ team, { person: vera } ] }, { at: T-20m, title: Everybody is told, notify: true } ]',
        },
      },
      shop.port,
    );
    const planned = await stage.cli(
      'timeline',
      'plan',
      noted.file,
      '--version',
      '4.0.0',
      '--at',
      new Date(Date.now() + 60_000).toISOString(),
    );
    assert.equal(planned.code, 0, planned.err);
    const entry = async (id: string) => {
      const view = (await stage.ask('GET', '/api/v1/timelines/shop')).body as TimelineView;
      return view.entries.find((one) => one.id === id);
    };
    await until(
      'both notes are done',
      async () => (await entry('T-30m'))?.endedAtMs != null && (await entry('T-20m'))?.endedAtMs != null,
    );
    assert.match((await entry('T-30m'))?.detail ?? '', /^team: posted/);
    assert.match((await entry('T-20m'))?.detail ?? '', /^team: posted: C1 \S+; pd: it answers 202: queued there$/);
    // Where the channel takes no more in this minute, both notes come as one message.
    assert(
      workspace.shown.some(({ text, blocks }) => `${text} ${JSON.stringify(blocks)}`.includes('shop 4.0.0: The team is told')),
      workspace.shown.map(({ text }) => text).join('; '),
    );
    await stage.cli('timeline', 'cancel', 'shop');
    await settled();
    assert.equal((await stage.ask('POST', '/api/v1/notifications/test', { notifier: 'team', by: 'tess' })).status, 200);
  });
});
