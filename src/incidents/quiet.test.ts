import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert } from '../alerts/types.ts';
import { routingIn } from '../spec/routing-text.ts';
import { quietIncidents } from './quiet.ts';
import type { Silence } from './routing/silences.ts';
import { firing, Story } from './story.fixture.ts';

const routing = routingIn(
  `apiVersion: rampart/v1
kind: AlertRouting
metadata: { name: default }
spec:
  route:
    policy: payments
    routes:
      - { matchers: [alertname="Batch"], muteTimeIntervals: [night] }
      - { matchers: [alertname="Nobody"], policy: "off" }
  inhibitRules:
    - { sourceMatchers: [alertname="Down"], targetMatchers: [alertname="Slow"] }
  timeIntervals:
    - { name: night, timeIntervals: [{ times: [{ startTime: "00:00", endTime: "06:00" }] }] }
`,
  'routing.yaml',
);
const noon = Date.UTC(2026, 10, 29, 12);
const night = Date.UTC(2026, 10, 29, 3);
const silence = (value: string, more: Partial<Silence> = {}): Silence => ({
  id: 's1',
  matcherSets: [[{ name: 'alertname', op: '=', value }]],
  startsAtMs: 0,
  endsAtMs: noon + 1,
  untilResolved: null,
  by: 'anna',
  comment: 'known',
  ...more,
});

/** Whether the one incident of some alerts is quiet, while others fire too. */
function isQuiet(
  own: readonly Alert[],
  { at = noon, silences = [], others = [] }: { at?: number; silences?: readonly Silence[]; others?: readonly Alert[] } = {},
  by: typeof routing | null = routing,
): boolean {
  const story = new Story();
  story.alerts(...own);
  const open = new Map([...own, ...others].map((alert) => [alert.key, alert]));
  return quietIncidents({ routing: by, silences, endOfAlert: () => null, open }, at)(story.last);
}

test('people are not called for what is silenced, muted, inhibited or routed to nobody, as long as all of it is', () => {
  assert.equal(isQuiet([firing('Errors')]), false);
  assert.equal(isQuiet([firing('Errors')], { silences: [silence('Errors')] }), true);
  assert.equal(isQuiet([firing('Errors'), firing('Slow')], { silences: [silence('Errors')] }), false);
  assert.equal(isQuiet([firing('Errors')], { silences: [silence('Errors', { endsAtMs: noon })] }), false, 'it has expired');
  assert.equal(isQuiet([firing('Batch')], { at: night }), true);
  assert.equal(isQuiet([firing('Batch')]), false);
  assert.equal(isQuiet([firing('Slow')], { others: [firing('Down')] }), true);
  assert.equal(isQuiet([firing('Slow')], { others: [firing('Down', { state: 'recovering' })] }), true, 'it is not over');
  assert.equal(isQuiet([firing('Slow')]), false);
  assert.equal(isQuiet([firing('Nobody')]), true);
});

test('without routing silences count all the same', () => {
  assert.equal(isQuiet([firing('Errors')], { silences: [silence('Errors')] }, null), true);
  assert.equal(isQuiet([firing('Errors')], {}, null), false);
});

test('an incident without an alert that fires is never quiet', () => {
  const story = new Story();
  story.open({ key: 'hand', title: 'by hand' });
  const quiet = quietIncidents({ routing, silences: [silence('by hand')], endOfAlert: () => null, open: new Map() }, noon);
  assert.equal(quiet(story.last), false);
});
