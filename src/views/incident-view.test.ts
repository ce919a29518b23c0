import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ended, firing, Story } from '../incidents/story.fixture.ts';
import { incidentSaid } from './incident-view.ts';

test('what has happened to alerts is said with their names, each once, and with how many they are', () => {
  const story = new Story();
  const alerts = ['Disk full!', 'Disk full!', 'Queue'].map((name, index) =>
    firing(name, { key: `alertmanager/${name}-${index}`, id: `alertmanager/${name}-${index}@1000` }),
  );
  story.alerts(...alerts);
  story.alerts(...alerts.map((alert) => ({ ...alert, state: 'recovering' as const })));
  story.alerts(...alerts.slice(0, 2).map((alert) => ended(alert, story.atMs)));
  story.alerts(...alerts.slice(2).map((alert) => ended(alert, story.atMs)));
  const said = story.records.map((record) => incidentSaid(record, 'en'));
  assert.deepEqual(
    said.filter((text) => /alerts:|ended|recovering:/.test(text)),
    [
      '3 alerts: Disk full!, Queue',
      'recovering: Disk full!, Queue (3 alerts)',
      'ended: Disk full! (2 alerts)',
      'ended: Queue',
      'all its alerts have ended',
    ],
  );
});

test('of records without names the keys are said, and why somebody has opened one is said with it', () => {
  const old = {
    kind: 'incident-alert-ended',
    actor: 'rampart',
    data: { id: 'i', alerts: [{ id: 'shop/errors/P0@1000', atMs: 2 }] },
  } as const;
  assert.equal(incidentSaid(old, 'ru'), 'завершилось: shop/errors/P0');
  const story = new Story();
  story.open({ key: 'by hand', title: 'Carts are empty' }, 'boris', 'half of the users call');
  assert.equal(incidentSaid(story.records[0] ?? old, 'en'), 'P1 opened by boris: Carts are empty: half of the users call');
});
