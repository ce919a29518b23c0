import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { withVectors } from '../../../test/vectors.fixture.ts';
import { notifierConformance, overHttp, toolsWith } from '../conformance.ts';
import { example } from '../messages.fixture.ts';
import type { Came, Inbound, Receipt } from '../notifier.ts';
import { Receiver } from '../receiver.fixture.ts';
import { BotApi, says } from './bot-api.fixture.ts';
import { telegramContent } from './content.ts';
import { telegram } from './index.ts';
import { pressedData, pressedVerb } from './pressed.ts';

const token = '123456789:AAF-very-secret_part-of-a-token';
const secret = 'the-secret_of-the-webhook';
const secrets = { TELEGRAM_TOKEN: token };
const config = (base: string) => ({
  token: { env: 'TELEGRAM_TOKEN' },
  chat: '-1001234567890',
  webhookSecret: { env: 'TELEGRAM_SECRET' },
  api: base,
});

notifierConformance('telegram', {
  plugin: telegram,
  secrets,
  inboundSecrets: { TELEGRAM_SECRET: secret },
  make: overHttp(new BotApi(token).accept, config, {
    no: says(400, 'Bad Request: chat not found'),
    busy: says(429, 'Too Many Requests: retry after 5', { retry_after: 5 }),
    broken: says(502, 'Bad Gateway'),
  }),
  busyMs: 5_000,
});

/** A chat, and what writes into it one after another, as the outbox does. */
async function chat(t: TestContext, given: object = {}) {
  const api = new BotApi(token);
  const receiver = await Receiver.start(t, api.accept);
  const notifier = telegram.open(telegram.schema.parse({ ...config(receiver.base), ...given }), toolsWith(secrets));
  const send = async (message: Parameters<typeof example>[0], before: Receipt | null = null): Promise<Receipt> => {
    const delivery = await notifier.send(example(message), before, AbortSignal.timeout(30_000));
    assert(delivery.kind === 'delivered', delivery.said);
    return delivery.receipt;
  };
  return { api, receiver, send };
}

test('telegram: an incident is one message that changes; what people have to hear is an answer to it', async (t) => {
  const { api, send } = await chat(t, { topic: 7 });
  const first = await send({});
  assert.deepEqual(first, { chat: '-1001234567890', message: '1' });
  assert.deepEqual(await send({ event: 'acknowledge' }, first), first);
  assert.equal(api.shown.length, 1);
  assert.match(api.shown[0]?.seen ?? '', /^Acknowledged: errors of checkout are above 5 %\n\nSince/);
  // Sent again after its answer was lost: it is there already.
  assert.deepEqual(await send({ event: 'acknowledge' }, first), first);
  await send({ event: 'resolve' }, first);
  const [root, end] = api.shown;
  assert.match(root?.seen ?? '', /^Resolved: errors/);
  assert.deepEqual(root?.reply_markup, { inline_keyboard: [] });
  assert.deepEqual(
    [end?.reply_parameters?.message_id, end?.disable_notification, end?.message_thread_id, root?.disable_notification],
    [1, true, 7, false],
  );
  await send({ event: 'trigger' }, first);
  assert.equal(api.shown[2]?.disable_notification, false);
  await send({ event: 'notice' }, first);
  assert.deepEqual([api.shown[3]?.reply_parameters, api.shown[3]?.disable_notification], [undefined, true]);
  // Many beginnings in one message.
  await send({ event: 'notice', rings: true }, null);
  assert.equal(api.shown[4]?.disable_notification, false);
});

test('telegram: a message that somebody has deleted is sent anew', async (t) => {
  const { api, send } = await chat(t);
  const first = await send({});
  api.shown.length = 0;
  await send({ event: 'notice' });
  api.shown.length = 0;
  assert.deepEqual(await send({ event: 'update' }, { ...first, message: '99' }), first);
  assert.equal(api.shown.length, 1);
});

test('telegram: a group that has become a supergroup is told under its new number', async (t) => {
  const api = new BotApi(token);
  const receiver = await Receiver.start(t, (taken) =>
    taken.body.includes('"chat_id":-42,')
      ? says(400, 'Bad Request: group chat was upgraded to a supergroup chat', { migrate_to_chat_id: -1009876543210 })
      : api.accept(taken),
  );
  const notifier = telegram.open(telegram.schema.parse({ ...config(receiver.base), chat: '-42' }), toolsWith(secrets));
  for (const before of [null, { chat: '-42', message: '7' }]) {
    const delivery = await notifier.send(example(), before, AbortSignal.timeout(30_000));
    assert(delivery.kind === 'delivered', delivery.said);
    assert.match(delivery.said, /^sent to -1009876543210, which is the number of the chat now/);
    assert.equal(delivery.receipt.chat, '-1009876543210');
  }
  assert.equal(api.shown.length, 2);
});

test('telegram: texts are cut before they are marked up, and with a mark', () => {
  const long = '&<>'.repeat(5_000);
  const { text } = telegramContent(
    example({ title: long, text: long, facts: Array.from({ length: 60 }, () => ({ label: long, value: long })) }),
    true,
  );
  assert.match(text, /^<b>P0: (&amp;|&lt;|&gt;)+…<\/b>\n\n(&amp;|&lt;|&gt;)+…\n\n<b>Severity:<\/b> P0\n/);
});

test('telegram: a button carries verb and thread, and is left out where they do not fit', () => {
  assert.equal(pressedData('acknowledge', 'checkout-20261129-1'), 'a:checkout-20261129-1');
  for (const verb of ['acknowledge', 'resolve', 'rollback', 'escalate', 'snooze'])
    assert.deepEqual(pressedVerb(pressedData(verb, 'a:b@c/1') ?? ''), { verb, thread: 'a:b@c/1' });
  assert.equal(pressedData('acknowledge', 'x'.repeat(63)), null);
  assert.equal(pressedData('acknowledge', 'x'.repeat(62))?.length, 64);
  for (const data of ['', 'a', 'a:', ':x', 'A:x', 'a:x y', `a:${'x'.repeat(63)}`]) assert.equal(pressedVerb(data), null, data);
  const rows = (thread: string, hasButtons: boolean) =>
    telegramContent(example({ thread }), hasButtons).reply_markup.inline_keyboard;
  assert.deepEqual(rows('t', true), [
    [
      { text: 'Acknowledge', callback_data: 'a:t' },
      { text: 'Roll back', callback_data: 'b:t' },
    ],
  ]);
  assert.deepEqual(rows('t', false), []);
  assert.deepEqual(rows('t'.repeat(100), true), []);
});

test('telegram: whoever blocks the bot, and a token that is none, are a no', async (t) => {
  let answer = says(403, 'Forbidden: bot was blocked by the user');
  const receiver = await Receiver.start(t, () => answer);
  const parsed = telegram.schema.parse(config(receiver.base));
  const send = (value = token) =>
    telegram.open(parsed, toolsWith({ TELEGRAM_TOKEN: value })).send(example(), null, AbortSignal.timeout(30_000));
  assert.deepEqual(await send(), {
    kind: 'refused',
    said: 'it says 403 Forbidden: bot was blocked by the user; let the bot in again',
  });
  answer = { status: 200, body: '<html>' };
  assert.equal((await send()).kind, 'retry');
  const count = receiver.taken.length;
  assert.equal((await send('../../etc')).kind, 'refused');
  assert.equal(receiver.taken.length, count);
});

function pressed(update: unknown, given = secret): Inbound {
  const headers = { 'x-telegram-bot-api-secret-token': given };
  return { method: 'POST', url: '/', headers, body: Buffer.from(JSON.stringify(update)), nowMs: 0 };
}

test('telegram: a pressed button is a verb of whoever pressed it', async () => {
  const parsed = telegram.schema.parse(config('https://api.telegram.org'));
  const ask = (inbound: Inbound) => telegram.inbound?.(parsed, inbound, toolsWith({ TELEGRAM_SECRET: secret }));
  const query = {
    id: '4382bfdwdsb323b2d9',
    from: { id: 12345, is_bot: false, language_code: 'ru' },
    data: 'a:checkout-20261129-1',
  };
  const answer = await ask(pressed({ update_id: 1, callback_query: query }));
  assert(answer?.kind === 'verbs');
  const [asked] = answer.verbs;
  assert(asked);
  assert.deepEqual(answer.verbs, [
    {
      id: '4382bfdwdsb323b2d9',
      thread: 'checkout-20261129-1',
      verb: 'acknowledge',
      code: null,
      person: '12345',
      text: 'a:checkout-20261129-1',
    },
  ]);
  const said = { en: 'it is yours', ru: 'он ваш' };
  const told = (more: Partial<Came> = {}): unknown => {
    const { type, body } = answer.reply([{ asked, isDone: true, said, language: null, ...more }]);
    assert.equal(type, 'application/json');
    return JSON.parse(body);
  };
  const call = { method: 'answerCallbackQuery', callback_query_id: query.id };
  assert.deepEqual(told(), { ...call, text: 'он ваш' }, 'as their Telegram is set, of whoever is not known');
  assert.deepEqual(told({ language: 'en', isDone: false }), { ...call, text: 'it is yours', show_alert: true });
  assert.deepEqual(told({ said: 'x\n'.repeat(300) }), { ...call, text: `${'x '.repeat(99)}x…` });
  assert.deepEqual(JSON.parse(answer.reply([]).body), call, 'it stops turning all the same');
  for (const given of ['', 'another', `${secret}x`])
    assert.equal((await ask(pressed({ callback_query: query }, given)))?.kind, 'refused');
  assert.equal((await ask({ ...pressed({ callback_query: query }), headers: {} }))?.kind, 'refused');
  for (const other of [
    {},
    null,
    { message: { text: 'hello' } },
    { callback_query: { ...query, data: 'x y' } },
    { callback_query: { ...query, from: {} } },
  ]) {
    const nothing = await ask(pressed(other));
    assert(nothing?.kind === 'verbs' && nothing.verbs.length === 0);
  }
  const unset = await telegram.inbound?.(parsed, pressed({ callback_query: query }), toolsWith({}));
  assert.equal(unset?.kind, 'refused', 'its own secret is not there');
  const { webhookSecret: _, ...deaf } = config('https://api.telegram.org');
  const unsaid = await telegram.inbound?.(telegram.schema.parse(deaf), pressed({ callback_query: query }, ''), toolsWith({}));
  assert.equal(unsaid?.kind, 'refused');
});

test('telegram: what cannot work is a mistake in the document', () => {
  const right = { token: { env: 'T' }, chat: '12345' };
  const isRight = (given: object) => telegram.schema.safeParse({ ...right, ...given }).success;
  assert(isRight({}));
  for (const chat of ['-1001234567890', '@payments']) assert(isRight({ chat }));
  for (const wrong of [
    { chat: 'payments' },
    { chat: '0' },
    { chat: 12345 },
    { token: 'x:y' },
    { topic: 0 },
    { api: 'http://api.telegram.org' },
  ])
    assert(!isRight(wrong), JSON.stringify(wrong));
  const parsed = telegram.schema.parse({ ...right, topic: 7 });
  assert.deepEqual(telegram.addressed?.at(parsed, '777'), { ...telegram.schema.parse({ ...right, chat: '777' }) });
});

withVectors<{ body: object; limits: { text_chars_after_entities: number; callback_data_bytes: number } }>(
  'wire/telegram.json',
  ({ body, limits }) => {
    test('telegram: the fields are those of the vectors', async (t) => {
      const { receiver, send } = await chat(t, { topic: 7 });
      await send({});
      const found = JSON.parse(receiver.taken[0]?.body ?? '');
      assert.deepEqual(Object.keys(found).sort(), Object.keys(body).sort());
      assert.equal(typeof found.chat_id, 'number');
      assert.deepEqual([limits.text_chars_after_entities, limits.callback_data_bytes], [4_096, 64]);
    });
  },
);
