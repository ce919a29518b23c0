import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Buckets } from './buckets.ts';
import { down, laneRules, lost, messageOf, Stage, yes } from './outbox.fixture.ts';
import { outcomesOf } from './outcomes.ts';
import { cancelEvents, queueEvents } from './queue.ts';
import { allowance } from './throttle.ts';
import { nextTurn } from './turn.ts';

const sent = (stage: Stage): readonly string[] => stage.turn().map(({ message }) => message.key);

test('a thread is told in order, other threads do not wait for it, and what is under way is on record first', () => {
  const stage = new Stage();
  stage.queue(messageOf('a', 'trigger'));
  stage.queue(messageOf('a', 'acknowledge'));
  stage.queue(messageOf('b', 'trigger'));
  assert.deepEqual(sent(stage), ['a/trigger/1', 'b/trigger/1']);
  assert.deepEqual(stage.log.map(({ kind }) => kind).slice(3), ['message-attempted', 'message-attempted']);
  assert.deepEqual(sent(stage), []);
  stage.answer('chat a/trigger/1', { kind: 'delivered', receipt: { ts: '7' }, said: 'ok' });
  const [next] = stage.turn();
  assert.equal(next?.message.key, 'a/acknowledge/1');
  assert.deepEqual(next?.before, { ts: '7' });
});

test('a newer update takes the place of one that waits, and a key that is known is not queued again', () => {
  const stage = new Stage();
  stage.queue(messageOf('a', 'trigger'));
  stage.drain();
  stage.queue(messageOf('a', 'update', 1));
  stage.queue(messageOf('a', 'update', 2));
  stage.queue(messageOf('a', 'update', 2));
  stage.queue(messageOf('a', 'trigger'));
  assert.deepEqual(stage.drain(), ['a/update/2']);
  assert.deepEqual(stage.ends, ['a/trigger/1 delivered', 'a/update/1 cancelled', 'a/update/2 delivered']);
});

test('what ended before anybody was told is told to nobody', () => {
  const stage = new Stage();
  stage.queue(messageOf('a', 'trigger'));
  stage.turn();
  stage.answer('chat a/trigger/1', down);
  stage.queue(messageOf('a', 'update'));
  stage.queue(messageOf('a', 'resolve'));
  assert.deepEqual(stage.drain(600_000), []);
  assert.deepEqual(stage.ends, ['a/trigger/1 cancelled', 'a/update/1 cancelled', 'a/resolve/1 cancelled']);
});

test('the end waits for a beginning that is under way, and follows it wherever it may have arrived', () => {
  for (const [answer, expected] of [
    [yes, ['a/resolve/1']],
    [lost, ['a/resolve/1']],
    [down, []],
  ] as const) {
    const stage = new Stage();
    stage.queue(messageOf('a', 'trigger'));
    stage.turn();
    stage.queue(messageOf('a', 'resolve'));
    assert.deepEqual(sent(stage), []);
    stage.answer('chat a/trigger/1', answer);
    assert.deepEqual(stage.drain(600_000), expected);
  }
});

test('the end follows a beginning that a controller has died in', () => {
  const stage = new Stage();
  stage.queue(messageOf('a', 'trigger'));
  stage.turn();
  stage.crash();
  assert.deepEqual(sent(stage), ['a/trigger/1']);
  stage.crash();
  stage.queue(messageOf('a', 'resolve'));
  assert.deepEqual(stage.drain(), ['a/resolve/1']);
});

test('an acknowledgement calls off the pages that wait in one append; one that is under way gets its end', () => {
  const stage = new Stage();
  stage.queue(messageOf('a', 'trigger'));
  stage.queue(messageOf('a', 'trigger', 2), 'chat', 'anna');
  stage.turn();
  stage.answer('chat anna a/trigger/2', down);
  const off = cancelEvents(stage.state, { incident: 'a', events: ['trigger'], why: 'anna has it' });
  assert.equal(off.length, 2);
  stage.record(off);
  stage.queue(messageOf('a', 'resolve'));
  stage.queue(messageOf('a', 'resolve'), 'chat', 'anna');
  assert.deepEqual(sent(stage), []);
  assert.deepEqual(stage.ends, ['a/trigger/2 cancelled', 'a/resolve/1 cancelled']);
  stage.answer('chat a/trigger/1', yes);
  assert.deepEqual(
    stage.turn().map(({ to, message }) => [to, message.event]),
    [[null, 'resolve']],
  );
});

test('a page that waits for its receiver is not sent while its incident is silenced, and is sent after that', () => {
  const stage = new Stage();
  stage.queue(messageOf('a', 'trigger'));
  stage.turn();
  stage.answer('chat a/trigger/1', down);
  stage.quiet.add('a');
  stage.queue(messageOf('b', 'trigger'));
  assert.deepEqual(stage.drain(60_000), ['b/trigger/1']);
  const { waits } = nextTurn(stage.state, stage.rules, new Set(), stage.nowMs);
  assert.deepEqual([...waits], [['chat a/trigger/1', { kind: 'quiet' }]]);
  stage.quiet.clear();
  assert.deepEqual(stage.drain(60_000), ['a/trigger/1']);
});

test('a page that is held back is called off with its incident, and one that may have arrived is sent again and ended', () => {
  const stage = new Stage();
  stage.queue(messageOf('a', 'trigger'));
  stage.queue(messageOf('b', 'trigger'));
  stage.quiet.add('a');
  assert.deepEqual(sent(stage), ['b/trigger/1']);
  stage.quiet.add('b');
  stage.crash();
  assert.deepEqual(sent(stage), ['b/trigger/1']);
  stage.answer('chat b/trigger/1', yes);
  stage.cancel({ incident: 'a', isOf: () => true, why: 'taken by anna' });
  stage.queue(messageOf('b', 'resolve'));
  assert.deepEqual(stage.drain(), ['b/resolve/1']);
  assert.deepEqual(stage.ends, ['b/trigger/1 delivered', 'a/trigger/1 cancelled', 'b/resolve/1 delivered']);
});

test('a page that was called off while it was under way is not sent again', () => {
  for (const how of ['fails', 'dies'] as const) {
    const stage = new Stage();
    stage.queue(messageOf('a', 'trigger'));
    stage.turn();
    stage.cancel({ incident: 'a', why: 'anna has it' });
    if (how === 'fails') stage.answer('chat a/trigger/1', down);
    else stage.crash();
    assert.deepEqual(stage.drain(600_000), []);
    assert.deepEqual(stage.ends, ['a/trigger/1 cancelled']);
  }
});

test('waits after failures grow to at most 5 minutes, follow from their seeds, and end with giving up', () => {
  const stage = new Stage();
  stage.queue(messageOf('a', 'trigger'));
  const waits: number[] = [];
  for (let tries = 0; stage.state.pending.size > 0 && tries < 200; tries += 1) {
    if (stage.turn().length === 0) break;
    stage.answer('chat a/trigger/1', down, 1);
    const { dueMs = 0 } = stage.state.pending.get('chat a/trigger/1') ?? {};
    waits.push(dueMs - stage.nowMs);
    stage.nowMs = Math.max(stage.nowMs, dueMs);
  }
  assert.deepEqual(
    waits.slice(0, 10),
    [2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map((s) => s * 1_000),
  );
  const [end] = stage.state.ended;
  assert.equal(end?.state, 'given-up');
  assert.deepEqual(end?.said, {
    en: 'given up after 4h: it cannot be reached',
    ru: 'прекращено через 4h: it cannot be reached',
  });
});

test('a message that controllers have died in waits no longer after its first failure than any other', () => {
  const stage = new Stage();
  stage.queue(messageOf('a', 'trigger'));
  for (let deaths = 0; deaths < 10; deaths += 1) {
    stage.turn();
    stage.crash();
    stage.nowMs += 20_000;
  }
  stage.turn();
  stage.answer('chat a/trigger/1', lost, 1);
  const [queued] = stage.state.pending.values();
  assert.deepEqual([queued?.attempts, (queued?.dueMs ?? 0) - stage.nowMs], [11, 2_000]);
});

test('what the receiver says of when to come back holds for everything that it is to be told', () => {
  const stage = new Stage();
  stage.queue(messageOf('a', 'trigger'));
  stage.turn();
  stage.answer('chat a/trigger/1', { kind: 'retry', afterMs: 30_000, said: '429', untaken: true });
  stage.queue(messageOf('b', 'trigger'));
  assert.deepEqual(sent(stage), []);
  stage.nowMs += 29_999;
  assert.deepEqual(sent(stage), []);
  stage.nowMs += 1;
  assert.deepEqual(sent(stage), ['a/trigger/1', 'b/trigger/1']);
});

test('a receiver that is down is asked with one message at a time, and not with the same one each time', () => {
  const stage = new Stage();
  for (const name of 'abcdef') stage.queue(messageOf(name, 'trigger'));
  assert.equal(stage.turn().length, 4);
  for (const id of [...stage.underWay.keys()]) stage.answer(id, down, 0.5);
  const tried: string[] = [];
  for (let turns = 0; turns < 3; turns += 1) {
    stage.nowMs += 600_000;
    tried.push(...sent(stage));
    for (const id of [...stage.underWay.keys()]) stage.answer(id, down, 0.5);
  }
  assert.deepEqual(tried.slice(0, 2), ['e/trigger/1', 'f/trigger/1']);
  assert.equal(tried.length, 3);
});

test('what has to wait for a throttle becomes one message, and each of its beginnings gets its end', () => {
  const stage = new Stage({ chat: { ...laneRules, perMinute: 12, bundles: true } });
  for (let index = 0; index < 40; index += 1)
    stage.queue(messageOf(`t${index}`, 'trigger', 1, index === 30 ? { severity: 'P0' } : {}));
  const first = stage.turn();
  assert.deepEqual(
    first.map(({ message }) => message.title),
    ['t30 trigger 1', 't0 trigger 1', 't1 trigger 1, and 37 more'],
  );
  assert.equal(first[2]?.message.rings, true, 'somebody is called by it');
  assert.match(first[2]?.message.text ?? '', /^P1 t1 trigger 1\nP1 t2 trigger 1\n[\s\S]*\nand 18 more$/);
  for (const { id } of first) stage.answer(id, yes);
  assert.equal(stage.state.ended.filter(({ state }) => state === 'delivered').length, 41);
  for (let index = 0; index < 40; index += 1) stage.queue(messageOf(`t${index}`, 'resolve'));
  assert.deepEqual(sent(stage), []);
  stage.nowMs += 60_000;
  const last = stage.turn().at(-1)?.message;
  assert.deepEqual([/^over: .*, and 37 more$/.test(last?.title ?? ''), last?.rings], [true, undefined]);
});

test('what a throttle holds back says so, and is due as soon as it lets go, also where it becomes one message', () => {
  for (const bundles of [false, true]) {
    const stage = new Stage({ chat: { ...laneRules, perMinute: 4, bundles } });
    stage.queue(messageOf('a', 'trigger'));
    stage.drain();
    for (const thread of ['b', 'c']) stage.queue(messageOf(thread, 'trigger'));
    const { waits, nextMs } = nextTurn(stage.state, stage.rules, new Set(), stage.nowMs);
    assert.deepEqual(
      [...waits.values()].map(({ kind }) => kind),
      ['throttled', 'throttled'],
    );
    assert.equal(nextMs - stage.nowMs, 15_000);
  }
});

test('a page that is called off after it was bundled does not count as told, and a bundle without any is not sent again', () => {
  const stage = new Stage({ chat: { ...laneRules, perMinute: 1, bundles: true } });
  stage.queue(messageOf('a', 'trigger'));
  stage.queue(messageOf('b', 'trigger'));
  const [bundle] = stage.turn();
  stage.answer(bundle?.id ?? '', down);
  stage.cancel({ incident: 'a', why: 'taken' });
  stage.cancel({ incident: 'b', why: 'taken' });
  assert.deepEqual(stage.drain(600_000), []);
  assert.deepEqual(stage.ends.slice(0, 2), ['a/trigger/1 cancelled', 'b/trigger/1 cancelled']);
});

test('a changed notifier ends what it began through the configuration of then; a new page takes the new one', () => {
  const stage = new Stage();
  stage.queue(messageOf('a', 'trigger'));
  stage.drain();
  stage.reconfigure('chat');
  stage.queue(messageOf('a', 'trigger', 2));
  stage.drain();
  stage.removed.add('chat');
  stage.queue(messageOf('a', 'resolve'));
  assert.deepEqual(
    stage.turn().map(({ revision, message }) => `${message.key} ${revision}`),
    ['a/resolve/1 1', 'a/resolve/1 2'],
  );
  stage.queue(messageOf('b', 'trigger'));
  stage.drain();
  assert.equal(stage.ends.at(-1), 'b/trigger/1 given-up');
});

test('an end that the receiver refuses is handed over to people', () => {
  const stage = new Stage();
  stage.queue(messageOf('a', 'trigger'));
  stage.drain();
  stage.queue(messageOf('a', 'resolve'));
  stage.turn();
  stage.answer('chat@1 a/resolve/1', { kind: 'refused', said: '404: no such channel' });
  assert.deepEqual(
    stage.state.handedOver.map(({ thread, why }) => [thread, why]),
    [['a', '404: no such channel']],
  );
});

test('whoever has asked hears how each message ended, in the order of the events', () => {
  const stage = new Stage();
  stage.queue(messageOf('a', 'trigger'));
  const events = cancelEvents(stage.state, { incident: 'a', why: 'taken' });
  const outcomes = outcomesOf(stage.state, events, stage.nowMs);
  assert.deepEqual(
    outcomes.map(({ message, state, said }) => [message.key, state, said]),
    [['a/trigger/1', 'cancelled', 'taken']],
  );
});

test('a full outbox takes ends, and says of the rest that it was not taken', () => {
  const stage = new Stage();
  stage.queue(messageOf('a', 'trigger'));
  const [one] = stage.state.pending.values();
  assert(one);
  const pending = Buckets.of(Array.from({ length: 10_000 }, (_, index) => [`${index}`, one] as const));
  const kinds = (event: 'update' | 'resolve' | 'trigger') =>
    queueEvents({ ...stage.state, pending }, { message: messageOf('z', event), notifier: 'chat', to: null, incident: null }).map(
      ({ kind }) => kind,
    );
  assert.deepEqual(kinds('resolve'), ['message-queued']);
  assert.deepEqual(kinds('trigger'), ['message-queued']);
  assert.deepEqual(kinds('update'), ['message-queued', 'message-cancelled']);
});

test('a throttle lets a quarter of a minute through at once, and no minute has more than its share', () => {
  const sentAtMs: number[] = [];
  for (let nowMs = 0; nowMs < 300_000; nowMs += 100)
    for (let { free } = allowance(sentAtMs, 20, nowMs); free > 0; free -= 1) sentAtMs.push(nowMs);
  assert.equal(sentAtMs.filter((ms) => ms === 0).length, 5);
  for (const ms of sentAtMs) assert(sentAtMs.filter((other) => other > ms - 60_000 && other <= ms).length <= 20);
  assert(sentAtMs.length >= 95);
  const second: number[] = [];
  for (let nowMs = 0; nowMs < 60_000; nowMs += 50)
    for (let { free } = allowance(second.slice(-250), 6_000, nowMs); free > 0; free -= 1) second.push(nowMs);
  assert.equal(second.length, 6_000);
});
