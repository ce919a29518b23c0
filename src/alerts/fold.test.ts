import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { noAlerts, takeAlerts, takeAllAlerts } from './fold.ts';
import { fires, resolves } from './objective.fixture.ts';
import type { AlertEvent, AlertsState } from './types.ts';

test('a flood of ended alerts of other programs pushes none of an objective out of mind', () => {
  const [opened] = fires('P0');
  assert(opened?.kind === 'alert-pending');
  let state: AlertsState = noAlerts;
  let at = 0;
  const take = (...events: readonly AlertEvent[]): void => {
    for (const event of events) state = takeAlerts(state, { ...event, at: (at += 1) });
  };
  take(...fires('P0'), ...resolves('P0'));
  for (let many = 0; many < 600; many += 1) {
    const key = `alertmanager/A${many}`;
    take(
      { ...opened, data: { ...opened.data, key, origin: 'alertmanager' } },
      { kind: 'alert-resolved', actor: 'alerts', data: { key, said: 'over' } },
    );
  }
  const told = state.ended.filter(({ origin }) => origin === 'alertmanager').map(({ key }) => key);
  assert.deepEqual([told.length, told[0], told.at(-1)], [500, 'alertmanager/A599', 'alertmanager/A100']);
  assert.deepEqual(state.ended.at(-1)?.key, 'checkout/availability/P0');
});

test('many events at once leave what they leave one after the other', () => {
  const key = fc.constantFrom('a', 'b', 'c');
  const anyEvent = fc
    .tuple(key, fc.constantFrom('alert-pending', 'alert-fired', 'alert-changed', 'alert-recovering', 'alert-resolved'), fc.nat(9))
    .map(([name, kind, at]) => ({ kind, actor: 'x', at, data: { key: name, said: `${at}`, origin: 'objective' } }) as never);
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 30 }), fc.array(anyEvent, { maxLength: 10 }), (before, events) => {
      const state = takeAllAlerts(noAlerts, before);
      const kept = structuredClone(state);
      assert.deepEqual(takeAllAlerts(state, events), events.reduce(takeAlerts, state));
      assert.deepEqual(state, kept, 'what was is not changed');
    }),
  );
});
