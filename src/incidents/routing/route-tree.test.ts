import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { parse, stringify } from 'yaml';
import { withVectors } from '../../../test/vectors.fixture.ts';
import { utf8Matcher } from '../../spec/alert-matcher.ts';
import type { AlertRoute } from '../../spec/alert-routing.ts';
import { alertmanagerIn } from '../../spec/routing-text.ts';
import { isLike, type Labels } from './matching.ts';
import { everyRoute, groupKeyOf, groupLabelsOf, groupsOf, routesOf } from './route-tree.ts';

type Expected = {
  readonly receiver: string;
  readonly group_by: readonly string[];
  readonly group_by_all: boolean;
  readonly group_wait_s: number;
  readonly group_interval_s: number;
  readonly repeat_interval_s: number;
};
type Suite = {
  readonly test: string;
  readonly route_yaml: string;
  readonly cases?: readonly {
    readonly labels: Labels;
    readonly expect?: readonly Expected[];
    readonly expect_receivers?: readonly string[];
    readonly route_keys?: readonly string[];
  }[];
  readonly depth_first_walk_receivers?: readonly string[];
  readonly expect_group_by_all?: Readonly<Record<string, boolean>>;
};

/** A tree by itself has no list of receivers, and one of them no receiver either. */
function treeOf(yaml: string): AlertRoute {
  const route = parse(yaml) as { receiver?: string };
  route.receiver ??= 'nobody';
  const names = [...new Set([...JSON.stringify(route).matchAll(/"receiver":"([^"]+)"/g)].map(([, name]) => name))];
  const text = stringify({ route, receivers: names.map((name) => ({ name })) });
  return alertmanagerIn(text, 'alertmanager.yml').routing.route;
}

function shown({ notifiers, groupBy, groupWaitMs, groupIntervalMs, repeatIntervalMs }: AlertRoute): Expected {
  return {
    receiver: notifiers.join(),
    group_by: groupBy === 'all' ? [] : groupBy,
    group_by_all: groupBy === 'all',
    group_wait_s: groupWaitMs / 1_000,
    group_interval_s: groupIntervalMs / 1_000,
    repeat_interval_s: repeatIntervalMs / 1_000,
  };
}

withVectors<{ readonly suites: readonly Suite[] }>('alertmanager/routing.json', ({ suites }) => {
  assert(suites.length >= 6);
  for (const { test: name, route_yaml, cases = [], ...more } of suites) {
    const tree = treeOf(route_yaml);
    for (const { labels, expect, expect_receivers, route_keys } of cases)
      test(`routes as Alertmanager does: ${name} ${JSON.stringify(labels)}`, () => {
        const routes = routesOf(tree, labels);
        if (expect) assert.deepEqual(routes.map(shown), expect);
        if (expect_receivers)
          assert.deepEqual(
            routes.flatMap(({ notifiers }) => notifiers),
            expect_receivers,
          );
        if (route_keys)
          assert.deepEqual(
            routes.map(({ key }) => key),
            route_keys,
          );
      });
    const { depth_first_walk_receivers: walk, expect_group_by_all: all } = more;
    if (walk)
      test(`nodes come in their order: ${name}`, () =>
        assert.deepEqual(
          everyRoute(tree).flatMap(({ notifiers }) => notifiers),
          walk,
        ));
    if (all)
      test(`groups of all labels are inherited: ${name}`, () => {
        const [parent, one, two] = everyRoute(tree).filter(({ matchers }) => matchers.length > 0);
        const found = { parent, child1: one, child2: two };
        for (const [key, want] of Object.entries(all))
          assert.equal(found[key as keyof typeof found]?.groupBy === 'all', want, key);
      });
  }
});

type Match = { readonly op: '=' | '!=' | '=~' | '!~'; readonly pattern: string; readonly value: string; readonly match: boolean };
withVectors<{ readonly match: readonly Match[] }>('alertmanager/matchers.json', ({ match }) => {
  assert(match.length >= 17);
  for (const { op, pattern, value, match: want } of match)
    test(`${JSON.stringify(value)} ${want ? 'is' : 'is not'} ${op} ${JSON.stringify(pattern)}`, () =>
      assert.equal(isLike({ name: 'foo', op, value: pattern }, value), want));
});

type Keys = { readonly pagerduty_dedup_key: readonly { readonly group_key: string; readonly dedup_key: string }[] };
withVectors<Keys>('alertmanager/fingerprint_and_keys.json', ({ pagerduty_dedup_key: keys }) => {
  assert(keys.length >= 3);
  for (const { group_key, dedup_key } of keys)
    test(`the key of a group is Alertmanager's: ${group_key}`, () => {
      const [, route = '', labels = ''] = /^(.*):\{(.*)\}$/.exec(group_key) ?? [];
      const byName = Object.fromEntries(
        labels
          .split(', ')
          .filter((one) => one !== '')
          .map((one) => utf8Matcher(one))
          .map((one) => ('problem' in one ? assert.fail(one.problem) : [one.name, one.value])),
      );
      const key = groupKeyOf({ id: route }, byName);
      assert.equal(createHash('sha256').update(key).digest('hex'), dedup_key);
    });
});

test('an alert has a group for each node that takes it, with the labels that its alerts share', () => {
  const tree = treeOf(
    `receiver: a\ngroup_by: [job, zone]\nroutes:\n- { matchers: [job="api"], receiver: b, continue: true }\n- { matchers: ['job=~"a.*"'], group_by: ['...'] }\n`,
  );
  const routing = { name: 'x', route: tree, inhibitRules: [], timeIntervals: new Map() };
  const found = groupsOf(routing, { job: 'api', pod: 'a "b"\n' }).map(({ key, notifiers }) => [key, notifiers.join()]);
  assert.deepEqual(found, [
    ['{}/{job="api"}:{job="api"}', 'b'],
    ['{}/{job=~"a.*"}:{job="api", pod="a \\"b\\"\\n"}', 'a'],
  ]);
  assert.deepEqual(groupLabelsOf({ groupBy: ['zone'] }, { job: 'api' }), {});
});
