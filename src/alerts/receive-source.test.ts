import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Ear } from './ear.fixture.ts';
import { lateMs, type Receiving, type Reception } from './receive.ts';
import { sourceOf, type WireAlert } from './told.ts';

const source = { name: 'bot', lastsMs: 3_600_000, max: 2, isAgain: false };
const from = (more: Partial<typeof source> = {}): Partial<Receiving> => ({
  via: 'source',
  actor: 'alert source bot',
  max: 100,
  source: { ...source, ...more },
});
const labels = { alertname: 'Disk', service: 'checkout', severity: 'critical' };
const firing: WireAlert = { labels, status: 'firing', identity: '7' };
const over: WireAlert = { ...firing, status: 'resolved' };
const counted = ({ counts: { opened, resolved, repeated, passed }, refused: { again, full } }: Reception) => ({
  opened,
  resolved,
  repeated,
  passed,
  again,
  full,
});
const none = { opened: 0, resolved: 0, repeated: 0, passed: 0, again: 0, full: 0 };

test('an alert of a source has its name in its key, lasts as its document says, and ends by its own word alone', () => {
  const ear = new Ear();
  assert.deepEqual(counted(ear.hear([firing], from())), { ...none, opened: 1 });
  const [opened] = ear.alerts;
  assert.deepEqual(
    [opened?.origin, opened?.service, opened?.urgency, opened?.repeatedWithinMs],
    ['source', 'checkout', 'page', 3_600_000],
  );
  assert.deepEqual(
    [opened?.key.startsWith('source.bot/7-'), sourceOf(opened?.key ?? ''), sourceOf('alertmanager/7-0')],
    [true, 'bot', null],
  );
  // Another source, and an Alertmanager, mean others by the same words.
  assert.deepEqual(counted(ear.hear([over], from({ name: 'b' }))), { ...none, passed: 1 });
  assert.deepEqual(counted(ear.hear([over], { via: 'webhook' })), { ...none, passed: 1 });
  assert.deepEqual(counted(ear.hear([firing], from())), { ...none, repeated: 1 });
  assert.deepEqual(counted(ear.hear([over], from())), { ...none, resolved: 1 });
  assert.equal(ear.state.ended[0]?.said, 'bot says that it is over');
  ear.hear([firing], from());
  assert.deepEqual(ear.pass(3_599_999), []);
  assert.equal(ear.pass(1).length, 1);
});

test('with an identity the labels may change; without one they are it', () => {
  const ear = new Ear();
  ear.hear([firing], from());
  assert.deepEqual(counted(ear.hear([{ ...firing, labels: { ...labels, value: '9' } }], from())), { ...none, repeated: 1 });
  const { identity: _, ...plain } = firing;
  assert.deepEqual(counted(ear.hear([plain], from())), { ...none, opened: 1 });
});

test('what gets more urgent under one identity is told of as another alert at once, what gets less urgent is not', () => {
  const ear = new Ear();
  const warning = { ...firing, labels: { ...labels, severity: 'warning' } };
  ear.hear([{ ...warning, saidAt: ear.iso() }], from({ max: 1 }));
  ear.nowMs += 60_000;
  assert.deepEqual(counted(ear.hear([{ ...firing, saidAt: ear.iso(-120_000) }], from({ max: 1 }))), { ...none, repeated: 1 });
  assert.deepEqual(counted(ear.hear([firing], from({ max: 1, isAgain: true }))), { ...none, repeated: 1 });
  assert.deepEqual(counted(ear.hear([firing], from({ max: 1 }))), { ...none, opened: 1 });
  assert.deepEqual(
    [ear.alerts.map(({ urgency, labels: { severity } }) => [urgency, severity]), ear.state.ended.map(({ urgency }) => urgency)],
    [[['page', 'critical']], ['chat']],
  );
  assert.deepEqual(counted(ear.hear([warning], from({ max: 1 }))), { ...none, repeated: 1 });
  assert.equal(ear.alerts[0]?.urgency, 'page');
});

test('an alert of which only its end says whether it fires lasts until then', () => {
  const ear = new Ear();
  ear.hear([{ labels, identity: '7', endsAt: ear.iso(60_000) }], from());
  assert.deepEqual(ear.pass(59_999), []);
  assert.equal(ear.pass(1).length, 1);
  // Where its state is said, the end is no more than what its sender expects.
  ear.hear([{ ...firing, endsAt: ear.iso(60_000) }], from());
  assert.deepEqual(ear.pass(60_000), []);
});

test('an end that comes before its beginning opens nothing afterwards', () => {
  for (const when of [{ startsAt: '2026-01-02T02:59:00Z' }, null]) {
    const ear = new Ear();
    const [began, ended] = when ? [when, when] : [{ saidAt: ear.iso(-2_000) }, { saidAt: ear.iso(-1_000) }];
    assert.deepEqual(counted(ear.hear([{ ...over, ...ended }], from())), { ...none, passed: 1 });
    ear.nowMs += 1_000;
    assert.deepEqual(counted(ear.hear([{ ...firing, ...began }], from())), { ...none, passed: 1 });
    // What begins after that end is another one.
    assert.deepEqual(counted(ear.hear([{ ...firing, startsAt: ear.iso(), saidAt: ear.iso() }], from())), { ...none, opened: 1 });
  }
});

test('an end that was said before what was heard last is about an earlier time', () => {
  const ear = new Ear();
  ear.hear([{ ...firing, saidAt: ear.iso(-1_000) }], from());
  assert.deepEqual(counted(ear.hear([{ ...over, saidAt: ear.iso(-2_000) }], from())), { ...none, passed: 1 });
  assert.equal(ear.alerts.length, 1);
  // Whoever's clock is ahead is understood all the same.
  ear.hear([{ ...firing, identity: '8', saidAt: ear.iso(3_600_000) }], from());
  ear.nowMs += 1_000;
  assert.deepEqual(counted(ear.hear([{ ...over, identity: '8', saidAt: ear.iso() }], from())), { ...none, resolved: 1 });
  // In one message, what was said last counts, whatever stands last.
  const batch = [
    { ...over, saidAt: ear.iso() },
    { ...firing, saidAt: ear.iso(-500) },
  ];
  assert.deepEqual(counted(ear.hear(batch, from())), { ...none, resolved: 1 });
});

test('a body that was taken before repeats what is open, and neither begins nor ends anything', () => {
  const ear = new Ear();
  ear.hear([firing], from());
  assert.deepEqual(counted(ear.hear([firing], from({ isAgain: true }))), { ...none, repeated: 1 });
  assert.deepEqual(counted(ear.hear([over], from({ isAgain: true }))), { ...none, again: 1 });
  ear.hear([over], from());
  ear.nowMs += lateMs;
  assert.deepEqual(counted(ear.hear([firing], from({ isAgain: true }))), { ...none, again: 1 });
  assert.deepEqual([ear.alerts.length, ear.state.ended.length], [0, 1]);
});

test('a source that tells of more than it may leaves room for the others', () => {
  const ear = new Ear();
  const many = ['a', 'b', 'c'].map((identity) => ({ ...firing, identity }));
  assert.deepEqual(counted(ear.hear(many, from())), { ...none, opened: 2, full: 1 });
  assert.deepEqual(counted(ear.hear(many.slice(0, 1), from({ name: 'other' }))), { ...none, opened: 1 });
});

test('hostile texts do not stay what they are', () => {
  const ear = new Ear();
  const evil = 'a\u202eb\u0007\u2028c <script>';
  ear.hear(
    [
      {
        ...firing,
        identity: evil,
        title: evil,
        labels: { alertname: evil },
        annotations: { summary: evil, [evil]: evil },
        generatorURL: 'javascript:alert(1)',
      },
    ],
    from(),
  );
  const [alert] = ear.alerts;
  assert.doesNotMatch(JSON.stringify(alert), /\\u202e|\\u0007|\u202e|\u2028/);
  assert.equal(alert?.url, null);
  assert.match(alert?.key ?? '', /^source\.bot\/a-b-c-script--[0-9a-f]{16}$/);
  const { refused } = ear.hear(
    [
      { ...firing, identity: 'x'.repeat(2_001) },
      { ...firing, labels: { ['x'.repeat(201)]: 'y' } },
    ],
    from(),
  );
  assert.equal(refused.wrong.length, 2);
});

test('however often and in whatever order messages come twice, an alert is open exactly when what was said last says so', () => {
  const message = fc.record({ at: fc.integer({ min: 1, max: 200 }), isOver: fc.boolean() });
  fc.assert(
    fc.property(
      fc.uniqueArray(message, { selector: ({ at }) => at, minLength: 1, maxLength: 12 }),
      fc.array(fc.nat(11), { maxLength: 12 }),
      (messages, again) => {
        const ear = new Ear();
        const sent = [...messages, ...again.flatMap((index) => messages[index] ?? [])];
        const say = ({ at, isOver }: { at: number; isOver: boolean }) =>
          ear.hear([{ ...(isOver ? over : firing), saidAt: ear.iso(at * 1_000 - 300_000 - (ear.nowMs - start)) }], from());
        const start = ear.nowMs;
        for (const one of sent) say(one);
        const last = messages.reduce((a, b) => (b.at > a.at ? b : a));
        // What began before its end came, and was told late, is not open; what was said last may be.
        if (!last.isOver) assert.equal(ear.alerts.length, 1);
        else assert.equal(ear.alerts.length, 0);
      },
    ),
  );
});
