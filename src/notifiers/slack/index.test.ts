import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { withVectors } from '../../../test/vectors.fixture.ts';
import { textIn } from '../../spec/text.ts';
import { notifierConformance, overHttp, toolsWith } from '../conformance.ts';
import { example, plainly } from '../messages.fixture.ts';
import type { Inbound, Receipt } from '../notifier.ts';
import { Receiver } from '../receiver.fixture.ts';
import { slackContent } from './blocks.ts';
import { slack } from './index.ts';
import { says, Workspace } from './workspace.fixture.ts';

const token = 'xoxb-1234567890-abcdefghij';
const signingSecret = '8f742231b10e8888abcd99yyyzzz85a5';
const secrets = { SLACK_TOKEN: token };
const config = (base: string) => ({
  token: { env: 'SLACK_TOKEN' },
  channel: '#payments',
  signingSecret: { env: 'SLACK_SIGNING' },
  api: `${base}/api/`,
});
const no = (error: string) => says({ ok: false, error });

notifierConformance('slack', {
  plugin: slack,
  secrets,
  inboundSecrets: { SLACK_SIGNING: signingSecret },
  make: overHttp(new Workspace(token).accept, config, {
    no: no('channel_not_found'),
    broken: no('internal_error'),
    busy: says({ ok: false, error: 'ratelimited' }, 429, { 'retry-after': '7' }),
  }),
});

notifierConformance('slack, by an incoming webhook', {
  plugin: slack,
  secrets: {},
  make: overHttp(
    new Workspace(token).accept,
    () => ({ webhook: { env: 'SLACK_HOOK' } }),
    { no: { status: 403, body: 'action_prohibited' } },
    (base) => ({ SLACK_HOOK: `${base}/services/T000/B000/very-secret` }),
  ),
});

/** A workspace, and what sends to it one after another, as the outbox does. */
async function workspace(t: TestContext) {
  const space = new Workspace(token);
  const receiver = await Receiver.start(t, space.accept);
  const notifier = slack.open(slack.schema.parse(config(receiver.base)), toolsWith(secrets));
  const send = async (given: Parameters<typeof example>[0], before: Receipt | null = null): Promise<Receipt> => {
    const delivery = await notifier.send(example(given), before, AbortSignal.timeout(30_000));
    assert(delivery.kind === 'delivered', delivery.said);
    return delivery.receipt;
  };
  return { space, receiver, send };
}

test('slack: an incident is one message that changes, with what is new in its thread', async (t) => {
  const { space, send } = await workspace(t);
  const first = await send({});
  assert.deepEqual(first, { channel: 'C1', ts: '1700000000.000000' });
  const second = await send({ event: 'acknowledge', text: 'Anna has it' }, first);
  const last = await send({ event: 'resolve' }, second);
  assert.deepEqual(last, first);
  const [root, ...replies] = space.shown;
  assert.equal(root?.changes, 2);
  assert.deepEqual(root?.blocks[0], {
    type: 'header',
    text: { type: 'plain_text', text: 'Resolved: errors of checkout are above 5 %', emoji: false },
  });
  assert(!JSON.stringify(root).includes('"value"'), 'no verb is offered any more');
  assert.equal(replies.length, 2);
  for (const reply of replies)
    assert.deepEqual([reply.channel, reply.thread_ts, reply.reply_broadcast], ['C1', first.ts, undefined]);
  assert.match(JSON.stringify(replies[0]), /Acknowledged: errors of checkout are above 5 %\\n\\nAnna has it/);
  // Whoever is called again is called in the channel.
  await send({ event: 'trigger' }, last);
  assert.equal(space.shown[3]?.reply_broadcast, true);
  await send({ event: 'notice' }, last);
  assert.equal(space.shown[4]?.thread_ts, undefined);
});

test('slack: a message that somebody has deleted is posted anew', async (t) => {
  const { space, send } = await workspace(t);
  const first = await send({});
  space.shown.length = 0;
  const second = await send({ event: 'update' }, first);
  assert.equal(space.shown.length, 1);
  assert.equal(space.shown[0]?.thread_ts, undefined);
  await send({ event: 'resolve' }, second);
  assert.equal(space.shown[0]?.changes, 1);
});

test('slack: a status of 200 is no yes', async (t) => {
  const cases: readonly [error: string, kind: string, hint?: string][] = [
    ['invalid_auth', 'refused', '; look at the token'],
    ['is_archived', 'refused', '; name another channel'],
    ['not_in_channel', 'refused', '; invite the bot into the channel'],
    ['invalid_blocks', 'refused'],
    ['message_not_found', 'refused'],
    ['rate_limited', 'retry'],
    ['fatal_error', 'retry'],
    ['service_unavailable', 'retry'],
  ];
  let answer = no('');
  const receiver = await Receiver.start(t, () => answer);
  const notifier = slack.open(slack.schema.parse(config(receiver.base)), toolsWith(secrets));
  const send = () => notifier.send(example(), null, AbortSignal.timeout(30_000));
  for (const [error, kind, hint = ''] of cases) {
    answer = says({ ok: false, error, response_metadata: { messages: ['[ERROR] no more than 50 items'] } });
    assert.deepEqual(await send(), {
      kind,
      ...(kind === 'retry' ? { afterMs: null } : {}),
      said: `it says ${error}: [ERROR] no more than 50 items${hint}`,
    });
  }
  for (const body of ['<html>please sign in</html>', 'null', '[]', '{"ok":1}', '']) {
    answer = { status: 200, body };
    assert.equal((await send()).kind, 'retry', body);
  }
});

test('slack: buttons are there only when they would be heard', () => {
  const verbs = (hasButtons: boolean) =>
    slackContent(example(), hasButtons).blocks.flatMap((block) =>
      block.type === 'actions' ? block.elements.map((one) => one.action_id) : [],
    );
  assert.deepEqual(verbs(true), ['acknowledge', 'rollback', 'open-0']);
  assert.deepEqual(verbs(false), ['open-0']);
  const { blocks } = slackContent(example({ language: 'ru' }), true);
  assert.match(JSON.stringify(blocks), /"confirm":\{"title":\{[^}]*"Roll back"[^}]*\},"text":\{[^}]*"Вы уверены\?"/);
});

test('slack: texts that are too long are cut with a mark', () => {
  const long = 'ab '.repeat(5_000);
  const { text, blocks } = slackContent(
    example({ title: '<'.repeat(5_000), text: long, facts: [{ label: 'L', value: long }] }),
    true,
  );
  assert(text.endsWith('&lt;…') && text.length <= 3_000);
  const [header, section, facts] = blocks;
  for (const one of [header, section]) assert(one && 'text' in one && one.text.text.endsWith('…'));
  assert(facts && 'fields' in facts && facts.fields[0]?.text.endsWith('…'));
});

/** A request as Slack sends it when somebody has pressed something. */
function pressed(payload: object, given: { readonly secret?: string; readonly atS?: number } = {}): Inbound {
  const { secret = signingSecret, atS = 1_700_000_000 } = given;
  const body = Buffer.from(`payload=${encodeURIComponent(JSON.stringify(payload))}`);
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${atS}:${body}`).digest('hex')}`;
  const headers = { 'x-slack-request-timestamp': String(atS), 'x-slack-signature': signature };
  return { method: 'POST', url: '/api/v1/notifiers/team/inbound', headers, body, nowMs: 1_700_000_000_000 };
}

const press = {
  type: 'block_actions',
  user: { id: 'U024BE7LH', username: 'anna' },
  actions: [
    {
      type: 'button',
      action_id: 'acknowledge',
      value: 'checkout-20261129-1',
      action_ts: '1700000000.1',
      text: { type: 'plain_text', text: 'Acknowledge' },
    },
    { type: 'button', action_id: 'open-0', action_ts: '1700000000.2', text: { type: 'plain_text', text: 'Incident' } },
  ],
};

test('slack: a pressed button is a verb of whoever pressed it', async () => {
  const parsed = slack.schema.parse(config('https://slack.com'));
  const tools = toolsWith({ SLACK_SIGNING: signingSecret });
  const ask = (inbound: Inbound) => slack.inbound?.(parsed, inbound, tools);
  assert.deepEqual(plainly(await ask(pressed(press))), {
    kind: 'verbs',
    verbs: [
      {
        id: 'U024BE7LH:1700000000.1:acknowledge',
        thread: 'checkout-20261129-1',
        code: null,
        verb: 'acknowledge',
        person: 'U024BE7LH',
        text: 'Acknowledge',
      },
    ],
    reply: { type: 'text/plain', body: '' },
  });
  const good = pressed(press);
  const forged: readonly Inbound[] = [
    pressed(press, { secret: 'another' }),
    pressed(press, { atS: 1_700_000_000 - 301 }),
    pressed(press, { atS: 1_700_000_000 + 301 }),
    { ...good, body: Buffer.concat([good.body, Buffer.from('&x=1')]) },
    { ...good, headers: { ...good.headers, 'x-slack-request-timestamp': '1700000001' } },
    { ...good, headers: { ...good.headers, 'x-slack-signature': '' } },
    { ...good, headers: {} },
  ];
  for (const inbound of forged) assert.equal((await ask(inbound))?.kind, 'refused');
  assert.equal((await slack.inbound?.(parsed, good, toolsWith({})))?.kind, 'refused', 'its own secret is not there');
  for (const other of [{}, { ...press, type: 'view_submission' }, { ...press, actions: 'x' }]) {
    const answer = await ask(pressed(other));
    assert(answer?.kind === 'verbs' && answer.verbs.length === 0);
  }
  const { signingSecret: _, ...deaf } = config('https://slack.com');
  assert.equal((await slack.inbound?.(slack.schema.parse(deaf), good, tools))?.kind, 'refused');
});

test('slack: the signature is that of the example in Slack’s own description', async () => {
  const body =
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
  const headers = {
    'x-slack-request-timestamp': '1531420618',
    'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
  };
  const inbound = { method: 'POST', url: '/', headers, body: Buffer.from(body), nowMs: 1_531_420_618_000 };
  const answer = await slack.inbound?.(
    slack.schema.parse(config('https://slack.com')),
    inbound,
    toolsWith({ SLACK_SIGNING: signingSecret }),
  );
  assert.deepEqual(plainly(answer), { kind: 'verbs', verbs: [], reply: { type: 'text/plain', body: '' } });
});

test('slack: who pressed what is refused is told so, in their language, and nobody else', async (t) => {
  const space = new Workspace(token);
  const receiver = await Receiver.start(t, space.accept);
  const tools = toolsWith({ SLACK_SIGNING: signingSecret, SLACK_TOKEN: token });
  const tell = async (given: object) => {
    const answer = await slack.inbound?.(slack.schema.parse(given), pressed({ ...press, channel: { id: 'C024BE91L' } }), tools);
    assert(answer?.kind === 'verbs');
    const [asked] = answer.verbs;
    assert(asked);
    const said = { en: 'no <right> & no *way*\nat all', ru: 'нет права' };
    return await Promise.all((['en', 'ru'] as const).map((language) => answer.tell?.({ asked, isDone: false, said, language })));
  };
  const own = config(receiver.base);
  assert.deepEqual(await tell(own), [null, null]);
  const common = { channel: 'C024BE91L', user: 'U024BE7LH', mrkdwn: false };
  assert.deepEqual(
    space.whispers.toSorted((a, b) => (a.text < b.text ? -1 : 1)),
    [
      { ...common, text: 'no &lt;right&gt; &amp; no *way* at all' },
      { ...common, text: 'нет права' },
    ],
  );
  space.faults.set('chat.postEphemeral', [says({ ok: false, error: 'user_not_in_channel' }), { status: 500, body: 'no' }]);
  const problems = (await tell(own)).map((problem) => textIn(problem ?? '', 'en'));
  assert.deepEqual(
    problems.toSorted().map((text) => /user_not_in_channel|500/.exec(text)?.[0]),
    ['500', 'user_not_in_channel'],
  );
  const hook = { webhook: { env: 'HOOK' }, signingSecret: { env: 'SLACK_SIGNING' } };
  assert.deepEqual(await tell(hook), [undefined, undefined], 'a webhook has no way to tell one person');
});

test('slack: what cannot work is a mistake in the document', () => {
  const isRight = (given: object) => slack.schema.safeParse(given).success;
  const right = { token: { env: 'T' }, channel: 'C0123456789' };
  assert(isRight(right));
  assert(isRight({ webhook: { env: 'W' } }));
  for (const wrong of [
    { ...right, token: 'xoxb-1' },
    { ...right, channel: 'payments' },
    { ...right, channel: '#Pay ments' },
    { ...right, webhook: { env: 'W' } },
    { webhook: 'https://hooks.slack.com/services/T/B/x' },
    { ...right, api: 'http://slack.example/api' },
    { ...right, api: 'https://slack.com/api?x=1' },
  ])
    assert(!isRight(wrong), JSON.stringify(wrong));
  const hooked = slack.schema.parse({ webhook: { env: 'W' } });
  assert.throws(() => slack.addressed?.at(hooked, 'C1'), /one channel alone/);
});

withVectors<{ incoming_webhook: { body: { blocks: { type: string }[] } }; limits: Record<string, number> }>(
  'wire/slack.json',
  ({ incoming_webhook, limits }) => {
    test('slack: blocks are of the kinds and within the limits of the vectors', () => {
      const known = incoming_webhook.body.blocks.map(({ type }) => type);
      const facts = Array.from({ length: 200 }, (_, at) => ({ label: `fact ${at}`, value: 'x'.repeat(5_000) }));
      const links = Array.from({ length: 200 }, (_, at) => ({ text: `link ${at}`, href: `https://r.example/${at}` }));
      const { text, blocks } = slackContent(example({ facts, links, title: 'x'.repeat(50_000), text: 'x'.repeat(50_000) }), true);
      assert(text.length <= (limits.text ?? 0) && blocks.length <= (limits.blocks_per_message ?? 0));
      for (const block of blocks) {
        assert(known.includes(block.type), block.type);
        if (block.type === 'header') assert(block.text.text.length <= (limits.header_text ?? 0));
        if (block.type === 'section' && 'text' in block) assert(block.text.text.length <= (limits.section_text ?? 0));
        if (block.type === 'actions') assert(block.elements.length <= (limits.elements_per_actions_block ?? 0));
      }
    });
  },
);
