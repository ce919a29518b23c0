import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IncidentRecorded } from '../incidents/events.ts';
import { takeIncidents } from '../incidents/fold.ts';
import { person, policy } from '../incidents/setup.fixture.ts';
import { ended, firing, Story } from '../incidents/story.fixture.ts';
import type { Receipt, RoomPolicy, RoomTask } from '../notifiers/notifier.ts';
import type { Post } from '../status/types.ts';
import { emptyOutbox, takeOutbox } from './fold.ts';
import { roomName } from './room-message.ts';
import { roomNews } from './room-news.ts';
import { roomOutcome } from './room-outcome.ts';
import { type Rooming, roomsMax, roomWork } from './room-tasks.ts';
import { noRooms, type RoomsState, takeRooms } from './rooms.ts';
import { nextTurn } from './turn.ts';
import { itself, type OutboxRecorded, type OutboxState } from './types.ts';

const secondMs = 1_000;
const dayMs = 86_400_000;
const policyOf = (given: Partial<RoomPolicy> = {}): RoomPolicy => ({
  ...{ severities: ['P0'], prefix: 'inc-', isPrivate: false, invite: ['on-call'], archiveAfterMs: 7 * dayMs, language: 'en' },
  ...given,
});
const people = [
  person('anna', '{ contacts: [ { notifier: sms, to: "+70000000001" } ], accounts: { team: U0ANNA } }'),
  person('boris', '{ contacts: [ { notifier: team, to: U0BORIS } ] }'),
  person('chief', '{ accounts: { team: U0CHIEF } }'),
];
const escalation = policy(
  'shop',
  '{ steps: [ { notify: [ { person: anna } ] }, { after: 5m, notify: [ { person: boris } ] } ] }',
);

/** Incidents, rooms and an outbox that change together, as a controller would have them. */
class Stage {
  readonly story = new Story();
  rooms: RoomsState = noRooms;
  outbox: OutboxState = emptyOutbox;
  rooming: Rooming;
  readonly alert = firing('errors', { service: 'shop' });

  constructor(given: Partial<Rooming> = {}) {
    this.rooming = {
      ...{ policies: new Map([['team', policyOf()]]), people, schedules: [], consoleUrl: 'https://ops.example' },
      ...{ channelsOf: () => [], isQuiet: () => false, news: new Map() },
      ...given,
    };
  }

  get incident() {
    return this.story.last;
  }

  happen(event: IncidentRecorded): void {
    this.story.records.push({ ...event, at: this.story.atMs });
    this.story.state = takeIncidents(this.story.state, { ...event, at: this.story.atMs });
  }

  /** An incident with a policy. */
  open(): this {
    this.story.alerts(this.alert);
    this.happen({ kind: 'incident-policy-taken', actor: itself, data: { id: this.incident.id, policy: escalation, code: '1' } });
    return this;
  }

  /** Everything that rooms were not told is read first, as the keeper does. */
  get #news(): Rooming['news'] {
    return new Map(
      [...this.rooms.values()].flatMap((room) => {
        const { channel = null } = this.story.state.incidents.get(room.incident)?.room ?? {};
        const placed = this.story.records.map((event, index) => ({ seq: index + 1, event }));
        const own = placed.filter(({ seq, event }) => seq > room.upto && event.data.id === room.incident);
        return channel === null ? [] : [[room.incident, roomNews(room, channel, own, [], [])] as const];
      }),
    );
  }

  /** What is queued now. */
  turn(): readonly RoomTask[] {
    const at = this.story.atMs;
    const work = () => roomWork(this.story.state, this.rooms, this.outbox, { ...this.rooming, news: this.#news }, at);
    const { rooms, messages } = work();
    for (const event of rooms) this.rooms = takeRooms(this.rooms, { ...event, at });
    this.#record(messages);
    assert.deepEqual(work().messages, [], 'asked again at the same moment it adds nothing');
    return messages.flatMap((one) => (one.kind === 'message-queued' && one.data.message.room ? [one.data.message.room] : []));
  }

  get nextMs(): number {
    return roomWork(this.story.state, this.rooms, this.outbox, { ...this.rooming, news: this.#news }, this.story.atMs).nextMs;
  }

  #record(messages: readonly OutboxRecorded[]): void {
    for (const event of messages) this.outbox = takeOutbox(this.outbox, { ...event, at: this.story.atMs });
  }

  /** Everything that waits is sent, and taken. */
  deliver(receipt: Receipt = { channel: 'C1', ts: '1', name: 'inc-shop', url: 'https://acme.slack.com/archives/C1' }): void {
    this.begin();
    for (const { id, message } of [...this.outbox.pending.values()]) {
      const event = { kind: 'message-delivered', actor: itself, data: { id, said: 'yes', receipt } } as const;
      assert(message.room);
      for (const one of roomOutcome(this.outbox, event)) this.happen(one);
      this.#record([event]);
    }
  }

  begin(): readonly string[] {
    const lane = { perMinute: 50, inFlightMax: 4, giveUpAfterMs: 4 * 3_600_000, bundles: true };
    const turn = nextTurn(this.outbox, { current: () => 1, lane: () => lane }, new Set(), this.story.atMs);
    this.#record(turn.events);
    return turn.sendings.map(({ id }) => id);
  }

  refuse(said: string): void {
    for (const id of this.begin()) {
      const data = { id, said, untaken: true, final: 'refused', nextMs: 0, pauseUntilMs: 0, seed: 0 } as const;
      const event = { kind: 'message-failed', actor: itself, data } as const;
      for (const one of roomOutcome(this.outbox, event)) this.happen(one);
      this.#record([event]);
    }
  }

  /** An incident with a room that was told all there is. */
  made(): this {
    this.open().turn();
    this.deliver();
    this.story.pass(2 * secondMs);
    this.turn();
    this.deliver();
    this.story.pass(2 * secondMs);
    return this;
  }
}

test('an incident that is bad enough gets a room, with its people, once its policy is known', () => {
  const stage = new Stage();
  stage.story.alerts(stage.alert);
  assert.deepEqual(stage.turn(), []);
  assert.equal(stage.nextMs, stage.story.atMs + 2 * secondMs);
  stage.open();
  const id = stage.incident.id;
  assert.deepEqual(stage.turn(), [
    {
      ...{ incident: id, number: 1, kind: 'open', name: `inc-${id}`, isPrivate: false },
      topic: `P0 · nobody has it yet · https://ops.example/incidents/${id} · ${stage.incident.title}`,
      purpose: `War room of incident ${id}: https://ops.example/incidents/${id}`,
      invite: ['U0ANNA'],
    },
  ]);
  assert.deepEqual(stage.turn(), []);
  const [first] = [...stage.outbox.pending.values()];
  assert.deepEqual(
    first?.message.actions.map(({ verb }) => verb),
    ['acknowledge', 'resolve', 'mitigate'],
  );
  stage.deliver();
  assert.deepEqual(stage.incident.room, {
    ...{ number: 1, notifier: 'team', state: 'open', channel: 'C1', name: 'inc-shop', said: '' },
    ...{ url: 'https://acme.slack.com/archives/C1', atMs: stage.story.atMs },
  });
});

test('one that is not bad enough, that nobody is to hear of, or that is over gets none; one that gets worse does', () => {
  const mild = new Stage();
  mild.story.alerts({ ...mild.alert, urgency: 'chat' });
  mild.story.pass(5 * secondMs);
  assert.deepEqual(mild.turn(), []);
  mild.story.ask({ kind: 'severity', severity: 'P0' });
  assert.equal(mild.turn()[0]?.kind, 'open');
  const quiet = new Stage({ isQuiet: () => true }).open();
  assert.deepEqual(quiet.turn(), []);
  const over = new Stage().open();
  over.story.ask({ kind: 'resolve' });
  assert.deepEqual(over.turn(), []);
});

test('the room is where the incident’s own people read, else at the first notifier that has rooms for it', () => {
  const policies = new Map([
    ['p1-only', policyOf({ severities: ['P1'] })],
    ['first', policyOf()],
    ['own', policyOf({ invite: ['chief', 'on-call'] })],
  ]);
  const notifierOf = (channels: readonly string[]) => {
    const stage = new Stage({ policies, channelsOf: () => channels }).open();
    stage.turn();
    return stage.rooms.get(stage.incident.id)?.notifier;
  };
  assert.equal(notifierOf([]), 'first');
  assert.equal(notifierOf(['sms', 'own']), 'own');
  assert.equal(notifierOf(['p1-only']), 'first');
});

test('what happens is told together, in order, one message at a time, and those who come later are asked in', () => {
  const stage = new Stage().open();
  stage.turn();
  stage.story.ask({ kind: 'note', note: 'n1', text: 'look at the database' });
  assert.deepEqual(stage.turn(), [], 'it is not made yet');
  stage.deliver();
  stage.story.pass(secondMs);
  const [first] = stage.turn();
  assert(first?.kind === 'tell');
  assert.deepEqual([first.lines, first.topic], [['alert errors: errors is bad', 'anna: look at the database'], null]);
  // While that is under way, more happens.
  stage.story.ask({ kind: 'acknowledge', forMs: null }, 'boris');
  stage.story.ask({ kind: 'note', note: 'room-C1-17.1', text: 'written in the room itself' });
  stage.story.pass(5 * secondMs);
  assert.deepEqual(stage.turn(), []);
  stage.deliver();
  assert.deepEqual(stage.turn(), [], 'not more than one a second');
  stage.story.pass(secondMs);
  const [second] = stage.turn();
  assert(second?.kind === 'tell');
  assert.deepEqual([second.lines, second.shows, second.invite], [['acknowledged by boris'], 'acknowledge', ['U0BORIS']]);
  assert.match(second.topic ?? '', /^P0 · taken by boris · /);
  stage.deliver();
  assert.deepEqual(stage.turn(), []);
  stage.story.ask({ kind: 'mitigate' });
  assert.deepEqual(stage.turn(), []);
  assert.equal(stage.nextMs, stage.story.atMs + secondMs);
  stage.story.pass(secondMs);
  const [third] = stage.turn();
  assert(third?.kind === 'tell' && third.shows === 'update');
});

test('it is archived some time after the end, and never before; what comes back meanwhile keeps it', () => {
  const stage = new Stage().made();
  stage.story.alerts(ended(stage.alert, stage.story.atMs));
  const [end] = stage.turn();
  assert(end?.kind === 'tell' && end.shows === 'resolve');
  stage.deliver();
  assert.equal(stage.nextMs, stage.story.atMs + 7 * dayMs);
  stage.story.pass(7 * dayMs - 1);
  assert.deepEqual(stage.turn(), []);
  stage.story.pass(1);
  assert.deepEqual(
    stage.turn().map(({ kind }) => kind),
    ['archive'],
  );
  // It has not been sent yet: the incident comes back, and it is called off.
  stage.story.ask({ kind: 'reopen' });
  assert.deepEqual(stage.turn(), []);
  assert.equal(stage.outbox.pending.size, 0);
  stage.story.pass(secondMs);
  const [back] = stage.turn();
  assert(back?.kind === 'tell' && back.shows !== 'resolve');
  stage.deliver();
  stage.story.pass(secondMs);
  stage.story.ask({ kind: 'resolve' });
  stage.turn();
  stage.deliver();
  stage.story.pass(7 * dayMs);
  stage.turn();
  stage.deliver();
  assert.equal(stage.incident.room?.state, 'archived');
  stage.story.pass(dayMs);
  assert.deepEqual(stage.turn(), []);
  // After that it has another one.
  stage.story.ask({ kind: 'reopen' });
  stage.story.pass(5 * secondMs);
  assert.deepEqual(
    stage.turn().map(({ kind, number }) => [kind, number]),
    [['open', 2]],
  );
});

test('with `off` it stays', () => {
  const stage = new Stage({ policies: new Map([['team', policyOf({ archiveAfterMs: null })]]) }).made();
  stage.story.alerts(ended(stage.alert, stage.story.atMs));
  stage.turn();
  stage.deliver();
  stage.story.pass(400 * dayMs);
  assert.deepEqual([stage.turn(), stage.nextMs], [[], Number.POSITIVE_INFINITY]);
});

test('the room of an incident that is not kept in mind any more is archived as well', () => {
  const stage = new Stage().made();
  stage.story.ask({ kind: 'resolve' });
  stage.turn();
  stage.deliver();
  const incidents = new Map(stage.story.state.incidents);
  incidents.delete(stage.incident.id);
  stage.story.state = { ...stage.story.state, incidents };
  stage.story.pass(7 * dayMs - 1);
  assert.deepEqual(stage.turn(), []);
  stage.story.pass(1);
  assert.deepEqual(
    stage.turn().map(({ kind }) => kind),
    ['archive'],
  );
});

test('where no room can be made the incident says why, and it is tried anew only when the incident comes back', () => {
  const stage = new Stage().open();
  stage.turn();
  stage.refuse('it says missing_scope');
  assert.deepEqual([stage.incident.room?.state, stage.incident.room?.said], ['failed', 'it says missing_scope']);
  stage.story.alerts(ended(stage.alert, stage.story.atMs));
  stage.story.pass(secondMs);
  assert.deepEqual(stage.turn(), []);
  stage.story.ask({ kind: 'resolve' });
  stage.story.pass(secondMs);
  stage.story.ask({ kind: 'reopen' });
  stage.story.pass(5 * secondMs);
  assert.deepEqual(
    stage.turn().map(({ kind, number }) => [kind, number]),
    [['open', 2]],
  );
});

test('one that somebody has closed there is told nothing any more, and is archived all the same', () => {
  const stage = new Stage().made();
  stage.story.ask({ kind: 'mitigate' });
  stage.turn();
  stage.deliver({ channel: 'C1', ts: '1', shut: 'is_archived' });
  assert.equal(stage.incident.room?.state, 'failed');
  stage.story.pass(secondMs);
  stage.story.alerts(ended(stage.alert, stage.story.atMs));
  assert.deepEqual(stage.turn(), []);
  stage.story.pass(7 * dayMs);
  assert.deepEqual(
    stage.turn().map(({ kind }) => kind),
    ['archive'],
  );
});

test(`an outage of everything has at most ${roomsMax} rooms at once`, () => {
  const stage = new Stage();
  for (let index = 0; index < roomsMax + 5; index += 1) stage.story.alerts(firing('errors', { service: `shop-${index}` }));
  stage.story.pass(5 * secondMs);
  assert.equal(stage.turn().length, roomsMax);
});

test('war rooms hold up nobody who is called: they have limits and failures of their own', () => {
  const stage = new Stage().open();
  stage.turn();
  const [id = ''] = stage.begin();
  assert(id.includes('/room/1/open'));
  const data = { id, said: 'ratelimited', untaken: true, final: null, nextMs: 9e15, pauseUntilMs: 9e15, seed: 0 } as const;
  stage.outbox = takeOutbox(stage.outbox, { kind: 'message-failed', actor: itself, data, at: stage.story.atMs });
  const paused = [...stage.outbox.lanes].filter(([, lane]) => lane.pausedUntilMs > 0).map(([key]) => key);
  assert.deepEqual(paused, ['team\n1\nrooms']);
});

test('names are what Slack takes, and differ where incidents do', () => {
  assert.equal(roomName('inc-', 'checkout-20261129-1'), 'inc-checkout-20261129-1');
  const long = ['a', 'b'].map((end) => roomName('inc-', `${'x'.repeat(62)}${end}-20261129-12`));
  for (const name of long) assert.match(name, /^[a-z0-9_-]{1,60}$/);
  assert.match(long[0] ?? '', /^inc-x+-[a-z0-9]+-20261129-12$/);
  assert.notEqual(long[0], long[1]);
});

test('results of runbooks and updates of the status page are told once each, those of a step that ran again too', () => {
  const outcome = (atMs: number, said: string) =>
    ({ atMs, by: 'rampart', state: 'told', said, lines: ['a', 'b', 'c', 'd', 'e', 'f', 'g'], tookMs: 1 }) as const;
  const step = { title: 'Errors', text: null, withinMs: 1, does: { kind: 'person' } } as const;
  const run = (atMs: number, said: string) => ({
    ...{ name: 'errors', title: 'Error rate', attachedAtMs: 0 },
    steps: [
      { ...step, outcome: outcome(atMs, said) },
      { ...step, outcome: null },
    ],
  });
  const post: Post = {
    ...{ id: 'p1', incident: 'i', title: 'Down', startedAtMs: 0, publishedAtMs: 1, resolvedAtMs: null },
    ...{ components: [], draft: null, declined: null },
    state: 'investigating',
    worst: 'major_outage',
    updates: [
      { id: 'p1/5', atMs: 5, by: 'anna', state: 'investigating', body: { en: 'We look', ru: 'Смотрим' }, components: [] },
    ],
  };
  const first = roomNews({ upto: 3, keys: [] }, 'C1', [], [run(9, 'many')], [post]);
  assert.deepEqual(first, {
    ...{ upto: 3, keys: ['post/p1/p1/5', 'runbook/errors/0/9'] },
    lines: [
      { en: 'status page (investigating), by anna: We look', ru: 'страница статуса (investigating), anna: Смотрим' },
      {
        en: 'Error rate, 1. Errors: many · a · b · c · d · e · … +2',
        ru: 'Error rate, 1. Errors: many · a · b · c · d · e · … +2',
      },
    ],
  });
  assert.deepEqual(roomNews({ upto: 3, keys: first.keys }, 'C1', [], [run(9, 'many')], [post]).lines, []);
  assert.equal(roomNews({ upto: 3, keys: first.keys }, 'C1', [], [run(12, 'few')], [post]).lines.length, 1);
});
