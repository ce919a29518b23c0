import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AlertRoutingSpec } from '../../spec/alert-routing.ts';
import { routingIn } from '../../spec/routing-text.ts';
import { textIn } from '../../spec/text.ts';
import { Dispatch, type Notice, play } from './dispatch.ts';
import { explain } from './explain.ts';
import type { RecordedAlert } from './recorded-alert.ts';
import type { Silence } from './silences.ts';
import { simulate } from './simulate.ts';

/** Sunday. */
const t0 = Date.parse('2026-11-29T00:00:00Z');
const s = 1_000;
const m = 60 * s;
const h = 60 * m;

function routing(spec: string): AlertRoutingSpec {
  return routingIn(
    `apiVersion: rampart/v1\nkind: AlertRouting\nmetadata: { name: default }\nspec:\n${spec.replace(/^/gm, '  ')}`,
    'r.yml',
  );
}

function alert(name: string, fromMs: number, toMs: number | null = null, labels: Record<string, string> = {}): RecordedAlert {
  const resolvedAtMs = toMs === null ? null : t0 + toMs;
  return {
    id: `${name}@${fromMs}`,
    name,
    service: null,
    labels: { alertname: name, ...labels },
    firedAtMs: t0 + fromMs,
    resolvedAtMs,
    spokenFor: [],
  };
}

const tree = routing(`
route:
  notifiers: [chat]
  groupWait: 30s
  groupBy: [cluster]
  routes:
    - { matchers: [team="pay"], policy: payments, notifiers: [pay-slack], continue: true, muteTimeIntervals: [night] }
    - { matchers: [team="pay"], notifiers: [audit], groupWait: 0s, activeTimeIntervals: [office] }
    - { matchers: [team="dark"], notifiers: [] }
    - { matchers: [team="people"], policy: default, notifiers: [] }
    - { matchers: [team="both"], policy: default }
inhibitRules:
  - { name: whole-cluster, sourceMatchers: [alertname="ClusterDown"], targetMatchers: [alertname!="ClusterDown"], equal: [cluster] }
timeIntervals:
  - { name: night, timeIntervals: [{ times: [{ startTime: "00:00", endTime: "07:00" }] }] }
  - { name: office, timeIntervals: [{ weekdays: ["monday:friday"], times: [{ startTime: "09:00", endTime: "18:00" }] }] }
`);

function said(one: RecordedAlert, atMs: number, history: readonly RecordedAlert[] = [one], silences: readonly Silence[] = []) {
  const { nodes } = explain({ routing: tree, alert: one, history, silences, atMs: t0 + atMs });
  return nodes.map((node) => node.said.slice(1).map((text) => textIn(text, 'en').replaceAll('2026-11-', '')));
}

test('before the first message an alert is grouped', () => {
  assert.deepEqual(said(alert('Slow', 0), 10 * s), [
    [
      'its group is {}:{}, where 0 other alerts fire',
      'who is told: receivers chat',
      'not told yet: grouped until 29 00:00:30Z, because the first message waits 30s for more alerts',
      'if nothing changes, told next at 29 00:00:30Z',
    ],
  ]);
});

test('news of a group waits, and what was told is not told again before its time', () => {
  const [one, two] = [alert('Slow', 0), alert('Full', 2 * m)];
  const [late] = said(two, 3 * m, [one, two]);
  assert.deepEqual(late?.slice(2), [
    'not told yet: waits until 29 00:05:30Z, because news of the group is told every 5m',
    'if nothing changes, told next at 29 00:05:30Z',
  ]);
  const [early] = said(one, h, [one, two]);
  assert.deepEqual(early?.slice(2), [
    'told at 29 00:00:30Z: first message of the group (1 firing)',
    'told at 29 00:05:30Z: new alerts in the group (2 firing)',
    'not told again yet: nothing is new since 29 00:05:30Z, and a repeat is due 4h later, after 29 04:05:30Z',
    // A repeat is due after that moment, so at the next look.
    'if nothing changes, told next at 29 04:10:30Z',
  ]);
});

test('muted by an interval and outside of one, each until it is known', () => {
  const [night, office] = said(alert('Slow', 0, null, { team: 'pay' }), h);
  assert.deepEqual(night?.slice(1), [
    'who is told: policy payments; receivers pay-slack',
    'not told: muted by the interval night, until 29 07:00:00Z',
    'if nothing changes, told next at 29 07:00:30Z',
  ]);
  assert.deepEqual(office?.slice(2), [
    'not told: outside of the intervals office, until 30 09:00:00Z',
    'if nothing changes, told next at 30 09:00:00Z',
  ]);
});

test('inhibited by an alert, silenced by a silence, spoken for, and a node without receivers', () => {
  const [slow, down] = [alert('Slow', 0, null, { cluster: 'a' }), alert('ClusterDown', 5 * s, null, { cluster: 'a' })];
  assert.deepEqual(said(slow, m, [slow, down])[0]?.slice(2), [
    'not told: inhibited by the alert ClusterDown (ClusterDown@5000) through whole-cluster, same cluster',
    'if nothing changes, nobody is told within 14d',
  ]);
  const silence: Silence = {
    id: 's1',
    matcherSets: [[{ name: 'cluster', op: '=', value: 'a' }]],
    startsAtMs: t0,
    endsAtMs: t0 + h,
    untilResolved: null,
    by: 'anna',
    comment: 'known',
  };
  assert.deepEqual(said(slow, m, [slow], [silence])[0]?.slice(2), [
    'not told: silenced by s1 of anna: known, until 29 01:00:00Z',
    'if nothing changes, told next at 29 01:00:30Z',
  ]);
  const spoken = { ...slow, spokenFor: [{ fromMs: t0, by: 'checkout/availability/P0' }] };
  assert.match(said(spoken, m)[0]?.at(-2) ?? '', /the alert checkout\/availability\/P0 speaks for it/);
  assert.match(said(alert('Slow', 0, null, { team: 'dark' }), m)[0]?.at(-1) ?? '', /neither a policy nor receivers/);
});

test('an alert that was over before its group was looked at tells nobody', () => {
  assert.equal(said(alert('Slow', 0, 10 * s), m)[0]?.at(-1), 'it was over at 29 00:00:10Z, before anybody was told');
  assert.equal(said(alert('Slow', 0, 10 * m), h)[0]?.at(-1), 'it is over since 29 00:10:00Z');
});

test('a policy calls people by their incident: the times of the group are those of its receivers', () => {
  const people = alert('Slow', 0, 10 * s, { team: 'people' });
  assert.deepEqual(said(people, 5 * s)[0]?.slice(1), [
    'who is told: policy default',
    'its policy calls people by the incident, in no times of the group',
  ]);
  assert.equal(said(people, m)[0]?.at(-1), 'it is over since 29 00:00:10Z');
  assert.deepEqual(said(alert('Slow', 0, null, { team: 'both' }), 5 * s)[0]?.slice(1), [
    'who is told: policy default; receivers chat',
    'not told yet: grouped until 29 00:00:30Z, because the first message waits 30s for more alerts',
    'policy default calls people by the incident, whatever these times are',
    'if nothing changes, told next at 29 00:00:30Z',
  ]);
});

test('an alert fires on when one of the same labels that began before is over', () => {
  const [first, second] = [alert('Slow', 0, 3 * m), { ...alert('Slow', m), id: 'second' }];
  assert.match(said(second, h, [first, second])[0]?.at(-2) ?? '', /not told again yet/);
});

test('every sentence is there in Russian', () => {
  const one = alert('Slow', 0, null, { team: 'pay' });
  for (const { said: texts } of explain({ routing: tree, alert: one, history: [one], silences: [], atMs: t0 + h }).nodes)
    for (const text of texts) assert.match(textIn(text, 'ru'), /[а-я]{3}/);
});

test('the end of what was told is told, whatever is silent meanwhile', () => {
  const notices: Notice[] = [];
  const one = alert('Slow', 23 * h, 26 * h, { team: 'pay' });
  play(new Dispatch(tree, [], { notice: (notice) => notices.push(notice) }), [one], t0 + 40 * h);
  const told = notices.filter(({ route }) => route.policy === 'payments').map(({ reason, atMs }) => [reason, (atMs - t0) / s]);
  assert.deepEqual(told, [
    ['FirstNotification', 23 * 3_600 + 30],
    ['AllAlertsResolved', 26 * 3_600 + 30],
  ]);
});

test('a change of the tree is told of by who hears otherwise', () => {
  const history = [alert('Slow', 0, 40 * s), alert('Full', 2 * h, 3 * h), alert('Low', 5 * h, 6 * h, { team: 'pay' })];
  const before = routing('route: { policy: default, notifiers: [chat], groupWait: 30s }');
  const after = routing('route: { policy: "off", notifiers: [chat], groupWait: 1m }');
  const found = simulate(before, after, history, [], t0 + 10 * h);
  assert.deepEqual(
    found.differences.map(({ name, receiver, kind }) => `${name} ${receiver.name} ${kind}`),
    [
      'Slow default no-longer',
      'Slow chat no-longer',
      'Full default no-longer',
      'Low default no-longer',
      'Full chat later',
      'Low chat later',
    ],
  );
  assert.deepEqual(found.lost, ['Slow@0']);
  assert.deepEqual(found.before, { messages: 6, told: 3, receivers: [{ kind: 'notifier', name: 'chat', messages: 6 }] });
  assert.deepEqual(found.after.messages, 4);
  assert.equal(
    textIn(found.differences[4]?.said ?? '', 'en'),
    'Full: receiver chat would be told 30 s later, at 2026-11-29 02:01:00Z instead of 2026-11-29 02:00:30Z',
  );
});

test('times of groups change nothing for a policy, and what is still at first is told of when it is not any more', () => {
  const [at, later] = [routing('route: { policy: default }'), routing('route: { policy: default, groupWait: 10m }')];
  const short = alert('Slow', h, h + 40 * s);
  const played = (tree1: AlertRoutingSpec, silences: readonly Silence[] = []) =>
    simulate(tree1, at, [short], silences, t0 + 10 * h);
  assert.deepEqual([played(later).differenceCount, played(later).lostCount, played(later).before.told], [0, 0, 1]);
  const silenced = { id: 's1', matcherSets: [[{ name: 'alertname', op: '=', value: 'Slow' }]], startsAtMs: t0 } as const;
  const until = (endsAtMs: number): Silence => ({ ...silenced, endsAtMs, untilResolved: null, by: 'anna', comment: '' });
  assert.equal(played(at, [until(t0 + 2 * h)]).before.told, 0);
  const long = simulate(at, routing('route: { notifiers: [chat] }'), [alert('Slow', h)], [until(t0 + h + m)], t0 + 10 * h);
  assert.equal(long.differences[0]?.beforeMs, t0 + h + 5 * m);
});

const anyAlert = fc.tuple(fc.nat(600), fc.nat(900), fc.constantFrom('a', 'b', 'c'), fc.constantFrom('pay', 'dark', 'other'));
const anyHistory = fc.array(anyAlert, { maxLength: 12 }).map((rows) =>
  rows
    .map(([from, lasts, cluster, team], at) => {
      const labels = { cluster, team, at: String(at) };
      return { ...alert('A', from * 20 * s, lasts === 0 ? null : (from + lasts) * 20 * s, labels), id: `A@${at}` };
    })
    .sort((a, b) => a.firedAtMs - b.firedAtMs),
);

test('the same tree changes nothing, and every group that was told of hears of its end', () => {
  fc.assert(
    fc.property(anyHistory, (history) => {
      assert.equal(simulate(tree, tree, history, [], t0 + 20 * h).differenceCount, 0);
      const open = new Map<string, number>();
      const play1 = new Dispatch(tree, [], {
        notice: ({ group, firing, resolved }) => {
          assert(firing.length + resolved.length > 0);
          open.set(group, firing.length);
        },
      });
      play(
        play1,
        history.map((one) => ({ ...one, resolvedAtMs: one.resolvedAtMs ?? t0 + 12 * h })),
        t0 + 20 * h,
      );
      assert.deepEqual(
        [...open.values()].filter((count) => count > 0),
        [],
      );
    }),
    { numRuns: 60 },
  );
});

test('what was explained is what comes', () => {
  fc.assert(
    fc.property(anyHistory, fc.nat(1_500), (history, at) => {
      const atMs = t0 + at * 20 * s;
      const alone = history.filter(({ firedAtMs }) => firedAtMs <= atMs);
      const last = alone.at(-1);
      if (!last) return;
      // Nothing else happens after the moment: then the forecast is what comes.
      const frozen = alone.map((one) => ({
        ...one,
        resolvedAtMs: one.resolvedAtMs !== null && one.resolvedAtMs <= atMs ? one.resolvedAtMs : null,
      }));
      for (const { group, nextMs } of explain({ routing: tree, alert: last, history: frozen, silences: [], atMs }).nodes) {
        if (nextMs === null) continue;
        const notices: Notice[] = [];
        play(new Dispatch(tree, [], { notice: (notice) => notices.push(notice) }), frozen, nextMs);
        const found: readonly Notice[] = notices.filter(
          (one) => one.group === group && one.atMs > atMs && one.firing.some((firing): boolean => firing.id === last.id),
        );
        assert.equal(found[0]?.atMs, nextMs);
      }
    }),
    { numRuns: 60 },
  );
});
