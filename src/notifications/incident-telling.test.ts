import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert } from '../alerts/types.ts';
import { itself } from '../incidents/decide.ts';
import type { IncidentRecorded } from '../incidents/events.ts';
import { takeIncidents } from '../incidents/fold.ts';
import { person, policy } from '../incidents/setup.fixture.ts';
import { ended, firing, Story } from '../incidents/story.fixture.ts';
import { scheduleDocument } from '../spec/schedule.ts';
import { emptyOutbox, takeOutbox } from './fold.ts';
import { type Calling, escalate, following } from './incident-telling.ts';
import { waiting } from './queue.ts';
import type { OutboxRecorded, OutboxState } from './types.ts';

const minute = 60_000;
const people = [
  person('anna', '{ fullName: Anna, language: ru, contacts: [ { notifier: sms, to: "+70000000001" }, { notifier: chat } ] }'),
  person('boris', '{ fullName: Boris, contacts: [ { notifier: sms, to: "+70000000002" } ] }'),
];
const policies = [
  policy(
    'shop',
    '{ steps: [ { notify: [ { person: anna } ] }, { after: 5m, notify: [ { person: boris }, { notifier: room } ] } ], repeat: 1 }',
  ),
];
const calling: Calling = {
  people,
  schedules: [],
  policies,
  policyOf: () => 'shop',
  isHeld: () => false,
  isQuiet: () => false,
  consoleUrl: 'https://ops.example',
};

/** Incidents and an outbox that change together. */
class Both {
  readonly story = new Story();
  outbox: OutboxState = emptyOutbox;
  readonly alert: Alert = firing('errors', { service: 'shop' });

  alerts(...alerts: readonly Alert[]): readonly string[] {
    const before = this.story.state;
    return this.#follow(before, this.story.alerts(...alerts));
  }

  ask(verb: Parameters<Story['ask']>[0], by = 'anna'): readonly string[] {
    const before = this.story.state;
    const { events } = this.story.ask(verb, by);
    return this.#follow(
      before,
      events.map((event) => ({ ...event, actor: by })),
    );
  }

  /** Something that the machine does. */
  happen(event: IncidentRecorded): readonly string[] {
    const before = this.story.state;
    this.story.state = takeIncidents(before, { ...event, at: this.story.atMs });
    return this.#follow(before, [event]);
  }

  escalate(more: Partial<Calling> = {}): readonly string[] {
    const { incidents, messages } = escalate(this.story.state, this.outbox, { ...calling, ...more }, this.story.atMs);
    for (const event of incidents) this.story.state = takeIncidents(this.story.state, { ...event, at: this.story.atMs });
    return this.#queue(messages);
  }

  /** All that waits is taken by its receivers. */
  deliver(): void {
    for (const { id } of waiting(this.outbox)) {
      const events: OutboxRecorded[] = [
        { kind: 'message-attempted', actor: itself, data: { id, revision: 1 } },
        { kind: 'message-delivered', actor: itself, data: { id, said: 'yes', receipt: {} } },
      ];
      for (const event of events) this.outbox = takeOutbox(this.outbox, { ...event, at: this.story.atMs });
    }
  }

  #follow(before: Story['state'], events: readonly IncidentRecorded[]): readonly string[] {
    return this.#queue(following(before, events, this.outbox, 'https://ops.example', this.story.atMs));
  }

  #queue(events: readonly OutboxRecorded[]): readonly string[] {
    const said = events.map(textOf);
    for (const event of events) this.outbox = takeOutbox(this.outbox, { ...event, at: this.story.atMs });
    return said;
  }
}

function textOf({ kind, data }: OutboxRecorded): string {
  if (kind === 'message-queued') return `${data.message.event} ${data.notifier}${data.to === null ? '' : ` ${data.to}`}`;
  return kind === 'message-cancelled' ? 'cancel' : kind;
}

test('each step of the policy calls its people in its time, once, and who has contacts of their own is told there', () => {
  const both = new Both();
  both.alerts(both.alert);
  assert.deepEqual(both.escalate(), ['trigger sms +70000000001', 'trigger chat']);
  assert.deepEqual(both.escalate(), []);
  both.story.pass(5 * minute - 1);
  assert.deepEqual(both.escalate(), []);
  both.story.pass(1);
  assert.deepEqual(both.escalate(), ['trigger sms +70000000002', 'trigger room']);
  both.story.pass(5 * minute);
  assert.deepEqual(both.escalate(), ['trigger sms +70000000001', 'trigger chat'], 'the second round');
  const [first] = waiting(both.outbox);
  assert.equal(first?.message.code, '1');
  assert.deepEqual(
    [first?.message.language, first?.message.links[0]?.href, first?.message.actions.map(({ verb }) => verb)],
    ['ru', 'https://ops.example/incidents/shop-20261129-1', ['acknowledge', 'resolve']],
  );
  assert.deepEqual(
    both.story.last.told.map(({ person: who, notifier, step, state }) => [who, notifier, step, state]).slice(0, 2),
    [
      ['anna', 'sms', 0, 'queued'],
      ['anna', 'chat', 0, 'queued'],
    ],
  );
});

test('times are told by the clocks of whoever is called, else of the schedule that they are called by', () => {
  const duty = scheduleDocument.parse({
    apiVersion: 'rampart/v1',
    kind: 'Schedule',
    metadata: { name: 'duty' },
    spec: { timeZone: 'Asia/Tokyo', layers: [{ name: 'all', people: ['boris'], rotation: { every: '1d', from: '2026-01-01' } }] },
  });
  const away = person('anna', '{ timeZone: America/New_York, contacts: [ { notifier: sms, to: "1" } ] }');
  const all = policy('shop', '{ steps: [ { notify: [ { person: anna }, { schedule: duty }, { notifier: room } ] } ] }');
  const { alert, story, outbox } = new Both();
  story.alerts(alert);
  const given = { ...calling, people: [away, ...people.slice(1)], schedules: [duty], policies: [all] };
  const { messages } = escalate(story.state, outbox, given, story.atMs);
  const zones = messages.flatMap((event) =>
    event.kind === 'message-queued' ? [[event.data.notifier, event.data.message.timeZone]] : [],
  );
  assert.deepEqual(zones, [
    ['sms', 'America/New_York'],
    ['sms', 'Asia/Tokyo'],
    ['room', undefined],
  ]);
});

test('whoever takes it calls off what nobody was sent yet, and those who were told hear of it and of its end', () => {
  const both = new Both();
  both.alerts(both.alert);
  both.escalate();
  both.deliver();
  both.story.pass(5 * minute);
  both.escalate();
  const taken = both.ask({ kind: 'acknowledge', forMs: 30 * minute });
  assert.deepEqual(taken, ['cancel', 'cancel', 'acknowledge sms +70000000001', 'acknowledge chat']);
  both.deliver();
  both.story.pass(10 * minute);
  assert.deepEqual(both.escalate(), [], 'somebody has it');
  both.story.pass(20 * minute);
  assert.deepEqual(both.escalate(), ['trigger sms +70000000001', 'trigger chat'], 'nobody has it any more');
  both.deliver();
  assert.deepEqual(both.alerts(ended(both.alert, both.story.atMs)), ['resolve sms +70000000001', 'resolve chat']);
  both.deliver();
  assert.deepEqual([both.escalate(), [...both.outbox.places.values()].filter(({ isOpen }) => isOpen)], [[], []]);
});

test('what becomes worse is told anew from the first step, by the ways for that, also where somebody had taken it', () => {
  const both = new Both();
  const own = person('anna', '{ contacts: [ { notifier: sms, to: "+70000000001", severities: [P0] }, { notifier: chat } ] }');
  const more = { people: [own, ...people.slice(1)] };
  both.alerts({ ...both.alert, urgency: 'email' });
  assert.deepEqual(both.escalate(more), ['trigger chat']);
  both.deliver();
  both.ask({ kind: 'acknowledge', forMs: null });
  both.deliver();
  both.story.atMs += 60 * minute;
  const page = firing('down', { service: 'shop' });
  assert.deepEqual(both.alerts(page), ['update chat']);
  assert.deepEqual(both.escalate(more), ['trigger sms +70000000001', 'trigger chat']);
  assert.deepEqual(both.escalate(more), []);
  both.story.atMs += 5 * minute;
  assert.deepEqual(both.escalate(more), ['trigger sms +70000000002', 'trigger room']);
});

test('nobody is called while the machine is at it, and from when a person is needed the policy counts', () => {
  const both = new Both();
  both.alerts(both.alert);
  both.story.pass(10 * minute);
  assert.deepEqual(both.escalate({ isHeld: ({ person: needed }) => needed === null }), []);
  const why = { en: 'rollback did not help', ru: 'откат не помог' };
  const event = { kind: 'incident-person-needed', actor: itself, data: { id: both.story.last.id, why } } as const;
  both.story.state = takeIncidents(both.story.state, { ...event, at: both.story.atMs });
  assert.deepEqual(both.escalate({ isHeld: ({ person: needed }) => needed === null }), [
    'trigger sms +70000000001',
    'trigger chat',
  ]);
  assert.match([...both.outbox.pending.values()][0]?.message.text ?? '', /Нужен человек: откат не помог/);
});

test('what the machine has done by itself is told to the team, and wakes nobody', () => {
  const both = new Both();
  both.alerts(both.alert);
  assert.deepEqual(both.escalate({ isHeld: () => true }), []);
  const data = { id: both.story.last.id, action: 'rollback-1' };
  const said = '2.0.0 is taken back: its alerts do not fire any more';
  both.happen({ kind: 'incident-action-begun', actor: itself, data: { ...data, does: 'rollback', said: '2.0.0 is taken back' } });
  const told = both.happen({ kind: 'incident-action-ended', actor: itself, data: { ...data, outcome: 'helped', said } });
  assert.deepEqual(told, ['notice room']);
  assert.match([...both.outbox.pending.values()][0]?.message.text ?? '', /^2\.0\.0 is taken back: its alerts do not fire/);
});

test('a policy that reaches nobody is on record with that, and a changed one moves nothing that is under way', () => {
  const both = new Both();
  both.alerts(both.alert);
  const nobody = policy('shop', '{ steps: [ { notify: [ { person: carl } ] } ] }');
  assert.deepEqual(both.escalate({ policies: [nobody] }), []);
  assert.deepEqual(
    both.story.last.escalation?.done.map(({ step, round }) => [step, round]),
    [[0, 0]],
  );
  assert.deepEqual(both.escalate(), [], 'it keeps the policy that it began with');
});

test('who is called for an incident that somebody has opened reads why, until an alert says more', () => {
  const both = new Both();
  both.story.open({ key: 'by hand', service: 'shop' }, 'boris', 'carts are empty for half of the users');
  both.escalate();
  const texts = () => waiting(both.outbox).map(({ message }) => message.text);
  assert.deepEqual(texts()[0], 'boris: carts are empty for half of the users');
  both.deliver();
  both.story.pass(minute);
  both.alerts(both.alert);
  both.escalate();
  const calls = waiting(both.outbox).filter(({ message }) => message.event === 'trigger');
  assert.deepEqual([...new Set(calls.map(({ message }) => message.text))], ['errors is bad']);
});

test('a step that reaches nobody is not waited for: the next one of the round is told at once', () => {
  const both = new Both();
  both.alerts(both.alert);
  const steps = '[ { notify: [ { person: carl } ] }, { notify: [ { person: dora } ] }, { notify: [ { person: boris } ] } ]';
  const more = { policies: [policy('shop', `{ steps: ${steps}, repeat: 1 }`)] };
  assert.deepEqual(both.escalate(more), ['trigger sms +70000000002']);
  const done = () => both.story.last.escalation?.done.map(({ step, round, isVain = false }) => [step, round, isVain]);
  assert.deepEqual(done(), [
    [0, 0, true],
    [1, 0, true],
    [2, 0, false],
  ]);
  assert.deepEqual(both.escalate(more), []);
  both.story.pass(5 * minute);
  assert.deepEqual(both.escalate(more), ['trigger sms +70000000002'], 'the next round');
  both.story.pass(60 * minute);
  assert.deepEqual(both.escalate(more), []);
});

test('nobody hears of what is silenced, and everybody does once it is not', () => {
  const both = new Both();
  both.alerts(both.alert);
  assert.deepEqual(both.escalate({ isQuiet: () => true }), []);
  assert.deepEqual(both.escalate(), ['trigger sms +70000000001', 'trigger chat']);
});
