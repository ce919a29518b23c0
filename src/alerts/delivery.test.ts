import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Delivered, dueAlerts, endsTellMs, kept, postableAlert } from './delivery.ts';
import { noAlerts, takeAlerts } from './fold.ts';
import { fires, resolves } from './objective.fixture.ts';
import type { AlertEvent, AlertsState } from './types.ts';

const t0 = Date.parse('2026-01-02T03:00:00Z');
const every = 30_000;

/** What is on record, and what an Alertmanager that takes everything was told. */
class Told {
  state: AlertsState = noAlerts;
  nowMs = t0;
  readonly delivered = new Map<string, Delivered>();

  record(...events: readonly AlertEvent[]): this {
    for (const event of events) this.state = takeAlerts(this.state, { ...event, at: this.nowMs });
    return this;
  }

  /** Tiers of what is due after so long, with `-` before those that have ended; all of it is taken. */
  after(ms: number): readonly string[] {
    this.nowMs += ms;
    return dueAlerts(this.state, this.delivered, this.nowMs, every).map(({ id, state, said, tier }) => {
      this.delivered.set(id, { as: state === 'resolved' ? 'resolved' : 'firing', atMs: this.nowMs, said });
      return `${state === 'resolved' ? '-' : ''}${tier}`;
    });
  }
}

test('an alert is told at once, again at each interval, and its end once', () => {
  const told = new Told().record(...fires('P0'));
  assert.deepEqual([told.after(0), told.after(every - 1), told.after(1), told.after(1)], [['P0'], [], ['P0'], []]);
  told.record(...resolves('P0'));
  assert.deepEqual([told.after(0), told.after(every), told.after(endsTellMs)], [['-P0'], [], []]);
});

test('what is said of it otherwise is told at once', () => {
  const told = new Told().record(...fires('P0'));
  told.after(0);
  told.record({ kind: 'alert-recovering', actor: 'controller', data: { key: 'checkout/availability/P0', said: 'recovering' } });
  assert.deepEqual(told.after(1), ['P0']);
});

test('what is pending, silenced or told by others is not told', () => {
  const [pending] = fires('P1');
  const [opened, fired] = fires('P3');
  assert(pending && opened?.kind === 'alert-pending' && fired);
  const others: AlertEvent = { ...opened, data: { ...opened.data, origin: 'alertmanager' } };
  const told = new Told().record(pending, ...fires('P2', { silencedBy: 'checkout/availability/P0' }), others, fired);
  assert.equal(told.state.open.size, 3);
  assert.deepEqual(told.after(0), []);
  told.record(...resolves('P1'), ...resolves('P2'), ...resolves('P3'));
  assert.deepEqual(told.after(0), []);
});

test('an alert that was told and is silenced then is told on, so that nobody hears that it is over', () => {
  const told = new Told().record(...fires('P1'));
  told.after(0);
  const silenced = { key: 'checkout/availability/P1', said: 'x', silencedBy: 'checkout/availability/P0' };
  told.record({ kind: 'alert-changed', actor: 'controller', data: silenced }, ...fires('P0'));
  assert.deepEqual(
    [told.after(every), told.after(every)],
    [
      ['P1', 'P0'],
      ['P1', 'P0'],
    ],
  );
  told.record(...resolves('P1'));
  assert.deepEqual(told.after(1), ['-P1']);
});

test('after a restart everything open is told anew, and the ends of the last quarter of an hour', () => {
  const before = new Told().record(...fires('P0'), ...fires('P1'), ...fires('P2'), ...resolves('P1'));
  before.nowMs += endsTellMs - 1;
  before.record(...resolves('P2'));
  const anew = new Told();
  anew.state = before.state;
  anew.nowMs = before.nowMs;
  assert.deepEqual(anew.after(1), ['P0', '-P2']);
});

test('the end of an alert that has begun again is not told: it would end the new one', () => {
  const told = new Told().record(...fires('P0'));
  told.after(0);
  told.record(...resolves('P0'));
  told.nowMs += 1_000;
  told.record(...fires('P0'));
  assert.deepEqual([told.after(0), told.after(1)], [['P0'], []]);
});

test('what is refused is not told again, also not its end', () => {
  const told = new Told().record(...fires('P0'));
  const [id = ''] = [...told.state.open.values()].map((alert) => alert.id);
  told.delivered.set(id, { as: 'refused', atMs: t0, said: '' });
  assert.deepEqual(told.after(every), []);
  assert.deepEqual(told.record(...resolves('P0')).after(1), []);
});

test('what was delivered is forgotten when it is over for long, and an end that could not be told is named', () => {
  const told = new Told().record(...fires('P0'), ...fires('P1'));
  told.after(0);
  told.record(...resolves('P0'), ...resolves('P1'));
  const [first = ''] = told.delivered.keys();
  told.delivered.set(first, { as: 'resolved', atMs: t0, said: '' });
  assert.equal(kept(told.state, told.delivered, t0 + endsTellMs - 1).delivered.size, 2);
  const { delivered, missed } = kept(told.state, told.delivered, t0 + endsTellMs);
  assert.deepEqual([delivered.size, missed.map(({ tier }) => tier)], [0, ['P1']]);
});

test('an alert is written as Alertmanager takes it', () => {
  const attribution = { release: null, step: null, versions: [], said: 'no release is in reach' };
  const told = new Told().record(...fires('P0', { attribution, labels: { zone: '' } }));
  const [alert] = told.state.open.values();
  assert(alert);
  const firing = postableAlert(alert, t0 + 1_000, 300_000, 'https://rampart.example');
  assert.deepEqual(firing, {
    labels: { alertname: 'ErrorBudgetBurn', service: 'checkout', slo: 'checkout/availability', tier: 'P0', severity: 'page' },
    annotations: {
      summary: 'availability P0 of checkout',
      description: 'in 1h 480 of 1,000 bad: P0',
      attribution: 'no release is in reach',
      rampart_alert: `checkout/availability/P0@${t0}`,
    },
    startsAt: '2026-01-02T03:00:00.000Z',
    endsAt: '2026-01-02T03:05:01.000Z',
    generatorURL: 'https://rampart.example/services/checkout',
  });
  told.nowMs += 2_000;
  const [ended] = told.record(...resolves('P0')).state.ended;
  assert(ended);
  const over = postableAlert(ended, told.nowMs + 60_000, 300_000, null);
  assert.deepEqual([over.labels, over.endsAt, over.generatorURL], [firing.labels, '2026-01-02T03:00:02.000Z', undefined]);
});
