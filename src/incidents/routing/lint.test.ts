import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { routingIn } from '../../spec/routing-text.ts';
import { lintRouting } from './lint.ts';
import { everyRoute, routesOf } from './route-tree.ts';

const document = (spec: string): string =>
  `apiVersion: rampart/v1\nkind: AlertRouting\nmetadata: { name: default }\nspec: ${spec}`;
const found = (spec: string): readonly string[] =>
  lintRouting(routingIn(document(spec), 'r.yml'), { policies: ['p'], notifiers: ['chat'] }).map(
    ({ rule, place }) => `${place} ${rule}`,
  );

const cases: readonly (readonly [what: string, spec: string, want: readonly string[]])[] = [
  ['a plain tree', '{ route: { policy: p, routes: [{ matchers: [a="1"], notifiers: [chat] }] } }', []],
  [
    'a node behind one that takes all of its alerts',
    `{ route: { policy: p, routes: [{ matchers: ['a=~"1|2"'] }, { matchers: [a="1", b="2"] }, { matchers: [a="3"] }] } }`,
    ['route.routes[1] unreachable'],
  ],
  [
    'a node that goes on hides none',
    `{ route: { policy: p, routes: [{ matchers: [a="1"], continue: true }, { matchers: [a="1"] }] } }`,
    [],
  ],
  [
    'a node behind one that takes everything',
    '{ route: { policy: p, routes: [{}, { matchers: [a="1"] }] } }',
    ['route.routes[1] unreachable'],
  ],
  [
    'matchers that contradict those above',
    '{ route: { policy: p, routes: [{ matchers: [a="1"], routes: [{ matchers: [a="2"] }] }] } }',
    ['route.routes[0].routes[0] contradiction'],
  ],
  ['a repeat that is shorter than the interval', '{ route: { policy: p, repeatInterval: 1m } }', ['route repeat-too-short']],
  [
    'a node that tells nobody',
    '{ route: { policy: p, routes: [{ matchers: [a="1"], policy: off }] } }',
    ['route.routes[0] tells-nobody'],
  ],
  ['who is not there', '{ route: { policy: q, notifiers: [chat, mail] } }', ['route no-such-policy', 'route no-such-notifier']],
  [
    'an interval that never holds, and one that nobody names',
    `{ route: { policy: p, routes: [{ matchers: [a="1"], muteTimeIntervals: [x] }] }, timeIntervals: [{ name: x, timeIntervals: [{ months: [february], daysOfMonth: ["30"] }] }, { name: y, timeIntervals: [{}] }] }`,
    ['timeIntervals[0].timeIntervals[0] interval-never-holds', 'timeIntervals[1] interval-not-used'],
  ],
  [
    'an inhibition among the same alerts',
    '{ route: { policy: p }, inhibitRules: [{ sourceMatchers: [a="1"], targetMatchers: [a="1"], equal: [b] }] }',
    ['inhibitRules[0] inhibits-nothing'],
  ],
];
for (const [what, spec, want] of cases) test(`lint: ${what}`, () => assert.deepEqual(found(spec), want));

const anyMatcher = fc
  .tuple(fc.constantFrom('a', 'b'), fc.constantFrom('=', '!=', '=~', '!~'), fc.constantFrom('', '1', '2', '1|2', '.*', '.+'))
  .map(([name, op, value]) => `${name}${op}"${value}"`);
type Node = { readonly matchers: readonly string[]; readonly continue?: boolean; readonly routes?: readonly Node[] };
const { node } = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.record(
    { matchers: fc.array(anyMatcher, { maxLength: 2 }), continue: fc.boolean(), routes: fc.array(tie('node'), { maxLength: 2 }) },
    { requiredKeys: ['matchers'] },
  ),
}));

test('where lint says that no alert comes, none does', () => {
  const labels = ['', '1', '2', '3'].flatMap((a) => ['', '1', '2', '3'].map((b) => ({ a, b })));
  fc.assert(
    fc.property(fc.array(node, { maxLength: 4 }), (routes) => {
      const routing = routingIn(document(JSON.stringify({ route: { policy: 'p', routes } })), 'r.yml');
      const dead = lintRouting(routing)
        .filter(({ rule }) => rule === 'unreachable' || rule === 'contradiction')
        .map(({ place }) => place);
      const places = everyRoute(routing.route).map(({ place }) => place);
      assert(dead.every((place) => places.includes(place)));
      for (const one of labels)
        for (const { place } of routesOf(routing.route, one)) assert(!dead.includes(place), `${place} ${JSON.stringify(one)}`);
    }),
    { numRuns: 200 },
  );
});
