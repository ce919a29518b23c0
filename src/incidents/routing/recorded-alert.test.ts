import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AlertEvent } from '../../alerts/types.ts';
import { recordedAlerts, spokenForAt } from './recorded-alert.ts';

type At = AlertEvent & { readonly at: number };

const pending = (key: string, at: number): At => ({
  kind: 'alert-pending',
  actor: 'controller',
  at,
  data: {
    key,
    origin: 'objective',
    name: `name of ${key}`,
    service: null,
    objective: null,
    tier: null,
    urgency: 'page',
    said: '',
    labels: { severity: 'page', empty: '' },
    annotations: {},
    url: null,
  },
});
const fired = (key: string, at: number, silencedBy: string | null = null): At => ({
  kind: 'alert-fired',
  actor: 'controller',
  at,
  data: { key, said: '', silencedBy, attribution: null },
});
const changed = (key: string, at: number, silencedBy: string | null): At => ({
  kind: 'alert-changed',
  actor: 'controller',
  at,
  data: { key, said: '', silencedBy },
});
const resolved = (key: string, at: number): At => ({ kind: 'alert-resolved', actor: 'controller', at, data: { key, said: '' } });

test('an alert is one from when it fires until it is over, and another one when it comes again', () => {
  const found = recordedAlerts([
    pending('a', 1),
    pending('b', 2),
    fired('a', 3),
    resolved('b', 4),
    resolved('a', 5),
    pending('a', 6),
    fired('a', 7),
  ]);
  assert.deepEqual(
    found.map(({ id, firedAtMs, resolvedAtMs }) => [id, firedAtMs, resolvedAtMs]),
    [
      ['a@1', 3, 5],
      ['a@6', 7, null],
    ],
  );
  assert.deepEqual(found[0]?.labels, { alertname: 'name of a', severity: 'page' });
});

test('what fires again while it does is the same alert, and an end of what does not fire is none', () => {
  const found = recordedAlerts([fired('x', 0), resolved('x', 0), pending('a', 1), fired('a', 2), fired('a', 3)]);
  assert.deepEqual(
    found.map(({ id, firedAtMs }) => [id, firedAtMs]),
    [['a@1', 2]],
  );
});

test('which alert speaks for it is known at each moment', () => {
  const [alert] = recordedAlerts([pending('a', 1), fired('a', 2), changed('a', 10, 'b'), changed('a', 20, null)]);
  assert(alert);
  assert.deepEqual(
    [5, 10, 15, 20].map((ms) => spokenForAt(alert, ms)),
    [null, 'b', 'b', null],
  );
  const [other] = recordedAlerts([pending('a', 1), fired('a', 2, 'b')]);
  assert.equal(other && spokenForAt(other, 2), 'b');
});
