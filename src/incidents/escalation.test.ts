import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type DoneStep, dueSteps, type Escalating, policySnapshot, receiversOf } from './escalation.ts';
import { person, policy, schedule } from './setup.fixture.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** A Friday, 20:00 in Berlin. */
const opened = Date.parse('2026-11-06T19:00:00Z');
const usual = policy(
  'payments',
  '{ steps: [ { notify: [ { schedule: payments } ] }, { notify: [ { person: lead }, { notifier: chat } ] }, { severities: [P0], notify: [ { person: cto } ] } ], repeat: 1, workingDays: { timeZone: Europe/Berlin } }',
);

function asked(more: Partial<Escalating>): readonly [due: readonly string[], next: number | null] {
  const state: Escalating = { policy: usual, severity: 'P0', openedAtMs: opened, ack: null, done: [], nowMs: opened, ...more };
  const { due, nextMs } = dueSteps(state);
  return [due.map(({ step, round }) => `${round}.${step}`), nextMs === null ? null : (nextMs - opened) / minute];
}
const told = (...steps: readonly [round: number, step: number, atMinutes: number][]): readonly DoneStep[] =>
  steps.map(([round, step, at]) => ({ round, step, atMs: opened + at * minute }));

/** Everything that a policy tells, asked when it says so, in minutes after the opening. */
function story(more: Partial<Escalating>): readonly string[] {
  const lines: string[] = [];
  let done: readonly DoneStep[] = [];
  for (let now: number | null = opened; now !== null && lines.length < 100; ) {
    const nowMs: number = now;
    const { due, nextMs } = dueSteps({ policy: usual, severity: 'P0', openedAtMs: opened, ack: null, done, ...more, nowMs });
    done = [...done, ...due.map(({ step, round }) => ({ step, round, atMs: nowMs }))];
    lines.push(...due.map(({ step, round }) => `${(nowMs - opened) / minute}: ${round}.${step}`));
    assert(nextMs === null || nextMs > nowMs, 'it asks for a moment that is still to come');
    now = nextMs;
  }
  return lines;
}

test('an incident that nobody answers goes through the steps of its severity, and once again', () => {
  assert.deepEqual(story({}), ['0: 0.0', '5: 0.1', '10: 0.2', '15: 1.0', '20: 1.1', '25: 1.2']);
  assert.deepEqual(story({ severity: 'P1' }), ['0: 0.0', '30: 0.1', '60: 1.0', '90: 1.1']);
});

test('what may wait for the next working day waits for it by the clocks of the place', () => {
  // From Friday, 20:00: to Monday, 09:00, then from there to Tuesday.
  const toMonday = 61 * 60;
  assert.deepEqual(story({ severity: 'P2' }), [
    '0: 0.0',
    `${toMonday}: 0.1`,
    `${toMonday + 24 * 60}: 1.0`,
    `${toMonday + 48 * 60}: 1.1`,
  ]);
});

test('steps may have waits of their own, and several may be due at once', () => {
  const own = policy(
    'own',
    '{ steps: [ { after: 1m, notify: [ { person: a } ] }, { after: 0m, notify: [ { person: b } ] }, { after: { P0: 2m }, notify: [ { person: c } ] } ], repeat: 0 }',
  );
  assert.deepEqual(story({ policy: own }), ['1: 0.0', '1: 0.1', '3: 0.2']);
  assert.deepEqual(story({ policy: own, severity: 'P1' }), ['1: 0.0', '1: 0.1', '31: 0.2']);
});

const moments: readonly [name: string, asked: Partial<Escalating>, due: readonly string[], next: number | null][] = [
  ['who is told late has the same time to answer', { done: told([0, 0, 60]), nowMs: opened + 61 * minute }, [], 65],
  ['after a long sleep one step is due and not all', { done: told([0, 0, 0]), nowMs: opened + day }, ['0.1'], 24 * 60 + 5],
  [
    'an acknowledgement pauses',
    { done: told([0, 0, 0]), ack: { untilMs: opened + 30 * minute }, nowMs: opened + 9 * minute },
    [],
    30,
  ],
  [
    'and its end goes on',
    { done: told([0, 0, 0]), ack: { untilMs: opened + 30 * minute }, nowMs: opened + 30 * minute },
    ['0.1'],
    35,
  ],
  [
    'an acknowledgement that ends early does not shorten a wait',
    { done: told([0, 0, 0]), ack: { untilMs: opened + 2 * minute }, nowMs: opened + 3 * minute },
    [],
    5,
  ],
  ['after all rounds nothing is left', { done: told([0, 2, 10], [1, 2, 25]), nowMs: opened + day }, [], null],
  [
    'but whoever took it and fell silent does not end it: all rounds are there again',
    { done: told([0, 2, 10], [1, 2, 25]), ack: { untilMs: opened + 60 * minute }, nowMs: opened + 60 * minute },
    ['2.0'],
    65,
  ],
  [
    'until those are over as well',
    {
      done: told([1, 2, 25], [2, 0, 60], [2, 2, 70], [3, 0, 75], [3, 2, 85]),
      ack: { untilMs: opened + 60 * minute },
      nowMs: opened + day,
    },
    [],
    null,
  ],
  ['a severity that has become worse shortens the wait', { done: told([0, 0, 0]), nowMs: opened + 6 * minute }, ['0.1'], 11],
  ['a clock that is a little behind does not hurry', { done: told([0, 0, 2]), nowMs: opened }, [], 7],
  ['one that was put back by a day does not hold up', { done: told([0, 0, 0]), nowMs: opened - day }, ['0.1'], 5 - 24 * 60],
  ['nor when the incident itself lies ahead', { nowMs: opened - day }, ['0.0'], 5 - 24 * 60],
];
for (const [name, state, due, next] of moments) test(name, () => assert.deepEqual(asked(state), [due, next]));

test('however often and late it is asked, and whatever the clock does, each step is told once and in order', () => {
  const jump = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 20 * minute }) },
    { weight: 1, arbitrary: fc.integer({ min: -3 * day, max: 3 * day }) },
  );
  const event = fc.oneof(
    { weight: 5, arbitrary: jump.map((ms) => ({ ms, ackMs: null as number | null })) },
    { weight: 1, arbitrary: fc.tuple(jump, fc.integer({ min: minute, max: hour })).map(([ms, ackMs]) => ({ ms, ackMs })) },
  );
  const severity = fc.constantFrom('P0' as const, 'P1' as const, 'P2' as const);
  fc.assert(
    fc.property(severity, fc.array(event, { maxLength: 60 }), (one, events) => {
      let nowMs = opened;
      let ack: { untilMs: number } | null = null;
      const done: DoneStep[] = [];
      for (const { ms, ackMs } of events) {
        nowMs += ms;
        if (ackMs !== null) ack = { untilMs: nowMs + ackMs };
        const { due, nextMs } = dueSteps({ policy: usual, severity: one, openedAtMs: opened, ack, done, nowMs });
        if (ack && nowMs < ack.untilMs) assert.equal(due.length, 0);
        for (const { step, round } of due) {
          const last = done.at(-1);
          assert(!last || round > last.round || (round === last.round && step > last.step));
          done.push({ step, round, atMs: nowMs });
        }
        if (nextMs !== null) assert(nextMs > nowMs);
        // Asked again in the same moment, nothing is due twice.
        assert.deepEqual(dueSteps({ policy: usual, severity: one, openedAtMs: opened, ack, done, nowMs }), { due: [], nextMs });
      }
    }),
    { numRuns: 300 },
  );
});

test('an incident keeps the zone of the schedule that its policy names', () => {
  const own = policy('own', '{ steps: [ { notify: [ { person: a }, { schedule: far } ] } ] }');
  const far = schedule('far', '{ timeZone: Asia/Kolkata }');
  assert.equal(policySnapshot(own, [far]).workingDays.timeZone, 'Asia/Kolkata');
  assert.equal(policySnapshot(own, []).workingDays.timeZone, 'UTC');
  assert.equal(policySnapshot(usual, [far]).workingDays.timeZone, 'Europe/Berlin');
});

test('a step tells whoever is on call by all contacts for the severity, and each receiver once', () => {
  const people = [
    person('anna', '{ contacts: [ { notifier: sms, to: "+7", severities: [P0] }, { notifier: mail, to: a@b.example } ] }'),
    person('boris', '{ contacts: [ { notifier: chat } ] }'),
  ];
  const schedules = [
    schedule('ours', '{ layers: [ { name: all, people: [anna, boris], rotation: { every: 1d, from: 2026-11-06 } } ] }'),
    schedule('empty', '{}'),
  ];
  const notify = [{ schedule: 'ours' }, { person: 'anna' }, { notifier: 'chat' }, { schedule: 'empty' }, { person: 'nobody' }];
  const sms = { person: 'anna', notifier: 'sms', to: '+7' };
  const mail = { person: 'anna', notifier: 'mail', to: 'a@b.example' };
  const chat = { person: null, notifier: 'chat', to: null };
  assert.deepEqual(receiversOf(notify, { people, schedules }, opened), [sms, mail, chat]);
  assert.deepEqual(receiversOf(notify, { people, schedules }, opened, 'P1'), [mail, chat]);
  assert.deepEqual(receiversOf(notify.slice(0, 1), { people, schedules }, opened + day), [{ ...chat, person: 'boris' }]);
});
