import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert } from '../alerts/types.ts';
import { takeIncidents } from '../incidents/fold.ts';
import { type RecordedAlert, recordedAlert } from '../incidents/routing/recorded-alert.ts';
import { person, policy } from '../incidents/setup.fixture.ts';
import { ended, firing, Story } from '../incidents/story.fixture.ts';
import { textIn } from '../spec/text.ts';
import { emptyOutbox } from './fold.ts';
import { escalate } from './incident-telling.ts';
import { type CallingSetup, simulateCalls } from './simulate-calls.ts';

const minute = 60_000;
const people = [
  person(
    'anna',
    '{ fullName: Anna, timeZone: Asia/Tokyo, contacts: [ { notifier: sms, to: "+70000000001" }, { notifier: chat } ] }',
  ),
  person('boris', '{ fullName: Boris, contacts: [ { notifier: sms, to: "+70000000002" } ] }'),
];
const setup = (steps: string): CallingSetup => ({
  people,
  schedules: [],
  policies: [policy('shop', `{ steps: ${steps} }`)],
  routing: null,
});
const now = setup('[ { notify: [ { person: anna } ] }, { after: 5m, notify: [ { person: boris }, { notifier: room } ] } ]');

/** Two disturbances: the first is taken after 12 minutes, the second ends by itself after 3. Escalated as it would be live. */
function recorded() {
  const story = new Story();
  const alerts: RecordedAlert[] = [];
  const calls: { readonly who: string; readonly atMs: number }[] = [];
  const escalated = (): void => {
    const calling = { ...now, policyOf: () => 'shop', isHeld: () => false, isQuiet: () => false, consoleUrl: null };
    const { incidents } = escalate(story.state, emptyOutbox, calling, story.atMs);
    for (const event of incidents) {
      const record = { ...event, at: story.atMs };
      story.records.push(record);
      story.state = takeIncidents(story.state, record);
      if (event.kind === 'incident-told') calls.push({ who: event.data.person ?? event.data.notifier, atMs: story.atMs });
    }
  };
  const pass = (minutes: number): void => {
    for (let passed = 0; passed < minutes; passed += 1) {
      story.pass(minute);
      escalated();
    }
  };
  const disturb = (name: string, minutes: number, deed: () => void, more: number): void => {
    const alert: Alert = firing(name, { service: 'shop', pendingAtMs: story.atMs });
    story.alerts(alert);
    escalated();
    pass(minutes);
    deed();
    pass(more);
    story.alerts(ended(alert, story.atMs));
    alerts.push({ ...recordedAlert(alert), resolvedAtMs: story.atMs });
    pass(60);
  };
  disturb('errors', 12, () => void story.ask({ kind: 'acknowledge', forMs: 30 * minute }), 5);
  disturb('slow', 3, () => {}, 0);
  return { records: story.records, alerts, calls, silences: [], owners: new Map<string, string>(), untilMs: story.atMs };
}

test('the calls that were made are the calls that are played, and the same setup changes nothing', () => {
  const input = recorded();
  const found = simulateCalls({ ...input, before: now, after: now });
  const unique = new Set(input.calls.map(({ who, atMs }) => `${who} ${atMs}`));
  assert.deepEqual([found.incidents, found.before, found.after, found.differenceCount], [2, unique.size, unique.size, 0]);
  assert.deepEqual(
    found.totals.map(({ person: who, notifier, before, beforeAtNight }) => [who ?? notifier, before, beforeAtNight]),
    // 12:00 UTC is 21:00 in Tokyo, and an hour later it is night there.
    [
      ['anna', 3, 1],
      ['boris', 1, 0],
      ['room', 1, 0],
    ],
  );
});

test('another policy is told of by who is called more, less, earlier or later, and how often at night', () => {
  const input = recorded();
  const after = setup('[ { notify: [ { person: boris } ] }, { after: 2m, notify: [ { person: anna } ] } ]');
  const { differences, totals } = simulateCalls({ ...input, before: now, after });
  assert.deepEqual(
    differences.map(({ said }) => textIn(said, 'en').replaceAll('2026-11-29 ', '')),
    [
      'shop-20261129-1: boris would be called earlier, at 12:00:00Z instead of 12:05:00Z',
      'shop-20261129-1: anna would be called later, at 12:02:00Z instead of 12:00:00Z',
      'shop-20261129-1: room was called at 12:05:00Z, and would not be',
      // The second round begins as soon as the last step has had its time.
      'shop-20261129-1: boris was not called, and would be at 12:07:00Z',
      'shop-20261129-1: anna would be called earlier, at 12:09:00Z instead of 12:10:00Z',
      'shop-20261129-2: boris was not called, and would be at 13:17:00Z',
      'shop-20261129-2: anna would be called later, at 13:19:00Z (at night) instead of 13:17:00Z',
    ],
  );
  assert.deepEqual(
    totals.map(({ person: who, notifier, before, after: then }) => [who ?? notifier, before, then]),
    [
      ['anna', 3, 3],
      ['boris', 1, 3],
      ['room', 1, 0],
    ],
  );
});

test('what was silenced calls nobody until the silence has ended', () => {
  const input = recorded();
  const from = input.alerts[0]?.firedAtMs ?? 0;
  const silence = {
    id: 's1',
    matcherSets: [[{ name: 'alertname', op: '=' as const, value: 'errors' }]],
    startsAtMs: 0,
    endsAtMs: from + 4 * minute,
    untilResolved: null,
    by: 'anna',
    comment: '',
  };
  const found = simulateCalls({
    ...input,
    silences: [silence],
    before: now,
    after: setup('[ { notify: [ { person: anna } ] } ]'),
  });
  const moved = found.differences.find(({ person: who }) => who === 'boris');
  assert.equal(moved?.beforeMs, from + 9 * minute, 'the second step counts from when the first was told');
});
