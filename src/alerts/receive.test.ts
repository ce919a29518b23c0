import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ear } from './ear.fixture.ts';
import { expire, hearingAnew, ownAnnotation, type Reception } from './receive.ts';
import type { WireAlert } from './told.ts';

const labels = { alertname: 'HighLatency', service: 'checkout', severity: 'critical' };
const counted = ({ counts: { opened, resolved, repeated, ours, passed } }: Reception) => [
  opened,
  resolved,
  repeated,
  ours,
  passed,
];

test('an alert opens, is repeated without a word in the log, and ends when its sender says so', () => {
  const ear = new Ear();
  const startsAt = ear.iso(-10_000);
  const alert = { labels, annotations: { summary: 'p95 is 3 s' }, startsAt, endsAt: ear.iso(240_000) };
  assert.deepEqual(counted(ear.hear([alert])), [1, 0, 0, 0, 0]);
  const [opened] = ear.alerts;
  assert.deepEqual(
    [opened?.state, opened?.service, opened?.urgency, opened?.said, opened?.pendingAtMs, opened?.firedAtMs],
    ['firing', 'checkout', 'page', 'p95 is 3 s', ear.nowMs - 10_000, ear.nowMs],
  );
  assert.deepEqual([opened?.attribution, opened?.silencedBy, opened?.origin], [null, null, 'alertmanager']);
  const again = ear.hear([alert]);
  assert.deepEqual([counted(again), again.events], [[0, 0, 1, 0, 0], []]);
  ear.nowMs += 1_000;
  const over = { ...alert, endsAt: ear.iso() };
  assert.deepEqual(counted(ear.hear([over])), [0, 1, 0, 0, 0]);
  assert.equal(ear.state.ended[0]?.said, 'prometheus says that it is over');
  assert.deepEqual(counted(ear.hear([over])), [0, 0, 0, 0, 1]);
});

test('an alert that is not repeated in time is over, and says why; each way has its own time', () => {
  const ear = new Ear();
  ear.hear([{ labels }]);
  assert.deepEqual(ear.pass(299_999), []);
  ear.hear([{ labels }]);
  assert.deepEqual(ear.pass(299_999), []);
  const [end] = ear.pass(1);
  assert.equal(end?.data.said, 'it was not told of again within 5m, so it counts as over');
  ear.hear([{ labels, endsAt: ear.iso(60_000) }]);
  assert.equal(ear.pass(60_000).length, 1);
  ear.hear([{ labels, status: 'firing' }], { via: 'webhook' });
  // Alertmanager repeats it in hours: that Prometheus falls silent meanwhile ends nothing.
  ear.hear([{ labels, endsAt: ear.iso(60_000) }]);
  assert.deepEqual(ear.pass(4 * 3_600_000), []);
  assert.equal(ear.pass(8 * 3_600_000).length, 1);
});

test('after a restart an alert has its time once more', () => {
  const ear = new Ear();
  ear.hear([{ labels, endsAt: ear.iso(240_000) }]);
  ear.nowMs += 3_600_000;
  const anew = { open: hearingAnew(ear.state, new Map(), 1, ear.nowMs) };
  assert.equal(expire(ear.state, anew, ear.nowMs + 239_999).length, 0);
  assert.equal(expire(ear.state, anew, ear.nowMs + 240_000).length, 1);
});

test('only what is of the service that names it, of what the sender may tell, and of what is not ours', () => {
  const ear = new Ear();
  const mine = ear.hear(
    [
      { labels },
      { labels: { alertname: 'Down', job: 'mail' } },
      { labels: { alertname: 'Disk', service: 'node', job: 'mail' } },
      { labels: { alertname: 'Odd', job: 'node' } },
    ],
    { may: (service) => service === 'mail' },
  );
  assert.deepEqual(mine.refused.forbidden, ['HighLatency', 'Odd']);
  assert.deepEqual(
    ear.alerts.map(({ name, service, urgency }) => [name, service, urgency]),
    [
      ['Down', 'mail', 'email'],
      ['Disk', 'mail', 'email'],
    ],
  );
});

test('an alert of our own that comes back is no news, and its end ends nothing', () => {
  const ear = new Ear();
  const data = { key: 'checkout/availability/P0', said: 'burn 20' };
  const rest = { name: 'availability P0', service: 'checkout', objective: 'checkout/availability', tier: 'P0', labels };
  ear.record([
    {
      kind: 'alert-pending',
      actor: 'controller',
      data: { ...data, ...rest, origin: 'objective', urgency: 'page', annotations: {}, url: null },
    },
    { kind: 'alert-fired', actor: 'controller', data: { ...data, silencedBy: null, attribution: null } },
  ]);
  const [own] = ear.alerts;
  const echo: WireAlert = { labels, annotations: { [ownAnnotation]: own?.id ?? '' }, status: 'firing' };
  for (const status of ['firing', 'resolved'] as const)
    assert.deepEqual(counted(ear.hear([{ ...echo, status }], { via: 'webhook' })), [0, 0, 0, 1, 0]);
  assert.deepEqual(ear.alerts, [own]);
  // Another one with the same labels is another program's.
  assert.deepEqual(counted(ear.hear([{ labels, status: 'resolved' }], { via: 'webhook' })), [0, 0, 0, 0, 1]);
  assert.deepEqual(ear.pass(1e9), []);
});

test('more than may be open are not taken, and there is room again when one ends', () => {
  const ear = new Ear();
  const many = [1, 2, 3, 4, 5].map((at) => ({ labels: { alertname: `A${at}` } }));
  assert.deepEqual([ear.hear(many).refused.full, ear.alerts.length], [2, 3]);
  assert.deepEqual([ear.hear(many).refused.full, ear.alerts.length], [2, 3]);
  ear.hear([{ labels: { alertname: 'A1' }, endsAt: ear.iso() }]);
  assert.equal(ear.hear([{ labels: { alertname: 'A5' } }]).counts.opened, 1);
});

test('what is wrong in a message is said, and the rest of it is taken', () => {
  const ear = new Ear();
  const { refused, counts } = ear.hear([{ labels: {} }, { labels }, { labels, annotations: { summary: 'the last counts' } }]);
  assert.deepEqual([refused.wrong, counts.opened], [['alert 1: it has no labels'], 1]);
  assert.equal(ear.alerts[0]?.said, 'the last counts');
});

test('what begins in the future begins now, and the clock that is ahead is named', () => {
  const ear = new Ear();
  const { notes } = ear.hear([{ labels, startsAt: ear.iso(180_000), endsAt: ear.iso(420_000) }]);
  assert.deepEqual(notes, ['the clock of the sender is ahead by 3m: its alerts begin now']);
  assert.equal(ear.alerts[0]?.pendingAtMs, ear.nowMs);
});

test('texts that change each minute are put on record once in five minutes', () => {
  const ear = new Ear();
  let recorded = 0;
  for (let minute = 0; minute < 20; minute += 1) {
    recorded += ear.hear([{ labels, annotations: { summary: `value ${minute}` } }]).events.length;
    ear.pass(60_000);
  }
  assert.equal(recorded, 2 + 3);
  assert.equal(ear.alerts[0]?.said, 'value 15');
});

test('a beginning that another Alertmanager tells late does not open an alert that is over', () => {
  const ear = new Ear();
  const alert: WireAlert = { labels, startsAt: ear.iso(-60_000), status: 'firing' };
  const web = { via: 'webhook' } as const;
  ear.hear([alert], web);
  ear.hear([{ ...alert, status: 'resolved' }], web);
  assert.deepEqual(counted(ear.hear([alert], web)), [0, 0, 0, 0, 1]);
  // A new one has another beginning; the same one is open again when it is told of for longer than it can be late.
  assert.equal(ear.hear([{ ...alert, startsAt: ear.iso() }], web).counts.opened, 1);
  ear.hear([{ ...alert, status: 'resolved' }], web);
  ear.pass(300_000);
  assert.equal(ear.hear([alert], web).counts.opened, 1);
});
