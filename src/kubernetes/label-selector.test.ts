import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsedSelector, selects } from './label-selector.ts';

const labels = { app: 'shop', tier: 'web', 'rampart.dev/version': '1.0.0' };

test('a selector is read as kubectl reads it', () => {
  const cases: readonly (readonly [text: string, isChosen: boolean])[] = [
    ['app=shop', true],
    ['app==shop,tier!=batch', true],
    ['app = shop, tier = batch', false],
    ['zone!=a', true],
    ['tier in (web, api)', true],
    ['tier notin (web,api)', false],
    ['app,!canary', true],
    ['!app', false],
    ['rampart.dev/version=1.0.0', true],
  ];
  for (const [text, isChosen] of cases) assert.equal(selects(parsedSelector(text), labels), isChosen, text);
  for (const text of ['', 'app=', 'app=shop,', 'tier in web', 'app>1', 'a b']) {
    const found = parsedSelector(text);
    assert.ok(found === null || text === 'app=', text);
  }
});

test('no selector chooses nothing, and an empty one what its kind says', () => {
  assert.equal(selects(undefined, labels), false);
  assert.equal(selects(null, labels), false);
  assert.equal(selects({}, labels), true);
  assert.equal(selects({}, labels, false), false);
  assert.equal(selects({ matchLabels: { app: 'shop' }, matchExpressions: [{ key: 'tier', operator: 'Exists' }] }, labels), true);
  assert.equal(selects({ matchExpressions: [{ key: 'tier', operator: 'Unheard' }] }, labels), false);
});
