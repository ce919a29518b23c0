import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noAlerts, takeAlerts } from '../alerts/fold.ts';
import type { AlertsState } from '../alerts/types.ts';
import { alertKey, decideAlerts } from './alerting.ts';
import type { Reading, TierReading } from './evaluate.ts';
import { defaultPolicy } from './policy.ts';
import type { SloState, Tier } from './types.ts';

const target = { targetPpm: 999_000, windowMs: 30 * 86_400_000 };
const attribution = { release: null, step: null, versions: [], said: 'no release is in reach' };
const id = 'shop/availability';
const [p0, p1, p2] = defaultPolicy as unknown as readonly [Tier, Tier, Tier];

const tierOf = (tier: Tier, isMet: boolean, short: SloState = isMet ? 'breaching' : 'ok'): TierReading => ({
  tier,
  isMet,
  long: { ms: tier.longMs, bad: 100, total: 1_000, state: 'breaching' },
  short: { ms: tier.shortMs, bad: isMet ? 50 : 0, total: short === 'no-traffic' ? 0 : 100, state: short },
});
const readingOf = (tiers: readonly TierReading[], more: Partial<Reading> = {}): Reading => ({
  endS: 1_000,
  isStale: false,
  stretchS: 1e6,
  tiers,
  ...more,
});

/** Alerts of one objective, evaluated again and again. */
class Told {
  state: AlertsState = noAlerts;
  nowMs = 1_000_000;
  wayBack: ReturnType<Parameters<typeof decideAlerts>[0]['wayBack']> = null;

  see(reading: Reading, afterMs = 10_000): readonly string[] {
    this.nowMs += afterMs;
    const events = decideAlerts({
      id,
      name: 'availability',
      service: 'shop',
      target,
      reading,
      nowMs: this.nowMs,
      open: this.state.open,
      attribute: () => attribution,
      wayBack: () => this.wayBack,
    });
    for (const event of events) this.state = takeAlerts(this.state, { ...event, at: this.nowMs });
    return events.map((event) => `${event.kind.slice(6)} ${event.data.key.slice(id.length + 1)}`);
  }

  said(tier: string): string {
    return [...this.state.open.values(), ...this.state.ended].find(({ key }) => key === alertKey(id, tier))?.said ?? '';
  }
}

test('an alert begins, fires, and ends with its numbers', () => {
  const told = new Told();
  assert.deepEqual(told.see(readingOf([tierOf(p0, true)])), ['pending P0', 'fired P0']);
  assert.equal(
    told.said('P0'),
    'in 1h 100 of 1,000 bad (10 %), burn 100; in 5m 50 of 100 bad (50 %), burn 500; it fires above burn 14.4 (1.44 %)',
  );
  assert.deepEqual(told.see(readingOf([tierOf(p0, true)])), [], 'it is told once');
  assert.deepEqual(told.see(readingOf([tierOf(p0, false)])), ['resolved P0']);
  assert.equal(told.said('P0'), 'in 5m 0 of 100 bad (0 %), burn 0, not more than burn 14.4 (1.44 %)');
  assert.deepEqual(told.see(readingOf([tierOf(p0, true)])), ['pending P0', 'fired P0']);
  assert.notEqual([...told.state.open.values()][0]?.id, told.state.ended[0]?.id, 'the next time it is another');
});

test('what has to last is pending until it has, and may end before', () => {
  const lasting = { ...p0, forMs: 60_000 };
  const told = new Told();
  assert.deepEqual(told.see(readingOf([tierOf(lasting, true)])), ['pending P0']);
  assert.deepEqual(told.see(readingOf([tierOf(lasting, true)]), 50_000), []);
  assert.deepEqual(told.see(readingOf([tierOf(lasting, true)])), ['fired P0']);
  const short = new Told();
  short.see(readingOf([tierOf(lasting, true)]));
  assert.deepEqual(short.see(readingOf([tierOf(lasting, false)])), ['resolved P0']);
  assert.match(short.said('P0'), /^it did not last 1m: /);
});

test('the most urgent one that fires speaks for those behind it, and is followed when it ends', () => {
  const told = new Told();
  told.see(readingOf([tierOf(p0, false), tierOf(p1, true), tierOf(p2, true)]));
  assert.deepEqual(
    [...told.state.open.values()].map(({ silencedBy }) => silencedBy),
    [null, `${id}/P1`],
  );
  assert.deepEqual(told.see(readingOf([tierOf(p0, true), tierOf(p1, true), tierOf(p2, true)])), [
    'pending P0',
    'fired P0',
    'changed P1',
    'changed P2',
  ]);
  assert.deepEqual(told.see(readingOf([tierOf(p0, false), tierOf(p1, true), tierOf(p2, true)])), [
    'resolved P0',
    'changed P1',
    'changed P2',
  ]);
  assert.deepEqual(
    [...told.state.open.values()].map(({ silencedBy }) => silencedBy),
    [null, `${id}/P1`],
  );
});

test('of a service that is too new to end an alert of hours, a way back that has helped is seen all the same', () => {
  const told = new Told();
  told.see(readingOf([tierOf(p2, true)], { stretchS: 20 }));
  told.wayBack = { sinceMs: told.nowMs, bad: 0, total: 100 };
  const fine = readingOf([tierOf(p2, false)], { stretchS: 30 });
  assert.deepEqual([told.see(fine), told.see(fine)], [['recovering P2'], []]);
  assert.match(told.said('P2'), /^recovering: .* 0 of 100 bad.*; it resolves when 1h12m are known without a gap$/);
  const burning = new Told();
  burning.see(readingOf([tierOf(p2, true)], { stretchS: 20 }));
  burning.wayBack = { sinceMs: burning.nowMs, bad: 50, total: 100 };
  assert.deepEqual([burning.see(fine), burning.see(fine)], [['changed P2'], []]);
  assert.equal(burning.said('P2'), 'too little is known to end it: it is judged again once 1h12m are known without a gap');
  assert.deepEqual(burning.see(readingOf([tierOf(p2, true)])), ['changed P2']);
});

test('no data resolves nothing, is said once, and what is met again says its numbers again', () => {
  const told = new Told();
  told.see(readingOf([tierOf(p0, true)]));
  const silent = readingOf([tierOf(p0, false, 'no-data')], { isStale: true });
  assert.deepEqual([told.see(silent), told.see(silent)], [['changed P0'], []]);
  assert.match(told.said('P0'), /^no data: /);
  assert.deepEqual(told.see(readingOf([tierOf(p0, false)], { stretchS: 30 })), ['changed P0']);
  assert.match(told.said('P0'), /judged again once 1m are known/);
  assert.deepEqual(told.see(readingOf([tierOf(p0, true)], { stretchS: 60 })), ['changed P0']);
  assert.match(told.said('P0'), /^in 1h/);
  assert.deepEqual(told.see(readingOf([tierOf(p0, false, 'no-traffic')], { stretchS: 60 })), ['resolved P0']);
  assert.equal(told.said('P0'), 'there were no events in the last 5m');
});

test('after the way back it recovers, fires again where it burns on, and waits for events to know', () => {
  const told = new Told();
  told.see(readingOf([tierOf(p0, true)]));
  told.wayBack = { sinceMs: told.nowMs, bad: 0, total: 0 };
  assert.deepEqual(told.see(readingOf([tierOf(p0, true)])), [], 'nothing is known of it yet');
  told.wayBack = { sinceMs: told.nowMs, bad: 1, total: 1_000 };
  assert.deepEqual(told.see(readingOf([tierOf(p0, true)])), ['recovering P0']);
  assert.deepEqual(told.see(readingOf([tierOf(p0, true)])), []);
  told.wayBack = { sinceMs: told.nowMs, bad: 100, total: 1_000 };
  assert.deepEqual(told.see(readingOf([tierOf(p0, true)])), ['fired P0']);
  told.wayBack = null;
  assert.deepEqual(told.see(readingOf([tierOf(p0, false)])), ['resolved P0']);
});
