import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { matchersIn, matcherText } from './alert-matcher.ts';
import { SpecError } from './problem.ts';
import { importedRouting, routingText } from './routing-document.ts';
import { alertmanagerIn, routingIn } from './routing-text.ts';

const ours = (spec: string): string => `apiVersion: rampart/v1\nkind: AlertRouting\nmetadata: { name: default }\nspec: ${spec}`;

function problemsOf(text: string): readonly string[] {
  try {
    routingIn(text, 'r.yml');
    return [];
  } catch (error) {
    assert(error instanceof SpecError, String(error));
    return error.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
  }
}

test('what a document leaves out is as with Alertmanager, but nobody waits who has not asked for it', () => {
  const { route } = routingIn(ours('{ route: { policy: p } }'), 'r.yml');
  const { groupWaitMs, groupIntervalMs, repeatIntervalMs, groupBy, key, id } = route;
  assert.deepEqual(
    { groupWaitMs, groupIntervalMs, repeatIntervalMs, groupBy, key, id },
    { groupWaitMs: 0, groupIntervalMs: 300_000, repeatIntervalMs: 14_400_000, groupBy: [], key: '{}', id: '{}' },
  );
});

test('a node has what it does not say from the node above it, but neither its matchers nor its intervals', () => {
  const { route } = routingIn(
    ours(`{ route: { policy: p, notifiers: [chat], routes: [
      { matchers: [a="1"], policy: off, groupBy: ["..."], groupWait: 0s, muteTimeIntervals: [x], routes: [{ matchers: [b="2"], notifiers: [] }] },
      { matchers: [a="1"], policy: q, groupBy: [] } ] }, timeIntervals: [{ name: x, timeIntervals: [{}] }] }`),
    'r.yml',
  );
  const [first, second] = route.routes;
  const below = first?.routes[0];
  assert.deepEqual(
    [below?.policy, below?.notifiers, below?.groupBy, below?.groupWaitMs, below?.muteTimeIntervals],
    [null, [], 'all', 0, []],
  );
  assert.deepEqual(
    [first?.notifiers, first?.muteTimeIntervals, first?.key, first?.id],
    [['chat'], ['x'], '{}/{a="1"}', '{}/{a="1"}'],
  );
  assert.deepEqual([second?.policy, second?.groupBy, second?.id, second?.place], ['q', [], '{}/{a="1"}#2', 'route.routes[1]']);
});

const mistakes: readonly (readonly [what: string, text: string, want: readonly (string | RegExp)[]])[] = [
  ['a first node that tells nobody', ours('{ route: { policy: off } }'), [/^4:16 expected a policy or notifiers/]],
  [
    'a first node with matchers',
    ours('{ route: { policy: p, matchers: [a="1"] } }'),
    [/^4:39 expected none: the first node takes every alert/],
  ],
  ['a first node that goes on', ours('{ route: { policy: p, continue: true } }'), [/^4:39 expected false/]],
  [
    'an interval that is not there',
    ours(
      '{ route: { policy: p, routes: [{ muteTimeIntervals: [ofice] }] }, timeIntervals: [{ name: office, timeIntervals: [] }] }',
    ),
    ['4:60 there is no interval "ofice"; did you mean "office"?'],
  ],
  [
    'two intervals of one name',
    ours('{ route: { policy: p }, timeIntervals: [{ name: x, timeIntervals: [] }, { name: x, timeIntervals: [] }] }'),
    ['4:87 interval 1 is already called "x"'],
  ],
  [
    'labels that are named twice',
    ours('{ route: { policy: p, groupBy: [a, a] } }'),
    ['4:42 expected each label once, found "a" again'],
  ],
  [
    'the zone of the machine',
    ours('{ route: { policy: p }, timeIntervals: [{ name: x, timeIntervals: [{ location: Local }] }] }'),
    [/^4:86 expected the name of a time zone/],
  ],
  [
    'no interval at all between looks',
    ours('{ route: { policy: p, groupInterval: 0s } }'),
    ['4:44 expected a duration from 1s to 366d, found 0s'],
  ],
  [
    'a receiver that is not there',
    'route: { receiver: pagr }\nreceivers: [{ name: pager }]',
    ['1:20 there is no receiver "pagr"; did you mean "pager"?'],
  ],
  ['no receiver', 'route: { group_by: [a] }\nreceivers: [{ name: pager }]', [/^1:8 expected a receiver/]],
  [
    'two receivers of one name',
    'route: { receiver: a }\nreceivers: [{ name: a }, { name: a }]',
    ['2:34 receiver 1 is already called "a"'],
  ],
  ['no document of that kind', 'kind: Service', [/expected one AlertRouting document or an alertmanager.yml, found none/]],
  ['two documents of it', `${ours('{ route: { policy: p } }')}\n---\n${ours('{ route: { policy: p } }')}`, [/found several/]],
  ['a tree that holds itself', 'route: &r { receiver: a, routes: [*r] }\nreceivers: [{ name: a }]', [/it has no end/]],
];
for (const [what, text, want] of mistakes)
  test(`refused: ${what}`, () => {
    const found = problemsOf(text);
    assert.equal(found.length, want.length, found.join('\n'));
    for (const [at, one] of want.entries())
      typeof one === 'string' ? assert.equal(found[at], one) : assert.match(found[at] ?? '', one);
  });

test('documents of other kinds stand beside it', () => {
  const text = `kind: Notifier\napiVersion: rampart/v1\n---\n${ours('{ route: { policy: p } }')}`;
  assert.equal(routingIn(text, 'setup.yml').route.policy, 'p');
});

const imported = `
route:
  receiver: Default!
  group_by: [job]
  group_wait: 0
  repeat_interval: 1y
  routes:
    - match: { owner: team-A, level: 2 }
      match_re: { env: "prod|stage" }
      matchers: [ 'code=~"5\\d\\d"', '{b!="x",c="a \\"b\\""}' ]
      receiver: default
      group_by: [...]
      continue: true
      active_time_intervals: [office]
    - receiver: nobody
receivers: [{ name: Default!, webhook_configs: [] }, { name: default, slack_configs: [] }, { name: nobody }]
inhibit_rules:
  - source_match: { severity: critical }
    target_match_re: { severity: "warn.*" }
    equal: [job]
mute_time_intervals:
  - name: office
    time_intervals: [{ weekdays: ['monday:friday', sunday], days_of_month: ['-3:-1', 1], months: ['1:3'], years: ['2026:2030'], times: [{ start_time: '9:00', end_time: '24:00' }], location: Asia/Tokyo }]
`;

test('an alertmanager.yml is printed as a document that means the same', () => {
  const { routing, notes } = importedRouting(alertmanagerIn(imported, 'alertmanager.yml'));
  assert.deepEqual(routingIn(routingText(routing), 'r.yml'), routing);
  assert.deepEqual(routing.route.notifiers, ['default']);
  assert.deepEqual(
    routing.route.routes.map(({ notifiers, key }) => [notifiers, key]),
    [
      [['default-2'], '{}/{b!="x",c="a \\"b\\"",code=~"5\\\\d\\\\d",env=~"^(?:prod|stage)$",level="2",owner="team-A"}'],
      [[], '{}/{}'],
    ],
  );
  assert.equal(routing.route.repeatIntervalMs, 365 * 86_400_000);
  assert.equal(notes.length, 3);
});

test('a matcher that is written out is read back the same, by both syntaxes', () => {
  const name = fc.oneof(
    fc.constantFrom('a', 'b_1', 'c:d'),
    fc.string({ unit: 'binary', maxLength: 5 }).filter((one) => one.isWellFormed()),
  );
  const value = fc.string({ unit: fc.constantFrom(...'ab"\\\n {},=~ü'), maxLength: 8 });
  fc.assert(
    fc.property(name, fc.constantFrom('=', '!=' as const), value, (label, op, text) => {
      const matcher = { name: label, op, value: text } as const;
      assert.deepEqual(matchersIn(matcherText(matcher)), [matcher]);
    }),
  );
});
