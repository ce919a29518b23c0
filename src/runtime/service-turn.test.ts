import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decide } from '../release/decide.ts';
import { places } from '../release/places.fixture.ts';
import { Story } from '../release/story.fixture.ts';
import type { Effect, ServiceEvent } from '../release/types.ts';
import type { LoggedEvent } from '../stores/log.ts';
import { recordedIn } from './record.ts';
import { ServiceTurn } from './service-turn.ts';

/** A turn at a place of a release, with effects that end when the test says so and a log that takes records when it says so. */
class Desk {
  readonly story: Story;
  readonly turn: ServiceTurn;
  readonly begun: {
    readonly effect: Effect;
    readonly signal: AbortSignal;
    answer(event: ServiceEvent): void;
    fail(why: string): void;
  }[] = [];
  isLogFailing = false;
  flushes = 0;

  constructor(place: string) {
    this.story = (places[place] as (story: Story) => Story)(new Story());
    this.turn = new ServiceTurn('shop', this.story.state, 0, {
      clock: { now: () => this.story.at, after: () => new Promise(() => {}) },
      flush: () => {
        this.flushes += 1;
      },
      flushLater: () => {},
      secrets: () => [],
      isLogFailing: () => this.isLogFailing,
      perform: (effect, signal) =>
        new Promise((resolve, reject) => {
          this.begun.push({ effect, signal, answer: resolve, fail: (why) => reject(new Error(why)) });
        }),
    });
  }

  get events(): readonly ServiceEvent[] {
    return this.turn.staged.map((record) => recordedIn(record as LoggedEvent).event);
  }

  get kinds(): readonly string[] {
    return this.begun.map(({ effect }) => effect.kind);
  }

  get at(): number {
    return this.story.at;
  }

  put(): void {
    this.turn.settled(this.turn.staged.length);
  }

  sample(): ServiceEvent {
    this.story.at += 1_000;
    this.story.state = this.turn.head;
    return { kind: 'sampled', at: this.at, samples: [this.story.sample()] };
  }

  verb(verb: 'abort' | 'pause' | 'resume'): Promise<unknown> {
    return this.turn.submit({ kind: 'verb', at: this.at, release: this.turn.head.live?.id ?? '', verb, by: 'anna', why: '' });
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('an effect begins when its decision is on record, and not before', () => {
  const desk = new Desk('observing 1');
  void desk.verb('abort');
  desk.turn.act();
  assert.deepEqual(desk.kinds, []);
  assert.equal(desk.flushes, 1);
  desk.put();
  assert.deepEqual(desk.kinds, ['set-route']);
});

test('a decision resolves when it is on record', async () => {
  const desk = new Desk('observing 1');
  let done = false;
  const submitted = desk.verb('abort').then(() => {
    done = true;
  });
  await settle();
  assert.equal(done, false);
  desk.put();
  await submitted;
});

test('an effect that is under way is not begun again, and its answer goes on', async () => {
  const desk = new Desk('applying 0');
  desk.turn.act();
  desk.turn.act();
  assert.deepEqual(desk.kinds, ['set-route']);
  desk.begun[0]?.answer({ kind: 'route-accepted', at: desk.at, seq: desk.turn.head.route.seq });
  await settle();
  assert.deepEqual(desk.kinds, ['set-route']);
  desk.put();
  assert.deepEqual(desk.kinds, ['set-route', 'read-route']);
});

test('what nobody wants any more is called off, and its answer changes nothing', async () => {
  const desk = new Desk('applying 0');
  desk.turn.act();
  const { seq } = desk.turn.head.route;
  void desk.verb('abort');
  desk.put();
  assert.equal(desk.begun[0]?.signal.aborted, true);
  assert.deepEqual(desk.kinds, ['set-route', 'set-route']);
  const { head } = desk.turn;
  desk.begun[0]?.answer({ kind: 'route-accepted', at: desk.at, seq });
  desk.begun[0]?.fail('late');
  await settle();
  assert.equal(desk.turn.head, head);
  assert.deepEqual(desk.turn.staged, []);
});

test('an effect that fails is on record, waits for its back-off, and is begun again', async () => {
  const desk = new Desk('applying 0');
  desk.turn.act();
  desk.begun[0]?.fail('connection refused');
  await settle();
  assert.equal(desk.events[0]?.kind, 'effect-failed');
  desk.put();
  assert.equal(desk.begun.length, 1);
  assert.equal(desk.turn.nextWakeMs(desk.at), desk.at + 200);
  desk.story.at += 199;
  desk.turn.wake();
  assert.equal(desk.begun.length, 1);
  desk.story.at += 1;
  desk.turn.wake();
  assert.equal(desk.begun.length, 2);
});

test('while the log takes nothing only taking traffic back goes ahead', () => {
  const more = new Desk('waiting 4');
  more.isLogFailing = true;
  more.story.at += 3_000;
  void more.verb('resume');
  more.turn.act();
  assert.deepEqual(more.kinds, []);
  const back = new Desk('observing 1');
  back.isLogFailing = true;
  void back.verb('abort');
  back.turn.act();
  assert.deepEqual(back.kinds, ['set-route']);
  assert.equal(back.begun[0]?.effect.kind === 'set-route' && back.begun[0].effect.route.candidate, null);
});

test('time that changes nothing leaves no record', () => {
  const desk = new Desk('observing 1');
  desk.turn.wake();
  assert.deepEqual(desk.turn.staged, []);
  desk.story.at += 30_000;
  desk.turn.wake();
  assert.deepEqual(
    desk.events.map(({ kind }) => kind),
    ['woke'],
  );
});

test('a verb that does nothing is on record all the same', () => {
  const desk = new Desk('observing 1');
  void desk.verb('resume');
  assert.equal(desk.turn.staged[0]?.actor, 'anna');
  assert.equal(recordedIn(desk.turn.staged[0] as LoggedEvent).said, 'resume by anna: it is not paused');
});

test('samples that change only counts wait for each other', () => {
  const desk = new Desk('held operator 1');
  let seconds = 0;
  while (desk.turn.staged.length === 0 && seconds < 20) {
    void desk.turn.submit(desk.sample());
    seconds += 1;
  }
  const [event] = desk.events;
  assert.ok(event?.kind === 'sampled' && event.samples.length === seconds && seconds <= 10);
  assert.equal(desk.turn.staged.length, 1);
});

test('samples that wait come before what happens next, in a record of the release that they are about', () => {
  const desk = new Desk('rolling-back retire');
  const id = desk.turn.head.live?.id;
  void desk.turn.submit(desk.sample());
  if (desk.turn.staged.length > 0) desk.put();
  void desk.turn.submit(desk.sample());
  void desk.turn.submit({ kind: 'retired', at: desk.at, version: '2.0.0' });
  assert.equal(desk.turn.head.live, null);
  assert.deepEqual(
    desk.turn.staged.map(({ kind, release }) => [kind, release]),
    [
      ['sampled', id],
      ['retired', id],
    ],
  );
});

test('the samples that a decision came from are in one record with those that waited', () => {
  const desk = new Desk('observing 1');
  for (let i = 0; i < 4; i += 1) void desk.turn.submit(desk.sample());
  desk.put();
  void desk.turn.submit(desk.sample());
  void desk.turn.submit(desk.sample());
  const records = desk.events.filter(({ kind }) => kind === 'sampled');
  assert.equal(desk.turn.head.live?.phase.kind === 'stepping' && desk.turn.head.live.phase.part.kind, 'running');
  assert.ok(records.length >= 1 && records.every(({ kind }) => kind === 'sampled'));
  assert.equal(desk.turn.isOnRecord, false);
  desk.put();
  assert.equal(desk.turn.isOnRecord, true);
});

test('the records give the state back, whatever comes in between', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...(Object.keys(places) as [string, ...string[]])),
      fc.array(fc.constantFrom('sample', 'sample', 'sample', 'fault', 'pause', 'resume', 'abort', 'wake'), { maxLength: 40 }),
      (place, happenings) => {
        const desk = new Desk(place);
        const start = desk.turn.head;
        for (const happening of happenings) {
          if (happening === 'wake') {
            desk.story.at += 700;
            desk.turn.wake();
          } else if (happening === 'sample') void desk.turn.submit(desk.sample());
          else if (happening === 'fault') {
            desk.story.at += 1_000;
            void desk.turn.submit({ kind: 'sampled', at: desk.at, samples: [desk.story.sample(0.5)] });
          } else void desk.verb(happening);
        }
        // What waits for others to share a record with is put on record by whatever comes next.
        void desk.verb('resume');
        assert.deepEqual(
          desk.events.reduce((state, event) => decide(state, event).state, start),
          desk.turn.head,
        );
      },
    ),
    { numRuns: 200 },
  );
});

test('a turn that stops calls everything off and keeps nobody waiting', async () => {
  const desk = new Desk('applying 0');
  desk.turn.act();
  const submitted = desk.verb('abort');
  desk.turn.stop();
  await submitted;
  assert.equal(desk.begun[0]?.signal.aborted, true);
  assert.deepEqual(desk.turn.staged, []);
  desk.begun[0]?.fail('called off');
  await settle();
  assert.deepEqual(desk.turn.staged, []);
});

test('counts that change nothing wait for more of their kind, unless somebody looks at them', () => {
  const desk = new Desk('observing 1');
  for (let seconds = 0; seconds < 3; seconds += 1) void desk.turn.submit(desk.sample());
  const waiting = desk.events.length;
  assert.equal(desk.turn.isOnRecord, false);
  desk.turn.recordSoon();
  const recorded = desk.events.slice(waiting);
  assert.deepEqual(
    recorded.map(({ kind }) => kind),
    ['sampled'],
  );
  desk.turn.recordSoon();
  assert.equal(desk.events.length, waiting + 1);
});
