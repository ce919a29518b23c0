import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type EndedMessage, itself } from '../../notifications/types.ts';
import { addressee, askFor, confirm, countsOf, lapsed, outcomesFor } from './decide.ts';
import { noSubscribers, takeSubscriber } from './fold.ts';
import { type Notice, nextBatch, waitingMailsMax } from './mailing.ts';
import type { Choice, SubscriberEvent, SubscribersState } from './types.ts';

const minute = 60_000;
const hour = 60 * minute;
const rules = { max: 3, confirmWithinMs: 24 * hour, suspendAfter: 2 };
const all: Choice = { language: 'en', components: null };

const take = (state: SubscribersState, event: SubscriberEvent, at: number): SubscribersState =>
  takeSubscriber(state, { ...event, at, actor: itself });
/** Somebody who has confirmed at a moment. */
const withOne = (state: SubscribersState, id: string, choice: Choice, at: number): SubscribersState =>
  take(state, { kind: 'subscription-imported', data: { id, ...choice } }, at);

test('a wish is confirmed once, in its time, and by its own link alone', () => {
  const asking = askFor(noSubscribers, rules, { id: 's-1', ask: 'a', choice: all }, 0);
  assert(asking.kind === 'asked');
  const asked = take(noSubscribers, asking.event, 0);
  assert.equal(confirm(asked, rules, 's-1', 'b', hour), null);
  assert.equal(confirm(asked, rules, 's-1', 'a', 25 * hour), null, 'too late');
  const event = confirm(asked, rules, 's-1', 'a', hour);
  assert(event);
  const confirmed = take(asked, event, hour);
  assert.deepEqual(countsOf(confirmed), { confirmed: 1, waiting: 0, suspended: 0 });
  assert.equal(confirm(confirmed, rules, 's-1', 'a', hour), null);
  assert.deepEqual(lapsed(asked, rules, 23 * hour), []);
  assert.deepEqual(lapsed(asked, rules, 25 * hour), ['s-1']);
  assert.deepEqual(lapsed(confirmed, rules, 25 * hour), []);
});

test('nobody’s mailbox is filled, and a full list refuses known and unknown alike', () => {
  let state = noSubscribers;
  let mails = 0;
  for (let at = 0; at < 24 * hour; at += minute) {
    const asking = askFor(state, rules, { id: 's-1', ask: `a${at}`, choice: all }, at);
    if (asking.kind !== 'asked') continue;
    mails += 1;
    state = take(state, asking.event, at);
  }
  assert.equal(mails, 5);
  for (const id of ['s-2', 's-3']) state = withOne(state, id, all, 0);
  for (const id of ['s-2', 's-9']) assert.equal(askFor(state, rules, { id, ask: 'x', choice: all }, hour).kind, 'full');
});

test('whoever cannot be reached twice in a row is not written to, and one mail counts once', () => {
  const ended = (key: string, isNobody: boolean, endedAtMs: number) =>
    ({
      to: addressee('s-1'),
      message: { key },
      state: isNobody ? 'refused' : 'delivered',
      isNobody,
      endedAtMs,
    }) as unknown as EndedMessage;
  let state = withOne(noSubscribers, 's-1', all, 0);
  const tell = (messages: readonly EndedMessage[]): readonly string[] => {
    const events = outcomesFor(state, rules, messages);
    for (const event of events) state = take(state, event, 100);
    return events.map(({ kind }) => kind);
  };
  assert.deepEqual(tell([ended('m1', true, 10)]), ['subscription-bounced']);
  assert.deepEqual(tell([ended('m1', true, 10)]), [], 'told again');
  assert.deepEqual(tell([ended('m1', true, 10), ended('m2', false, 20)]), ['subscription-reached']);
  assert.deepEqual(tell([ended('m3', true, 30)]), ['subscription-bounced']);
  assert.deepEqual(tell([ended('m4', true, 40)]), ['subscription-bounced', 'subscription-suspended']);
  assert.deepEqual(countsOf(state), { confirmed: 0, waiting: 0, suspended: 1 });
  assert.deepEqual(tell([ended('m5', true, 50)]), ['subscription-bounced'], 'suspended once');
});

test('whatever is published and whoever comes and goes, everybody is told of what concerns them, once and in order', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('join' as const), components: fc.constantFrom(null, ['a'], ['b'], ['a', 'b']) }),
    fc.record({ kind: fc.constant('publish' as const), components: fc.constantFrom(['a'], ['b'], ['a', 'b']) }),
    fc.record({ kind: fc.constant('mail' as const), components: fc.constant(['a']) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let state = noSubscribers;
      const notices: Notice[] = [];
      const told = new Map<string, string[]>();
      const mail = (nowMs: number): boolean => {
        // One place is free: each batch has one reader, as a crash in between would have it.
        const batch = nextBatch(state, notices, waitingMailsMax - 1, nowMs);
        if (!batch) return false;
        state = take(
          state,
          { kind: 'mailing-queued', data: { notice: batch.notice.id, atMs: batch.notice.atMs, after: batch.after } },
          nowMs,
        );
        for (const { id } of batch.readers) told.set(id, [...(told.get(id) ?? []), batch.notice.id]);
        return true;
      };
      steps.forEach(({ kind, components }, index) => {
        const nowMs = (index + 1) * 1_000;
        if (kind === 'join') state = withOne(state, `s-${index}`, { language: 'en', components }, nowMs);
        else if (kind === 'publish') notices.push({ id: `n-${index}`, atMs: nowMs, components: components ?? [] });
        else mail(nowMs);
      });
      while (mail(steps.length * 1_000));
      for (const { id, confirmed } of state.subscribers.values())
        assert.deepEqual(
          told.get(id) ?? [],
          notices
            .filter(
              ({ atMs, components }) =>
                (confirmed?.atMs ?? 0) <= atMs &&
                (!confirmed?.components || components.some((name) => confirmed.components?.includes(name))),
            )
            .map((notice) => notice.id),
        );
      assert.equal(nextBatch(state, notices, 0, steps.length * 1_000 + 48 * hour), null, 'what is old is no news');
    }),
    { numRuns: 200 },
  );
});
