import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { IncidentRecord } from '../../incidents/events.ts';
import { narrationDocument } from '../../spec/narration.ts';
import { type NarrationLedger, narrating, noNarrations, storyOf, takeNarration } from './ledger.ts';

const minute = 60_000;
const hour = 60 * minute;
const begin = Date.UTC(2026, 10, 29, 12);
const spec = narrationDocument.parse({
  apiVersion: 'rampart/v1',
  kind: 'Narration',
  metadata: { name: 'llm' },
  spec: { baseUrl: 'https://llm.example.com/v1/', model: 'm-1', limits: { perIncident: 2, perHour: 3 } },
});

/** Narrations over time, as a controller would have them on record. */
class Story {
  ledger: NarrationLedger = noNarrations;
  atMs = begin;

  ask(id = 'shop-1'): boolean {
    const { events, done } = narrating(this.ledger, spec, { id, why: '', atMs: this.atMs });
    for (const event of events) this.take({ ...event, actor: 'anna', at: this.atMs });
    return done;
  }

  get said(): string {
    const { said } = narrating(this.ledger, spec, { id: 'shop-1', why: '', atMs: this.atMs });
    return typeof said === 'string' ? said : said.en;
  }

  take(record: IncidentRecord): void {
    this.ledger = takeNarration(this.ledger, record);
  }

  done(id = 'shop-1'): void {
    const ask = storyOf(this.ledger, id).pending?.ask ?? '';
    const narration = { model: 'm-1', language: 'en', sentences: [], dropped: {}, facts: 1, uptoSeq: 9 } as const;
    this.take({ kind: 'incident-narrated', data: { id, ask, narration }, actor: 'rampart', at: this.atMs });
  }

  trouble(id = 'shop-1', afterMs: number | null = null, isTrouble = true): void {
    const ask = storyOf(this.ledger, id).pending?.ask ?? '';
    const notBeforeMs = afterMs === null ? null : this.atMs + afterMs;
    const data = { id, ask, model: 'm-1', why: 'it answers 500', isTrouble, notBeforeMs };
    this.take({ kind: 'incident-narration-failed', data, actor: 'rampart', at: this.atMs });
  }
}

test('one is asked for at a time, so often for an incident, and so often in an hour', () => {
  const story = new Story();
  assert.ok(story.ask());
  assert.equal(story.said, 'it is being written already');
  story.done();
  assert.equal(storyOf(story.ledger, 'shop-1').last?.uptoSeq, 9);
  assert.ok(story.ask());
  story.done();
  assert.match(story.said, /^shop-1 was narrated 2 times, which is all/);
  story.atMs += 10 * minute;
  assert.ok(story.ask('shop-2'));
  assert.ok(!story.ask('shop-3'), 'three in this hour');
  story.done('shop-2');
  story.atMs = begin + hour;
  assert.ok(story.ask('shop-3'), 'the first two were an hour ago');
});

test('an endpoint that fails three times is left alone, longer each time, and as long as it says; an answer closes it again', () => {
  const story = new Story();
  const fails = (id: string): void => {
    assert.ok(story.ask(id), id);
    story.trouble(id);
    story.atMs += 21 * minute;
  };
  for (const id of ['a', 'b']) fails(id);
  assert.ok(story.ask('c'));
  story.trouble('c');
  assert.equal(story.said, 'the endpoint is not well and is left alone until 2026-11-29 12:43:00 UTC');
  story.atMs += hour;
  assert.ok(story.ask('d'));
  story.trouble('d');
  assert.equal(story.ledger.notBeforeMs - story.atMs, 2 * minute);
  story.atMs += hour;
  assert.ok(story.ask('e'));
  story.done('e');
  assert.deepEqual([story.ledger.troubles, story.ledger.notBeforeMs], [0, 0]);
  assert.ok(story.ask('f'));
  story.trouble('f', 30_000);
  assert.equal(story.ledger.notBeforeMs - story.atMs, 30_000);
});

test('an answer that does not stand is no trouble of the endpoint', () => {
  const story = new Story();
  for (const id of ['a', 'b', 'c']) {
    assert.ok(story.ask(id));
    story.trouble(id, null, false);
  }
  assert.deepEqual([story.ledger.troubles, story.ledger.notBeforeMs], [0, 0]);
  assert.equal(storyOf(story.ledger, 'a').failure?.why, 'it answers 500');
});

test('without a document nobody is asked', () => {
  assert.throws(() => narrating(noNarrations, null, { id: 'a', why: '', atMs: 0 }), { code: 'E_REFUSED' });
});

test('what was measured is due until it is asked for, or reopened', () => {
  const story = new Story();
  const learned = (id: string) =>
    story.take({ kind: 'incident-learned', data: { id, lessons: [], recorded: [] }, actor: 'rampart', at: begin });
  learned('shop-1');
  learned('shop-2');
  assert.deepEqual([...story.ledger.due.keys()], ['shop-1', 'shop-2']);
  story.ask('shop-1');
  const data = { id: 'shop-2', why: '', said: 'again' };
  story.take({ kind: 'incident-reopened', data, actor: 'rampart', at: begin });
  assert.equal(story.ledger.due.size, 0);
});

test('whatever happens: never more calls in an hour or for an incident than allowed, and none while the endpoint is left alone', () => {
  const step = fc.record({
    what: fc.constantFrom('ask', 'ask', 'done', 'trouble', 'garbage'),
    id: fc.constantFrom('a', 'b', 'c'),
    passMs: fc.nat(20 * minute),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const story = new Story();
      const calls: { readonly id: string; readonly atMs: number }[] = [];
      for (const { what, id, passMs } of steps) {
        story.atMs += passMs;
        const { notBeforeMs } = story.ledger;
        if (what === 'done') story.done(id);
        else if (what !== 'ask') story.trouble(id, null, what === 'trouble');
        else if (story.ask(id)) {
          assert.ok(story.atMs >= notBeforeMs);
          calls.push({ id, atMs: story.atMs });
          assert.ok(calls.filter(({ atMs }) => atMs > story.atMs - hour).length <= spec.perHour);
          assert.ok(calls.filter((one) => one.id === id).length <= spec.perIncident);
        }
      }
    }),
  );
});
