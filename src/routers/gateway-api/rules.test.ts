import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Claim, nothingClaimed } from '../kubernetes-claim.ts';
import { splitRules } from '../kubernetes-rules.ts';
import type { Route } from '../router.ts';
import { type Rule, shapeOf } from './rules.ts';

const stable = { version: '1.0.0', endpoints: [] };
const candidate = { version: '1.1.0', endpoints: [{ host: '10.0.0.1', port: 80 }] };
const route: Route = { stable, candidate, weight: 10, match: [] };
const claimed = (more: Partial<Route>): Claim => ({
  ...nothingClaimed,
  route: { ...route, ...more },
  placed: { stable: { name: 's', port: 8080 }, candidate: { name: 'c', port: 8080 } },
});
const user: Rule = { backendRefs: [{ name: 'shop', port: 80, weight: 1 }] };
const rulesOf = (rules: readonly Rule[], claim: Claim, before: Claim | null = claim) =>
  splitRules(rules, claim.route, shapeOf('shop', before, claim));
const weights = (rule: Rule | undefined) =>
  rule?.backendRefs?.map(({ name, port, weight }) => `${name}:${port}=${weight}`).join(' ');

test('the user’s Service stays in the rule without weight, and has the requests while no version is stable', () => {
  assert.equal(weights(rulesOf([user], claimed({}))[0]), 'shop:80=0 s:8080=90 c:8080=10');
  assert.equal(weights(rulesOf([user], claimed({ weight: 0.5 }))[0]), 'shop:80=0 s:8080=995 c:8080=5');
  const first = { ...claimed({ stable: null }), placed: { stable: null, candidate: { name: 'c', port: 8080 } } };
  assert.equal(weights(rulesOf([user], first)[0]), 'shop:80=90 c:8080=10');
  assert.equal(weights(rulesOf(rulesOf([user], claimed({})), nothingClaimed, claimed({}))[0]), 'shop:80=100');
});

test('a match is a rule before the split one, with the rule’s own conditions, and goes when the match does', () => {
  const rule: Rule = { ...user, name: 'pay', matches: [{ headers: [{ type: 'Exact', name: 'a', value: 'b' }] }] };
  const claim = claimed({
    match: [
      { header: 'X-Canary', equals: 'yes' },
      { cookie: 'preview', equals: 'on' },
    ],
  });
  const rules = rulesOf([rule], claim);
  assert.deepEqual(
    rules[0]?.matches?.map(({ headers }) => headers?.map(({ type, name }) => `${type} ${name}`)),
    [
      ['Exact a', 'Exact X-Canary'],
      ['Exact a', 'RegularExpression Cookie'],
    ],
  );
  assert.equal(rules[0]?.name, undefined, 'a name stands once in a route');
  assert.equal(weights(rules[0]), 'c:8080=1');
  assert.deepEqual(rulesOf(rules, claim), rules, 'written again it is the same');
  assert.equal(rulesOf(rules, claimed({}), claim).length, 1);
});

test('rules of others stay, and one that cannot be split is refused in words', () => {
  const help: Rule = { backendRefs: [{ name: 'help' }] };
  assert.deepEqual(rulesOf([help, user], claimed({}))[0], help);
  assert.throws(() => rulesOf([help], claimed({})), /no rule sends requests there/);
  assert.throws(() => rulesOf([{ backendRefs: [{ name: 'shop' }, { name: 'help' }] }], claimed({})), /other backends beside it/);
  const same: Rule = { ...user, matches: [{ headers: [{ type: 'Exact', name: 'x-canary', value: 'no' }] }] };
  assert.throws(() => rulesOf([same], claimed({ match: [{ header: 'X-Canary', equals: 'yes' }] })), /X-Canary itself/);
});
