import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { person, schedule } from '../incidents/setup.fixture.ts';
import type { ReleaseNews, ReleaseNewsKind } from '../release/news.ts';
import { importantNotices, noticeEvents, type ServicesNotice } from '../spec/release-notices.ts';
import { Stage } from './outbox.fixture.ts';
import { type NewsEntry, type NoticesRecorded, type NoticesState, noNotices, takeNotices } from './release-notices.ts';
import { plannedReaders, type ReleaseTelling, tellReleases } from './release-telling.ts';

const lane = { perMinute: 600, inFlightMax: 4, giveUpAfterMs: 3_600_000, bundles: false };
const channel = (notifier: string, more: Partial<ServicesNotice> = {}): ServicesNotice => ({
  to: { notifier },
  events: null,
  language: null,
  services: null,
  ...more,
});

const newsOf = (kind: ReleaseNewsKind, more: Partial<ReleaseNews> = {}): ReleaseNews => ({
  kind,
  release: 'shop-1',
  version: '2.0.0',
  stable: '1.0.0',
  strategy: 'canary',
  by: 'anna',
  why: 'fixes the basket',
  step: kind === 'step' ? 3 : null,
  steps: 7,
  said: { en: `it is ${kind}`, ru: `это ${kind}` },
  verbs: kind === 'held' ? ['approve', 'abort'] : ['succeeded', 'rolled-back', 'failed'].includes(kind) ? [] : ['abort'],
  ...(kind === 'resumed' ? { wasHeld: true } : {}),
  ...(['succeeded', 'rolled-back', 'failed'].includes(kind)
    ? { end: { secondsToSafety: 2.5, failedRequests: 7, candidateRequests: 900, hasWayBack: kind === 'succeeded' } }
    : {}),
  ...more,
});

const people = [
  person('anna', '{ contacts: [ { notifier: phone, to: "+1" } ], language: ru }'),
  person('bert', '{ contacts: [ { notifier: phone, to: "+2" } ] }'),
];
const schedules = [
  schedule('days', '{ timeZone: UTC, layers: [ { name: one, rotation: { every: 1w, from: 2026-11-02 }, people: [bert] } ] }'),
];

/** The log's news, told into an outbox that takes everything. */
class Desk {
  readonly stage = new Stage(Object.fromEntries(['chat', 'pager', 'phone', 'mail'].map((name) => [name, lane])));
  state: NoticesState = noNotices;
  log: NoticesRecorded[] = [];
  telling: ReleaseTelling = {
    people,
    schedules,
    notices: [channel('chat'), channel('pager'), channel('mail')],
    ownNotices: () => [],
    formOf: (name) => {
      if (name === 'pager') return { releases: 'events', releaseEvents: noticeEvents };
      if (name === 'chat') return { releases: 'thread', releaseEvents: noticeEvents };
      return {
        releases: 'thread',
        releaseEvents: name === 'mail' ? noticeEvents.filter((event) => event !== 'step') : importantNotices,
      };
    },
    consoleUrl: 'https://rampart.example',
  };
  #seq = 0;

  constructor() {
    this.stage.nowMs = Date.UTC(2026, 11, 1);
  }

  entry(kind: ReleaseNewsKind, more: Partial<ReleaseNews> = {}, service = 'shop'): NewsEntry {
    return { seq: (this.#seq += 1), service, atMs: this.stage.nowMs, news: newsOf(kind, more) };
  }

  tell(...entries: readonly NewsEntry[]): this {
    const { notices, messages } = tellReleases(this.state, this.stage.state, entries, this.telling, this.stage.nowMs);
    for (const event of notices) this.state = takeNotices(this.state, { ...event, at: this.stage.nowMs });
    this.log.push(...notices);
    this.stage.record(messages);
    return this;
  }

  hear(kind: ReleaseNewsKind, more: Partial<ReleaseNews> = {}, service = 'shop'): readonly string[] {
    this.tell(this.entry(kind, more, service));
    return this.sent();
  }

  /** What was sent since, as `RECEIVER EVENT`. */
  sent(): readonly string[] {
    const before = new Set(this.stage.state.ended.map(({ id }) => id));
    this.stage.drain();
    return this.stage.state.ended
      .filter(({ id, state }) => !before.has(id) && state === 'delivered')
      .map(({ notifier, to, message }) => `${notifier}${to ?? ''} ${message.event}`)
      .toSorted();
  }
}

test('a channel has one thread for each release, programs have every event by itself, and each is told what suits it', () => {
  const desk = new Desk();
  desk.telling = { ...desk.telling, notices: [...desk.telling.notices, channel('phone')] };
  assert.deepEqual(desk.hear('started'), ['chat trigger', 'mail trigger', 'pager notice']);
  assert.deepEqual(desk.hear('step'), ['chat update', 'pager notice']);
  // A phone rings first when somebody has to do something.
  assert.deepEqual(desk.hear('held'), ['chat trigger', 'mail trigger', 'pager notice', 'phone trigger']);
  assert.deepEqual(desk.hear('step', { wasHeld: true }), ['chat update', 'mail update', 'pager notice', 'phone update']);
  assert.deepEqual(desk.hear('step'), ['chat update', 'pager notice']);
  assert.deepEqual(desk.hear('succeeded'), ['chat resolve', 'mail resolve', 'pager notice', 'phone resolve']);
  assert.deepEqual(
    [...desk.stage.state.places.values()].filter(({ isOpen, unsure }) => isOpen || unsure > 0),
    [],
  );
  const threads = desk.stage.state.ended.map(({ message }) => message.thread);
  assert.deepEqual(new Set(threads), new Set(['release/shop-1']));
  const keys = desk.stage.state.ended.map(({ id }) => id);
  assert.equal(new Set(keys).size, keys.length);
});

test('what was told is not told again, whoever asks: a controller that has died tells only what is not on record', () => {
  const desk = new Desk();
  const [first, second] = [desk.entry('started'), desk.entry('step')];
  desk.tell(first);
  desk.sent();
  const before = desk.stage.log.length;
  desk.tell(first);
  assert.equal(desk.stage.log.length, before);
  desk.tell(first, second);
  assert.deepEqual(desk.sent(), ['chat update', 'pager notice']);
  desk.state = desk.log.reduce((state, event) => takeNotices(state, { ...event, at: desk.stage.nowMs }), noNotices);
  assert.equal(desk.state.seq, 2);
});

test('of which services, of what, in which language, and to whom is as the documents say', () => {
  const desk = new Desk();
  desk.telling = {
    ...desk.telling,
    notices: [
      channel('chat', { services: ['pay-*', 'shop'], events: ['succeeded'], language: 'ru' }),
      { ...channel('chat'), to: { schedule: 'days' } },
    ],
    ownNotices: (release) => (release === 'shop-1' ? [{ to: { person: 'anna' }, events: ['step'], language: null }] : []),
  };
  assert.deepEqual(desk.hear('started'), []);
  assert.deepEqual(desk.hear('step'), ['phone+1 trigger']);
  assert.match(desk.stage.state.ended[0]?.message.title ?? '', /^shop 2\.0\.0: шаг 3 из 7, это step$/);
  assert.deepEqual(desk.hear('held'), ['phone+2 trigger']);
  assert.match(desk.stage.state.ended[0]?.message.title ?? '', /^shop 2\.0\.0 waits for an approval$/);
  assert.deepEqual(desk.hear('succeeded'), ['chat notice', 'phone+1 resolve', 'phone+2 resolve']);
  assert.deepEqual(desk.hear('succeeded', { release: 'cart-1' }, 'cart'), []);
  assert.deepEqual(desk.hear('succeeded', { release: 'pay-1' }, 'pay-card'), ['chat notice']);
});

test('a message says what has happened, why, what it cost, and what can be done', () => {
  const desk = new Desk();
  desk.hear('held');
  const held = desk.stage.state.ended.find(({ notifier }) => notifier === 'chat')?.message;
  assert(held);
  const { key, facts, links, actions, text, severity, release } = held;
  assert.deepEqual([key, severity, text], ['release/shop-1/1/held', 'P1', 'it is held.']);
  assert.deepEqual(facts, [
    { label: 'Release', value: 'shop-1' },
    { label: 'In place of', value: '1.0.0' },
    { label: 'Asked for by', value: 'anna: fixes the basket' },
    { label: 'Command', value: 'rampart approve shop' },
  ]);
  assert.deepEqual(links, [{ text: 'Open it in the console', href: 'https://rampart.example/releases/shop-1' }]);
  assert.deepEqual(actions, [
    { verb: 'approve', label: 'Approve', style: 'primary' },
    { verb: 'abort', label: 'Do not release', style: 'danger' },
  ]);
  assert.deepEqual(release, {
    id: 'shop-1',
    version: '2.0.0',
    stable: '1.0.0',
    news: 'held',
    step: null,
    steps: 7,
    isRestore: false,
  });
  desk.hear('rolled-back');
  const back = desk.stage.state.ended.find(({ notifier }) => notifier === 'chat')?.message;
  assert.deepEqual([back?.title, back?.actions], ['shop 2.0.0 was rolled back', []]);
  const values = back?.facts.map(({ label, value }) => `${label}: ${value}`) ?? [];
  assert(values.includes('Requests to the new version: 900, failed: 7'), values.join('; '));
  assert(values.includes('Until all were safe: 2.5 s'));
  desk.hear('succeeded', { release: 'shop-2' });
  const done = desk.stage.state.ended.find(({ notifier }) => notifier === 'chat')?.message;
  assert.deepEqual(done?.actions, [{ verb: 'rollback', label: 'Roll back 2.0.0', style: 'danger' }]);
});

test('a button says what it does: where the database waits for a decision, it is left as it is', () => {
  const desk = new Desk();
  const labelOf = (more: Partial<ReleaseNews>): string | undefined => {
    desk.hear('held', more);
    return desk.stage.state.ended
      .find(({ notifier }) => notifier === 'chat')
      ?.message.actions.find(({ verb }) => verb === 'abort')?.label;
  };
  assert.equal(labelOf({ verbs: ['approve', 'abort'], step: null }), 'Do not release');
  assert.equal(labelOf({ verbs: ['abort'], step: null }), 'Leave the database as it is');
  assert.equal(labelOf({ verbs: ['resume', 'abort'], step: 2 }), 'Take it back');
});

test('a release that goes back and forth 1,000 times is told of a few times, and in the end how it stands', () => {
  const desk = new Desk();
  desk.hear('started');
  let count = 0;
  for (let flap = 0; flap < 1_000; flap += 1) {
    desk.stage.nowMs += 1_000;
    count += desk.hear(flap % 2 === 0 ? 'held' : 'resumed').filter((line) => line.startsWith('pager')).length;
  }
  // Six in ten minutes at most, and how it stands each five minutes.
  assert(count >= 6 && count <= 14, `${count} messages`);
  desk.stage.nowMs += 5 * 60_000;
  desk.tell();
  const left = desk.sent();
  assert.deepEqual(
    left.filter((line) => !line.startsWith('phone')),
    ['chat update', 'mail update', 'pager notice'],
  );
  const last = desk.stage.state.ended[0]?.message;
  assert.match(last?.title ?? '', /goes on/);
  assert.match(last?.text ?? '', /It was held and went on \d+ more times since the last message\./);
  desk.tell();
  assert.deepEqual(desk.sent(), []);
  assert.deepEqual(desk.hear('succeeded').length > 0, true);
  assert.equal(desk.state.flapping.size, 0);
});

test('a way back and an end are told at once, however much it went back and forth, and nothing of before comes after them', () => {
  const desk = new Desk();
  for (let flap = 0; flap < 20; flap += 1) desk.hear(flap % 2 === 0 ? 'held' : 'resumed');
  assert.deepEqual(
    desk.hear('rolling-back').filter((line) => line.startsWith('chat')),
    ['chat trigger'],
  );
  assert.match(desk.stage.state.ended.find(({ notifier }) => notifier === 'chat')?.message.text ?? '', /more times/);
  desk.hear('rolled-back');
  desk.stage.nowMs += 3_600_000;
  desk.tell();
  assert.deepEqual(desk.sent(), []);
});

test('news of more than a day ago is told to nobody', () => {
  const desk = new Desk();
  const old = desk.entry('started');
  desk.stage.nowMs += 86_400_001;
  desk.tell(old);
  assert.deepEqual(desk.sent(), []);
});

test('what is planned is told to those who are told of releases, and not to those who are told of what matters alone', () => {
  const desk = new Desk();
  const { notices } = desk.telling;
  const telling = { ...desk.telling, notices: [...notices, channel('phone'), { ...channel('phone'), to: { person: 'anna' } }] };
  const readers = plannedReaders('shop', [], telling, desk.stage.nowMs);
  assert.deepEqual(
    readers.map(({ receiver }) => receiver.notifier),
    ['chat', 'pager', 'mail'],
  );
});

test('whatever happens to releases in whatever batches, each receiver that was told of a beginning is told of its end, once', () => {
  const anyKind = fc.constantFrom<ReleaseNewsKind>('started', 'step', 'held', 'resumed', 'rolling-back', 'back-failing');
  const anyStory = fc.array(fc.tuple(anyKind, fc.constantFrom('shop-1', 'shop-2'), fc.boolean(), fc.nat({ max: 400_000 })), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(anyStory, (story) => {
      const desk = new Desk();
      desk.telling = { ...desk.telling, notices: [...desk.telling.notices, channel('phone')] };
      let batch: NewsEntry[] = [];
      for (const [kind, release, isCut, passesMs] of story) {
        batch.push(desk.entry(kind, { release }));
        if (!isCut) continue;
        desk.tell(...batch);
        batch = [];
        if (passesMs % 2 === 0) desk.sent();
        desk.stage.nowMs += passesMs;
      }
      for (const release of ['shop-1', 'shop-2']) batch.push(desk.entry('rolled-back', { release }));
      desk.tell(...batch);
      desk.stage.drain(3_600_000);
      for (const place of desk.stage.state.places.values()) assert(!place.isOpen && place.unsure === 0);
      for (const [, told] of Map.groupBy(desk.stage.state.ended, ({ notifier, message }) => `${notifier} ${message.thread}`)) {
        const sent = told.filter(({ state }) => state === 'delivered').map(({ message }) => message.event);
        assert(sent.filter((event) => event === 'resolve').length <= 1);
        if (sent.includes('trigger')) assert.equal(sent[0], 'resolve');
      }
    }),
    { numRuns: 100 },
  );
});
