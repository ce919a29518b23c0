import assert from 'node:assert/strict';
import { test } from 'node:test';
import { impactOf } from './impact.ts';
import type { ComponentState, ServiceReading } from './types.ts';

const component = { services: ['shop'], partialPpm: 50_000, majorPpm: 500_000 };
const well: ServiceReading = {
  service: 'shop',
  requests: { all: 1_000, failed: 0, spanMs: 300_000 },
  isServing: true,
  isSlow: false,
  isFailing: false,
  knownAtMs: 1_000,
};
const failing = (failed: number, all = 1_000): ServiceReading => ({ ...well, requests: { all, failed, spanMs: 300_000 } });

test('a component is as bad as what is measured of its users', () => {
  const table: readonly (readonly [string, ServiceReading, ComponentState])[] = [
    ['all is well', well, 'operational'],
    ['at the limit of a partial outage', failing(50), 'operational'],
    ['above it', failing(51), 'partial_outage'],
    ['at the limit of a major one', failing(500), 'partial_outage'],
    ['above it', failing(501), 'major_outage'],
    ['every request fails, and there are four: one user, perhaps', failing(4, 4), 'operational'],
    ['five of five', failing(5, 5), 'major_outage'],
    ['its budget burns', { ...failing(20), isFailing: true }, 'degraded_performance'],
    ['it is slow', { ...well, isSlow: true }, 'degraded_performance'],
    ['nobody asks', failing(0, 0), 'operational'],
    ['nothing could answer', { ...well, requests: null, knownAtMs: null, isServing: false }, 'major_outage'],
  ];
  for (const [what, reading, state] of table) assert.equal(impactOf(component, [reading], null).state, state, what);
  assert.equal(impactOf(component, [failing(51)], null).said.en, 'shop: 51 of 1000 requests failed in 5 min (5.1 %)');
  assert.equal(impactOf(component, [failing(51)], null).said.ru, 'shop: не удались 51 из 1000 запросов за 5 мин (5.1 %)');
});

test('the worst of its services counts', () => {
  const two = { ...component, services: ['shop', 'cart'] };
  const cart = { ...failing(900), service: 'cart' };
  assert.equal(impactOf(two, [well, cart], null).state, 'major_outage');
});

test('where nothing is known it is as it was, without a proof; what is bad is bad all the same', () => {
  const two = { ...component, services: ['shop', 'cart'] };
  const unknown: ServiceReading = { ...well, service: 'cart', requests: null, knownAtMs: null, isServing: null };
  const both = impactOf(two, [well, unknown], 'partial_outage');
  assert.deepEqual([both.state, both.provenAtMs], ['partial_outage', null]);
  assert.equal(impactOf(two, [unknown], null).state, 'operational');
  assert.deepEqual([impactOf(two, [failing(600), unknown], 'operational').state], ['major_outage']);
  assert.equal(impactOf(two, [well, { ...well, service: 'cart', knownAtMs: 400 }], null).provenAtMs, 400, 'the oldest proof');
  assert.equal(impactOf(two, [well, { ...unknown, isServing: false }], null).provenAtMs, null, 'not since 1970');
});
