import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RunbookSpec } from '../../spec/runbook.ts';
import { isNamed, runbooksOf } from './attach.ts';
import { builtinRunbooks } from './builtin.ts';
import { noRunbooks, takeRunbooks } from './fold.ts';

test('a pattern with stars stands for names', () => {
  const table: readonly (readonly [string, string, boolean])[] = [
    ['availability P0', 'availability *', true],
    ['Availability P0', '*AVAIL*', true],
    ['latency', 'latency', true],
    ['latency P1', 'latency', false],
    ['a', 'a*a', false],
    ['aa', 'a*a', true],
    ['abcabc', '*abc*abc', true],
    ['abc', '*abc*abc', false],
    ['anything', '*', true],
    ['', '*', true],
  ];
  for (const [name, pattern, expected] of table) assert.equal(isNamed(name, pattern), expected, `${pattern} for ${name}`);
});

test('matching agrees with a regular expression', () => {
  const text = fc.array(fc.constantFrom('a', 'b', '*'), { maxLength: 8 }).map((letters) => letters.join(''));
  fc.assert(
    fc.property(text, text, (given, pattern) => {
      const name = given.replaceAll('*', 'c');
      assert.equal(isNamed(name, pattern), new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name));
    }),
  );
});

const alert = (name: string) => ({
  id: name,
  key: name,
  origin: 'objective' as const,
  name,
  service: 'shop',
  urgency: 'page' as const,
  said: '',
  url: null,
  sinceMs: 0,
  firedAtMs: 0,
  isRecovering: false,
  resolvedAtMs: null,
});
const own = (name: string, alerts: readonly string[], services: readonly string[] = []): RunbookSpec => ({
  name,
  title: name,
  alerts,
  services,
  steps: [{ title: 'look', text: null, withinMs: 60_000, does: { kind: 'look', at: 'releases' } }],
});
const isShop = (service: string): boolean => service === 'shop';
const names = (runbooks: readonly RunbookSpec[]) => runbooks.map(({ name }) => name);

test('runbooks are found by the alerts of an incident; one of the setup takes the place of a built-in one', () => {
  const incident = { service: 'shop', title: 'shop', openedBy: null, alerts: [alert('availability P0'), alert('latency P1')] };
  assert.deepEqual(names(runbooksOf(incident, [], builtinRunbooks, isShop)), ['errors', 'latency']);
  const setup = [own('errors', ['availability *']), own('mail', ['*'], ['mail']), own('all', ['*'])];
  const found = runbooksOf(incident, setup, builtinRunbooks, isShop);
  assert.deepEqual(names(found), ['errors', 'all', 'latency']);
  assert.equal(found[0], setup[0]);
  const byHand = { service: null, title: 'Everything is slow', openedBy: 'anna', alerts: [] };
  assert.deepEqual(names(runbooksOf(byHand, [], builtinRunbooks, isShop)), ['latency']);
  assert.deepEqual(names(runbooksOf({ ...byHand, openedBy: null }, [], builtinRunbooks, isShop)), []);
});

test('of no service, or one that is not here, nothing can be looked up: these steps are left out', () => {
  const ask = { title: 'ask', text: null, withinMs: 60_000, does: { kind: 'person' } } as const;
  const all = { ...own('all', ['*']), steps: [ask, ...own('all', ['*']).steps, ask] };
  for (const service of [null, 'mail']) {
    const incident = { service, title: 'Mail is late', openedBy: 'anna', alerts: [] };
    const [found, ...more] = runbooksOf(incident, [all, own('look', ['*'])], [], isShop);
    assert.deepEqual([found, more], [{ ...all, steps: [ask, ask] }, []]);
  }
  const [known] = runbooksOf({ service: 'shop', title: 'Mail is late', openedBy: 'anna', alerts: [] }, [all], [], isShop);
  assert.equal(known, all);
});

test('a runbook stays as it was attached, once, and its steps are as they ended last', () => {
  const attached = { kind: 'runbook-attached', actor: 'rampart', at: 1, data: { id: 'i', runbook: own('a', ['*']) } } as const;
  const ended = {
    kind: 'runbook-step-ended',
    actor: 'rampart',
    at: 2,
    data: { id: 'i', runbook: 'a', step: 0, state: 'told', said: 'one', lines: [], tookMs: 1 },
  } as const;
  let state = [attached, attached, ended].reduce(takeRunbooks, noRunbooks);
  assert.deepEqual(
    state.get('i')?.map(({ steps }) => steps[0]?.outcome?.said),
    ['one'],
  );
  state = takeRunbooks(state, { ...ended, at: 3, data: { ...ended.data, step: 7 } });
  state = takeRunbooks(state, { ...ended, at: 3, actor: 'anna', data: { ...ended.data, said: 'two' } });
  assert.deepEqual(state.get('i')?.[0]?.steps[0]?.outcome, {
    atMs: 3,
    by: 'anna',
    state: 'told',
    said: 'two',
    lines: [],
    tookMs: 1,
  });
});
