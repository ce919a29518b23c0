import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noAlerts, takeAlerts } from './fold.ts';
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
