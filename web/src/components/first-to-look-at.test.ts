import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert, Objective, ObjectiveTier } from '../api/schema.ts';
import {
  alertsInOrder,
  firingPages,
  firingTier,
  objectivePath,
  objectivesInOrder,
  webAddress,
  withSilenced,
} from './first-to-look-at.ts';

type Tier = Pick<ObjectiveTier, 'name' | 'tells' | 'alert' | 'silencedBy'>;
const tier = (name: string, tells: Tier['tells'], alert: Tier['alert'], silencedBy: string | null = null) =>
  ({ name, tells, alert, silencedBy }) as ObjectiveTier;
const objective = (id: string, state: Objective['state'], left: number | null, ...tiers: ObjectiveTier[]) =>
  ({ id, state, tiers, budget: { leftOfAllowance: left } }) as unknown as Objective;
const alert = (id: string, state: Alert['state'], urgency: Alert['urgency'], atMs: number, silencedBy: string | null = null) =>
  ({
    id,
    state,
    urgency,
    silencedBy,
    pendingAtMs: atMs,
    firedAtMs: null,
    resolvedAtMs: state === 'resolved' ? atMs : null,
  }) as Alert;

test('what fires comes first, then what is broken or unknown, then what has the least left', () => {
  const given = [
    objective('z/ok', 'ok', 0.9),
    objective('a/ok', 'ok', 0.9),
    objective('quiet', 'no-traffic', null),
    objective('low', 'ok', 0.1),
    objective('broken', 'breaching', -2),
    objective('dark', 'no-data', null),
    objective('mail', 'ok', 0.5, tier('P2', 'email', 'firing')),
    objective('page', 'ok', 0.5, tier('P0', 'page', 'firing'), tier('P1', 'chat', 'firing', 'P0')),
    objective('back', 'ok', 0.4, tier('P0', 'page', 'recovering')),
  ];
  const wanted = ['page', 'mail', 'broken', 'dark', 'low', 'back', 'a/ok', 'z/ok', 'quiet'];
  assert.deepEqual(
    objectivesInOrder(given).map(({ id }) => id),
    wanted,
  );
  assert.deepEqual(
    objectivesInOrder(given.toReversed()).map(({ id }) => id),
    wanted,
  );
});

test('the alert that speaks for an objective is the most urgent that fires by itself', () => {
  assert.equal(firingTier({ tiers: [tier('P1', 'chat', 'firing'), tier('P0', 'page', 'firing')] })?.name, 'P0');
  assert.equal(firingTier({ tiers: [tier('P0', 'page', 'pending'), tier('P1', 'chat', 'firing', 'x/P0')] }), null);
});

test('alerts that fire come before those that recover and wait, and the newest of the ended ones is the first of them', () => {
  const given = [
    alert('old', 'resolved', 'page', 1),
    alert('new', 'resolved', 'email', 9),
    alert('waits', 'pending', 'page', 5),
    alert('recovers', 'recovering', 'page', 5),
    alert('silenced', 'firing', 'page', 7, 'chat'),
    alert('chat', 'firing', 'chat', 5),
    alert('page', 'firing', 'page', 5),
    alert('newer page', 'firing', 'page', 6),
  ];
  assert.deepEqual(
    alertsInOrder(given).map(({ id }) => id),
    ['newer page', 'page', 'chat', 'silenced', 'recovers', 'waits', 'new', 'old'],
  );
  assert.deepEqual(
    firingPages(given).map(({ id }) => id),
    ['page', 'newer page'],
  );
});

test('an alert brings those along that it speaks for, and one whose speaker is gone stands for itself', () => {
  const given = [
    alert('page', 'firing', 'page', 5),
    alert('chat', 'firing', 'chat', 5, 'page'),
    alert('mail', 'firing', 'email', 5, 'gone'),
  ];
  const told = withSilenced(given.map((one) => ({ ...one, key: one.id })));
  assert.deepEqual(
    told.map(({ alert: { id }, silenced }) => [id, ...silenced.map((one) => one.id)]),
    [['page', 'chat'], ['mail']],
  );
});

test('an objective is found by its id, and only addresses of the web become links', () => {
  assert.deepEqual(objectivePath('shop/availability'), { owner: 'shop', name: 'availability' });
  assert.equal(webAddress('http://127.0.0.1:9090/graph?x=1'), 'http://127.0.0.1:9090/graph?x=1');
  for (const not of [null, '', 'javascript:alert(1)', 'data:text/html,x', '/graph', 'graph']) assert.equal(webAddress(not), null);
});
